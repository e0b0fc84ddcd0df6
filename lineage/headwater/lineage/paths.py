"""How data gets from one place to another: a shortest path, how many, and where to stop it.

"All paths" is exponential. What is answered instead is exact: one shortest path as a witness,
the number of paths, the choke points (what lies on every path: one rule there governs all) and
the smallest set of steps whose removal leaves no path.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from headwater.catalog.errors import InputError
from headwater.catalog.ids import ColumnId
from headwater.lineage.filters import EVERYTHING, Filters
from headwater.lineage.model import EVIDENCE, Edge, Node, dataset_of, node_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import networkx

    from headwater.lineage.graph import LineageGraph, LogState, Reach

COUNTED = 10**15
"""Paths are counted up to here: more than that says nothing more to anyone."""

EXAMINED = 100_000
"""Of more nodes than this between the two, choke points and the smallest cut are not sought."""

Pair = tuple[Node, Node]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: from where to where, and every edge that makes it, best first."""

    source: Node
    target: Node
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class PathAnswer:
    """The ways from one node to another.

    A dataset that is asked about together with a column stands for any of its columns.

    Attributes:
        start: From where.
        goal: To where.
        steps: A shortest path, of several the first by name; none where there is no path.
        paths: How many there are, counted up to :data:`COUNTED`; what lies on a cycle counts
            as one place.
        cyclic: Whether cycles lie between.
        nodes: Every node on any path, ends included, sorted.
        edges: Every edge between these, sorted.
        choke_points: What lies on every path, ends apart, in the order of the way.
        cut: The fewest steps that all paths together need, sorted.
        complete: Whether nothing was left out.
        limits: By what it was cut, where it was.
        filters: What the question left out.
        log: From how much of the log it was answered.
    """

    start: Node
    goal: Node
    steps: tuple[Step, ...]
    paths: int
    cyclic: bool
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    choke_points: tuple[Node, ...]
    cut: tuple[Pair, ...]
    complete: bool
    limits: tuple[str, ...]
    filters: Filters
    log: LogState


def find_paths(
    graph: LineageGraph, start: Node, goal: Node, filters: Filters = EVERYTHING
) -> PathAnswer:
    """Return the ways from ``start`` to ``goal``.

    Raises:
        InputError: Both are the same, or of the same dataset without both being columns.
    """
    _check_ends(start, goal)
    between = _Between(graph, start, goal, filters)
    limits = list(between.limits)
    paths, cyclic = _count(between)
    chokes: tuple[Node, ...] = ()
    cut: tuple[Pair, ...] = ()
    if len(between.nodes) > EXAMINED:
        limits.append(f"{len(between.nodes)} > {EXAMINED}: choke points, cut")
    elif paths:
        chokes, cut = _choke_points(between), _smallest_cut(between)
    return PathAnswer(
        start=start,
        goal=goal,
        steps=between.shortest(),
        paths=paths,
        cyclic=cyclic,
        nodes=between.nodes,
        edges=between.edges,
        choke_points=chokes,
        cut=cut,
        complete=not limits,
        limits=tuple(limits),
        filters=filters,
        log=graph.log,
    )


def _check_ends(start: Node, goal: Node) -> None:
    both_columns = isinstance(start, ColumnId) and isinstance(goal, ColumnId)
    if start == goal or (dataset_of(start) == dataset_of(goal) and not both_columns):
        raise InputError.of("path-one-place", start=start, goal=goal)


