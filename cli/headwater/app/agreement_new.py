"""Use case: write a new agreement that the workspace can read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.app.trial import new_file
from headwater.app.writing import write_whole
from headwater.app.yaml_text import listed, scalar
from headwater.catalog.agreements import read_agreement
from headwater.catalog.forms import Form, Problems
from headwater.catalog.kinds import AGREEMENT
from headwater.catalog.references import check_references
from headwater.catalog.shapes import keys
from headwater.catalog.text import Text
from headwater.catalog.yaml_source import parse_yaml

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.catalog.model import Agreement, Workspace

FOLDER = "agreements"


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What a new agreement says; what is ``None`` or empty is left out."""

    id: str
    provider: str
    consumer: str
    contract: str
    columns: tuple[str, ...]
    purposes: tuple[str, ...]
    ground: str
    start: datetime.date
    until: datetime.date | None = None
    title: str | None = None
    mandate: str | None = None
    mode: str | None = None
    max_level: str | None = None
    masked: tuple[str, ...] = ()
    min_k: int | None = None
    location: tuple[str, ...] = ()
    onward: tuple[str, ...] = ()
    at_most: str | None = None
    then: str | None = None
    assessment: str | None = None
    supersedes: str | None = None


def write_agreement(workspace: Workspace, scaffold: Scaffold, file: str | None) -> Path:
    """Write the agreement and return its file; an existing file is never overwritten.

    Args:
        workspace: Where it will stand; everything that it names must be there.
        scaffold: What it says.
        file: Relative to the workspace; by default ``agreements/ID.yaml``.

    Raises:
        DocumentError: It would not be a valid agreement of this workspace.
        InputError: The file exists, or lies outside the workspace, or cannot be written.
    """
    text = scaffold_text(scaffold)
    name = file or f"{FOLDER}/{scaffold.id}.yaml"
    agreement = _read(text, name)
    target = new_file(workspace, name)
    others = [each for each in workspace.agreements if each.id == agreement.id]
    problems = Problems()
    for other in others:
        problems.add(
            "duplicate-id",
            agreement.position,
            what=Text("agreement", "协议"),
            id=other.id,
            first=str(other.position),
        )
    within = replace(workspace, agreements=(*workspace.agreements, agreement))
    check_references(within, problems, contracts_read=True)
    problems.raise_any()
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, text.encode())
    return target


def _read(text: str, name: str) -> Agreement:
    problems = Problems()
    form = Form(parse_yaml(text.encode(), name), problems, name, *keys(AGREEMENT))
    found = read_agreement(form.node, problems)
    problems.raise_any()
    return found


def scaffold_text(scaffold: Scaffold) -> str:
    """Return the agreement as YAML, in the order in which people read it."""
    return "".join(f"{line}\n" for line in _lines(scaffold))


def _lines(said: Scaffold) -> Iterator[str]:
    yield "kind: agreement"
    yield f"id: {scalar(said.id)}"
    yield from _line("title", said.title)
    yield f"provider: {scalar(said.provider)}"
    yield f"consumer: {scalar(said.consumer)}"
    yield from _line("mode", said.mode)
    yield from _line("supersedes", said.supersedes)
    yield "grants:"
    yield f"  - {{contract: {scalar(said.contract)}, columns: {listed(said.columns)}}}"
    yield f"purposes: {listed(said.purposes)}"
    mandate = f", mandate: {scalar(said.mandate)}" if said.mandate is not None else ""
    yield f"legal_basis: {{ground: {scalar(said.ground)}{mandate}}}"
    yield from _line("impact_assessment", said.assessment)
    until = f", until: {said.until}" if said.until else ""
    yield f"valid: {{from: {said.start}{until}}}"
    if conditions := ", ".join(_conditions(said)):
        yield f"conditions: {{{conditions}}}"
    yield f"onward: {listed(said.onward) if said.onward else 'none'}"
    if said.at_most is not None:
        then = f", then: {scalar(said.then)}" if said.then is not None else ""
        yield f"retention: {{at_most: {scalar(said.at_most)}{then}}}"


def _conditions(said: Scaffold) -> Iterator[str]:
    yield from _line("max_level", said.max_level)
    if said.masked:
        yield f"masked: {listed(said.masked)}"
    if said.min_k is not None:
        yield f"min_k: {said.min_k}"
    if said.location:
        yield f"location: {listed(said.location)}"


def _line(key: str, value: str | None) -> Iterator[str]:
    if value is not None:
        yield f"{key}: {scalar(value)}"
