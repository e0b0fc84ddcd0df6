"""The graph of what flows, in memory, and the answers that it gives."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from headwater.catalog.ids import ColumnId, DatasetId
from headwater.lineage.model import Edge, Node, node_key
from headwater.lineage.times import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    import networkx

    from headwater.lineage.model import StoredEdge
    from headwater.lineage.store import LineageStore

Direction = Literal["upstream", "downstream"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything upstream or downstream of one node.

    Attributes:
        root: What was asked about.
        direction: Which way.
        nodes: What lies there, without the root, each with its distance; nearest first.
        edges: The edges between these nodes and the root, sorted; two nodes have one for each
            job, purpose and kind of evidence.
        complete: Whether nothing was left out.
        limits: By what it was cut, where it was.
    """

    root: Node
    direction: Direction
    nodes: tuple[tuple[Node, int], ...]
    edges: tuple[Edge, ...]
    complete: bool
    limits: tuple[str, ...]

    def to_networkx(self) -> networkx.MultiDiGraph[Node]:
        """Return the answer as a networkx graph: nodes are ids, edges carry their ``edge``."""
        import networkx as nx

        graph: networkx.MultiDiGraph[Node] = nx.MultiDiGraph()
        graph.add_node(self.root, hops=0)
        for node, hops in self.nodes:
            graph.add_node(node, hops=hops)
        for edge in self.edges:
            graph.add_edge(edge.source, edge.target, edge=edge)
        return graph


class Graph:
    """Datasets, columns and the edges between them."""

    def __init__(self, edges: Iterable[Edge], known: Iterable[Node] = ()) -> None:
        self.edges = tuple(sorted(edges, key=Edge.order))
        self._known = frozenset(known)

    @cached_property
    def nodes(self) -> frozenset[Node]:
        """Every dataset and column that any event names."""
        ends = {end for edge in self.edges for end in (edge.source, edge.target)}
        return self._known | ends

    @cached_property
    def datasets(self) -> tuple[DatasetId, ...]:
        """Every dataset, sorted."""
        found = {node.dataset if isinstance(node, ColumnId) else node for node in self.nodes}
        return tuple(sorted(found))

    def columns_of(self, dataset: DatasetId) -> tuple[str, ...]:
        """Return the known columns of a dataset, sorted."""
        return self._columns.get(dataset, ())

    @cached_property
    def _columns(self) -> dict[DatasetId, tuple[str, ...]]:
        found: dict[DatasetId, list[str]] = defaultdict(list)
        for node in self.nodes:
            if isinstance(node, ColumnId):
                found[node.dataset].append(node.column)
        return {dataset: tuple(sorted(columns)) for dataset, columns in found.items()}

    def trace(self, node: Node, direction: Direction) -> Answer:
        """Return everything upstream or downstream of ``node``.

        Of a dataset along the edges between datasets, of a column along those between columns.
        Where a column's dataset also has edges that name no columns, the answer says that it is
        not complete and which those edges are.
        """
        ways = self._downstream if direction == "downstream" else self._upstream
        hops: dict[Node, int] = {node: 0}
        queue = [node]
        crossed: list[Edge] = []
        for here in queue:  # grows while it is walked: breadth first
            for edge in ways.get(here, ()):
                crossed.append(edge)
                there = edge.target if direction == "downstream" else edge.source
                if there not in hops:
                    hops[there] = hops[here] + 1
                    queue.append(there)
        del hops[node]
        found = sorted(hops.items(), key=lambda item: (item[1], node_key(item[0])))
        edges = tuple(sorted(crossed, key=Edge.order))
        limits = self._columnless(hops.keys() | {node}, direction) if _is_column(node) else ()
        return Answer(node, direction, tuple(found), edges, complete=not limits, limits=limits)

    def _columnless(self, reached: Iterable[Node], direction: Direction) -> tuple[str, ...]:
        """Return the edges that lead on from the columns reached, and to no known column."""
        datasets = {node.dataset for node in reached if isinstance(node, ColumnId)}
        found = set()
        for edge in self.edges:
            here = edge.source if direction == "downstream" else edge.target
            mixed = isinstance(edge.source, ColumnId) != isinstance(edge.target, ColumnId)
            if (mixed or (edge.evidence == "implied" and not _is_column(here))) and (
                here in reached or here in datasets
            ):
                found.add(f"{edge.source} -> {edge.target}")
        return tuple(sorted(found))

    @cached_property
    def _downstream(self) -> dict[Node, list[Edge]]:
        return _by_end(self.edges, "source")

    @cached_property
    def _upstream(self) -> dict[Node, list[Edge]]:
        return _by_end(self.edges, "target")


def _is_column(node: Node) -> bool:
    return isinstance(node, ColumnId)


def _by_end(edges: Iterable[Edge], end: Literal["source", "target"]) -> dict[Node, list[Edge]]:
    found: dict[Node, list[Edge]] = defaultdict(list)
    for edge in edges:
        if type(edge.source) is type(edge.target):
            found[edge.source if end == "source" else edge.target].append(edge)
    return found


def load_graph(store: LineageStore) -> Graph:
    """Return the graph that the store holds.

    Raises:
        StoreError: The store cannot be used.
    """
    snapshot = store.snapshot()
    return Graph(merge_runs(snapshot.edges), snapshot.known)


def merge_runs(stored: Iterable[StoredEdge]) -> list[Edge]:
    """Return one edge for all runs that differ only by run.

    Edges of different evidence stay apart, lest a run with column lineage hide one without.
    """
    groups: dict[tuple[object, ...], list[StoredEdge]] = defaultdict(list)
    for found in stored:
        edge = found.edge
        key = (edge.source, edge.target, found.job, edge.purpose, edge.evidence)
        groups[key].append(found)
    return [_merged(group) for group in groups.values()]


def _merged(group: list[StoredEdge]) -> Edge:
    edge = group[0].edge
    latest = max(group, key=lambda found: (found.last, found.run))
    return Edge(
        source=edge.source,
        target=edge.target,
        job=latest.job,
        purpose=edge.purpose,
        kind="direct" if any(found.edge.kind == "direct" for found in group) else "indirect",
        masked=all(found.edge.masked for found in group),
        evidence=edge.evidence,
        first_seen=shown(min(found.first for found in group)),
        last_seen=shown(latest.last),
        runs=tuple(sorted({found.run for found in group})),
        position=latest.position,
    )
