"""The values that tell conditions apart: for every attribute a few that stand for all others.

Conditions can only compare. So a handful of values of each attribute (those that the conditions
mention, some between any two, some that none mentions) behave in every way in which values can
behave. What holds for all of them holds for all. Attributes that are compared with each other
share their values, with as many unmentioned ones as there are attributes, so that they can be
equal, differ, and stand in any order.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from headwater.policies.facts import AS_OF, EPOCH, REACH, days_of, reaches
from headwater.policies.pattern_samples import matching
from headwater.policies.vocabulary import LARGEST, REGION, SETS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from headwater.policies.formula import Test
    from headwater.policies.vocabulary import Attribute, Vocabulary

_FIRST, _LAST = days_of(datetime.date.min), days_of(datetime.date.max)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way in which facts can vary.

    Attributes:
        name: The attribute.
        raws: What a facts document says for each cell; ``None`` where the attribute is absent. A
            set is absent or present, no more; its members have dimensions of their own.
        member: Of a set, the member that is not in it (cell 0) or is (cell 1).
    """

    name: str
    raws: tuple[object, ...]
    member: str | None = None

    @property
    def full(self) -> int:
        """The mask of all cells."""
        return (1 << len(self.raws)) - 1


@dataclass(frozen=True, slots=True)
class Representatives:
    """The dimensions of some tests.

    Attributes:
        dimensions: The day first, then by attribute.
        approximate: The attributes whose values may not stand for all.
        fillers: Of sets that are never empty, a member that no test mentions.
        closed: The sets that are never empty and all of whose members are mentioned.
    """

    dimensions: tuple[Dimension, ...]
    approximate: frozenset[str]
    fillers: Mapping[str, str]
    closed: frozenset[str]


def representatives(
    tests: Sequence[Test], vocabulary: Vocabulary, as_of: datetime.date
) -> Representatives:
    """Return the dimensions in which ``tests`` tell facts apart; ``as_of`` is the preferred day."""
    return _Maker(tests, vocabulary, as_of).made()


class _Maker:
    def __init__(self, tests: Sequence[Test], vocabulary: Vocabulary, as_of: datetime.date) -> None:
        self._tests = tests
        self._vocabulary = vocabulary
        self._as_of = as_of
        self._values = mentioned(tests)
        self._groups = components(tests)
        self._approximate: set[str] = set()
        self._fillers: dict[str, str] = {}
        self._closed: set[str] = set()

    def made(self) -> Representatives:
        found = [self._day()] if AS_OF in self._groups else []
        for name in sorted(self._groups):
            if name != AS_OF:
                found += self._of(self._vocabulary.attributes[name])
        approximate, closed = frozenset(self._approximate), frozenset(self._closed)
        return Representatives(tuple(found), approximate, self._fillers, closed)

    def _day(self) -> Dimension:
        marks = [value for value in self._values.get(AS_OF, ()) if isinstance(value, int)]
        numbers = days([days_of(self._as_of), *marks], 1)
        others = [day for number in numbers if (day := _date(number)) != self._as_of]
        return Dimension(AS_OF, (self._as_of, *others))

    def _of(self, attribute: Attribute) -> Iterator[Dimension]:
        name = attribute.name
        if attribute.kind in SETS:
            yield Dimension(name, (None, "present"))
            for member in self._members(attribute):
                yield Dimension(name, (False, True), member)
        else:
            yield Dimension(name, (None, *dict.fromkeys(self._scalars(attribute))))

    def _mentioned(self, name: str) -> set[object]:
        """Return what the tests compare ``name``, or what it is compared with, with."""
        names = [other for other in self._groups[name] if other != AS_OF]
        return set().union(*(self._values.get(other, set()) for other in names))

    def _scalars(self, attribute: Attribute) -> Iterable[object]:
        name, values = attribute.name, self._mentioned(attribute.name)
        spare = len(self._groups[name])
        patterns: set[object] = {
            pattern
            for test in self._tests
            if test.op in ("matches", "not_matches") and test.attribute == name
            for pattern in test.values
        }
        if attribute.kind is Kind.DATE:
            return self._dates(name, values, spare)
        if patterns:
            self._approximate.add(name)
            return [*values_of(attribute, values - patterns, spare, self._vocabulary),
                    *samples(attribute, patterns)]  # fmt: skip
        return values_of(attribute, values, spare, self._vocabulary)

    def _dates(self, name: str, values: set[object], spare: int) -> Iterable[object]:
        """Return dates; where terms are measured, those about the end of each on each day."""
        marks = [value for value in values if isinstance(value, int)]
        periods = {
            test.other.removeprefix(REACH)
            for test in self._tests
            if test.other and test.other.startswith(REACH) and test.attribute in self._groups[name]
        }
        if AS_OF in self._groups[name]:
            if len(periods) + bool(marks) > 1:
                self._approximate.add(name)
            for day in self._day().raws:
                assert isinstance(day, datetime.date)  # noqa: S101 - as it was made
                marks += [days_of(day), *reaches(day, periods).values()]
        return [_date(number).isoformat() for number in days(marks, spare)]

    def _members(self, attribute: Attribute) -> tuple[str, ...]:
        name = attribute.name
        found = texts(self._mentioned(name))
        for other in self._groups[name]:
            if other != AS_OF and (kin := self._vocabulary.attributes[other]).kind not in SETS:
                found += [str(value) for value in self._scalars(kin)]
        known = self._vocabulary.known(attribute)
        if attribute.kind is Kind.DEPARTMENTS and known is not None:
            spare = [each for each in known if each not in found]
            if spare:
                self._fillers[name] = spare[0]
            else:
                self._closed.add(name)
        return tuple(dict.fromkeys(found))


