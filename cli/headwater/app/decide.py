"""Use case: decide single facts documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.report import EngineLabel
from headwater.catalog.errors import InputError
from headwater.catalog.position import Position

if TYPE_CHECKING:
    import datetime

    from headwater.app.loading import Loaded
    from headwater.policies import Decision, Reason
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
    facts = [normalise(document, vocabulary, as_of) for document in documents_of(data)]
    with open_engine(
        engine or workspace.engine, policies, executable=executable, server=workspace.opa
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


def documents_of(data: bytes) -> list[object]:
    """Return the facts documents that ``data`` holds: one, or an array of them.

    Raises:
        InputError: The JSON is broken, or asks nothing.
    """
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
