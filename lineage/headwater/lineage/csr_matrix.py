"""The matrix of departments over the graph in files: the same as :mod:`~.matrix` gives, faster.

Who can receive whose data is one pass over the datasets: each holds a set of departments as bits
of a word, and the sets are pushed along all edges at once until nothing moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.lineage.csr import EVIDENCE_SHIFT, MASKED, passing
from headwater.lineage.filters import EVERYTHING, Filters
from headwater.lineage.matrix import UNKNOWN, Cell, Matrix, Pair
from headwater.lineage.model import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.catalog.ids import ColumnId
    from headwater.lineage.csr import FileGraph

_WORD = 64
_IMPLIED = EVIDENCE.index("implied")


def find_file_matrix(
    graph: FileGraph,
    owners: Sequence[str | None],
    labels: Mapping[ColumnId, str],
    filters: Filters = EVERYTHING,
) -> Matrix:
    """Return the matrix of a graph in files.

    Args:
        graph: It.
        owners: The department of each dataset, in the graph's order.
        labels: Those that columns have.
        filters: Which edges count.
    """
    names = tuple(sorted({owner for owner in owners if owner}))
    pairs = _Pairs(graph, owners, names, filters)
    return Matrix(
        departments=names,
        cells=dict(sorted(pairs.cells(labels).items())),
        reach=pairs.reach(),
        nobodys=pairs.nobodys(),
        filters=filters,
        log=graph.log,
    )


class _Pairs:
    """The pairs of nodes that edges join, each once, with their departments as numbers."""

    def __init__(
        self,
        graph: FileGraph,
        owners: Sequence[str | None],
        names: tuple[str, ...],
        filters: Filters,
    ) -> None:
        import numpy as np

        self._graph, self._names = graph, names
        numbers = {name: number for number, name in enumerate(names)}
        self._owner = np.array([numbers.get(owner or "", -1) for owner in owners], np.int32)
        self._dataset = graph.arrays["node_dataset"].numpy()
        first = graph.arrays["dataset_node"].numpy()
        self._is_column = np.ones(graph.count, bool)
        self._is_column[first[:-1]] = False
        source = np.repeat(
            np.arange(graph.count, dtype=np.int32), np.diff(graph.arrays["out_pointer"].numpy())
        )
        target = graph.arrays["out_node"].numpy()
        flags = graph.arrays["out_flags"].numpy()
        self._good = np.array(passing(filters, everywhere=True), bool)
        good = self._good[flags]
        if not good.all():
            source, target, flags = source[good], target[good], flags[good]
        self._source, self._target, self._flags = source, target, flags
        # Edges are sorted by source and target: those of one pair stand together.
        new = np.ones(len(source), bool)
        new[1:] = (source[1:] != source[:-1]) | (target[1:] != target[:-1])
        self._begin = np.flatnonzero(new)

    def _ends(self) -> tuple[Any, Any, Any, Any]:
        source, target = self._source[self._begin], self._target[self._begin]
        givers = self._owner[self._dataset[source]]
        takers = self._owner[self._dataset[target]]
        return source, target, givers, takers

    def nobodys(self) -> int:
        """Return the number of pairs of datasets of which one has no department."""
        source, target, givers, takers = self._ends()
        whole = ~self._is_column[source] & ~self._is_column[target]
        return int((whole & ((givers < 0) | (takers < 0))).sum())

    def cells(self, labels: Mapping[ColumnId, str]) -> dict[Pair, Cell]:
        """Return the counts of every pair of departments that has any."""
        import numpy as np

        source, target, givers, takers = self._ends()
        across = (givers >= 0) & (takers >= 0) & (givers != takers)
        if not across.any():
            return {}
        unmasked = np.logical_or.reduceat(self._flags & MASKED == 0, self._begin)[across]
        implied = np.logical_and.reduceat(
            self._flags >> EVIDENCE_SHIFT & 3 == _IMPLIED, self._begin
        )
        implied = implied[across]
        source, target = source[across], target[across]
        size = len(self._names)
        place = givers[across] * size + takers[across]
        from_column, to_column = self._is_column[source], self._is_column[target]
        whole, columns = ~from_column & ~to_column, from_column & to_column

        def count(chosen: Any) -> list[int]:
            found: list[int] = np.bincount(place[chosen], minlength=size * size).tolist()
            return found

        counts = zip(
            count(whole),
            count(columns),
            count(columns & unmasked),
            count(whole & implied),
            strict=True,
        )
        some = set(np.unique(place).tolist())
        found = {number: Cell(*found) for number, found in enumerate(counts) if number in some}
        self._label(found, place[from_column], source[from_column], labels)
        return {
            (self._names[number // size], self._names[number % size]): cell
            for number, cell in found.items()
        }

    def _label(
        self,
        cells: dict[int, Cell],
        place: Any,
        source: Any,
        labels: Mapping[ColumnId, str],
    ) -> None:
        """Count the columns that leave by their labels, each once for a pair of departments."""
        import numpy as np

        numbers: dict[str, int] = {UNKNOWN: 0}
        label = np.zeros(self._graph.count, np.int64)
        for column, name in labels.items():
            number = self._graph.number(column)
            if number is not None:
                label[number] = numbers.setdefault(name, len(numbers))
        names = list(numbers)
        leaving = np.unique(source.astype(np.int64) * len(self._names) ** 2 + place)
        columns, place = np.divmod(leaving, len(self._names) ** 2)
        counts = np.bincount(place * len(names) + label[columns])
        for key in np.flatnonzero(counts).tolist():
            cell = cells[key // len(names)]
            found = {**cell.labels, names[key % len(names)]: int(counts[key])}
            cell.labels = dict(sorted(found.items()))

    def _into_datasets(self) -> tuple[Any, Any, Any]:
        """Return the sources of all edges by target, the targets, and where each begins.

        The nodes of a dataset stand together, and so do the edges into it.
        """
        import numpy as np

        arrays = self._graph.arrays
        source = self._dataset[arrays["in_node"].numpy()]
        target = np.repeat(self._dataset, np.diff(arrays["in_pointer"].numpy()))
        good = self._good[arrays["in_flags"].numpy()] & (source != target)
        source, target = source[good], target[good]
        new = np.ones(len(source), bool)
        new[1:] = (source[1:] != source[:-1]) | (target[1:] != target[:-1])
        source, target = source[new], target[new]
        begin = np.flatnonzero(np.r_[True, target[1:] != target[:-1]][: len(target)])
        return source, target[begin], begin

    def reach(self) -> frozenset[Pair]:
        """Return who can receive whose data by any path."""
        import numpy as np

        source, target, begin = self._into_datasets()
        found: set[Pair] = set()
        for first in range(0, len(self._names), _WORD):
            holds = np.zeros(len(self._owner), np.uint64)
            here = (self._owner >= first) & (self._owner < first + _WORD)
            holds[here] = np.uint64(1) << (self._owner[here] - first).astype(np.uint64)
            _push(holds, source, target, begin)
            words = np.zeros(len(self._names), np.uint64)
            owned = self._owner >= 0
            np.bitwise_or.at(words, self._owner[owned], holds[owned])
            for taker, word in zip(self._names, words.tolist(), strict=True):
                found.update(
                    (giver, taker)
                    for bit, giver in enumerate(self._names[first : first + _WORD])
                    if word >> bit & 1 and giver != taker
                )
        return frozenset(found)


def _push(holds: Any, source: Any, into: Any, begin: Any) -> None:
    """Push every dataset's set along the edges until nothing moves."""
    import numpy as np

    while len(into):
        new = holds[into] | np.bitwise_or.reduceat(holds[source], begin)
        if (new == holds[into]).all():
            return
        holds[into] = new