class _Between:
    """Everything that lies on a way from one node to another."""

    def __init__(self, graph: LineageGraph, start: Node, goal: Node, filters: Filters) -> None:
        by_column = isinstance(start, ColumnId) or isinstance(goal, ColumnId)
        self.starts = _ends(graph, start, by_column=by_column)
        self.goals = _ends(graph, goal, by_column=by_column)
        # How long a path is cannot be told from one of its ends: all of it is walked, then cut.
        whole = replace(filters, hops=None)
        down = graph.reach(self.starts, "downstream", whole)
        up = graph.reach(self.goals, "upstream", whole) if self._met(down.hops) else None
        both = down.hops.keys() & up.hops.keys() if up else set()
        edges = graph.edges_among(both, filters)
        most = filters.hops
        if up and most is not None:
            kept = {n for n in both if down.hops[n] + up.hops[n] <= most}
            short = tuple(e for e in edges if down.hops[e.source] + 1 + up.hops[e.target] <= most)
        else:
            kept, short = both, edges
        self.nodes: tuple[Node, ...] = tuple(sorted(kept, key=node_key))
        self.edges = short
        self.steps = _steps(self.edges)
        cut = (f"--hops {most}",) if len(short) < len(edges) else ()
        ends = ((start, self.starts), (goal, self.goals))
        nameless = (f"{node}: no column is known" for node, found in ends if not found)
        self.limits = (*cut, *nameless, *_limits(down, up))

    def _met(self, hops: Mapping[Node, int]) -> bool:
        return any(goal in hops for goal in self.goals)

    def shortest(self) -> tuple[Step, ...]:
        """Return the path of fewest steps, of several the first by name."""
        onward = self._distances()
        here = min(
            (start for start in self.starts if start in onward),
            key=lambda node: (onward[node], node_key(node)),
            default=None,
        )
        found: list[Step] = []
        while here is not None and onward[here]:
            nearer = [t for t in self.steps[here] if onward.get(t, -1) == onward[here] - 1]
            there = min(nearer, key=node_key)
            found.append(Step(here, there, _best_first(self.steps[here][there])))
            here = there
        return tuple(found)

    def _distances(self) -> dict[Node, int]:
        """Return the steps left to a goal, of every node between."""
        sources: dict[Node, list[Node]] = defaultdict(list)
        for source, targets in self.steps.items():
            for target in targets:
                sources[target].append(source)
        found = dict.fromkeys((goal for goal in self.goals if goal in set(self.nodes)), 0)
        queue = list(found)
        for node in queue:
            for source in sources[node]:
                if source not in found:
                    found[source] = found[node] + 1
                    queue.append(source)
        return found

    def network(self) -> networkx.DiGraph[Any]:
        """Return the steps as a network from the text ``start`` to the text ``goal``.

        Only real steps have a capacity: entering and leaving cannot be cut.
        """
        import networkx as nx

        network: networkx.DiGraph[Any] = nx.DiGraph()
        network.add_nodes_from(self.nodes)
        for source, targets in self.steps.items():
            network.add_edges_from(((source, target) for target in targets), capacity=1)
        network.add_edges_from(("start", node) for node in self.starts if node in network)
        network.add_edges_from((node, "goal") for node in self.goals if node in network)
        return network


def _limits(down: Reach, up: Reach | None) -> tuple[str, ...]:
    """Return by what the walks were cut; of lineage that goes on unnamed only that ahead.

    What enters the goal unnamed begins at no column that the start gets to, or is ahead of it.
    """
    behind = [limit for limit in up.limits if limit.startswith("--")] if up else []
    return tuple(dict.fromkeys((*behind, *down.limits)))


def _ends(graph: LineageGraph, node: Node, *, by_column: bool) -> list[Node]:
    if isinstance(node, ColumnId) or not by_column:
        return [node]
    return [ColumnId(node, column) for column in graph.columns_of(node)]


def _steps(edges: Iterable[Edge]) -> dict[Node, dict[Node, list[Edge]]]:
    found: dict[Node, dict[Node, list[Edge]]] = defaultdict(dict)
    for edge in edges:
        if edge.source != edge.target:
            found[edge.source].setdefault(edge.target, []).append(edge)
    return found


def _best_first(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Return the edges of one step: strongest evidence first, direct before indirect."""
    return tuple(sorted(edges, key=lambda e: (EVIDENCE.index(e.evidence), e.kind, e.order())))


def _count(between: _Between) -> tuple[int, bool]:
    """Return the number of paths over the graph whose cycles are each one place."""
    if not between.nodes:
        return 0, False
    import networkx as nx

    network = between.network()
    condensed = nx.condensation(network)
    place = condensed.graph["mapping"]
    ways: dict[int, int] = defaultdict(int)
    ways[place["start"]] = 1
    for here in nx.topological_sort(condensed):
        for node in condensed.nodes[here]["members"]:
            for target in network.successors(node):
                if place[target] != here:
                    ways[place[target]] = min(ways[place[target]] + ways[here], COUNTED)
    return ways[place["goal"]], len(condensed) < len(network)


def _choke_points(between: _Between) -> tuple[Node, ...]:
    import networkx as nx

    above = nx.immediate_dominators(between.network(), "start")
    found: list[Node] = []
    here = above["goal"]
    while here != "start":
        found.append(here)
        here = above[here]
    ends = {*between.starts, *between.goals}
    return tuple(node for node in reversed(found) if node not in ends)


def _smallest_cut(between: _Between) -> tuple[Pair, ...]:
    import networkx as nx

    network = between.network()
    if any(node in between.goals for node in between.starts):
        return ()
    _, (before, _) = nx.minimum_cut(network, "start", "goal")
    return tuple(
        sorted(
            (
                (source, target)
                for source, targets in between.steps.items()
                for target in targets
                if source in before and target not in before
            ),
            key=lambda pair: (node_key(pair[0]), node_key(pair[1])),
        )
    )
