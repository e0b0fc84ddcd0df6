"""How several mentions of one edge come to one manner."""

from __future__ import annotations

import itertools

import pytest

from headwater.lineage.manner import Manner, manner_of
from headwater.lineage.shapes import Transformation

MASKED = Transformation("DIRECT", "TRANSFORMATION", masking=True)
PLAIN = Transformation("DIRECT", "IDENTITY", masking=False)
UNSAID = Transformation("DIRECT", "IDENTITY")
FILTER = Transformation("INDIRECT", "FILTER", masking=False)
HASHED_KEY = Transformation("INDIRECT", "JOIN", masking=True)


@pytest.mark.parametrize(
    ("steps", "direct", "masked"),
    [
        ([MASKED], True, True),
        ([MASKED, FILTER], True, False),
        ([MASKED, PLAIN], True, False),
        ([MASKED, UNSAID], True, False),
        ([MASKED, HASHED_KEY], True, True),
        ([FILTER], False, False),
        ([HASHED_KEY], False, True),
        ([], True, False),
    ],
)
def test_an_edge_is_masked_only_where_every_mention_masks(
    steps: list[Transformation], direct: bool, masked: bool
) -> None:
    for order in itertools.permutations(steps):
        together = manner_of(list(order), "observed", everywhere=False)
        assert (together.direct, together.masked) == (direct, masked)
        if order:
            first, *others = (manner_of([step], "observed", everywhere=False) for step in order)
            found: Manner = first
            for other in others:
                found = found.joined(other)
            assert found == together


def test_a_masked_value_and_an_unmasked_influence_of_the_whole_are_not_masked() -> None:
    value = manner_of([MASKED], "observed", everywhere=False)
    grouped = manner_of([FILTER], "observed", everywhere=True)
    for found in (value.joined(grouped), grouped.joined(value)):
        assert (found.direct, found.masked) == (True, False)


def test_a_type_that_nobody_knows_is_direct() -> None:
    found = manner_of([Transformation("SIDEWAYS")], "observed", everywhere=False)
    assert (found.direct, found.masked) == (True, False)
