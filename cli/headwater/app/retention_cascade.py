"""In which order copies go: what is made from others first, and circles together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.lineage.terms import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from headwater.catalog.ids import DatasetId


def made_from(
    starts: Iterable[DatasetId], copies: Mapping[DatasetId, Iterable[DatasetId]]
) -> set[DatasetId]:
    """Return everything made from any of ``starts``, directly or not; these too, if in a circle."""
    found: set[DatasetId] = set()
    waiting = list(starts)
    while waiting:
        new = set(copies.get(waiting.pop(), ())) - found
        found |= new
        waiting.extend(new)
    return found


def owners_above(
    owners: Mapping[DatasetId, str | None], copies: Mapping[DatasetId, Iterable[DatasetId]]
) -> dict[DatasetId, frozenset[str | None]]:
    """Return, of everything made from the keys of ``owners``, whose data it is."""
    found: dict[DatasetId, frozenset[str | None]] = {}
    known = {dataset: frozenset({owner}) for dataset, owner in owners.items()}
    waiting = list(known)
    while waiting:
        here = waiting.pop()
        brings = known.get(here, frozenset()) | found.get(here, frozenset())
        for copy in copies.get(here, ()):
            before = found.get(copy, frozenset())
            if not brings <= before:
                found[copy] = before | brings
                waiting.append(copy)
    return found


def derived_first(
    datasets: Collection[DatasetId], copies: Mapping[DatasetId, Iterable[DatasetId]]
) -> list[DatasetId]:
    """Return ``datasets`` so that each comes after everything that is made from it.

    Those of a circle stand next to each other, by name.
    """
    wanted = set(datasets)
    order: list[DatasetId] = []
    for circle in _circles(sorted(wanted, key=BY_NAME), wanted, copies):
        order.extend(sorted(circle))
    return order


def _circles(
    roots: Iterable[DatasetId],
    wanted: set[DatasetId],
    copies: Mapping[DatasetId, Iterable[DatasetId]],
) -> Iterator[list[DatasetId]]:
    """Yield strongly connected components, those that nothing leads on from first."""
    search = _Search(wanted, copies)
    for root in roots:
        if root not in search.number:
            yield from search.below(root)


class _Search:
    """Tarjan's search for circles, without recursion."""

    def __init__(
        self, wanted: set[DatasetId], copies: Mapping[DatasetId, Iterable[DatasetId]]
    ) -> None:
        self.number: dict[DatasetId, int] = {}
        self._wanted = wanted
        self._copies = copies
        self._lowest: dict[DatasetId, int] = {}
        self._open: dict[DatasetId, None] = {}
        self._stack: list[tuple[DatasetId, Iterator[DatasetId]]] = []

    def below(self, root: DatasetId) -> Iterator[list[DatasetId]]:
        """Yield the circles that ``root`` leads to and that were not found before."""
        self._enter(root)
        while self._stack:
            here, onward = self._stack[-1]
            there = next(onward, None)
            if there is None:
                yield from self._leave(here)
            elif there not in self.number:
                self._enter(there)
            elif there in self._open:
                self._lowest[here] = min(self._lowest[here], self.number[there])

    def _enter(self, dataset: DatasetId) -> None:
        self.number[dataset] = self._lowest[dataset] = len(self.number)
        self._open[dataset] = None
        onward = [copy for copy in self._copies.get(dataset, ()) if copy in self._wanted]
        onward.sort(key=BY_NAME)
        self._stack.append((dataset, iter(onward)))

    def _leave(self, dataset: DatasetId) -> Iterator[list[DatasetId]]:
        self._stack.pop()
        if self._stack:
            above = self._stack[-1][0]
            self._lowest[above] = min(self._lowest[above], self._lowest[dataset])
        if self._lowest[dataset] == self.number[dataset]:
            circle = [self._open.popitem()[0]]
            while circle[-1] != dataset:
                circle.append(self._open.popitem()[0])
            yield circle
