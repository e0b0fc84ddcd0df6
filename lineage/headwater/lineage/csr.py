"""The graph in files: memory-mapped arrays, opened in a millisecond whatever their size.

A folder holds the edges sorted by source and by target (compressed sparse rows), one byte of
flags for each, and texts for what only answers need. Small walks read the maps directly; numpy
is imported only where a walk grows wide. Answers are the same as :class:`~.graph.Graph` gives.

The files are a cache: made from the store, tied to its state, and never the truth.
"""

from __future__ import annotations

import hashlib
import json
import struct
import sys
from bisect import bisect_left, bisect_right
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.catalog.position import Position
from headwater.lineage.csr_array import Array
from headwater.lineage.graph import LogState, Reach, is_columnless, is_mixed, reached
from headwater.lineage.model import EVIDENCE, Edge, Node, dataset_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    import numpy as np

    from headwater.lineage.filters import Filters
    from headwater.lineage.graph import Direction

FORMAT = 2
"""Raise it whenever the arrays or what they mean change."""

META = "meta.json"
OWNERS = "owners.json"
NOTHING = -1
ARRAYS = (
    *("dataset_bytes", "dataset_start", "dataset_split", "dataset_used", "dataset_node"),
    *("node_dataset", "column_bytes", "column_start", "text_bytes", "text_start", "detail"),
    *("out_pointer", "out_node", "out_flags", "in_pointer", "in_node", "in_flags"),
    *("columnless_out", "columnless_in"),
)
"""Every array of a graph."""

_UNREADABLE = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error),
)
"""What comes of reading files that are something else."""

DIRECT, MASKED, COLUMNLESS, MIXED, WHOLE, FAILED = 1, 2, 16, 32, 64, 128
EVIDENCE_SHIFT = 2
_EVIDENCE_BITS = 3
HIDDEN = _EVIDENCE_BITS << EVIDENCE_SHIFT
"""The byte of flags of an edge that is no more."""

WIDE, WIDE_AT_FIRST = 200, 3_000
"""From a level of so many nodes on, a walk is made with numpy; the latter before it is loaded."""


def folder_of_state(base: Path, state: dict[str, object]) -> Path:
    """Return the folder of a state: ``base`` with a digest of the state after its name."""
    canonical = json.dumps(state, sort_keys=True)
    return base.with_name(f"{base.name}-{hashlib.sha256(canonical.encode()).hexdigest()[:16]}")


def open_graph(base: Path, state: dict[str, object]) -> FileGraph | None:
    """Return the graph of ``state`` that stands at ``base``, or ``None`` if there is none.

    What is once open stays whole, even if another process deletes its files.
    """
    folder = folder_of_state(base, state)
    try:
        meta = json.loads((folder / META).read_text(encoding="utf-8"))
        if meta["format"] != FORMAT or meta["state"] != state:
            return None
        if any((folder / name).stat().st_size != size for name, size in meta["sizes"].items()):
            return None
        arrays = {
            name: Array(folder / f"{name}.npy", patched=name.endswith("_flags")) for name in ARRAYS
        }
        owners = (folder / OWNERS).read_text(encoding="utf-8")
        log = LogState(meta["log"]["sequence"], meta["log"]["digest"])
        plain = meta["plain"] is True
        return FileGraph(arrays, owners, log, kinds=meta["kinds"], plain=plain)
    except _UNREADABLE:
        return None


