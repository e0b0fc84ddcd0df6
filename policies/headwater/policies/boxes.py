"""Formulas as boxes: for each dimension the cells that are allowed, as a bit mask.

A formula is true exactly in a union of boxes, and *may be true* (is not false) in another. Both
are exact over the values of :mod:`headwater.policies.dimensions`: every comparison is made by the
native evaluator itself, on those values. What two boxes have in common is a box, and what one
leaves of another is a few boxes, so that emptiness, overlap and cover can be decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from headwater.policies.formula import AllOf, AnyOf, Test

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from headwater.policies.formula import Formula

Box = Mapping[int, int]
"""Dimension → mask of its cells; a dimension that is not there is not restricted."""

Region = tuple[Box, ...]
"""The union of some boxes; none: nowhere."""

MOST_BOXES = 1024
"""The boxes of one formula, beyond which it is not analysed."""

_SMALL = 64


class TooManyBoxesError(Exception):
    """A formula is a union of more boxes than can be looked at; always caught in this package."""


def meet(left: Box, right: Box) -> Box | None:
    """Return what both have in common; ``None`` for nothing."""
    if len(left) > len(right):
        left, right = right, left
    found = dict(right)
    for dimension, mask in left.items():
        common = found.get(dimension, mask) & mask
        if not common:
            return None
        found[dimension] = common
    return found


def within(inner: Box, outer: Box) -> bool:
    """Say whether ``outer`` holds all of ``inner``."""
    for dimension, mask in outer.items():
        other = inner.get(dimension)
        if other is None or other & ~mask:
            return False
    return True


def intersection(left: Region, right: Region) -> Region:
    """Return where both hold."""
    if len(left) * len(right) > MOST_BOXES * 8:
        raise TooManyBoxesError
    met = (meet(one, other) for one in left for other in right)
    return _tidy([box for box in met if box is not None])


def hull(region: Region, full: Callable[[int], int]) -> Box:
    """Return the smallest box that holds all of ``region``, which is not empty."""
    shared = set(region[0]).intersection(*region)
    masks = {at: reduce(or_, (box[at] for box in region)) for at in shared}
    return {at: mask for at, mask in masks.items() if mask != full(at)}


def union(regions: Iterable[Region]) -> Region:
    """Return where any holds."""
    return _tidy([box for region in regions for box in region])


def _tidy(boxes: list[Box]) -> Region:
    """Drop boxes that lie within others."""
    if len(boxes) > MOST_BOXES:
        raise TooManyBoxesError
    if len(boxes) < 2:
        return tuple(boxes)
    if len(boxes) > _SMALL:
        return tuple({tuple(sorted(box.items())): box for box in boxes}.values())
    kept: list[Box] = []
    for box in sorted(boxes, key=len):
        if not any(within(box, other) for other in kept):
            kept.append(box)
    return tuple(kept)


def region_of(formula: Formula, leaf: Callable[[Test], Region]) -> Region:
    """Return where ``formula`` holds, given where each of its tests does.

    Three-valued *all* and *any* are the least and the greatest, so the same composition gives
    where a formula is true from where its tests are true, and where it may be true from where
    they may be.

    Raises:
        TooManyBoxesError: The formula is too intricate.
    """
    if isinstance(formula, Test):
        return leaf(formula)
    regions = [region_of(part, leaf) for part in formula.parts]
    if isinstance(formula, AnyOf):
        return union(regions)
    assert isinstance(formula, AllOf)  # noqa: S101 - there is no other
    return reduce(intersection, sorted(regions, key=len), ({},))


class Pile:
    """Many boxes, indexed: which of them meet or hold another is a few operations on integers.

    A set of boxes is an integer: bit *i* stands for box *i*.
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        self.boxes = boxes
        self.all = (1 << len(boxes)) - 1
        self._masks: dict[int, dict[int, int]] = {}
        self._bound: dict[int, int] = {}
        for number, box in enumerate(boxes):
            for dimension, mask in box.items():
                masks = self._masks.setdefault(dimension, {})
                masks[mask] = masks.get(mask, 0) | 1 << number
                self._bound[dimension] = self._bound.get(dimension, 0) | 1 << number
        self._meeting: dict[tuple[int, int], int] = {}
        self._holding: dict[tuple[int, int], int] = {}

    def meeting(self, box: Box) -> int:
        """Return the boxes that have something in common with ``box``."""
        return reduce(and_, (self._meets(*side) for side in box.items()), self.all)

    def holding(self, box: Box) -> int:
        """Return the boxes that hold all of ``box``."""
        found = self.all
        for dimension, bound in self._bound.items():
            mask = box.get(dimension)
            found &= ~bound if mask is None else self._holds(dimension, mask)
            if not found:
                break
        return found

    def _meets(self, dimension: int, mask: int) -> int:
        found = self._meeting.get((dimension, mask))
        if found is None:
            found = self._free(dimension)
            for other, boxes in self._masks.get(dimension, {}).items():
                found |= boxes if other & mask else 0
            self._meeting[dimension, mask] = found
        return found

    def _holds(self, dimension: int, mask: int) -> int:
        found = self._holding.get((dimension, mask))
        if found is None:
            found = self._free(dimension)
            for other, boxes in self._masks.get(dimension, {}).items():
                found |= 0 if mask & ~other else boxes
            self._holding[dimension, mask] = found
        return found

    def _free(self, dimension: int) -> int:
        return self.all & ~self._bound.get(dimension, 0)

    def cover(self, box: Box, full: Callable[[int], int], budget: int = 20_000) -> Cover:
        """Return whether the boxes of the pile together hold all of ``box``.

        Args:
            box: What is to be covered.
            full: The mask of all cells of a dimension.
            budget: How many parts of it to look at.

        Raises:
            TooManyBoxesError: Not settled within ``budget``.
        """
        search = _Search(self, full, budget)
        left = search.left(box, self.meeting(box))
        return Cover(left, search.used)


@dataclass(frozen=True, slots=True)
class Cover:
    """How far some boxes cover another.

    Attributes:
        left: A part that none of them meets; ``None`` where they cover all.
        used: Boxes that suffice to cover, as a set.
    """

    left: Box | None
    used: int


class _Search:
    def __init__(self, pile: Pile, full: Callable[[int], int], budget: int) -> None:
        self._pile = pile
        self._full = full
        self._budget = budget
        self.used = 0

    def left(self, box: Box, alive: int) -> Box | None:
        """Return a part of ``box`` outside the boxes ``alive``, which are those that meet it."""
        if not alive:
            return box
        self._budget -= 1
        if self._budget < 0:
            raise TooManyBoxesError
        holding = alive & self._pile.holding(box)
        first = (holding or alive) & -(holding or alive)
        self.used |= first
        if holding:
            return None
        other = self._pile.boxes[first.bit_length() - 1]
        for part in minus(box, other, self._full):
            found = self.left(part, alive & self._pile.meeting(part))
            if found is not None:
                return found
        return None


def minus(box: Box, other: Box, full: Callable[[int], int]) -> Iterator[Box]:
    """Yield boxes without common parts that together are ``box`` without ``other``."""
    rest = dict(box)
    for dimension, mask in other.items():
        mine = rest.get(dimension)
        mine = full(dimension) if mine is None else mine
        if outside := mine & ~mask:
            yield {**rest, dimension: outside}
        if not mine & mask:
            return
        rest[dimension] = mine & mask


def bits(number: int) -> Iterator[int]:
    """Yield the places of the bits that are set, lowest first.

    Example:
        >>> list(bits(0b1010))
        [1, 3]
    """
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low
