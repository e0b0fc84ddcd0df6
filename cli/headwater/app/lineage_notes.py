"""What lenient reading did not understand becomes findings, and limits of every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.findings import FileSubject, Finding
from headwater.catalog.position import Position
from headwater.catalog.rules import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headwater.catalog.problems import Problem

RULES = {True: "lineage/not-understood", False: "lineage/taken-in-part"}
"""Whether something may be missing → what is reported."""


def note_findings(notes: Iterable[Problem]) -> Iterator[Finding]:
    """Yield a finding for each thing that is not understood, its places in one file together."""
    from headwater.lineage.notes import lacks

    groups: dict[tuple[str, ...], list[Position]] = {}
    first: dict[tuple[str, ...], Problem] = {}
    for note in notes:
        at = note.position or Position("headwater.yaml")
        key: tuple[str, ...] = (at.file, note.code, note.message.en)
        groups.setdefault(key, []).append(at)
        first.setdefault(key, note)
    for key, places in groups.items():
        rule = BUILT_IN[RULES[lacks(first[key])]]
        yield Finding(
            rule=rule.id,
            severity=rule.severity,
            subject=FileSubject(key[0]),
            message=rule.message.fill({"reason": first[key].message}),
            remedy=rule.remedy,
            basis=rule.basis,
            location=min(places),
            evidence={"kind": "file", "code": key[1], "lines": [at.line for at in sorted(places)]},
            detail=": ".join(key[1:]),
        )
