"""Boxes against counting: every cell of small grids, one by one."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.policies.boxes import (
    Box,
    Pile,
    TooManyBoxesError,
    bits,
    hull,
    intersection,
    meet,
    minus,
    within,
)

CELLS = 3
DIMENSIONS = 4
FULL = (1 << CELLS) - 1
POINTS = list(product(range(CELLS), repeat=DIMENSIONS))

_boxes = st.dictionaries(st.integers(0, DIMENSIONS - 1), st.integers(1, FULL - 1), max_size=3)
_piles = st.lists(_boxes, max_size=12)


def full(_dimension: int) -> int:
    return FULL


def points(box: Box) -> set[tuple[int, ...]]:
    return {point for point in POINTS if all(mask >> point[at] & 1 for at, mask in box.items())}


@given(_boxes, _boxes)
def test_what_two_boxes_have_in_common_and_what_one_leaves_of_the_other(a: Box, b: Box) -> None:
    common = meet(a, b)
    assert (set() if common is None else points(common)) == points(a) & points(b)
    assert within(a, b) is (points(a) <= points(b))
    parts = [points(part) for part in minus(a, b, full)]
    assert set().union(*parts) == points(a) - points(b)
    assert sum(map(len, parts)) == len(points(a) - points(b)), "the parts have nothing in common"


@given(_piles, _boxes)
def test_the_index_of_a_pile_says_what_comparing_one_by_one_says(
    boxes: list[Box], box: Box
) -> None:
    pile = Pile(boxes)
    meeting = [at for at, other in enumerate(boxes) if points(other) & points(box)]
    holding = [at for at, other in enumerate(boxes) if points(other) >= points(box)]
    assert list(bits(pile.meeting(box))) == meeting
    assert list(bits(pile.holding(box))) == holding


@settings(max_examples=300)
@given(_piles, _boxes)
def test_a_box_is_covered_exactly_where_no_point_of_it_is_left(boxes: list[Box], box: Box) -> None:
    cover = Pile(boxes).cover(box, full)
    rest = points(box).difference(*map(points, boxes))
    if cover.left is None:
        assert not rest
        assert points(box) <= set().union(*(points(boxes[at]) for at in bits(cover.used)))
    else:
        assert points(cover.left) <= rest
        assert points(cover.left)


@given(_piles, _piles)
def test_an_intersection_of_unions_is_the_intersection(a: list[Box], b: list[Box]) -> None:
    found = set().union(*map(points, intersection(tuple(a), tuple(b))))
    assert found == set().union(*map(points, a)) & set().union(*map(points, b))


def test_the_hull_holds_every_box_and_nothing_beside_what_they_span() -> None:
    assert hull(({0: 0b001, 1: 0b010}, {0: 0b010}), full) == {0: 0b011}
    assert hull(({0: 0b001}, {0: 0b110}), full) == {}


def test_what_cannot_be_settled_within_the_budget_is_said_not_guessed() -> None:
    boxes = [{at: 0b001 << cell} for at in range(3) for cell in range(2)]
    with pytest.raises(TooManyBoxesError):
        Pile(boxes).cover({}, full, budget=2)
    assert Pile(boxes).cover({}, full).left == {0: 0b100, 1: 0b100, 2: 0b100}
