"""The space of all facts, as far as given formulas can tell facts apart.

A space turns each test into the boxes where it is true and those where it may be, and a box back
into a facts document that lies in it.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from headwater.policies.boxes import MOST_BOXES, Box, Region, TooManyBoxesError, region_of, union
from headwater.policies.dimensions import Dimension, representatives
from headwater.policies.facts import AS_OF, EPOCH, REACH, days_of, normalise, reaches
from headwater.policies.formula import Test
from headwater.policies.native import truth_of
from headwater.policies.operators import PRESENCE
from headwater.policies.vocabulary import SETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from headwater.policies.formula import Formula
    from headwater.policies.vocabulary import Vocabulary

IN, OUT = 0b10, 0b01
PRESENT, ABSENT = 0b10, 0b01
_MEMBERSHIP = {"has": IN, "lacks": OUT}


class Space:
    """See the module.

    Attributes:
        vocabulary: The attributes and names that facts may have.
        approximate: The attributes of which the values looked at may not stand for all. What is
            found about them is still proved by a facts document; what is not found may exist.
        voids: Boxes that no facts lie in: sets that are never empty, without any member.
    """

    def __init__(
        self, formulas: Iterable[Formula], vocabulary: Vocabulary, as_of: datetime.date
    ) -> None:
        tests = sorted({test for each in formulas for test in tests_of(each)}, key=repr)
        self.vocabulary = vocabulary
        self._as_of = as_of
        self._dimensions: list[Dimension] = []
        self._values: list[tuple[object, ...]] = []
        self._at: dict[tuple[str, str | None], int] = {}
        self._true: dict[Test, Region] = {}
        self._maybe: dict[Test, Region] = {}
        self._fillers: dict[str, str] = {}
        self.approximate: frozenset[str] = frozenset()
        self.voids: tuple[Box, ...] = ()
        self._spread(tests)

    def _spread(self, tests: list[Test]) -> None:
        """Make the dimensions that ``tests`` need."""
        found = representatives(tests, self.vocabulary, self._as_of)
        self.approximate = found.approximate
        self._fillers = dict(found.fillers)
        for dimension in found.dimensions:
            self._at[dimension.name, dimension.member] = len(self._dimensions)
            self._dimensions.append(dimension)
            self._values.append(tuple(self._normal(dimension)))
        self.voids = tuple(
            {at: PRESENT if member is None else OUT for (each, member), at in self._at.items()
             if each == name}
            for name in sorted(found.closed)
        )  # fmt: skip

    def _normal(self, dimension: Dimension) -> Iterator[object]:
        """Yield what facts have for each cell of ``dimension``."""
        name = dimension.name
        for raw in dimension.raws:
            if name == AS_OF:
                assert isinstance(raw, datetime.date)  # noqa: S101 - as it was made
                yield days_of(raw)
            elif dimension.member is not None or self._is_set(name):
                yield raw
            else:
                yield normalise(_document({name: raw}), self.vocabulary, self._as_of).values[name]

    def _is_set(self, name: str) -> bool:
        return name != AS_OF and self.vocabulary.attributes[name].kind in SETS

    def full(self, dimension: int) -> int:
        """Return the mask of all cells of a dimension."""
        return self._dimensions[dimension].full

    def names(self, box: Box) -> tuple[str, ...]:
        """Return the attributes that ``box`` restricts, sorted."""
        return tuple(sorted({self._dimensions[at].name for at in box}))

    def true(self, formula: Formula) -> Region:
        """Return where ``formula`` is true.

        Raises:
            TooManyBoxesError: The formula is too intricate.
        """
        return self.possible(region_of(formula, self._where_true))

    def maybe(self, formula: Formula) -> Region:
        """Return where ``formula`` is true or unknown; raises as :meth:`true` does."""
        return self.possible(region_of(formula, self._where_maybe))

    def possible(self, region: Region) -> Region:
        """Return ``region`` less boxes that no facts lie in.

        Where all members of a set that is never empty are out but one, that one is in.
        """
        for void in self.voids:
            region = tuple(kept for box in region if (kept := _outside(box, void)) is not None)
        return region

    def _where_true(self, test: Test) -> Region:
        if test not in self._true:
            self._true[test] = self._where(test, lambda truth: truth is True)
        return self._true[test]

    def _where_maybe(self, test: Test) -> Region:
        if test not in self._maybe:
            self._maybe[test] = self._where(test, lambda truth: truth is not False)
        return self._maybe[test]

    def _where(self, test: Test, wanted: Callable[[bool | None], bool]) -> Region:
        if self._is_set(test.attribute) and test.op not in PRESENCE:
            return self._of_set(test, maybe=wanted(None))
        at = self._at[test.attribute, None]
        other = _other(test)
        truth = truth_of(test)
        if other is None or other == test.attribute:
            kept = self._mask(at, lambda value: wanted(truth(self._given(test, value, value))))
            return self._box({at: kept})
        beside = self._at[other, None]
        masks: dict[int, int] = {}
        for cell, right in enumerate(self._values[beside]):
            kept = self._mask(
                at,
                lambda value, right=right: wanted(truth(self._given(test, value, right))),  # type: ignore[misc]
            )
            masks[kept] = masks.get(kept, 0) | 1 << cell
        return union(self._box({at: kept, beside: cells}) for kept, cells in masks.items())

    def _mask(self, dimension: int, keep: Callable[[object], bool]) -> int:
        return sum(1 << cell for cell, value in enumerate(self._values[dimension]) if keep(value))

    def _box(self, box: Mapping[int, int]) -> Region:
        """Return the box, less what restricts nothing; nowhere, if a mask is empty."""
        if not all(box.values()):
            return ()
        return ({at: mask for at, mask in box.items() if mask != self.full(at)},)

    def _given(self, test: Test, value: object, other: object) -> dict[str, object]:
        """Return the values that ``test`` reads; ``other`` is the day where it asks for one."""
        found = {test.attribute: value}
        if test.other is None:
            return found
        if test.other.startswith(REACH):
            assert isinstance(other, int)  # noqa: S101 - days are numbers
            day = EPOCH + datetime.timedelta(days=other)
            other = reaches(day, [test.other.removeprefix(REACH)])[test.other]
        return found | {test.other: other}

    def _of_set(self, test: Test, *, maybe: bool) -> Region:
        """Return where a set has, or lacks, a member: given, or the value of another attribute."""
        name, cell = test.attribute, _MEMBERSHIP[test.op]
        present = self._at[name, None]
        open_: list[Region] = [({present: ABSENT},)] if maybe else []
        if test.other is None:
            member = self._at[name, str(test.values[0])]
            return union([*open_, ({present: PRESENT, member: cell},)])
        other = self._at[test.other, None]
        for number, raw in enumerate(self._dimensions[other].raws):
            if raw is not None:
                member = self._at[name, str(raw)]
                open_.append(({present: PRESENT, member: cell, other: 1 << number},))
            elif maybe:
                open_.append(({other: 1 << number},))
        if len(open_) > MOST_BOXES:
            raise TooManyBoxesError
        return union(open_)

    def witness(self, box: Box) -> tuple[dict[str, object], datetime.date]:
        """Return facts that lie in ``box``, saying as little as can be, and their day."""
        given: dict[str, object] = {}
        day = self._as_of
        for at, mask in sorted(box.items()):
            dimension = self._dimensions[at]
            raw = dimension.raws[(mask & -mask).bit_length() - 1]
            if dimension.name == AS_OF:
                assert isinstance(raw, datetime.date)  # noqa: S101 - as it was made
                day = raw
            elif dimension.member is None and raw is not None:
                given[dimension.name] = self._members(dimension.name, box, raw)
        return _document(given), day

    def _members(self, name: str, box: Box, raw: object) -> object:
        if not self._is_set(name):
            return raw
        members = [
            member
            for (other, member), at in self._at.items()
            if other == name and member is not None and box.get(at) == IN
        ]
        if not members and name in self._fillers:
            members = [self._fillers[name]]
        if not members:
            members = [
                member
                for (other, member), at in self._at.items()
                if other == name and member is not None and box.get(at, IN) & IN
            ][:1]
        return sorted(members)


def _outside(box: Box, void: Box) -> Box | None:
    """Return ``box`` as left outside ``void`` along one dimension, if that is all there is."""
    open_ = [at for at, mask in void.items() if at not in box or box[at] & ~mask]
    if not open_:
        return None
    if len(open_) == 1 and open_[0] not in box:
        return {**box, open_[0]: IN}
    return box


def tests_of(formula: Formula) -> Iterator[Test]:
    """Yield the tests of ``formula``."""
    if isinstance(formula, Test):
        yield formula
        return
    for part in formula.parts:
        yield from tests_of(part)


def _other(test: Test) -> str | None:
    """Return the attribute that ``test`` compares with; what a period reaches is of the day."""
    if test.other is not None and test.other.startswith(REACH):
        return AS_OF
    return test.other


def _document(given: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in given.items():
        group, dot, inner = name.partition(".")
        if value is None:
            continue
        if not dot:
            found[name] = value
            continue
        within = found.setdefault(group, {})
        assert isinstance(within, dict)  # noqa: S101 - as it was made
        within[inner] = value
    return found
