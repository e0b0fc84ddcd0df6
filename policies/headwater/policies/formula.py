"""Conditions in the form that engines are made from: tests joined by all and any, no *not*.

In three-valued logic a condition is false exactly where its negation is true, and a negation can
be pushed down to the tests (De Morgan holds). So every engine needs only *true* of a formula and
*true* of its opposite; what is neither is unknown.

An attribute that is absent makes a test unknown, save ``absent`` and ``present``, which ask for
that. Operators over lists and ranges are written out, so that few operators are left.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.policies.attributes import ATTRIBUTES, RANKED, RANKS, Kind
from headwater.policies.facts import AS_OF, REACH, days_of
from headwater.policies.model import All, Any, Atom, Not, Reference, Rule
from headwater.policies.operators import PRESENCE
from headwater.policies.own_attributes import PERIOD_OPERATORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.policies.model import (
        Condition,
        Dates,
        PolicyException,
        PolicySet,
        RetentionRule,
        Value,
    )

OPPOSITE = {
    "eq": "not",
    "in": "not_in",
    "at_least": "below",
    "above": "at_most",
    "has": "lacks",
    "under": "not_under",
    "matches": "not_matches",
    "absent": "present",
}
OPPOSITE |= {other: op for op, other in OPPOSITE.items()}


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of one attribute with values, or with another attribute.

    ``values`` are as facts have them: levels and dates are numbers. ``absent`` and ``present``
    have none. ``attribute`` may be ``as_of``, and ``other`` that or ``reach.PERIOD``, the last day
    whose term of that period is over: these are always known.
    """

    __test__ = False  # a name that pytest would collect

    attribute: str
    op: str
    values: tuple[Value, ...] = ()
    other: str | None = None

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes whose absence leaves the test unknown."""
        if self.op in PRESENCE or self.attribute == AS_OF:  # the day of a question is always known
            return ()
        if self.other is None or self.other == AS_OF or self.other.startswith(REACH):
            return (self.attribute,)
        return (self.attribute, self.other)


@dataclass(frozen=True, slots=True)
class AllOf:
    """True where every part is; with no parts, true."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where at least one part is; with no parts, false."""

    parts: tuple[Formula, ...]


Formula = Test | AllOf | AnyOf


def formula_of(rule: Rule | RetentionRule, dates: Dates) -> AllOf:
    """Return when ``rule`` holds: in force, applying, its own condition, and not excepted."""
    base = _base(rule, dates)
    if not isinstance(rule, Rule) or not rule.exceptions:
        return base
    return _all_of([base, *(not_true(exception_of(each)) for each in rule.exceptions)])


def dates_of(dates: Dates) -> AllOf:
    """Return when a policy of these dates is in force."""
    return _all_of(_in_force(dates))


def used_of(rule: Rule, exception: PolicyException, dates: Dates) -> AllOf:
    """Return when ``exception`` keeps ``rule`` from holding, or from being unknown."""
    return _all_of([exception_of(exception), not_true(opposite(_base(rule, dates)))])


def exception_of(exception: PolicyException) -> Formula:
    """Return when ``exception`` excuses; where that is unknown it does not."""
    return _all_of([*_in_force(exception.dates), positive(exception.when)])


def periods_of(policies: PolicySet) -> tuple[str, ...]:
    """Return the periods by which ``policies`` measure dates, sorted."""
    formulas: list[Formula] = []
    for policy, rule in policies.access_rules():
        formulas += [formula_of(rule, policy.dates)]
        formulas += [exception_of(each) for each in rule.exceptions]
    formulas += [formula_of(rule, owner.dates) for owner, rule in policies.retention_rules()]
    found = {test.other or "" for formula in formulas for test in tests_of(formula)}
    return tuple(sorted(name.removeprefix(REACH) for name in found if name.startswith(REACH)))


def tests_of(formula: Formula) -> Iterator[Test]:
    """Yield every test in ``formula``."""
    if isinstance(formula, Test):
        yield formula
    else:
        for part in formula.parts:
            yield from tests_of(part)


