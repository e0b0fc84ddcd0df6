"""Labels over a large graph: 64 of them at once, each step of the graph taken once.

Places are settled level by level, from what nothing enters. What is on a cycle, or behind one,
is left over; there whatever can reach each other without losing a label is put together to one
place, and the rest goes on as before. Only cycles on which labels are lost are gone round more
than once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.lineage.labels_plain import strong_components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.lineage.labels_plain import Steps

_WORD = 64
_WORD_BITS = (1 << _WORD) - 1
_NARROW = 24
"""Of fewer places than this a level is settled without numpy, whose calls then cost more."""

Array = np.ndarray[Any, Any]


def settle_arrays(steps: Steps, start: Sequence[int], width: int) -> list[int]:
    """Return what every place holds in the end: the least fixpoint above ``start``.

    Args:
        steps: The steps between the places.
        start: What each place holds by itself.
        width: How many labels there are.
    """
    found = [0] * steps.count
    for shift in range(0, width, _WORD):
        word = np.fromiter(
            (each >> shift & _WORD_BITS for each in start), np.uint64, count=steps.count
        )
        ends = settle_word(Arrays.of(steps, shift), word).tolist()
        found = ends if not shift else [a | b << shift for a, b in zip(found, ends, strict=True)]
    return found


class Arrays:
    """Steps as arrays, sorted by where they begin; ``pointer`` says where each place's do."""

    def __init__(self, count: int, ends: tuple[Array, Array], keep: Array, passes: Array) -> None:
        source, target = ends
        if len(source) and (source[1:] < source[:-1]).any():
            order = np.argsort(source, kind="stable")
            source, target, keep = source[order], target[order], keep[order]
        self.count = count
        self.source, self.target, self.keep, self.passes = source, target, keep, passes
        self.pointer = np.zeros(count + 1, np.int64)
        np.cumsum(np.bincount(source, minlength=count), out=self.pointer[1:])

    @classmethod
    def of(cls, steps: Steps, shift: int) -> Arrays:
        """Return the arrays of ``steps`` for the 64 labels from ``shift`` on."""
        passes = np.array([kept >> shift & _WORD_BITS for kept in steps.keeps], np.uint64)
        ends = (np.asarray(steps.source, np.int32), np.asarray(steps.target, np.int32))
        return cls(steps.count, ends, np.asarray(steps.keep, np.int32), passes)

    def rows(self, places: Array) -> Array:
        """Return the numbers of the steps that leave ``places``."""
        begin = self.pointer[places]
        counts = self.pointer[places + 1] - begin
        shift = np.cumsum(counts) - counts
        found: Array = np.repeat(begin - shift, counts) + np.arange(int(counts.sum()))
        return found

    def pushed(self, rows: Array, holds: Array) -> Array:
        """Return what arrives by the steps ``rows``."""
        found: Array = holds[self.source[rows]]
        if len(self.passes) > 1:
            found = found & self.passes[self.keep[rows]]
        return found


def settle_word(arrays: Arrays, holds: Array) -> Array:
    """Return what every place holds in the end, of at most 64 labels."""
    waiting = _descend(arrays, holds)
    rest = np.flatnonzero(waiting > 0)
    if rest.size:
        _settle_rest(arrays, holds, rest)
    return holds


def _descend(arrays: Arrays, holds: Array) -> Array:
    """Settle all that lies behind no cycle; return how many steps each place still waits for."""
    waiting = np.bincount(arrays.target, minlength=arrays.count).astype(np.int32)
    level = np.flatnonzero(waiting == 0)
    while level.size:
        if level.size < _NARROW:
            level = _creep(arrays, holds, waiting, level)
            continue
        rows = arrays.rows(level)
        targets = arrays.target[rows]
        np.bitwise_or.at(holds, targets, arrays.pushed(rows, holds))
        np.subtract.at(waiting, targets, 1)
        level = np.unique(targets[waiting[targets] == 0])
    return waiting


