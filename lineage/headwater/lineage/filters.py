"""What a question leaves out: by distance, number, day, influence, masking and evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.lineage.model import EVIDENCE

if TYPE_CHECKING:
    import datetime

    from headwater.lineage.model import Edge, Evidence, StoredEdge


@dataclass(frozen=True, slots=True)
class Filters:
    """Which edges count, and where an answer is cut.

    The first four choose the edges that the question is about: the answer to it may still be
    complete. The last two cut: an answer from which they took something is not complete.

    Attributes:
        as_of: What was known at the end of this day (UTC); ``None``: all that is recorded.
        direct_only: Whether only edges count that carry the value itself.
        unmasked_only: Whether only edges count that do not mask.
        evidence: No weaker evidence than this; ``None``: any.
        hops: At most so many steps away.
        max_nodes: At most so many nodes, nearest first.
    """

    as_of: datetime.date | None = None
    direct_only: bool = False
    unmasked_only: bool = False
    evidence: Evidence | None = None
    hops: int | None = None
    max_nodes: int | None = None

    def passes(self, edge: Edge) -> bool:
        """Say whether an edge counts, its time apart."""
        if self.direct_only and edge.kind != "direct":
            return False
        if self.unmasked_only and edge.masked:
            return False
        return self.evidence is None or _rank(edge.evidence) <= _rank(self.evidence)

    def knows(self, stored: StoredEdge) -> bool:
        """Say whether the run had spoken by the end of the day."""
        return self.as_of is None or stored.first <= end_of(self.as_of)

    def document(self) -> dict[str, object]:
        """Return the JSON form: what was asked for, and nothing else."""
        found = {
            "direct_only": self.direct_only or None,
            "unmasked_only": self.unmasked_only or None,
            "evidence": self.evidence,
            "hops": self.hops,
            "max_nodes": self.max_nodes,
        }
        return {name: value for name, value in found.items() if value is not None}


EVERYTHING = Filters()
"""Nothing left out."""


def end_of(day: datetime.date) -> str:
    """Return the last moment of a day in UTC."""
    return f"{day.isoformat()}T23:59:59.999999999Z"


def _rank(evidence: Evidence) -> int:
    return EVIDENCE.index(evidence)
