"""The ways that labels take: columns, and for what names no columns, whole datasets.

A dataset that an edge leaves or enters as a whole has two places of its own: one that gathers
all its columns' labels (*out*), and one from which all its columns receive (*in*).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from headwater.catalog.ids import ColumnId, DatasetId

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from headwater.catalog.ids import JobId
    from headwater.lineage.graph import LineageGraph
    from headwater.lineage.model import Edge, Kind, Node

EVERYTHING = -1
"""What keeps every label."""

LARGE = 5_000
"""With more steps than this, numpy is worth waiting for."""

_NO_EDGE = -1


class Keeping(Protocol):
    """Says what is left of labels that enter a dataset."""

    def __call__(self, job: JobId, column: str | None, kind: Kind, /) -> int:
        """Return the labels that pass an edge of ``job`` into ``column``, as bits.

        ``None`` stands for the columns that nobody knows.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ways:
    """Which edges carry labels, and what passes them.

    Attributes:
        indirect: Whether influences do.
        implied: Whether edges do that are only implied.
        keeping: By dataset, what is left of labels that enter it; all, of those not named.
    """

    indirect: bool = True
    implied: bool = True
    keeping: Mapping[DatasetId, Keeping] = field(default_factory=dict)

    def carries(self, edge: Edge) -> bool:
        """Say whether an edge carries labels: one that only sums up column edges leads nowhere."""
        if not self.indirect and edge.kind == "indirect":
            return False
        if edge.evidence == "implied":
            return self.implied
        whole = isinstance(edge.source, DatasetId) and isinstance(edge.target, DatasetId)
        return edge.whole or not whole


class Into(Protocol):
    """The numbers of the steps into each place."""

    def __getitem__(self, place: int, /) -> Sequence[int]:
        """Return those into one place."""
        ...


Role = Literal["in", "out"]
Key = ColumnId | tuple[DatasetId, Role]


class Columns:
    """The known columns of every dataset: those of lineage, and those known otherwise."""

    def __init__(self, graph: LineageGraph, more: Mapping[DatasetId, Iterable[str]]) -> None:
        self._graph = graph
        self.more = more

    def of(self, dataset: DatasetId) -> tuple[str, ...]:
        """Return the columns of a dataset, sorted."""
        found = self._graph.columns_of(dataset)
        more = self.more.get(dataset)
        return tuple(sorted({*found, *more})) if more else found


