"""What changed in the graph between two days.

The graph of a day is what held then: what each job last said of each dataset that it writes, up
to the end of that day. A step that the job's next run no longer takes has ceased, though what
flowed on it once is where it went.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId
from headwater.lineage.filters import EVERYTHING, Filters, end_of
from headwater.lineage.graph import NO_LOG, LogState, merge_runs, snapshot_until
from headwater.lineage.identity import EVERYTHING_ALIKE, Keeping
from headwater.lineage.model import Edge
from headwater.lineage.settle import settle

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from headwater.lineage.model import Snapshot, StoredEdge

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One step that is not the same on both days."""

    before: Edge
    after: Edge


@dataclass(frozen=True, slots=True)
class Comparison:
    """The steps that appeared, ceased or changed their kind, masking or evidence; sorted."""

    earlier: datetime.date
    later: datetime.date
    added: tuple[Edge, ...]
    ceased: tuple[Edge, ...]
    changed: tuple[Change, ...]
    filters: Filters
    log: LogState
    limits: tuple[str, ...] = ()
    column: str | None = None

    def of_column(self, column: str) -> Comparison:
        """Return what changed of the steps from or to a column of this name."""
        changed = (each for each in self.changed if _touches(each.after, column))
        return replace(
            self,
            added=tuple(edge for edge in self.added if _touches(edge, column)),
            ceased=tuple(edge for edge in self.ceased if _touches(edge, column)),
            changed=tuple(changed),
            column=column,
        )


def _touches(edge: Edge, column: str) -> bool:
    ends = (edge.source, edge.target)
    return any(isinstance(end, ColumnId) and end.column == column for end in ends)


def compare(
    snapshot: Snapshot,
    days: tuple[datetime.date, datetime.date],
    filters: Filters = EVERYTHING,
    *,
    keeping: Keeping = EVERYTHING_ALIKE,
    log: LogState = NO_LOG,
) -> Comparison:
    """Return what changed from the end of the first day to the end of the second.

    Raises:
        DocumentError: More edges follow from the events than can be meant.
    """
    before, after = (_by_key(edges_on(snapshot, end_of(day), keeping), filters) for day in days)
    both = before.keys() & after.keys()
    changes = (Change(before[key], after[key]) for key in both)
    return Comparison(
        earlier=days[0],
        later=days[1],
        added=_sorted(after[key] for key in after.keys() - both),
        ceased=_sorted(before[key] for key in before.keys() - both),
        changed=tuple(sorted(filter(_differs, changes), key=lambda change: change.after.order())),
        filters=filters,
        log=log,
    )


def edges_on(snapshot: Snapshot, moment: str, keeping: Keeping) -> list[Edge]:
    """Return the edges that held at a moment, as each job's last run said them by then."""
    settled = settle(snapshot_until(snapshot, moment), keeping)
    holding: dict[_Key, list[StoredEdge]] = defaultdict(list)
    for stored in settled.edges:
        if not stored.failed and (stored.until is None or stored.until > moment):
            edge = stored.edge
            holding[edge.source, edge.target, stored.job, edge.purpose].append(stored)
    return merge_runs(stored for found in holding.values() for stored in _latest(found))


def _latest(found: list[StoredEdge]) -> list[StoredEdge]:
    last = max(stored.first for stored in found)
    return [stored for stored in found if stored.first == last]


def _by_key(edges: Iterable[Edge], filters: Filters) -> dict[_Key, Edge]:
    """Return the edges by who wrote what from what, of several the strongest evidence."""
    found: dict[_Key, Edge] = {}
    for edge in sorted(edges, key=Edge.order, reverse=True):
        if filters.passes(edge):
            found[edge.source, edge.target, edge.job, edge.purpose] = edge
    return found


def _differs(change: Change) -> bool:
    return _traits(change.before) != _traits(change.after)


def _traits(edge: Edge) -> object:
    return (edge.kind, edge.masked, edge.evidence)


def _sorted(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    return tuple(sorted(edges, key=Edge.order))