def _base(rule: Rule | RetentionRule, dates: Dates) -> AllOf:
    conditions = (rule.applies_to, rule.when)
    return _all_of(
        [*_in_force(dates), *(positive(part) for part in conditions if part is not None)]
    )


def _in_force(dates: Dates) -> list[Formula]:
    parts: list[Formula] = []
    if dates.start:
        parts.append(Test(AS_OF, "at_least", (days_of(dates.start),)))
    if dates.until:
        parts.append(Test(AS_OF, "at_most", (days_of(dates.until),)))
    return parts


def _all_of(parts: list[Formula]) -> AllOf:
    joined = _joined(AllOf, parts)
    return joined if isinstance(joined, AllOf) else AllOf((joined,))


def not_true(formula: Formula) -> Formula:
    """Return the formula that is false where ``formula`` is true and else true, never unknown."""
    match formula:
        case Test(attributes=names):
            absent = [Test(name, "absent") for name in names]
            return _joined(AnyOf, [opposite(formula), *absent])
        case AllOf(parts=parts):
            return _joined(AnyOf, [not_true(part) for part in parts])
        case AnyOf(parts=parts):
            return _joined(AllOf, [not_true(part) for part in parts])
    raise TypeError(formula)


def opposite(formula: Formula) -> Formula:
    """Return the formula that is true exactly where ``formula`` is false."""
    match formula:
        case Test(attribute=attribute, op=op, values=values, other=other):
            return Test(attribute, OPPOSITE[op], values, other)
        case AllOf(parts=parts):
            return AnyOf(tuple(opposite(part) for part in parts))
        case AnyOf(parts=parts):
            return AllOf(tuple(opposite(part) for part in parts))
    raise TypeError(formula)


def positive(condition: Condition) -> Formula:
    """Return when ``condition`` is true, with every *not* pushed down to the tests."""
    match condition:
        case Atom():
            return _tests(condition)
        case Not(part=part):
            return opposite(positive(part))
        case All(parts=parts):
            return _joined(AllOf, [positive(part) for part in parts])
        case Any(parts=parts):
            return _joined(AnyOf, [positive(part) for part in parts])
    raise TypeError(condition)


def _tests(atom: Atom) -> Formula:
    name, op = atom.attribute, atom.op
    if isinstance(atom.operand, Reference):
        return Test(name, op, (), atom.operand.attribute)
    if op in PRESENCE:
        return Test(name, op)
    if op in PERIOD_OPERATORS:
        return _aged(name, op, str(atom.operand[0]))
    kind = atom.kind or ATTRIBUTES[name].kind
    values = tuple(_value(kind, value) for value in atom.operand)
    match op:
        case "between":
            low, high = values
            return AllOf((Test(name, "at_least", (low,)), Test(name, "at_most", (high,))))
        case "has_any":
            return _joined(AnyOf, [Test(name, "has", (value,)) for value in values])
        case "has_all":
            return _joined(AllOf, [Test(name, "has", (value,)) for value in values])
        case _:
            return Test(name, op, values)


def _aged(name: str, op: str, period: str) -> Formula:
    """Return when a date is older than ``period``, or lies within it and not in the future."""
    older = Test(name, "at_most", (), f"{REACH}{period}")
    if op == "older_than":
        return older
    return AllOf((opposite(older), Test(name, "at_most", (), AS_OF)))


def _value(kind: Kind, value: Value) -> Value:
    if kind in RANKED:
        return RANKS[kind].index(str(value)) + 1
    if kind is Kind.DATE:
        return days_of(datetime.date.fromisoformat(str(value)))
    return value


def _joined(join: type[AllOf | AnyOf], parts: list[Formula]) -> Formula:
    """Return the parts under one join, with inner joins of the same kind opened."""
    flat: list[Formula] = []
    for part in parts:
        flat += part.parts if isinstance(part, join) else (part,)
    once = tuple(dict.fromkeys(flat))
    return once[0] if len(once) == 1 else join(once)
