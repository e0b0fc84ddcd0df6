"""Labels that travel: what every column holds, by what it is made from and what influences it.

A label is a bit, so that a set of labels is a number and joining is *or*. This room does not know
what the bits mean. What a column holds is the least fixpoint: its own labels and, over every edge
that carries any, those of its inputs that pass the edge. It is computed from what is declared and
never changed afterwards: a source that goes takes its labels with it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId, DatasetId
from headwater.lineage import labels_network
from headwater.lineage.labels_model import Source
from headwater.lineage.labels_network import Columns, Into, Network, Ways
from headwater.lineage.labels_plain import Steps, settle_plainly
from headwater.lineage.labels_sources import find_sources, nearness
from headwater.lineage.model import dataset_of, node_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from headwater.catalog.ids import JobId
    from headwater.lineage.graph import LineageGraph
    from headwater.lineage.labels_files import FileNetwork
    from headwater.lineage.labels_model import Declared
    from headwater.lineage.model import Node


def propagate(graph: LineageGraph, declared: Declared, ways: Ways) -> Labels:
    """Return what every column and dataset of ``graph`` holds."""
    network = _network(graph, Columns(graph, declared.columns), ways)
    start = [0] * len(network)
    apart: dict[Node, int] = {}
    for node, bits in declared.labels.items():
        place = network.find(node)
        if place is None:
            apart[node] = bits  # no edge leads there: it holds what it declares
        else:
            start[place] |= bits
    return Labels(network, start, _settled(network, start, declared.width), apart)


def _network(graph: LineageGraph, columns: Columns, ways: Ways) -> Network | FileNetwork:
    from headwater.lineage.csr import FileGraph
    from headwater.lineage.graph import Graph

    if type(graph) is FileGraph:  # one that is laid over has edges that stand in no file
        from headwater.lineage.labels_files import FileNetwork

        return FileNetwork(graph, columns, ways)
    if not isinstance(graph, Graph):
        raise TypeError(f"no labels of {type(graph).__name__}")
    return Network(graph.edges, columns, ways)


def _settled(network: Network | FileNetwork, start: Sequence[int], width: int) -> list[int]:
    steps = Steps(len(network), network.source, network.target, network.keep, network.keeps)
    if len(network.source) <= labels_network.LARGE:
        return settle_plainly(steps, start)
    from headwater.lineage.labels_arrays import settle_arrays

    return settle_arrays(steps, start, width)


def implies_anything(graph: LineageGraph) -> bool:
    """Say whether any edge is only implied."""
    from headwater.lineage.csr import FileGraph
    from headwater.lineage.graph import Graph

    if isinstance(graph, FileGraph):
        from headwater.lineage import labels_files

        return labels_files.implies_anything(graph)
    return not isinstance(graph, Graph) or any(edge.evidence == "implied" for edge in graph.edges)


def writing_jobs(graph: LineageGraph) -> dict[DatasetId, set[JobId]]:
    """Return the jobs that write each dataset."""
    from headwater.lineage.csr import FileGraph
    from headwater.lineage.graph import Graph

    if isinstance(graph, FileGraph):
        from headwater.lineage import labels_files

        return labels_files.writing_jobs(graph)
    found: dict[DatasetId, set[JobId]] = {}
    seen: set[tuple[int, int]] = set()  # edges share their nodes and jobs: look once
    for edge in graph.edges if isinstance(graph, Graph) else ():
        pair = (id(edge.target), id(edge.job))
        if pair not in seen:
            seen.add(pair)
            found.setdefault(dataset_of(edge.target), set()).add(edge.job)
    return found


class Labels:
    """What every column and dataset holds, and where it came from."""

    def __init__(
        self,
        network: Network | FileNetwork,
        start: Sequence[int],
        holds: Sequence[int],
        apart: Mapping[Node, int],
    ) -> None:
        self._network = network
        self._start = start
        self._holds = holds
        self._apart = apart

    def columns_of(self, dataset: DatasetId) -> tuple[str, ...]:
        """Return the known columns of a dataset, sorted."""
        return self._network.columns.of(dataset)

    def of(self, node: Node) -> int:
        """Return the labels of a column, or of a dataset: the join over its columns."""
        if isinstance(node, ColumnId):
            return self._at(node)
        found = self._at(node)
        for column in self.columns_of(node):
            found |= self._at(ColumnId(node, column))
        return found

    def _at(self, node: Node) -> int:
        place = self._network.find(node)
        return self._apart.get(node, 0) if place is None else self._holds[place]

    def inputs(self, column: ColumnId) -> int:
        """Return what arrives at a column, apart from what is declared there."""
        place = self._network.find(column)
        found = 0
        for step in self._into[place] if place is not None else ():
            network = self._network
            found |= self._holds[network.source[step]] & network.keeps[network.keep[step]]
        return found

    def all_known(self, column: ColumnId) -> bool:
        """Say whether a column is made from something, and something is known of all of that."""
        place = self._network.find(column)
        steps = self._into[place] if place is not None else ()
        return bool(steps) and all(self._holds[self._network.source[step]] for step in steps)

    def givers(self, column: ColumnId, bits: int) -> tuple[Node, ...]:
        """Return the places from which any of ``bits`` enters a column in one step, sorted."""
        place = self._network.find(column)
        found: set[Node] = set()
        for step in self._into[place] if place is not None else ():
            network = self._network
            passing = self._holds[network.source[step]] & network.keeps[network.keep[step]]
            if passing & bits:
                found.update(self._before(int(network.source[step])))
        return tuple(sorted(found, key=node_key))

    def _before(self, place: int) -> tuple[Node, ...]:
        """Return a place; of one that only passes on what enters a dataset, what enters it."""
        key = self._network.keys[place]
        if isinstance(key, ColumnId):
            return (key,)
        dataset, role = key
        if role == "out":
            return (dataset,)
        network = self._network
        entering = (network.keys[network.source[s]] for s in self._into[place])
        return tuple(each if isinstance(each, ColumnId) else each[0] for each in entering)

    @cached_property
    def _into(self) -> Into:
        return self._network.into()

    def upstream(self, nodes: Iterable[Node]) -> frozenset[DatasetId]:
        """Return the datasets from which anything could reach ``nodes``, theirs included."""
        nodes = list(nodes)
        network = self._network
        queue = [at for node in nodes if (at := network.find(node)) is not None]
        seen = set(queue)
        for place in queue:
            new = {network.source[step] for step in self._into[place]} - seen
            seen |= new
            queue.extend(new)
        keys = (network.keys[place] for place in seen)
        found = {key.dataset if isinstance(key, ColumnId) else key[0] for key in keys}
        return frozenset(found | {dataset_of(node) for node in nodes})

    def sources(self, node: Node, bit: int) -> tuple[Source, ...]:
        """Return where a label of ``node`` was declared, every place, nearest first.

        Of a dataset these are the sources of all its columns.
        """
        starts: list[Node] = [node]
        if isinstance(node, DatasetId):
            starts += [ColumnId(node, column) for column in self.columns_of(node)]
        places = {at: start for start in starts if (at := self._network.find(start)) is not None}
        apart = [
            Source(start, (start,), ())
            for start in starts
            if start not in places.values() and self._apart.get(start, 0) & bit
        ]
        found = find_sources(self._network, self._into, self._start, places, bit)
        return tuple(sorted((*apart, *found), key=nearness))
