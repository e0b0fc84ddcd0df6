"""The text of an agreement that two departments might make: a draft, and what it would say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.catalog.agreements import read_agreement
from headwater.catalog.forms import Problems
from headwater.catalog.nodes import Mapping
from headwater.catalog.yaml_source import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from headwater.catalog.model import Agreement

FILE = "<draft>"
"""Where a draft stands: in no file."""

DATE = "YYYY-MM-DD"


def draft_of(
    parties: tuple[str, str],
    *,
    grant: tuple[str, str],
    columns: Iterable[str],
    purposes: Iterable[str],
    start: str | None,
    taken: Collection[str],
) -> str:
    """Return the YAML of an agreement. What the departments must decide themselves is marked.

    Args:
        parties: Provider and consumer.
        grant: The contract and its object.
        columns: What is granted.
        purposes: What for.
        start: The first day; ``None`` leaves it to the departments.
        taken: The ids that other agreements have.
    """
    name = _free("-".join(parties), taken)
    given = f"{{contract: {_q(grant[0])}, object: {_q(grant[1])}, columns: {_list(columns)}}}"
    return "\n".join(
        [
            "kind: agreement",
            f"id: {_q(name)}",
            f"provider: {_q(parties[0])}",
            f"consumer: {_q(parties[1])}",
            "grants:",
            f"  - {given}",
            f"purposes: {_list(purposes)}",
            "legal_basis: {ground: statutory-duty}  # or the ground that there is",
            f"valid: {{from: {start or DATE}}}",
            "onward: none",
            "",
        ]
    )


def drafted(text: str) -> Agreement:
    """Return the agreement that a draft with a first day says."""
    node = parse_yaml(text.encode(), FILE)
    assert isinstance(node, Mapping)  # noqa: S101 - we wrote it
    problems = Problems()
    agreement = read_agreement(node, problems)
    problems.raise_any()
    return agreement


def is_draft(agreement: Agreement) -> bool:
    """Say whether an agreement is none that there is, but a draft made in memory."""
    return agreement.position.file == FILE


def _free(wanted: str, taken: Collection[str]) -> str:
    number = 1
    name = wanted[:100]
    while name in taken:
        number += 1
        name = f"{wanted[:100]}-{number}"
    return name


def _q(name: str) -> str:
    """Return a name as YAML reads it back, whatever it holds: JSON's quotes are YAML's."""
    return json.dumps(name)


def _list(names: Iterable[str]) -> str:
    return f"[{', '.join(map(_q, names))}]"
