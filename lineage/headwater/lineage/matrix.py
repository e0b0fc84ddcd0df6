"""Who receives whose data: department by department, in one pass over the graph."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId
from headwater.lineage.filters import EVERYTHING, Filters
from headwater.lineage.model import dataset_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from headwater.catalog.ids import DatasetId
    from headwater.lineage.graph import Graph, LogState
    from headwater.lineage.model import Edge

Pair = tuple[str, str]
UNKNOWN = "unknown"
"""The label of a column that has none."""


@dataclass(slots=True)
class Cell:
    """What one department's datasets take from another's, one job apart.

    Attributes:
        datasets: Pairs of datasets.
        columns: Pairs of columns.
        unmasked: Of these, how many carry the value unmasked by any job.
        implied: Pairs of datasets of which only that a job reads one and writes the other is
            known.
        labels: Columns of the provider that leave, by their label.
    """

    datasets: int = 0
    columns: int = 0
    unmasked: int = 0
    implied: int = 0
    labels: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matrix:
    """The counts of every pair of departments, and who can receive whose data by any path.

    Attributes:
        departments: All that have datasets, sorted.
        cells: Provider and consumer → counts; pairs without any are left out.
        reach: The pairs of which data of the first can get to the second by any path of
            datasets, however many departments lie between.
        nobodys: Pairs of datasets of which one has no department: they are counted nowhere.
        filters: What the question left out.
        log: From how much of the log it was answered.
        limits: By what it is not complete, where it is not.
    """

    departments: tuple[str, ...]
    cells: dict[Pair, Cell]
    reach: frozenset[Pair]
    nobodys: int
    filters: Filters
    log: LogState
    limits: tuple[str, ...] = ()


def find_matrix(
    graph: Graph,
    department_of: Callable[[DatasetId], str | None],
    labels: Mapping[ColumnId, str],
    filters: Filters = EVERYTHING,
) -> Matrix:
    """Return the matrix of a graph in memory."""
    owners = {dataset: department_of(dataset) for dataset in graph.datasets}
    edges = [edge for edge in graph.edges if filters.passes(edge)]
    counts = _Counts(owners, labels)
    pairs: dict[tuple[object, object], list[Edge]] = defaultdict(list)
    for edge in edges:
        pairs[edge.source, edge.target].append(edge)
    for found in pairs.values():
        counts.add(found)
    return Matrix(
        departments=tuple(sorted({owner for owner in owners.values() if owner})),
        cells=dict(sorted(counts.finished().items())),
        reach=_reach(owners, edges),
        nobodys=counts.nobodys,
        filters=filters,
        log=graph.log,
    )


class _Counts:
    """The cells while they are being counted."""

    def __init__(
        self,
        owners: dict[DatasetId, str | None],
        labels: Mapping[ColumnId, str],
    ) -> None:
        self._owners = owners
        self._known = labels
        self._cells: dict[Pair, Cell] = defaultdict(Cell)
        self._leaving: dict[Pair, set[ColumnId]] = defaultdict(set)
        self.nobodys = 0

    def add(self, edges: list[Edge]) -> None:
        """Count the edges of one node to another."""
        source, target = edges[0].source, edges[0].target
        provider = self._owners[dataset_of(source)]
        consumer = self._owners[dataset_of(target)]
        whole = not isinstance(source, ColumnId) and not isinstance(target, ColumnId)
        if provider is None or consumer is None:
            self.nobodys += whole
        elif provider != consumer:
            cell = self._cells[provider, consumer]
            if whole:
                cell.datasets += 1
                cell.implied += all(edge.evidence == "implied" for edge in edges)
            elif isinstance(source, ColumnId):
                self._leaving[provider, consumer].add(source)
                if isinstance(target, ColumnId):
                    cell.columns += 1
                    cell.unmasked += any(not edge.masked for edge in edges)

    def finished(self) -> dict[Pair, Cell]:
        """Return the cells, each with the labels of the columns that leave."""
        for pair, columns in self._leaving.items():
            labels: dict[str, int] = defaultdict(int)
            for column in columns:
                labels[self._known.get(column, UNKNOWN)] += 1
            self._cells[pair].labels = dict(sorted(labels.items()))
        return self._cells


def _reach(owners: dict[DatasetId, str | None], edges: Iterable[Edge]) -> frozenset[Pair]:
    """Return who can receive whose data: sets of departments pushed along until nothing moves."""
    targets: dict[DatasetId, set[DatasetId]] = defaultdict(set)
    for edge in edges:
        targets[dataset_of(edge.source)].add(dataset_of(edge.target))
    holds: dict[DatasetId, set[str]] = {
        dataset: {owner} if owner else set() for dataset, owner in owners.items()
    }
    queue = sorted(targets)
    for dataset in queue:
        for target in targets.get(dataset, ()):
            if not holds[dataset] <= holds[target]:
                holds[target] |= holds[dataset]
                queue.append(target)
    return frozenset(
        (provider, owner)
        for dataset, found in holds.items()
        if (owner := owners[dataset])
        for provider in found
        if provider != owner
    )
