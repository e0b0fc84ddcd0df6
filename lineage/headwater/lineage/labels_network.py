"""The ways that labels take: columns, and for what names no columns, whole datasets.

A dataset that an edge leaves or enters as a whole has two places of its own: one that gathers
all its columns' labels (*out*), and one from which all its columns receive (*in*).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from headwater.catalog.ids import ColumnId, DatasetId
from headwater.lineage.model import dataset_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from headwater.catalog.ids import JobId
    from headwater.lineage.model import Edge, Kind, Node

EVERYTHING = -1
"""What keeps every label."""

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


Role = Literal["in", "out"]
Key = ColumnId | tuple[DatasetId, Role]


class Network:
    """Numbered places and the steps between them.

    Attributes:
        keys: The place of each number.
        source: Where each step begins.
        target: Where it ends.
        keep: The number of what passes it.
        keeps: What passes, by number; the first keeps everything.
        edge: The number of the edge that each step is of, or -1 within a dataset.
        columns: The columns of each dataset, sorted.
    """

    def __init__(
        self, edges: Sequence[Edge], columns: Mapping[DatasetId, tuple[str, ...]], ways: Ways
    ) -> None:
        self.keys: list[Key] = []
        self.source: list[int] = []
        self.target: list[int] = []
        self.keep: list[int] = []
        self.keeps: list[int] = [EVERYTHING]
        self.edge: list[int] = []
        self.columns = columns
        self._numbers: dict[Key, int] = {}
        self._kept: dict[int, int] = {EVERYTHING: 0}
        self._ways = ways
        for number, edge in enumerate(edges):
            if ways.carries(edge):
                self._draw(number, edge)
        self._join_wholes()

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, node: Node) -> int | None:
        """Return the place of a column, or the one that gathers a dataset; ``None``: none."""
        return self._numbers.get(node if isinstance(node, ColumnId) else (node, "out"))

    def number(self, key: Key) -> int:
        """Return the number of a place, a new one if need be."""
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.keys)
            self.keys.append(key)
        return found

    def _draw(self, number: int, edge: Edge) -> None:
        source: Key = edge.source if isinstance(edge.source, ColumnId) else (edge.source, "out")
        start = self.number(source)
        keeping = self._ways.keeping.get(dataset_of(edge.target))
        if isinstance(edge.target, ColumnId):
            passes = keeping(edge.job, edge.target.column, edge.kind) if keeping else EVERYTHING
            self._step(start, self.number(edge.target), passes, number)
        elif keeping is None:
            self._step(start, self.number((edge.target, "in")), EVERYTHING, number)
        else:
            # Not all columns keep the same: each has a step of its own, and so has what is unknown.
            for column in self.columns.get(edge.target, ()):
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
            receives = self._numbers.get((dataset, "in"))
            if receives is not None:
                self._step(receives, gathers, EVERYTHING)
            for column in self.columns.get(dataset, ()):
                place = self.number(ColumnId(dataset, column))
                self._step(place, gathers, EVERYTHING)
                if receives is not None:
                    self._step(receives, place, EVERYTHING)


def known_columns(
    nodes: Iterable[Node], more: Mapping[DatasetId, Iterable[str]]
) -> dict[DatasetId, tuple[str, ...]]:
    """Return the columns of every dataset: those of lineage and those known otherwise."""
    found: dict[DatasetId, set[str]] = defaultdict(set)
    for node in nodes:
        if isinstance(node, ColumnId):
            found[node.dataset].add(node.column)
    for dataset, columns in more.items():
        found[dataset].update(columns)
    return {dataset: tuple(sorted(columns)) for dataset, columns in found.items()}


def by_target(network: Network) -> list[list[int]]:
    """Return the numbers of the steps into each place."""
    found: list[list[int]] = [[] for _ in network.keys]
    for step, target in enumerate(network.target):
        found[target].append(step)
    return found
