"""The graph of what flows, in memory, and the answers that it gives."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

from headwater.catalog.ids import ColumnId, DatasetId
from headwater.lineage.filters import EVERYTHING, Filters, end_of
from headwater.lineage.model import Edge, Node, Snapshot, dataset_of, node_key
from headwater.lineage.settle import NOTHING, Settled, settle
from headwater.lineage.times import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    import networkx

    from headwater.lineage.model import StoredEdge
    from headwater.lineage.store import LineageStore

Direction = Literal["upstream", "downstream"]


@dataclass(frozen=True, slots=True)
class LogState:
    """How much of the log an answer is from.

    Attributes:
        sequence: The number of its last event.
        digest: The SHA-256 of the digests of all events that count: the same log, the same graph.
    """

    sequence: int
    digest: str


NO_LOG = LogState(0, "")
"""The state of edges that come from no log."""


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
        filters: What the question left out.
        log: From how much of the log it was answered.
    """

    root: Node
    direction: Direction
    nodes: tuple[tuple[Node, int], ...]
    edges: tuple[Edge, ...]
    complete: bool
    limits: tuple[str, ...]
    filters: Filters = EVERYTHING
    log: LogState = NO_LOG

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


@dataclass(frozen=True, slots=True)
class Reach:
    """What a walk gets to, without the edges.

    Attributes:
        hops: Every node with its distance, the start included, nearest first.
        limits: By what it was cut; none where it was not.
    """

    hops: Mapping[Node, int]
    limits: tuple[str, ...]


class LineageGraph(Protocol):
    """What questions are asked of: the graph in memory, or the one in files.

    To write another: give each node the same reach as :class:`Graph` does.
    """

    @property
    def log(self) -> LogState:
        """How much of the log it holds."""
        ...

    def named(self, reference: str) -> Collection[DatasetId]:
        """Return the datasets that answer to ``reference``."""
        ...

    def all_datasets(self) -> Iterable[DatasetId]:
        """Return every dataset, sorted."""
        ...

    def columns_of(self, dataset: DatasetId) -> tuple[str, ...]:
        """Return the known columns of a dataset, sorted."""
        ...

    def owner_of(self, dataset: DatasetId) -> str | None:
        """Return who owns a dataset, as its events say."""
        ...

    def reach(self, starts: Collection[Node], way: Direction, filters: Filters) -> Reach:
        """Return what lies upstream or downstream of any of ``starts``."""
        ...

    def edges_among(self, nodes: Collection[Node], filters: Filters) -> tuple[Edge, ...]:
        """Return the edges of one kind of node to the same kind within ``nodes``, sorted."""
        ...


def trace(
    graph: LineageGraph, node: Node, direction: Direction, filters: Filters = EVERYTHING
) -> Answer:
    """Return everything upstream or downstream of ``node``.

    Of a dataset along the edges between datasets, of a column along those between columns.
    Where a column's dataset also has edges that name no columns, the answer says that it is
    not complete and which those edges are.
    """
    reach = graph.reach([node], direction, filters)
    return Answer(
        root=node,
        direction=direction,
        nodes=tuple(item for item in reach.hops.items() if item[0] != node),
        edges=graph.edges_among(reach.hops.keys(), filters),
        complete=not reach.limits,
        limits=reach.limits,
        filters=filters,
        log=graph.log,
    )


class Graph:
    """Datasets, columns and the edges between them, in memory."""

    def __init__(
        self,
        edges: Iterable[Edge],
        known: Iterable[Node] = (),
        settled: Settled = NOTHING,
        log: LogState = NO_LOG,
    ) -> None:
        self.edges = tuple(sorted(edges, key=Edge.order))
        self.settled = settled
        self.log = log
        self._known = frozenset(known)

    @cached_property
    def nodes(self) -> frozenset[Node]:
        """Every dataset and column that any event names."""
        ends = {end for edge in self.edges for end in (edge.source, edge.target)}
        return self._known | ends

    @cached_property
    def datasets(self) -> tuple[DatasetId, ...]:
        """Every dataset, sorted."""
        return tuple(sorted({dataset_of(node) for node in self.nodes}))

    def all_datasets(self) -> tuple[DatasetId, ...]:
        """Return every dataset, sorted."""
        return self.datasets

    def named(self, reference: str) -> list[DatasetId]:
        """Return the datasets that answer to ``reference``, by another name too, sorted."""
        found = {dataset for dataset in self.datasets if dataset.answers_to(reference)}
        others = self.settled.names.items()
        found.update(used for other, used in others if other.answers_to(reference))
        return sorted(found)

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

    def owner_of(self, dataset: DatasetId) -> str | None:
        """Return who owns a dataset, as its events say."""
        return ", ".join(self.settled.owners.get(dataset, ())) or None

    def trace(self, node: Node, direction: Direction, filters: Filters = EVERYTHING) -> Answer:
        """Return everything upstream or downstream of ``node``: see :func:`trace`."""
        return trace(self, node, direction, filters)

    def reach(self, starts: Collection[Node], way: Direction, filters: Filters) -> Reach:
        """Return what lies upstream or downstream of any of ``starts``."""
        hops: dict[Node, int] = dict.fromkeys(sorted(starts, key=node_key), 0)
        cut = False
        level = list(hops)
        for distance in range(1, len(self.nodes) + 1):
            found = {there for here in level for there in self._next(here, way, filters)}
            level = sorted(found - hops.keys(), key=node_key)
            if filters.hops is not None and distance > filters.hops:
                cut = bool(level)
                break
            hops.update(dict.fromkeys(level, distance))
            if not level or _too_many(hops, starts, filters):
                break
        return reached(hops, starts, filters, cut=cut, columnless=self._columnless(way, filters))

    def edges_among(self, nodes: Collection[Node], filters: Filters) -> tuple[Edge, ...]:
        """Return the edges of one kind of node to the same kind within ``nodes``, sorted."""
        wanted = set(nodes)
        found = (
            edge
            for node in wanted
            for edge in self._downstream.get(node, ())
            if edge.target in wanted and filters.passes(edge)
        )
        return tuple(sorted(found, key=Edge.order))

    def _next(self, here: Node, way: Direction, filters: Filters) -> Iterator[Node]:
        if way == "downstream":
            return (e.target for e in self._downstream.get(here, ()) if filters.passes(e))
        return (e.source for e in self._upstream.get(here, ()) if filters.passes(e))

    def _columnless(self, way: Direction, filters: Filters) -> Columnless:
        ways = self._columnless_down if way == "downstream" else self._columnless_up

        def find(node: Node) -> Iterator[str]:
            return (f"{e.source} -> {e.target}" for e in ways.get(node, ()) if filters.passes(e))

        return find

    @cached_property
    def _downstream(self) -> dict[Node, list[Edge]]:
        return _by_end((edge for edge in self.edges if not is_mixed(edge)), "source")

    @cached_property
    def _upstream(self) -> dict[Node, list[Edge]]:
        return _by_end((edge for edge in self.edges if not is_mixed(edge)), "target")

    @cached_property
    def _columnless_down(self) -> dict[Node, list[Edge]]:
        return _by_end((edge for edge in self.edges if is_columnless(edge)), "source")

    @cached_property
    def _columnless_up(self) -> dict[Node, list[Edge]]:
        return _by_end((edge for edge in self.edges if is_columnless(edge)), "target")


