"""What reconciling agreements with lineage comes to, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.position import Position
    from headwater.lineage.graph import LogState

Kind = Literal[
    "flow-without-agreement",
    "expired-but-flowing",
    "not-in-force",
    "column-not-granted",
    "purpose-drift",
    "onward-not-granted",
    "hub-bypass",
    "agreement-without-flow",
    "column-never-used",
    "columns-unknown",
    "purpose-unknown",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Every kind of difference, in the order in which they are told."""

UNJUDGED = frozenset({"columns-unknown", "purpose-unknown"})
"""Kinds that say: here it cannot be told whether reality keeps to the agreement."""

RULES: dict[Kind, str] = {
    "flow-without-agreement": "sharing/no-agreement",
    "expired-but-flowing": "sharing/agreement-not-in-force",
    "not-in-force": "sharing/agreement-not-in-force",
    "column-not-granted": "sharing/column-not-granted",
    "purpose-drift": "sharing/purpose-drift",
    "onward-not-granted": "sharing/onward-not-granted",
    "columns-unknown": "sharing/columns-unknown",
    "purpose-unknown": "sharing/purpose-unknown",
}
"""The rule of ``headwater check`` that says the same, where there is one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which agreements and lineage differ.

    Attributes:
        kind: What kind.
        provider: Whose data.
        consumer: Who uses it.
        agreements: The agreements that it is about, by id.
        state: Their state.
        source: The dataset that is, or would be, used.
        target: What it flows into; ``None`` where nothing flows.
        columns: The columns of ``source``; none where only the whole is known.
        purposes: What for.
        via: The departments between the two, sorted; of a hub bypass none.
        path: The shortest path, both ends included.
        way: The departments that it passes, in turn, both ends included.
        evidence: The weakest evidence of the flow.
        first_seen: When the flow was first seen.
        last_seen: When it was last seen.
        position: Where a person would change something.
    """

    kind: Kind
    provider: str
    consumer: str
    agreements: tuple[str, ...] = ()
    state: str | None = None
    source: DatasetId | None = None
    target: DatasetId | None = None
    columns: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    path: tuple[DatasetId, ...] = ()
    way: tuple[str, ...] = ()
    evidence: str | None = None
    first_seen: str | None = None
    last_seen: str | None = None
    position: Position | None = None

    @property
    def judged(self) -> bool:
        """Whether reality is known to differ."""
        return self.kind not in UNJUDGED

    def order(self) -> tuple[object, ...]:
        """Return the sort key."""
        ends = [str(end) if end else "" for end in (self.source, self.target)]
        names = (self.provider, self.consumer, *ends, self.agreements)
        return (KINDS.index(self.kind), *names, self.columns, self.purposes)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much lineage there was to compare with, and what it does not show.

    Attributes:
        flows: Between how many pairs of datasets of two departments data flows.
        implied: How many of them are known only as whole datasets.
        nobodys: How many datasets belong to no department: what passes only them and ends there
            is nobody's flow.
        log: How much of the log that is.
    """

    flows: int
    implied: int
    nobodys: int
    log: LogState

    @property
    def complete(self) -> bool:
        """Whether every flow is known by its columns, and every dataset has a department."""
        return not self.implied and not self.nobodys


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The differences, and how far they can be relied on."""

    as_of: datetime.date
    agreements: int
    differences: tuple[Difference, ...]
    coverage: Coverage

    @property
    def outcome(self) -> Literal["same", "differs", "unjudged"]:
        """What it comes to: something differs, else something cannot be told, else nothing."""
        if any(each.judged for each in self.differences):
            return "differs"
        return "unjudged" if self.differences else "same"

    def number(self, kind: Kind) -> int:
        """Return how many differences are of this kind."""
        return sum(each.kind == kind for each in self.differences)


def sort(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """Return the differences in the order in which they are told."""
    return tuple(sorted(differences, key=Difference.order))
