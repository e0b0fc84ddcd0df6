"""A NetworkX backend: ``nx.descendants(graph, node)`` and its like run on our graph.

NetworkX finds it by the entry points of the distribution. Its graphs are :class:`BackendGraph`:
what they do not answer themselves, NetworkX answers on a copy.

Example:
    >>> import networkx as nx
    >>> from headwater.catalog.ids import DatasetId
    >>> from headwater.lineage.graph import Graph
    >>> nx.descendants(BackendGraph(Graph([])), DatasetId("db", "x"))
    Traceback (most recent call last):
    ...
    networkx.exception.NetworkXError: The node db/x is not in the graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.catalog.ids import ColumnId
from headwater.lineage.filters import EVERYTHING, Filters
from headwater.lineage.model import dataset_of, node_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx

    from headwater.lineage.graph import Direction, LineageGraph
    from headwater.lineage.model import Node

NAME = "headwater"
FUNCTIONS = ("ancestors", "descendants", "has_path", "shortest_path")


def about() -> dict[str, object]:
    """Return what NetworkX asks every backend: its name and what it does."""
    return {
        "backend_name": NAME,
        "project": NAME,
        "package": "headwater.lineage",
        "short_summary": "Lineage of data between departments, in memory or in files.",
        "functions": {name: {} for name in FUNCTIONS},
    }


class BackendGraph:
    """A lineage graph as NetworkX sees it: directed, of datasets and columns.

    Attributes:
        lineage: What is asked.
        filters: Which edges count.
    """

    __networkx_backend__ = NAME

    def __init__(self, lineage: LineageGraph, filters: Filters = EVERYTHING) -> None:
        self.lineage = lineage
        self.filters = filters
        self.graph: dict[str, object] = {}

    def is_directed(self) -> bool:
        """Say that edges have a direction."""
        return True

    def is_multigraph(self) -> bool:
        """Say that two nodes have one edge at most."""
        return False

    def __contains__(self, node: object) -> bool:
        return _is_node(node) and self._knows(node)  # type: ignore[arg-type]

    def _knows(self, node: Node) -> bool:
        dataset = dataset_of(node)
        if dataset not in self.lineage.named(str(dataset)):
            return False
        return not isinstance(node, ColumnId) or node.column in self.lineage.columns_of(dataset)

    def __iter__(self) -> Iterator[Node]:
        for dataset in self.lineage.all_datasets():
            yield dataset
            for column in self.lineage.columns_of(dataset):
                yield ColumnId(dataset, column)

    def to_networkx(self) -> networkx.DiGraph[Node]:
        """Return a copy that NetworkX can do anything with."""
        import networkx as nx

        found: networkx.DiGraph[Node] = nx.DiGraph()
        found.add_nodes_from(self)
        edges = self.lineage.edges_among(list(found), self.filters)
        found.add_edges_from((edge.source, edge.target) for edge in edges)
        return found


def _is_node(node: object) -> bool:
    from headwater.catalog.ids import DatasetId

    return isinstance(node, DatasetId | ColumnId)


class Backend:
    """The functions that NetworkX hands to us."""

    @staticmethod
    def convert_from_nx(graph: Any, **_: Any) -> Any:
        """Refuse: lineage comes from events."""
        raise NotImplementedError("lineage is made from events, not from a networkx graph")

    @staticmethod
    def convert_to_nx(found: Any, **_: Any) -> Any:
        """Return a copy for functions that we do not have; results are as they are."""
        return found.to_networkx() if isinstance(found, BackendGraph) else found

    @staticmethod
    def can_run(name: str, _arguments: Any, settings: dict[str, Any]) -> bool:
        """Say whether a function runs here as it is asked: paths have no weights."""
        return name in FUNCTIONS and not settings.get("weight")

    @staticmethod
    def should_run(_name: str, _arguments: Any, _settings: dict[str, Any]) -> bool:
        """Say yes: a copy would take longer."""
        return True

    @staticmethod
    def descendants(graph: BackendGraph, source: Node) -> set[Node]:
        """Return everything downstream of ``source``."""
        return _beyond(graph, source, "downstream")

    @staticmethod
    def ancestors(graph: BackendGraph, source: Node) -> set[Node]:
        """Return everything upstream of ``source``."""
        return _beyond(graph, source, "upstream")

    @staticmethod
    def has_path(graph: BackendGraph, source: Node, target: Node) -> bool:
        """Say whether data of ``source`` gets to ``target``."""
        _check(graph, source, target)
        return target in graph.lineage.reach([source], "downstream", graph.filters).hops

    @staticmethod
    def shortest_path(
        graph: BackendGraph,
        source: Node | None = None,
        target: Node | None = None,
        weight: None = None,
        method: str = "dijkstra",
    ) -> Any:
        """Return a shortest path; without both ends NetworkX does it on a copy."""
        import networkx as nx

        if source is None or target is None:
            copy = graph.to_networkx()
            return nx.shortest_path(copy, source, target, weight, method)
        _check(graph, source, target)
        down = graph.lineage.reach([source], "downstream", graph.filters).hops
        if target not in down:
            raise nx.NetworkXNoPath(f"No path between {source} and {target}.")
        up = graph.lineage.reach([target], "upstream", graph.filters).hops
        levels: dict[int, list[Node]] = {}
        for node, hops in down.items():
            if node in up and hops + up[node] == down[target]:
                levels.setdefault(hops, []).append(node)
        return _thread(graph, levels)


def _thread(graph: BackendGraph, levels: dict[int, list[Node]]) -> list[Node]:
    """Return one path through the levels, of several the first by name."""
    path = [levels[0][0]]
    for distance in range(1, len(levels)):
        nodes = [path[-1], *levels[distance]]
        edges = graph.lineage.edges_among(nodes, graph.filters)
        ahead = {edge.target for edge in edges if edge.source == path[-1]} - {path[-1]}
        path.append(min(ahead, key=node_key))
    return path


def _beyond(graph: BackendGraph, source: Node, way: Direction) -> set[Node]:
    import networkx as nx

    if source not in graph:
        raise nx.NetworkXError(f"The node {source} is not in the graph.")
    return set(graph.lineage.reach([source], way, graph.filters).hops) - {source}


def _check(graph: BackendGraph, *nodes: Node) -> None:
    import networkx as nx

    for node in nodes:
        if node not in graph:
            raise nx.NodeNotFound(f"{node} is not in the graph")
