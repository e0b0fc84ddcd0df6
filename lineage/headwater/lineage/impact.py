"""What a change to a dataset or a column would break, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from headwater.catalog.ids import ColumnId, DatasetId
from headwater.lineage.filters import EVERYTHING, Filters
from headwater.lineage.model import dataset_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headwater.catalog.ids import JobId
    from headwater.lineage.graph import LineageGraph, LogState
    from headwater.lineage.model import Edge, Node

Influence = Literal["direct", "indirect"]


@dataclass(frozen=True, slots=True)
class Affected:
    """One dataset that would be affected.

    Attributes:
        dataset: It.
        department: Whose it is, where known.
        owner: Who answers for it, where known.
        columns: Its columns that are made from what was asked about, sorted; none where only
            the dataset as a whole is known.
        hops: Steps away.
        influence: Direct where values come along; indirect where only rows are chosen or
            ordered by it.
        jobs: The jobs that write it from what is affected, sorted.
    """

    dataset: DatasetId
    department: str | None
    owner: str | None
    columns: tuple[str, ...]
    hops: int
    influence: Influence
    jobs: tuple[JobId, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """Everything that a change would affect, by department, owner and distance."""

    root: Node
    affected: tuple[Affected, ...]
    edges: tuple[Edge, ...]
    complete: bool
    limits: tuple[str, ...]
    filters: Filters
    log: LogState

    @property
    def departments(self) -> tuple[str, ...]:
        """The departments affected, sorted."""
        return tuple(sorted({found.department for found in self.affected if found.department}))


def find_impact(
    graph: LineageGraph,
    node: Node,
    filters: Filters = EVERYTHING,
    *,
    department_of: Callable[[DatasetId], str | None],
    owner_of: Callable[[DatasetId], str | None],
) -> Impact:
    """Return what depends on ``node``: on a dataset as a whole, or on one of its columns."""
    down = graph.reach([node], "downstream", filters)
    direct = graph.reach([node], "downstream", replace(filters, direct_only=True)).hops
    columns = _columns(graph, node, filters)
    edges = graph.edges_among(down.hops.keys(), filters)
    jobs: dict[DatasetId, set[JobId]] = {}
    for edge in edges:
        jobs.setdefault(dataset_of(edge.target), set()).add(edge.job)
    hops = _nearest(down.hops)
    del hops[dataset_of(node)]
    values = {dataset_of(found) for found in direct}
    affected = (
        Affected(
            dataset=dataset,
            department=department_of(dataset),
            owner=owner_of(dataset),
            columns=tuple(sorted(columns.get(dataset, ()))),
            hops=distance,
            influence="direct" if dataset in values else "indirect",
            jobs=tuple(sorted(jobs.get(dataset, ()))),
        )
        for dataset, distance in hops.items()
    )
    return Impact(
        root=node,
        affected=tuple(sorted(affected, key=_order)),
        edges=edges,
        complete=not down.limits,
        limits=down.limits,
        filters=filters,
        log=graph.log,
    )


def _nearest(hops: Mapping[Node, int]) -> dict[DatasetId, int]:
    """Return the distance of each dataset: that of the first of its nodes."""
    found: dict[DatasetId, int] = {}
    for node, distance in hops.items():
        found.setdefault(dataset_of(node), distance)
    return found


def _columns(graph: LineageGraph, node: Node, filters: Filters) -> dict[DatasetId, set[str]]:
    """Return the columns reached from the node, or from any column of it, by dataset."""
    starts: list[Node] = [node]
    if isinstance(node, DatasetId):
        starts = [ColumnId(node, name) for name in graph.columns_of(node)]
    found: dict[DatasetId, set[str]] = {}
    for place in graph.reach(starts, "downstream", replace(filters, max_nodes=None)).hops:
        if isinstance(place, ColumnId):
            found.setdefault(place.dataset, set()).add(place.column)
    return found


def _order(found: Affected) -> tuple[object, ...]:
    """Sort by department and owner (nobody's last), then by distance and name."""
    return (
        found.department is None,
        found.department or "",
        found.owner is None,
        found.owner or "",
        found.hops,
        found.dataset,
    )