def _creep(arrays: Arrays, holds: Array, waiting: Array, level: Array) -> Array:
    """Settle place by place while levels are narrow; return the first one that is not."""
    queue: list[int] = level.tolist()
    pointer, target, keep = arrays.pointer, arrays.target, arrays.keep
    passes = arrays.passes.tolist()
    while queue and len(queue) < _NARROW:
        place = queue.pop()
        here = int(holds[place])
        for row in range(int(pointer[place]), int(pointer[place + 1])):
            into = int(target[row])
            arriving = here & passes[keep[row]]
            if arriving:
                holds[into] |= np.uint64(arriving)
            waiting[into] -= 1
            if not waiting[into]:
                queue.append(into)
    return np.array(queue, np.int64)


def _settle_rest(arrays: Arrays, holds: Array, rest: Array) -> None:
    """Settle what is on cycles or behind them."""
    inside = np.full(arrays.count, -1, np.int64)
    inside[rest] = np.arange(rest.size)
    rows = np.flatnonzero((inside[arrays.source] >= 0) & (inside[arrays.target] >= 0))
    source, target = inside[arrays.source[rows]], inside[arrays.target[rows]]
    keep = arrays.keep[rows]
    lossless = arrays.passes[keep] == arrays.passes[0]
    place, number = _condensed(rest.size, source[lossless], target[lossless])
    source, target = place[source], place[target]
    across = source != target
    small = Arrays(number, (source[across], target[across]), keep[across], arrays.passes)
    held = np.zeros(number, np.uint64)
    np.bitwise_or.at(held, place, holds[rest])
    left = np.flatnonzero(_descend(small, held) > 0)
    _go_round(small, held, left)
    holds[rest] = held[place]


def _condensed(count: int, source: Array, target: Array) -> tuple[Array, int]:
    """Return the number of the component of each place, and how many components there are."""
    core = _core(count, source, target)
    place = np.arange(count)
    if not core.size:
        return place, count
    inside = np.full(count, -1, np.int64)
    inside[core] = np.arange(core.size)
    kept = (inside[source] >= 0) & (inside[target] >= 0)
    targets: list[list[int]] = [[] for _ in range(core.size)]
    pairs = zip(inside[source[kept]].tolist(), inside[target[kept]].tolist(), strict=True)
    for start, end in pairs:
        targets[start].append(end)
    for members in strong_components(targets):
        place[core[members]] = core[members[0]]
    firsts, place = np.unique(place, return_inverse=True)
    return place, len(firsts)


def _core(count: int, source: Array, target: Array) -> Array:
    """Return the places that lie on cycles, or between two: all others are peeled off."""
    left = np.ones(count, bool)
    for here, there in ((source, target), (target, source)):
        kept = left[here] & left[there]
        ways = Arrays(count, (here[kept], there[kept]), np.zeros(kept.sum(), np.int8), _ALL)
        waiting = np.bincount(ways.target, minlength=count).astype(np.int32)
        level = np.flatnonzero((waiting == 0) & left)
        while level.size:
            left[level] = False
            targets = ways.target[ways.rows(level)]
            np.subtract.at(waiting, targets, 1)
            level = np.unique(targets[waiting[targets] == 0])
    return np.flatnonzero(left)


_ALL = np.array([_WORD_BITS], np.uint64)


def _go_round(arrays: Arrays, holds: Array, level: Array) -> None:
    """Push from ``level`` on until nothing moves."""
    while level.size:
        rows = arrays.rows(level)
        targets = arrays.target[rows]
        before = holds[targets]
        np.bitwise_or.at(holds, targets, arrays.pushed(rows, holds))
        level = np.unique(targets[holds[targets] != before])


class StepsInto:
    """The numbers of the steps into each place."""

    def __init__(self, target: Sequence[int], count: int) -> None:
        self._order = np.argsort(np.asarray(target, np.int64), kind="stable")
        self._pointer = np.zeros(count + 1, np.int64)
        np.cumsum(np.bincount(target, minlength=count), out=self._pointer[1:])

    def __getitem__(self, place: int) -> Sequence[int]:
        """Return those into one place, as they were drawn."""
        begin, after = self._pointer[place], self._pointer[place + 1]
        found: list[int] = self._order[begin:after].tolist()
        return found