class Columnless(Protocol):
    """Says what leads on from a node without naming columns."""

    def __call__(self, node: Node, /) -> Iterable[str]:
        """Return these edges as text."""
        ...


def _too_many(hops: Collection[Node], starts: Collection[Node], filters: Filters) -> bool:
    return filters.max_nodes is not None and len(hops) - len(starts) > filters.max_nodes


def reached(
    hops: dict[Node, int],
    starts: Collection[Node],
    filters: Filters,
    *,
    cut: bool,
    columnless: Columnless,
) -> Reach:
    """Return the reach of a walk: cut to the number allowed, with every limit named."""
    limits = [f"--hops {filters.hops}"] if cut else []
    if filters.max_nodes is not None and _too_many(hops, starts, filters):
        limits.append(f"--max-nodes {filters.max_nodes}")
        hops = dict(list(hops.items())[: len(starts) + filters.max_nodes])
    columns = [node for node in hops if isinstance(node, ColumnId)]
    places: set[Node] = {*columns, *(node.dataset for node in columns)}
    led: set[str] = set().union(*map(columnless, places))
    return Reach(hops, (*limits, *sorted(led)))


def is_mixed(edge: Edge) -> bool:
    """Say whether an edge leads from a dataset to a column, or from a column to a dataset."""
    return isinstance(edge.source, ColumnId) != isinstance(edge.target, ColumnId)


def is_columnless(edge: Edge) -> bool:
    """Say whether an edge may carry any column: lineage of columns leads on along it unnamed."""
    if is_mixed(edge):
        return True
    return (edge.evidence == "implied" or edge.whole) and isinstance(edge.source, DatasetId)


def _by_end(edges: Iterable[Edge], end: Literal["source", "target"]) -> dict[Node, list[Edge]]:
    found: dict[Node, list[Edge]] = defaultdict(list)
    for edge in edges:
        found[edge.source if end == "source" else edge.target].append(edge)
    return found


def load_graph(store: LineageStore, filters: Filters = EVERYTHING) -> Graph:
    """Return the graph that the store holds, as it was known on the day of ``filters``.

    Raises:
        DocumentError: More edges follow from the events than can be meant.
        StoreError: The store cannot be used.
    """
    with store.reading():
        snapshot, log = store.snapshot(), log_state(store)
    if filters.as_of:
        snapshot = snapshot_until(snapshot, end_of(filters.as_of))
    settled = settle(snapshot, store.keeping)
    return Graph(merge_runs(settled.edges), settled.known, settled, log)


def log_state(store: LineageStore) -> LogState:
    """Return how much of the log the store holds."""
    return LogState(store.sequence(), store.digest())


def snapshot_until(snapshot: Snapshot, moment: str) -> Snapshot:
    """Return what had been said by a moment: of a run that had begun, all that it says."""
    # A store may leave out when datasets were seen where no answer depends on it.
    later = {dataset for dataset, first, _ in snapshot.seen if first > moment}
    return replace(
        snapshot,
        known=tuple(node for node in snapshot.known if dataset_of(node) not in later),
        edges=tuple(stored for stored in snapshot.edges if stored.first <= moment),
        said=tuple(
            said
            for said in snapshot.said
            if said.first <= moment and said.statement.moment <= moment
        ),
        seen=tuple(
            (dataset, first, min(last, moment))
            for dataset, first, last in snapshot.seen
            if first <= moment
        ),
    )


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
        subtypes=tuple(sorted({each for found in group for each in found.edge.subtypes})),
        whole=any(found.edge.whole for found in group),
        failed=all(found.failed for found in group),
        until=shown(latest.until) if latest.until else None,
    )
