"""The edges of the shortest path that a flow took: what a finding shows as its witness."""

from __future__ import annotations

import heapq
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from headwater.catalog.ids import ColumnId
from headwater.lineage.model import EVIDENCE, dataset_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from headwater.catalog.ids import DatasetId
    from headwater.lineage.graph import Graph
    from headwater.lineage.model import Edge, Flow, Node

_Index: TypeAlias = "dict[tuple[DatasetId, DatasetId], list[Edge]]"


def find_witnesses(graph: Graph, flows: Sequence[Flow]) -> tuple[tuple[Edge, ...], ...]:
    """Return the edges along each flow's path, in the order of ``flows``.

    A flow's path is the shortest, dataset by dataset; of several ways along it the best known is
    taken, and among these one that neither masks nor is indirect, as far as there is one.
    """
    index = _between(graph, flows)
    return tuple(_Way(flow, index).edges() for flow in flows)


def _between(graph: Graph, flows: Iterable[Flow]) -> _Index:
    wanted = {
        pair
        for flow in flows
        for pair in (*pairwise(flow.path), *((dataset, dataset) for dataset in flow.path))
    }
    sources = {source for source, _ in wanted}
    found: _Index = defaultdict(list)
    for edge in graph.edges:
        source = dataset_of(edge.source)
        pair = (source, dataset_of(edge.target))
        if source in sources and pair in wanted and _leads(edge):
            found[pair].append(edge)
    return found


def _leads(edge: Edge) -> bool:
    """Say whether an edge leads anywhere new: most between datasets only sum up column edges."""
    return isinstance(edge.source, ColumnId) or edge.evidence == "implied" or edge.whole


class _Way:
    """The search along one flow's path: the places are columns, or datasets as a whole."""

    def __init__(self, flow: Flow, index: _Index) -> None:
        self._flow = flow
        self._index = index
        self._last = len(flow.path) - 1

    def edges(self) -> tuple[Edge, ...]:
        flow = self._flow
        start: Node = ColumnId(flow.source, flow.column) if flow.column else flow.source
        queue: list[tuple[tuple[int, int, int, int], int, int, Node, tuple[Edge, ...]]] = []
        heapq.heappush(queue, ((0, 0, 0, 0), 0, 0, start, ()))
        seen: set[tuple[int, Node]] = set()
        pushed = 0
        while queue:
            cost, _, layer, here, way = heapq.heappop(queue)
            if layer == self._last:
                return way
            if (layer, here) in seen:
                continue
            seen.add((layer, here))
            for edge, following in self._steps(layer, here, arrived=bool(way)):
                pushed += 1
                entry = (_cost(cost, edge), pushed, following, edge.target, (*way, edge))
                heapq.heappush(queue, entry)
        return ()

    def _steps(self, layer: int, here: Node, *, arrived: bool) -> Iterator[tuple[Edge, int]]:
        path = self._flow.path
        whole = not isinstance(here, ColumnId) and arrived
        for following in (layer, layer + 1):
            if following > self._last or (following > layer and path[layer] == path[following]):
                continue
            for edge in self._index.get((path[layer], path[following]), ()):
                usable = whole or edge.source == here or not isinstance(edge.source, ColumnId)
                if usable and (following != self._last or self._ends(edge)):
                    yield edge, following

    def _ends(self, edge: Edge) -> bool:
        """Say whether an edge into the entry is one of those that the flow is about."""
        flow = self._flow
        if flow.tagged_purpose or edge.purpose:
            return edge.purpose == flow.tagged_purpose
        return edge.job == flow.job


def _cost(cost: tuple[int, int, int, int], edge: Edge) -> tuple[int, int, int, int]:
    weakest, masked, indirect, length = cost
    rank = EVIDENCE.index(edge.evidence)
    return (
        max(weakest, rank),
        masked + edge.masked,
        indirect + (edge.kind == "indirect"),
        length + 1,
    )
