"""What terms ask of lineage: where copies are, which columns stay the same, when data moved."""

from __future__ import annotations

import datetime
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from headwater.catalog.ids import ColumnId
from headwater.catalog.zones import local_day
from headwater.lineage.model import dataset_of
from headwater.lineage.terms import Ways

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headwater.catalog.ids import DatasetId, JobId
    from headwater.lineage.model import Edge

_SAME = "IDENTITY"
"""How a column is made that holds the very values of another. A truncated date would be older."""

_BESIDE = frozenset({_SAME, "CONDITIONAL", "FILTER", "GROUP_BY", "JOIN", "SORT", "WINDOW"})
"""What else may be said of such a column: that it also chose or ordered rows."""


class EndsMaximum(Protocol):
    """Says whether terms end on an edge: at a stop-point that is proved.

    To give another: answer ``True`` only where what passes is no longer about anyone, and the
    proof of it holds on the data as they are now.
    """

    def __call__(self, edge: Edge, /) -> bool:
        """Say whether no maximum passes this edge."""
        ...


def never(_edge: Edge) -> bool:
    """Say that no edge ends a maximum."""
    return False


class Moves:
    """The edges of a graph as terms see them: from dataset to dataset, and their days."""

    def __init__(self, edges: Iterable[Edge], ends: EndsMaximum = never) -> None:
        self._into: dict[DatasetId, list[Edge]] = defaultdict(list)
        self._out_of: dict[DatasetId, list[Edge]] = defaultdict(list)
        copies: dict[DatasetId, set[DatasetId]] = defaultdict(set)
        same: dict[tuple[DatasetId, str], set[tuple[DatasetId, str]]] = defaultdict(set)
        for edge in edges:
            source, target = dataset_of(edge.source), dataset_of(edge.target)
            if source == target:
                continue
            self._into[target].append(edge)
            self._out_of[source].append(edge)
            if ends(edge):
                continue
            copies[source].add(target)
            for column, copied in _unchanged(edge):
                same[source, column].add((target, copied))
        self.ways = Ways(copies, same)

    @property
    def datasets(self) -> frozenset[DatasetId]:
        """Every dataset that data come to or from."""
        return frozenset((*self._into, *self._out_of))

    @cached_property
    def sources(self) -> dict[DatasetId, set[DatasetId]]:
        """What each dataset is made from, stop-points left out."""
        found: dict[DatasetId, set[DatasetId]] = defaultdict(set)
        for source, targets in self.ways.copies.items():
            for target in targets:
                found[target].add(source)
        return found

    def into(self, dataset: DatasetId) -> list[Edge]:
        """Return the edges that data come by."""
        return self._into.get(dataset, [])

    def out_of(self, dataset: DatasetId) -> list[Edge]:
        """Return the edges that data are read by."""
        return self._out_of.get(dataset, [])

    def between(self, source: DatasetId, target: DatasetId) -> Iterator[Edge]:
        """Yield the edges from one dataset to another."""
        return (edge for edge in self.into(target) if dataset_of(edge.source) == source)

    def last_day(self) -> datetime.date | None:
        """Return the last day that the log tells of; the earliest anywhere, to be safe."""
        moments = (edge.last_seen for edges in self._into.values() for edge in edges)
        last = max(moments, default=None)
        return day_of(last, "Etc/GMT+12") if last else None

    def jobs_of(self, dataset: DatasetId) -> tuple[JobId, ...]:
        """Return the jobs that write a dataset, sorted."""
        return tuple(sorted({edge.job for edge in self.into(dataset)}))

    def written(self, dataset: DatasetId, zone: str) -> tuple[datetime.date, datetime.date] | None:
        """Return the first and the last day on which data came; of a source, on which it is seen.

        What nothing is written to in lineage was there on the day it was first read at the latest.
        """
        return days_of(self.into(dataset) or self.out_of(dataset), zone)

    def last_used(self, dataset: DatasetId, zone: str) -> datetime.date | None:
        """Return the last day on which a job read it, else on which one wrote it."""
        found = days_of(self.out_of(dataset) or self.into(dataset), zone)
        return found[1] if found else None


def _unchanged(edge: Edge) -> Iterator[tuple[str, str]]:
    """Yield the columns that an edge carries as they are, if it does."""
    if edge.kind != "direct" or edge.masked:
        return
    if _SAME not in edge.subtypes or not _BESIDE.issuperset(edge.subtypes):
        return
    if isinstance(edge.source, ColumnId) and isinstance(edge.target, ColumnId):
        yield edge.source.column, edge.target.column


def days_of(edges: Iterable[Edge], zone: str) -> tuple[datetime.date, datetime.date] | None:
    """Return the first and the last day of edges in a zone."""
    known = list(edges)
    if not known:
        return None
    first = day_of(min(edge.first_seen for edge in known), zone)
    last = day_of(max(edge.last_seen for edge in known), zone)
    return (first, last) if first and last else None


def day_of(moment: str, zone: str) -> datetime.date | None:
    """Return the day of a moment of the log in a zone."""
    return local_day(datetime.datetime.fromisoformat(moment), zone)
