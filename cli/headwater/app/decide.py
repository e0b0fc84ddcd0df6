"""Use cases: decide single facts documents; build the bundle."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.app.report import EngineLabel
from headwater.catalog.errors import InputError
from headwater.catalog.position import Position

if TYPE_CHECKING:
    import datetime

    from headwater.app.loading import Loaded
    from headwater.policies import Decision, PolicySet, Reason
    from headwater.policies.choose import Choice

MAX_QUESTIONS = 1_000_000


@dataclass(frozen=True, slots=True)
class Answered:
    """Decisions in the order of the questions, each with its reasons, and who decided."""

    engine: EngineLabel
    as_of: datetime.date
    decisions: tuple[tuple[Decision, tuple[Reason, ...]], ...]


def decide(
    loaded: Loaded,
    data: bytes,
    *,
    as_of: datetime.date,
    engine: Choice | None,
    executable: str | None,
) -> Answered:
    """Return what the policies say of the facts in ``data``: one JSON document or an array.

    Raises:
        InputError: The JSON is broken, or states attributes that nobody declared.
        EngineError: The engine gave no usable answer.
    """
    from headwater.policies import Vocabulary, explain, normalise, open_engine

    workspace, policies = loaded.workspace, loaded.policies
    vocabulary = Vocabulary.of(workspace)
    facts = [normalise(document, vocabulary, as_of) for document in _documents(data)]
    with open_engine(
        engine or workspace.engine, policies, executable=executable, url=workspace.opa_url
    ) as chosen:
        found = chosen.decide(facts)
        label = EngineLabel(chosen.name, chosen.version, policies.revision)
    return Answered(
        engine=label,
        as_of=as_of,
        decisions=tuple(
            (decision, explain(decision, each, policies, vocabulary))
            for decision, each in zip(found, facts, strict=True)
        ),
    )


def _documents(data: bytes) -> list[object]:
    import msgspec

    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError.of(
            "bad-json", Position("<input>"), reason=str(error) or "it is nested too deeply"
        ) from error
    questions = found if isinstance(found, list) else [found]
    if not questions:
        raise InputError.of("nothing-asked", Position("<input>"))
    return questions


def build(policies: PolicySet, target: Path) -> str:
    """Write the bundle to ``target``, whole or not at all; return the policy revision.

    Raises:
        InputError: ``target`` cannot be written.
    """
    from headwater.policies import build_bundle

    data = build_bundle(policies)
    try:
        _write_whole(target, data)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError.of("cannot-write", path=str(target), reason=reason) from error
    return policies.revision


def _write_whole(target: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
