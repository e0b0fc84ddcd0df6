"""The ways that labels take through the graph in files: arrays in, arrays out.

The same places and steps as :mod:`~headwater.lineage.labels_network` has, numbered as the files
number their nodes: a dataset's own two places (*out*, *in*) come after all nodes, and columns that
only contracts know come last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.csr import DIRECT, EVIDENCE_SHIFT, WHOLE
from headwater.lineage.labels_arrays import StepsInto
from headwater.lineage.labels_network import EVERYTHING
from headwater.lineage.model import EVIDENCE, dataset_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headwater.lineage.csr import FileGraph
    from headwater.lineage.labels_network import Columns, Key, Ways
    from headwater.lineage.model import Edge, Node

_IMPLIED, _EVIDENCE_BITS = EVIDENCE.index("implied"), 3
_DETAILS = 8

Array = np.ndarray[Any, Any]


class FileNetwork:
    """See :class:`headwater.lineage.labels_network.Network`; a dataset always has its places."""

    def __init__(self, graph: FileGraph, columns: Columns, ways: Ways) -> None:
        self.columns = columns
        self.keeps: list[int] = [EVERYTHING]
        self.edges = FileEdges(graph)
        self._graph = graph
        self._kept: dict[int, int] = {EVERYTHING: 0}
        self._more: dict[ColumnId, int] = {}
        self._first = graph.arrays["dataset_node"].numpy()
        drawn = _Drawing(self, graph, ways)
        self.source: Sequence[int]
        self.target: Sequence[int]
        self.keep: Sequence[int]
        self.edge: Sequence[int]
        self.source, self.target, self.keep, self.edge = drawn.steps()
        self.keys = _Keys(graph, tuple(self._more))

    def __len__(self) -> int:
        return self._graph.count + 2 * self._graph.datasets + len(self._more)

    def find(self, node: Node) -> int | None:
        """Return the place of a column, or the one that gathers a dataset; ``None``: none."""
        number = self._more.get(node) if isinstance(node, ColumnId) else None
        if number is not None:
            return number
        number = self._graph.number(node)
        if number is None or isinstance(node, ColumnId):
            return number
        return self._graph.count + int(np.searchsorted(self._first, number))

    def place(self, column: ColumnId) -> int:
        """Return the place of a column, a new one if lineage has none."""
        number = self._graph.number(column)
        if number is None:
            number = self._more.setdefault(column, len(self))
        return number

    def keep_number(self, passes: int) -> int:
        """Return the number of what passes a step."""
        found = self._kept.get(passes)
        if found is None:
            found = self._kept[passes] = len(self.keeps)
            self.keeps.append(passes)
        return found

    def into(self) -> StepsInto:
        """Return the numbers of the steps into each place."""
        return StepsInto(self.target, len(self))


class _Drawing:
    """Draws the steps of a network."""

    def __init__(self, network: FileNetwork, graph: FileGraph, ways: Ways) -> None:
        self._network, self._graph, self._ways = network, graph, ways
        arrays = graph.arrays
        self._owner = arrays["node_dataset"].numpy()
        self._first = arrays["dataset_node"].numpy()
        self._whole = np.zeros(graph.count, bool)
        self._whole[self._first[:-1]] = True
        pointer = arrays["out_pointer"].numpy()
        source = np.repeat(np.arange(graph.count, dtype=np.int32), np.diff(pointer))
        target = arrays["out_node"].numpy()
        self._rows = np.flatnonzero(self._carrying(source, target, arrays["out_flags"].numpy()))
        self._source, self._target = source[self._rows], target[self._rows]

    def _carrying(self, source: Array, target: Array, flags: Array) -> Array:
        """Return which edges carry labels, as :meth:`Ways.carries` says."""
        between = self._whole[source] & self._whole[target]
        implied = (flags >> EVIDENCE_SHIFT & _EVIDENCE_BITS) == _IMPLIED
        found: Array = ~between | ((flags & WHOLE) != 0)
        found = found | implied if self._ways.implied else found & ~implied
        return found if self._ways.indirect else found & ((flags & DIRECT) != 0)

    def steps(self) -> tuple[Any, Any, Any, Any]:
        """Return where steps begin and end, what passes them, and of which edges they are."""
        count, sets = self._graph.count, self._graph.datasets
        free = ~np.isin(self._owner[self._target], self._stopped())
        source, target = self._source[free], self._target[free]
        leaving = np.where(self._whole[source], count + self._owner[source], source)
        entering = np.where(self._whole[target], count + sets + self._owner[target], target)
        apart = list(self._draw_stopped(np.flatnonzero(~free)))
        left = np.unique(self._owner[self._source[self._whole[self._source]]])
        entered = np.unique(self._owner[target[self._whole[target]]])
        also = [step[1] - count for step in apart if count <= step[1] < count + sets]
        wholes = np.unique(np.concatenate([left, entered, np.array(also, np.int64)])).astype(int)
        inner = [*self._columns(wholes, entered), *self._more_columns(wholes, entered)]
        parts = [
            np.stack([leaving, entering, np.zeros(len(source), int), self._rows[free]]),
            np.array(apart, np.int64).reshape(-1, 4).T,
            *inner,
        ]
        whole = np.concatenate(parts, axis=1)
        whole = whole[:, whole[0] != whole[1]]
        return whole[0], whole[1], whole[2], whole[3]

    def _stopped(self) -> list[int]:
        """Return the numbers of the datasets with a stop-point."""
        numbers = (self._graph.number(dataset) for dataset in self._ways.keeping)
        return [int(self._owner[number]) for number in numbers if number is not None]

    def _draw_stopped(self, places: Array) -> Iterator[tuple[int, int, int, int]]:
        """Yield the steps into datasets with a stop-point, column by column."""
        network, edges = self._network, self._network.edges
        for place in places.tolist():
            row, source = int(self._rows[place]), int(self._source[place])
            start = source
            if self._whole[source]:
                start = self._graph.count + int(self._owner[source])
            edge = edges[row]
            keeping = self._ways.keeping[dataset_of(edge.target)]
            if isinstance(edge.target, ColumnId):
                kept = network.keep_number(keeping(edge.job, edge.target.column, edge.kind))
                yield start, int(self._target[place]), kept, row
                continue
            for name in network.columns.of(edge.target):
                kept = network.keep_number(keeping(edge.job, name, edge.kind))
                yield start, network.place(ColumnId(edge.target, name)), kept, row
            kept = network.keep_number(keeping(edge.job, None, edge.kind))
            yield start, self._graph.count + int(self._owner[self._target[place]]), kept, row

    def _columns(self, wholes: Array, entered: Array) -> Iterator[Array]:
        """Yield the steps within datasets: columns gathered, and columns that receive."""
        gathers, receives = self._graph.count, self._graph.count + self._graph.datasets
        begin, after = self._first[wholes] + 1, self._first[wholes + 1]
        places, owner = _ranges(begin, after), np.repeat(wholes, after - begin)
        yield _within(places, gathers + owner)
        inside = np.isin(owner, entered)
        yield _within(receives + owner[inside], places[inside])
        yield _within(receives + entered, gathers + entered)

    def _more_columns(self, wholes: Array, entered: Array) -> Iterator[Array]:
        """Yield the same for columns that lineage does not know."""
        found: list[tuple[int, int]] = []
        count, sets = self._graph.count, self._graph.datasets
        known, into = set(wholes.tolist()), set(entered.tolist())
        for dataset in self._network.columns.more:
            number = self._graph.number(dataset)
            owner = -1 if number is None else int(self._owner[number])
            if owner not in known:
                continue
            for name in self._network.columns.of(dataset):
                place = self._network.place(ColumnId(dataset, name))
                if place >= count:
                    found.append((place, count + owner))
                    found += [(count + sets + owner, place)] if owner in into else []
        ends = np.array(found, np.int64).reshape(-1, 2)
        yield _within(ends[:, 0], ends[:, 1])


def _ranges(begin: Array, after: Array) -> Array:
    """Return the numbers from each ``begin`` up to each ``after``."""
    counts = after - begin
    shift = np.cumsum(counts) - counts
    found: Array = np.repeat(begin - shift, counts) + np.arange(int(counts.sum()))
    return found


def _within(source: Array, target: Array) -> Array:
    """Return steps that are of no edge."""
    nothing = np.zeros(len(source), np.int64)
    return np.stack([source, target, nothing, nothing - 1])


class _Keys:
    """The place of each number."""

    def __init__(self, graph: FileGraph, more: tuple[ColumnId, ...]) -> None:
        self._graph, self._more = graph, more
        self._first = graph.arrays["dataset_node"].view

    def __getitem__(self, place: int) -> Key:
        count, sets = self._graph.count, self._graph.datasets
        if place >= count + 2 * sets:
            return self._more[place - count - 2 * sets]
        if place < count:
            found = self._graph.node(int(place))
            return found if isinstance(found, ColumnId) else (found, "out")
        dataset = dataset_of(self._graph.node(self._first[int(place - count) % sets]))
        return dataset, "out" if place < count + sets else "in"


class FileEdges:
    """The edges of a graph in files, by row."""

    def __init__(self, graph: FileGraph) -> None:
        self._graph = graph
        self._pointer = graph.arrays["out_pointer"].numpy()

    def __getitem__(self, row: int) -> Edge:
        source = int(np.searchsorted(self._pointer, row, side="right")) - 1
        return self._graph.edge(source, int(row))


def implies_anything(graph: FileGraph) -> bool:
    """Say whether any edge is only implied."""
    flags = graph.arrays["out_flags"].numpy()
    return bool(((flags >> EVIDENCE_SHIFT & _EVIDENCE_BITS) == _IMPLIED).any())


def writing_jobs(graph: FileGraph) -> dict[DatasetId, set[JobId]]:
    """Return the jobs that write each dataset."""
    arrays = graph.arrays
    owner = arrays["node_dataset"].numpy()[arrays["out_node"].numpy()]
    pairs = np.stack([owner, arrays["detail"].numpy()[::_DETAILS]], axis=1)
    _, rows = np.unique(pairs, axis=0, return_index=True)
    found: dict[DatasetId, set[JobId]] = {}
    edges = FileEdges(graph)
    for row in rows.tolist():
        edge = edges[row]
        found.setdefault(dataset_of(edge.target), set()).add(edge.job)
    return found