class Network:
    """Numbered places and the steps between them.

    Attributes:
        keys: The place of each number.
        source: Where each step begins.
        target: Where it ends.
        keep: The number of what passes it.
        keeps: What passes, by number; the first keeps everything.
        edge: The number of the edge that each step is of, or -1 within a dataset.
        columns: The columns of each dataset.
        edges: The edges by number.
    """

    def __init__(self, edges: Sequence[Edge], columns: Columns, ways: Ways) -> None:
        self.keys: list[Key] = []
        self.source: list[int] = []
        self.target: list[int] = []
        self.keep: list[int] = []
        self.keeps: list[int] = [EVERYTHING]
        self.edge: list[int] = []
        self.columns = columns
        self.edges = edges
        self._numbers: dict[tuple[str, ...], int] = {}
        self._kept: dict[int, int] = {EVERYTHING: 0}
        self._ways = ways
        self._draw_all(edges)
        self._join_wholes()

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, node: Node) -> int | None:
        """Return the place of a column, or the one that gathers a dataset; ``None``: none."""
        return self._numbers.get(_words(node if isinstance(node, ColumnId) else (node, "out")))

    def into(self) -> Into:
        """Return the numbers of the steps into each place."""
        if len(self.source) > LARGE:
            from headwater.lineage.labels_arrays import StepsInto

            return StepsInto(self.target, len(self))
        found: list[list[int]] = [[] for _ in self.keys]
        for step, target in enumerate(self.target):
            found[target].append(step)
        return found

    def number(self, key: Key) -> int:
        """Return the number of a place, a new one if need be."""
        words, new = _words(key), len(self.keys)
        found = self._numbers.setdefault(words, new)
        if found == new:
            self.keys.append(key)
        return found

    def _draw_all(self, edges: Sequence[Edge]) -> None:
        """Draw every edge. Edges share their nodes: each node is looked up by its name once."""
        carries, known = self._ways.carries, _ByObject(self, self._ways.keeping)
        places, stops = known.places, known.stops
        source, target, keep, drawn = self.source, self.target, self.keep, self.edge
        for number, edge in enumerate(edges):
            if not carries(edge):
                continue
            before, after = edge.source, edge.target
            start, end = places.get(id(before)), places.get(id(after))
            if start is None:
                start = known.place(before, "out")
            if end is None:
                end = known.place(after, "in")
            stop = stops.get(id(after))
            if stop is not None or start == end:
                self._draw_stopped(start, edge, number, stop)
                continue
            source.append(start)
            target.append(end)
            keep.append(0)
            drawn.append(number)

    def _draw_stopped(self, start: int, edge: Edge, number: int, keeping: Keeping | None) -> None:
        """Draw an edge into a dataset with a stop-point."""
        if keeping is None:
            return
        if isinstance(edge.target, ColumnId):
            passes = keeping(edge.job, edge.target.column, edge.kind)
            self._step(start, self.number(edge.target), passes, number)
            return
        # Not all columns keep the same: each has a step of its own, and so has what is unknown.
        for column in self.columns.of(edge.target):
            into = self.number(ColumnId(edge.target, column))
            self._step(start, into, keeping(edge.job, column, edge.kind), number)
        into = self.number((edge.target, "out"))
        self._step(start, into, keeping(edge.job, None, edge.kind), number)

    def _step(self, source: int, target: int, passes: int, edge: int = _NO_EDGE) -> None:
        if source == target:
            return
        kept = self._kept.get(passes)
        if kept is None:
            kept = self._kept[passes] = len(self.keeps)
            self.keeps.append(passes)
        self.source.append(source)
        self.target.append(target)
        self.keep.append(kept)
        self.edge.append(edge)

    def _join_wholes(self) -> None:
        wholes = [key for key in self.keys if not isinstance(key, ColumnId)]
        for dataset in sorted({dataset for dataset, _ in wholes}):
            gathers = self.number((dataset, "out"))
            receives = self._numbers.get(_words((dataset, "in")))
            if receives is not None:
                self._step(receives, gathers, EVERYTHING)
            for column in self.columns.of(dataset):
                place = self.number(ColumnId(dataset, column))
                self._step(place, gathers, EVERYTHING)
                if receives is not None:
                    self._step(receives, place, EVERYTHING)


def _words(key: Key) -> tuple[str, ...]:
    """Return a key as texts, which are several times faster to look up."""
    if isinstance(key, ColumnId):
        return (key.dataset.namespace, key.dataset.name, key.column)
    return (key[0].namespace, key[0].name, "", key[1])


class _ByObject:
    """What is known of nodes, by the objects that stand for them: names are slow to look up.

    Attributes:
        places: The place of a node: of a column one, whichever way; of a dataset none, for it
            depends on the way.
        stops: What is left of labels at a node, where it has a stop-point.
    """

    def __init__(self, network: Network, keeping: Mapping[DatasetId, Keeping]) -> None:
        self._network = network
        self._stops = {dataset.key(): keep for dataset, keep in keeping.items()}
        self.places: dict[int, int] = {}
        self.stops: dict[int, Keeping] = {}

    def place(self, node: Node, role: Role) -> int:
        """Return the place of a node that an edge leaves (*out*) or enters (*in*)."""
        if not isinstance(node, ColumnId):
            return self._whole(node, role)
        dataset = node.dataset
        if self._stops:
            stop = self._stops.get((dataset.namespace, dataset.name))
            if stop is not None:
                self.stops[id(node)] = stop
        found = self._network.number(node)
        self.places[id(node)] = found
        return found

    def _whole(self, dataset: DatasetId, role: Role) -> int:
        stop = self._stops.get(dataset.key())
        if stop is None:
            return self._network.number((dataset, role))
        self.stops[id(dataset)] = stop
        return self._network.number((dataset, "out"))  # there is no common way in