class FileGraph:
    """See :class:`headwater.lineage.graph.LineageGraph`.

    Attributes:
        arrays: Every array by its file's name.
        kinds: The bytes of flags that edges have.
        plain: Whether no run says anything of other runs' edges.
        count: The number of nodes in the files; ``size`` that of all nodes.
    """

    def __init__(
        self,
        arrays: dict[str, Array],
        owners: str,
        log: LogState,
        *,
        kinds: list[int],
        plain: bool = False,
    ) -> None:
        self.log = log
        self.plain = plain
        self.kinds = kinds
        self.arrays = arrays
        self._owners_text = owners
        self.count = len(self.arrays["out_pointer"].view) - 1
        self.size = self.count
        self.datasets = len(self.arrays["dataset_node"].view) - 1
        self._dataset = lru_cache(maxsize=65536)(self._read_dataset)
        self._text = lru_cache(maxsize=65536)(self._read_text)
        self._words = lru_cache(maxsize=65536)(self._read_words)
        self._met: dict[Node, int] = {}

    def named(self, reference: str) -> list[DatasetId]:
        """Return the datasets that answer to ``reference``, by another name too, sorted."""
        if not reference:
            return []
        array = self.arrays["dataset_bytes"]
        wanted = reference.encode("utf-8", "surrogatepass") + b"\xff"
        starts, used = self.arrays["dataset_start"].view, self.arrays["dataset_used"].view
        found: set[int] = set()
        at = array.map.find(wanted, array.start)
        while at >= 0:
            if array.map[at - 1 : at] in (b"/", b".", b"\xff"):
                found.add(used[bisect_right(starts, at - array.start) - 1])
            at = array.map.find(wanted, at + 1)
        return [self._dataset(number) for number in sorted(found - {NOTHING})]

    def all_datasets(self) -> Iterator[DatasetId]:
        """Yield every dataset, sorted."""
        return (self._read_dataset(number) for number in range(self.datasets))

    def columns_of(self, dataset: DatasetId) -> tuple[str, ...]:
        """Return the known columns of a dataset, sorted."""
        number = self._number_of(dataset)
        if number is None:
            return ()
        nodes = self.arrays["dataset_node"].view
        return tuple(self._column(node) for node in range(nodes[number] + 1, nodes[number + 1]))

    def owner_of(self, dataset: DatasetId) -> str | None:
        """Return who owns a dataset, as its events say."""
        return self._owners.get(dataset)

    @cached_property
    def _owners(self) -> dict[DatasetId, str]:
        rows = json.loads(self._owners_text)
        return {DatasetId(namespace, name): owner for namespace, name, owner in rows}

    def reach(self, starts: Collection[Node], way: Direction, filters: Filters) -> Reach:
        """Return what lies upstream or downstream of any of ``starts``."""
        numbers = {self.number(node): node for node in starts}
        unknown = [node for number, node in numbers.items() if number is None]
        ids = sorted(number for number in numbers if number is not None)
        found, cut = self.walk(ids, way, filters)
        hops: dict[Node, int] = dict.fromkeys(unknown, 0)
        nodes = {number: self.node(number) for number, _ in found}
        self._met.update((node, number) for number, node in nodes.items())
        hops.update((nodes[number], distance) for number, distance in found)

        def columnless(node: Node) -> Iterable[str]:
            return self._columnless(node, way, filters)

        return reached(hops, starts, filters, cut=cut, columnless=columnless)

    def walk(
        self, starts: Sequence[int], way: Direction, filters: Filters
    ) -> tuple[list[tuple[int, int]], bool]:
        """Return the numbers reached with their distances, nearest first, and whether cut."""
        end = "out" if way == "downstream" else "in"
        good = passing(filters)
        most = filters.max_nodes
        found: list[tuple[int, int]] = [(number, 0) for number in starts]
        seen = set(starts)
        level, distance = list(starts), 0
        while level:
            if len(level) > (WIDE if "numpy" in sys.modules else WIDE_AT_FIRST):
                return self._walk_wide(found, end, filters)
            distance += 1
            level = self._step(level, end, good, seen)
            if filters.hops is not None and distance > filters.hops:
                return found, bool(level)
            found.extend((number, distance) for number in level)
            if most is not None and len(found) - len(starts) > most:
                break
        return found, False

    def _step(self, level: list[int], end: str, good: list[bool], seen: set[int]) -> list[int]:
        pointer = self.arrays[f"{end}_pointer"].view
        nodes, flags = self.arrays[f"{end}_node"].view, self.arrays[f"{end}_flags"].view
        new: set[int] = set()
        for here in level:
            for row in range(pointer[here], pointer[here + 1]):
                if good[flags[row]]:
                    new.add(nodes[row])
        new -= seen
        seen |= new
        return sorted(new)

    def _walk_wide(
        self, found: list[tuple[int, int]], end: str, filters: Filters
    ) -> tuple[list[tuple[int, int]], bool]:
        """Go on with numpy from what was found so far."""
        levels, cut = self.walk_arrays(found, end, filters)
        first = found[-1][1]
        for number, level in enumerate(levels, first + 1):
            found.extend((node, number) for node in level.tolist())
        return found, cut

    def walk_arrays(
        self, found: Sequence[tuple[int, int]], end: str, filters: Filters
    ) -> tuple[list[np.ndarray[Any, Any]], bool]:
        """Return the levels that follow what was found, as arrays of numbers, and whether cut."""
        import numpy as np

        good = np.array(passing(filters), bool)
        chosen = None if all(good[kind] for kind in self.kinds) else good
        distance = found[-1][1]
        seen = np.zeros(self.size, bool)
        seen[[number for number, _ in found]] = True
        level = np.array([number for number, hops in found if hops == distance], np.int64)
        starts = sum(1 for _, hops in found if not hops)
        total = len(found)
        levels: list[np.ndarray[Any, Any]] = []
        while level.size:
            new = self._beyond(level, end, chosen)
            new = new[~seen[new]]
            seen[new] = True
            level = np.unique(new)
            distance += 1
            if filters.hops is not None and distance > filters.hops:
                return levels, bool(level.size)
            levels.append(level)
            total += level.size
            if filters.max_nodes is not None and total - starts > filters.max_nodes:
                break
        return levels, False

    def _beyond(
        self, level: np.ndarray[Any, Any], end: str, good: np.ndarray[Any, Any] | None
    ) -> np.ndarray[Any, Any]:
        """Return the other ends of the edges of a level: of all, or of those that are good."""
        import numpy as np

        pointer = self.arrays[f"{end}_pointer"].numpy()
        begin = pointer[level]
        counts = pointer[level + 1] - begin
        shift = np.cumsum(counts) - counts
        rows = np.repeat(begin - shift, counts) + np.arange(int(counts.sum()))
        if good is not None:
            rows = rows[good[self.arrays[f"{end}_flags"].numpy()[rows]]]
        found: np.ndarray[Any, Any] = self.arrays[f"{end}_node"].numpy()[rows]
        return found

    def edges_among(self, nodes: Collection[Node], filters: Filters) -> tuple[Edge, ...]:
        """Return the edges of one kind of node to the same kind within ``nodes``, sorted."""
        numbers = {number for node in nodes if (number := self.number(node)) is not None}
        good = passing(filters)
        pointer, targets = self.arrays["out_pointer"].view, self.arrays["out_node"].view
        flags = self.arrays["out_flags"].view
        return tuple(
            self.edge(source, row)
            for source in sorted(numbers)
            for row in range(pointer[source], pointer[source + 1])
            if good[flags[row]] and targets[row] in numbers
        )

    def edge(self, source: int, row: int) -> Edge:
        """Return the edge in a row of ``source``."""
        flags, at = self.arrays["out_flags"].view[row], row * 8
        job, purpose, first, last, until, runs, subtypes, place = self.arrays["detail"].view[
            at : at + 8
        ]
        return Edge(
            source=self.node(source),
            target=self.node(self.arrays["out_node"].view[row]),
            job=JobId(*self._words(job)),
            purpose=self._text(purpose),
            kind="direct" if flags & DIRECT else "indirect",
            masked=bool(flags & MASKED),
            evidence=EVIDENCE[flags >> EVIDENCE_SHIFT & _EVIDENCE_BITS],
            first_seen=self._text(first) or "",
            last_seen=self._text(last) or "",
            runs=self._words(runs),
            position=Position(*self._words(place)) if place != NOTHING else None,
            subtypes=self._words(subtypes),
            whole=bool(flags & WHOLE),
            failed=bool(flags & FAILED),
            until=self._text(until),
        )

    def node(self, number: int) -> Node:
        """Return the node with a number."""
        dataset = self.arrays["node_dataset"].view[number]
        found = self._dataset(dataset)
        if self.arrays["dataset_node"].view[dataset] == number:
            return found
        return ColumnId(found, self._column(number))

    def number(self, node: Node) -> int | None:
        """Return the number of a node, or ``None`` if it is none of the graph's."""
        if node in self._met:
            return self._met[node]
        dataset = self._number_of(dataset_of(node))
        if dataset is None:
            return None
        nodes = self.arrays["dataset_node"].view
        if not isinstance(node, ColumnId):
            return nodes[dataset]
        first, after = nodes[dataset] + 1, nodes[dataset + 1]
        found = bisect_left(range(after), node.column, first, key=self._column)
        return found if found < after and self._column(found) == node.column else None

    def _number_of(self, dataset: DatasetId) -> int | None:
        found = bisect_left(range(self.datasets), dataset, key=self._dataset)
        return found if found < self.datasets and self._dataset(found) == dataset else None

    def _columnless(self, node: Node, way: Direction, filters: Filters) -> Iterator[str]:
        end = "out" if way == "downstream" else "in"
        number = self.number(node)
        if number is None or not self._has_columnless(number, end):
            return
        good = passing(filters, everywhere=True)
        pointer, flags = self.arrays[f"{end}_pointer"].view, self.arrays[f"{end}_flags"].view
        others = self.arrays[f"{end}_node"].view
        for row in range(pointer[number], pointer[number + 1]):
            if flags[row] & COLUMNLESS and good[flags[row]]:
                other = self.node(others[row])
                yield f"{node} -> {other}" if end == "out" else f"{other} -> {node}"

    def _has_columnless(self, number: int, end: str) -> bool:
        ends = self.arrays[f"columnless_{end}"].view
        place = bisect_left(ends, number)
        return place < len(ends) and ends[place] == number

    def _read_dataset(self, number: int) -> DatasetId:
        array, starts = self.arrays["dataset_bytes"], self.arrays["dataset_start"].view
        begin, split = starts[number], self.arrays["dataset_split"].view[number]
        whole = array.map[array.start + begin : array.start + starts[number + 1] - 1]
        return DatasetId(_text(whole[:split]), _text(whole[split + 1 :]))

    def _column(self, number: int) -> str:
        return self._slice("column", number)

    def _read_text(self, number: int) -> str | None:
        return None if number == NOTHING else self._slice("text", number)

    def _read_words(self, number: int) -> tuple[Any, ...]:
        return tuple(json.loads(self._text(number) or ""))

    def _slice(self, name: str, number: int) -> str:
        array, starts = self.arrays[f"{name}_bytes"], self.arrays[f"{name}_start"].view
        return _text(array.map[array.start + starts[number] : array.start + starts[number + 1]])


def _text(part: bytes) -> str:
    return part.decode("utf-8", "surrogatepass")


@lru_cache(maxsize=64)
def passing(filters: Filters, *, everywhere: bool = False) -> list[bool]:
    """Return for every byte of flags whether an edge with it counts.

    Edges between a dataset and a column count only ``everywhere``: walks keep to one kind.
    """
    worst = EVIDENCE.index(filters.evidence) if filters.evidence else len(EVIDENCE) - 1
    return [
        (everywhere or not flags & MIXED)
        and (not filters.direct_only or bool(flags & DIRECT))
        and (not filters.unmasked_only or not flags & MASKED)
        and flags >> EVIDENCE_SHIFT & _EVIDENCE_BITS <= worst
        for flags in range(256)
    ]


def edge_flags(edge: Edge) -> int:
    """Return the byte of flags of an edge."""
    found = EVIDENCE.index(edge.evidence) << EVIDENCE_SHIFT
    traits = (
        (DIRECT, edge.kind == "direct"),
        (MASKED, edge.masked),
        (COLUMNLESS, is_columnless(edge)),
        (MIXED, is_mixed(edge)),
        (WHOLE, edge.whole),
        (FAILED, edge.failed),
    )
    return found | sum(bit for bit, holds in traits if holds)
