"""The graph in files with what is newer laid over it.

Nodes that the files lack get the numbers after theirs. Edges that the files have get their new
flags in the mapped arrays, of which this process then has its own copy of some pages; edges that
are no more get flags that no filter passes; those that are new stand beside the arrays.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from headwater.catalog.ids import ColumnId
from headwater.lineage.csr import HIDDEN, FileGraph, edge_flags, passing
from headwater.lineage.graph import is_columnless
from headwater.lineage.model import Edge, Node, dataset_of, node_key
from headwater.lineage.newer import edge_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import numpy as np

    from headwater.catalog.ids import DatasetId
    from headwater.lineage.filters import Filters
    from headwater.lineage.graph import Direction, LogState
    from headwater.lineage.newer import Key, Newer

_More = dict[int, list[tuple[int, int, Edge]]]
"""From a node's number: the other end's number, the flags, and the edge."""


def overlaid(base: FileGraph, newer: Newer, log: LogState) -> OverlaidGraph | None:
    """Return ``base`` with what is newer; it is not to be used any more itself.

    ``None`` if a name is now nested in another: that makes edges between them.
    """
    found = OverlaidGraph(base, newer, log)
    return None if found.has_nested() else found


class OverlaidGraph(FileGraph):
    """See :class:`headwater.lineage.graph.LineageGraph`."""

    def __init__(self, base: FileGraph, newer: Newer, log: LogState) -> None:
        super().__init__(base.arrays, "[]", log, kinds=base.kinds)
        self._newer = newer
        self._numbers: dict[Node, int] = {}
        self._patched: dict[int, Edge] = {}
        self._more: dict[str, _More] = {"out": defaultdict(list), "in": defaultdict(list)}
        self._touched: dict[str, set[int]] = {"out": set(), "in": set()}
        known = sorted(newer.known, key=node_key)
        self._names = [node for node in known if self.number(node) is None]
        self._numbers.update((node, self.count + n) for n, node in enumerate(self._names))
        self.size = self.count + len(self._names)
        self._columns: dict[DatasetId, list[str]] = {}
        for node in self._names:
            columns = self._columns.setdefault(dataset_of(node), [])
            columns.extend([node.column] if isinstance(node, ColumnId) else [])
        self._fresh = sorted(self._columns)
        for edge in newer.edges:
            self._lay(edge)
        for key in newer.gone:
            self._hide(key)

    def _lay(self, edge: Edge) -> None:
        flags = edge_flags(edge)
        source, target = self._end(edge.source), self._end(edge.target)
        row = self._row(source, target, edge_key(edge, edge.job))
        if row is None:
            self._more["out"][source].append((target, flags, edge))
            self._more["in"][target].append((source, flags, edge))
        else:
            self._patched[row] = edge
            self._set_flags(source, target, row, flags)
        self.kinds = sorted({*self.kinds, flags})

    def _hide(self, key: Key) -> None:
        source, target = self.number(key[0]), self.number(key[1])  # type: ignore[arg-type]
        if source is None or target is None:
            return
        row = self._row(source, target, key)
        if row is not None:
            self._set_flags(source, target, row, HIDDEN)
            self.kinds = sorted({*self.kinds, HIDDEN})

    def _end(self, node: Node) -> int:
        found = self.number(node)
        if found is None:
            raise KeyError(f"{node} is no node")
        self._met[node] = found
        return found

    def _row(self, source: int, target: int, key: Key) -> int | None:
        """Return the row of an edge, if the files have it."""
        if source >= self.count or target >= self.count:
            return None
        flags = self.arrays["out_flags"].view
        for row in self._between("out", source, target):
            edge = super().edge(source, row) if flags[row] != HIDDEN else None
            if edge and edge_key(edge, edge.job) == key:
                return row
        return None

    def _between(self, end: str, here: int, there: int) -> range:
        """Return the rows of one end that lead to the other: they stand together."""
        pointer, nodes = self.arrays[f"{end}_pointer"].view, self.arrays[f"{end}_node"].view
        begin, after = pointer[here], pointer[here + 1]
        first = bisect_left(nodes, there, begin, after)
        return range(first, bisect_right(nodes, there, first, after))

    def _set_flags(self, source: int, target: int, row: int, flags: int) -> None:
        # Both ends have the edges of two nodes in the same order.
        place = row - self._between("out", source, target).start
        other = self._between("in", target, source).start + place
        self.arrays["out_flags"].view[row] = flags
        self.arrays["in_flags"].view[other] = flags
        self._touched["out"].add(source)
        self._touched["in"].add(target)

    def has_nested(self) -> bool:
        """Say whether a column lies within another, where any is new."""
        for dataset, new in self._columns.items():
            columns = set(self.columns_of(dataset)) if new else set()
            above = {each[:at] for each in columns for at, sign in enumerate(each) if sign == "."}
            if above & columns:
                return True
        return False

    def named(self, reference: str) -> list[DatasetId]:
        """Return the datasets that answer to ``reference``, sorted."""
        new = (dataset for dataset in self._fresh if dataset.answers_to(reference))
        return sorted({*super().named(reference), *new})

    def all_datasets(self) -> Iterator[DatasetId]:
        """Yield every dataset, sorted."""
        return iter(sorted({*super().all_datasets(), *self._fresh}))

    def columns_of(self, dataset: DatasetId) -> tuple[str, ...]:
        """Return the known columns of a dataset, sorted."""
        return tuple(sorted((*super().columns_of(dataset), *self._columns.get(dataset, ()))))

    def owner_of(self, dataset: DatasetId) -> str | None:
        """Return who owns a dataset, as its events say."""
        return ", ".join(self._newer.owners.get(dataset, ())) or None

    def walk(
        self, starts: Sequence[int], way: Direction, filters: Filters
    ) -> tuple[list[tuple[int, int]], bool]:
        """Return the numbers reached with their distances, nearest first, and whether cut."""
        found, cut = super().walk(starts, way, filters)
        if self._names and any(number >= self.count for number, _ in found):
            found.sort(key=lambda each: (each[1], node_key(self.node(each[0]))))
        return found, cut

    def _step(self, level: list[int], end: str, good: list[bool], seen: set[int]) -> list[int]:
        more = self._more[end]
        held = [here for here in level if here < self.count] if self._names else level
        found = super()._step(held, end, good, seen)
        if more:
            new = {n for here in level for n, kind, _ in more.get(here, ()) if good[kind]} - seen
            seen |= new
            found = sorted({*found, *new})
        return found

    def _beyond(
        self, level: np.ndarray[Any, Any], end: str, good: np.ndarray[Any, Any] | None
    ) -> np.ndarray[Any, Any]:
        import numpy as np

        more = self._more[end]
        found = super()._beyond(level[level < self.count], end, good)
        here = level[np.isin(level, list(more))].tolist() if more else []
        new = [n for each in here for n, kind, _ in more[each] if good is None or good[kind]]
        return np.concatenate([found, np.array(new, found.dtype)]) if new else found

    def edges_among(self, nodes: Collection[Node], filters: Filters) -> tuple[Edge, ...]:
        """Return the edges of one kind of node to the same kind within ``nodes``, sorted."""
        numbers = {number for node in nodes if (number := self.number(node)) is not None}
        good = passing(filters)
        held = [node for node in nodes if (self.number(node) or 0) < self.count]
        new = (
            edge
            for source in sorted(numbers & self._more["out"].keys())
            for target, kind, edge in self._more["out"][source]
            if good[kind] and target in numbers
        )
        return tuple(sorted((*super().edges_among(held, filters), *new), key=Edge.order))

    def edge(self, source: int, row: int) -> Edge:
        """Return the edge in a row of ``source``."""
        return self._patched.get(row) or super().edge(source, row)

    def node(self, number: int) -> Node:
        """Return the node with a number."""
        return super().node(number) if number < self.count else self._names[number - self.count]

    def number(self, node: Node) -> int | None:
        """Return the number of a node, or ``None`` if it is none of the graph's."""
        found = self._numbers.get(node)
        return super().number(node) if found is None else found

    def _columnless(self, node: Node, way: Direction, filters: Filters) -> Iterator[str]:
        number, end = self.number(node), "out" if way == "downstream" else "in"
        if number is None:
            return
        if number < self.count:
            yield from super()._columnless(node, way, filters)
        good = passing(filters, everywhere=True)
        for _, kind, edge in self._more[end].get(number, ()):
            if good[kind] and is_columnless(edge):
                yield f"{edge.source} -> {edge.target}"

    def _has_columnless(self, number: int, end: str) -> bool:
        return number in self._touched[end] or super()._has_columnless(number, end)
