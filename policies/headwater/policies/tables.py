"""Many rules judged at once: each value of an attribute says, as bits, which rules it breaks.

A formula is brought to *any of all of tests* (the laws for that hold in three-valued logic as they
do in two-valued). Then a value of one attribute makes each of these conjunctions false, leaves it
unknown, or lets it be, whatever the other attributes are. That is worked out once for each value
that occurs, by the evaluator's own tests. Judging facts is then one look-up and one *or* for each
attribute, not one comparison for each condition of each rule.
"""

from __future__ import annotations

from functools import reduce
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from headwater.policies.boxes import bits
from headwater.policies.formula import AllOf, Test

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from headwater.policies.formula import Formula

    Truth = Callable[[Mapping[str, object]], bool | None]

MOST_PARTS = 64
"""The conjunctions of one formula, beyond which it is judged on its own."""

MOST_VALUES = 65_536
"""The values of one attribute that are remembered at a time."""


class Verdict(NamedTuple):
    """What facts come to.

    Attributes:
        true: The conjunctions that are true, as bits.
        unknown: Those that are unknown.
        absent: Where any is unknown, the attributes that are absent; they tell apart what leaves
            it so.
    """

    true: int
    unknown: int
    absent: int


class Table(dict[object, int]):
    """What each value of some attributes (one, or two that are compared) does."""

    def __init__(self, names: tuple[str, ...], bits_of: Callable[..., int]) -> None:
        super().__init__()
        self.names = names
        self._bits_of = bits_of
        self.tests: list[tuple[int, Truth]] = []

    def __missing__(self, key: object) -> int:
        if len(self) >= MOST_VALUES:
            self.clear()
        values = (key,) if len(self.names) == 1 else key
        found = self[key] = self._bits_of(self, values)
        return found


class Tables:
    """Formulas as tables.

    Attributes:
        whole: Whether every formula could be; the others are judged on their own, each time.
        base: What the fixed values do, to which every reading adds.
        plain: The tables of one attribute, with its name.
        listed: Those of them whose values are lists, once that is known.
        paired: The tables of two attributes that are compared.
    """

    def __init__(
        self,
        formulas: Sequence[Formula],
        truth_of: Callable[[Formula], Truth],
        *,
        fixed: Mapping[str, object] | None = None,
        normal: Callable[[str, object], object] = lambda _name, value: value,
    ) -> None:
        """Make the tables.

        Args:
            formulas: What is to be judged.
            truth_of: The evaluator of one formula.
            fixed: Values that are the same in all facts to come.
            normal: What engines compare, of what facts to come will say of an attribute.
        """
        found = [conjunctions(formula) for formula in formulas]
        self._alone = [
            (number, truth_of(formulas[number])) for number, parts in enumerate(found) if not parts
        ]
        parts = [(number, part) for number, each in enumerate(found) for part in each]
        self.whole = not self._alone
        self._owners = [*(number for number, _ in parts), *(number for number, _ in self._alone)]
        self._count = len(self._owners)
        self._all = (1 << self._count) - 1
        self._fixed = dict(fixed or {})
        self._normal = normal
        self._absent: dict[str, int] = {}
        self.base = 0
        self._tables: dict[tuple[str, ...], Table] = {}
        for at, (_, tests) in enumerate(parts):
            for test in tests:
                self._place(at, test, truth_of(test))
        self.listed: list[tuple[str, Table]] = []
        self.plain = [(key[0], each) for key, each in self._tables.items() if len(key) == 1]
        self.paired = [(*key, each) for key, each in self._tables.items() if len(key) == 2]

    def _place(self, part: int, test: Test, truth: Truth) -> None:
        """Let conjunction ``part`` ask ``test``: at once where all it reads is fixed."""
        names = tuple(dict.fromkeys(name for name in (test.attribute, test.other) if name))
        free = tuple(name for name in names if name not in self._fixed)
        if not free:
            self.base |= self._answer(part, truth(self._fixed))
            return
        table = self._tables.setdefault(free, Table(free, self._bits_of))
        table.tests.append((part, truth))

    def _answer(self, part: int, truth: bool | None) -> int:
        if truth is None:
            return 1 << self._count + part
        return 0 if truth else 1 << part

    def _bits_of(self, table: Table, key: tuple[object, ...]) -> int:
        values = dict(self._fixed)
        found = 0
        for name, value in zip(table.names, key, strict=True):
            if value is None:
                found |= self._absent_bit(name)
                values[name] = None
            else:
                given = list(value) if value.__class__ is tuple else value
                values[name] = self._normal(name, given)
        for part, truth in table.tests:
            found |= self._answer(part, truth(values))
        return found

    def _absent_bit(self, name: str) -> int:
        at = self._absent.setdefault(name, len(self._absent))
        return 1 << 2 * self._count + at

    def read(self, values: Mapping[str, object]) -> int:
        """Return what ``values`` do to every conjunction; equal numbers, equal verdicts."""
        try:
            found = self.base
            for name, table in self.plain:
                found |= table[values[name]]
        except TypeError:
            self._part_lists(values)
            return self.read(values)
        for name, table in self.listed:
            value = values[name]
            found |= table[tuple(value) if value.__class__ is list else value]
        for name, other, table in self.paired:
            found |= table[frozen(values[name]), frozen(values[other])]
        for at, (_, truth) in enumerate(self._alone, self._count - len(self._alone)):
            found |= self._answer(at, truth(values))
        return found

    def _part_lists(self, values: Mapping[str, object]) -> None:
        """Set the attributes apart that turn out to have lists for values."""
        lists = [row for row in self.plain if values[row[0]].__class__ is list]
        if not lists:
            raise TypeError(values)
        self.listed += lists
        self.plain = [row for row in self.plain if row not in lists]

    def verdict(self, read: int) -> Verdict:
        """Return what came of a reading."""
        false = read & self._all
        unknown = read >> self._count & self._all & ~false
        return Verdict(
            self._all & ~false & ~unknown, unknown, read >> 2 * self._count if unknown else 0
        )

    def parts_of(self, formulas: Collection[int]) -> int:
        """Return the conjunctions that some formulas are made of, as bits."""
        return sum(1 << at for at, owner in enumerate(self._owners) if owner in formulas)

    def formulas(self, conjunctions: int) -> set[int]:
        """Return the formulas that some conjunctions are of."""
        return {self._owners[at] for at in bits(conjunctions)}


def frozen(value: object) -> object:
    """Return ``value`` as it can be a key: a list as a tuple."""
    return tuple(value) if isinstance(value, list) else value


def conjunctions(formula: Formula) -> list[tuple[Test, ...]]:
    """Return the conjunctions of tests of which any is as good as ``formula``.

    There are none where they would be too many, or where it is never true.
    """
    found = _spread(formula)
    return found if 0 < len(found) <= MOST_PARTS else []


def _spread(formula: Formula) -> list[tuple[Test, ...]]:
    if isinstance(formula, Test):
        return [(formula,)]
    spread = [_spread(part) for part in formula.parts]
    if any(len(each) > MOST_PARTS for each in spread):
        return [()] * (MOST_PARTS + 1)
    if not isinstance(formula, AllOf):
        return [tests for each in spread for tests in each]
    if reduce(lambda count, each: count * len(each), spread, 1) > MOST_PARTS:
        return [()] * (MOST_PARTS + 1)
    joined = (tuple(dict.fromkeys(sum(each, ()))) for each in product(*spread))
    return list(dict.fromkeys(joined))