def components(tests: Iterable[Test]) -> dict[str, tuple[str, ...]]:
    """Return for every attribute of ``tests`` those that it is compared with, itself included."""
    groups: dict[str, set[str]] = {}
    for test in tests:
        names = {test.attribute, _other(test) or test.attribute}
        joined = set().union(names, *(groups.get(name, set()) for name in names))
        groups.update(dict.fromkeys(joined, joined))
    return {name: tuple(sorted(group)) for name, group in groups.items()}


def _other(test: Test) -> str | None:
    if test.other is not None and test.other.startswith(REACH):
        return AS_OF
    return test.other


def mentioned(tests: Iterable[Test]) -> dict[str, set[object]]:
    """Return the values that ``tests`` compare each attribute with, as facts have them."""
    found: dict[str, set[object]] = {}
    for test in tests:
        found.setdefault(test.attribute, set()).update(test.values)
    return found


def values_of(
    attribute: Attribute, values: set[object], spare: int, vocabulary: Vocabulary
) -> list[object]:
    """Return values, as documents say them, that stand for all that ``attribute`` may have.

    Args:
        attribute: Whose values; neither a date nor a set.
        values: What conditions compare it with, as facts have it.
        spare: How many unmentioned values must be there to be told apart.
        vocabulary: The names that there are.
    """
    known = vocabulary.known(attribute)
    match attribute.kind:
        case Kind.YES_NO:
            return [False, True]
        case Kind.NUMBER:
            marks = [value for value in values if isinstance(value, int | float)]
            return list(numbers(marks, spare))
        case Kind.REGION:
            codes = (f"{number:06}" for number in range(1_000_000))
            return [*texts(values), *_fresh(codes, values, spare)]
        case Kind.PURPOSE:
            return [*(known or ()), *_fresh(_others(), set(known or ()), spare)]
        case _ if known is not None:
            return list(known)
        case _:
            return [*texts(values), *_fresh(_others(), values, spare)]


def days(marks: Iterable[int], spare: int) -> list[int]:
    """Return days that stand for all: the given ones, and up to ``spare`` between any two.

    Example:
        >>> days([10, 12], 1)
        [9, 10, 11, 12, 13]
    """
    cuts = sorted(set(marks)) or [0]
    found = set(cuts) | set(range(cuts[0] - spare, cuts[0]))
    for cut, following in zip(cuts, [*cuts[1:], cuts[-1] + spare + 1], strict=True):
        found.update(range(cut + 1, min(cut + spare + 1, following)))
    return sorted(day for day in found if _FIRST <= day <= _LAST)


def numbers(marks: Iterable[float], spare: int) -> Iterator[float]:
    """Yield numbers that stand for all, whole ones where there is room for them.

    Example:
        >>> list(numbers([1, 2], 1))
        [1, 2, 0, 1.5, 3]
    """
    cuts = sorted(set(marks)) or [1]
    yield from cuts
    low, high = cuts[0] - spare - 1, cuts[-1] + spare + 1
    bounds = [max(low, -LARGEST - 1), *cuts, min(high, LARGEST + 1)]
    for low, high in pairwise(bounds):
        yield from _between(low, high, spare)


def _between(low: float, high: float, count: int) -> Iterator[float]:
    first = int(low // 1) + 1
    if first + count <= high:
        yield from range(first, first + count)
        return
    step = (high - low) / (count + 1)
    found = {low + step * number for number in range(1, count + 1)}
    yield from sorted(value for value in found if low < value < high)


def samples(attribute: Attribute, patterns: set[object]) -> list[str]:
    """Return some values that match patterns."""
    found = [text for pattern in texts(patterns) for text in matching(pattern)]
    if attribute.kind is Kind.REGION:
        return [text for text in found if REGION.fullmatch(text)]
    return found


def texts(values: Iterable[object]) -> list[str]:
    """Return the texts among ``values``, sorted."""
    return sorted(value for value in values if isinstance(value, str))


def _date(number: int) -> datetime.date:
    return EPOCH + datetime.timedelta(days=number)


def _others() -> Iterator[str]:
    yield "other"
    number = 2
    while True:
        yield f"other-{number}"
        number += 1


def _fresh(names: Iterable[str], taken: set[object] | set[str], count: int) -> Iterator[str]:
    """Yield the first ``count`` of ``names`` that are not taken."""
    for name in names:
        if not count:
            return
        if name not in taken:
            count -= 1
            yield name
