"""Labels over a small graph, in plain Python: whatever is on one cycle is settled together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps between numbered places.

    Attributes:
        count: How many places there are.
        source: Where each step begins.
        target: Where it ends.
        keep: The number of what passes it.
        keeps: What passes, by number, as bits; the first is everything.
    """

    count: int
    source: Sequence[int]
    target: Sequence[int]
    keep: Sequence[int]
    keeps: Sequence[int]


def settle_plainly(steps: Steps, start: Sequence[int]) -> list[int]:
    """Return what every place holds in the end: the least fixpoint above ``start``."""
    holds = list(start)
    leaving: list[list[tuple[int, int]]] = [[] for _ in range(steps.count)]
    for source, target, keep in zip(steps.source, steps.target, steps.keep, strict=True):
        leaving[source].append((target, steps.keeps[keep]))
    targets = [[target for target, _ in ways] for ways in leaving]
    for members in reversed(list(strong_components(targets))):
        if len(members) > 1:
            _settle(members, leaving, holds)
        for place in members:
            here = holds[place]
            for target, kept in leaving[place]:
                holds[target] |= here & kept
    return holds


def _settle(members: list[int], leaving: list[list[tuple[int, int]]], holds: list[int]) -> None:
    """Push round a cycle until nothing moves: what passes a step may be less than what arrives."""
    inside = set(members)
    waiting = list(members)
    while waiting:
        place = waiting.pop()
        here = holds[place]
        for target, kept in leaving[place]:
            if target in inside and here & kept & ~holds[target]:
                holds[target] |= here & kept
                waiting.append(target)


def strong_components(targets: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the strongly connected components, each after those that it leads to."""
    return _Search(targets).components()


class _Search:
    """Tarjan's search, without recursion."""

    def __init__(self, targets: Sequence[Sequence[int]]) -> None:
        self._targets = targets
        self._number = [-1] * len(targets)
        self._low = [0] * len(targets)
        self._open = [False] * len(targets)
        self._stack: list[int] = []
        self._walk: list[tuple[int, Iterator[int]]] = []
        self._count = 0

    def components(self) -> Iterator[list[int]]:
        for root in range(len(self._targets)):
            if self._number[root] < 0:
                self._enter(root)
                while self._walk:
                    place = self._advance()
                    if place is not None and self._low[place] == self._number[place]:
                        yield self._popped(place)

    def _enter(self, place: int) -> None:
        self._number[place] = self._low[place] = self._count
        self._count += 1
        self._stack.append(place)
        self._open[place] = True
        self._walk.append((place, iter(self._targets[place])))

    def _advance(self) -> int | None:
        """Go one place deeper, or return the place that has been gone through."""
        place, rest = self._walk[-1]
        number, low = self._number, self._low
        for target in rest:
            if number[target] < 0:
                self._enter(target)
                return None
            if self._open[target] and number[target] < low[place]:
                low[place] = number[target]
        self._walk.pop()
        if self._walk:
            before = self._walk[-1][0]
            low[before] = min(low[before], low[place])
        return place

    def _popped(self, place: int) -> list[int]:
        found = []
        while True:
            found.append(self._stack.pop())
            self._open[found[-1]] = False
            if found[-1] == place:
                return found
