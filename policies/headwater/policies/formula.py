"""Conditions in the form that engines are made from: tests joined by all and any, no *not*.

In three-valued logic a condition is false exactly where its negation is true, and a negation can
be pushed down to the tests (De Morgan holds). So every engine needs only *true* of a formula and
*true* of its opposite; what is neither is unknown.

An attribute that is absent makes a test unknown, save ``absent`` and ``present``, which ask for
that. Operators over lists and ranges are written out, so that few operators are left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.policies.facts import AS_OF, EPOCH
from headwater.policies.model import All, Any, Atom, Not, Reference
from headwater.policies.operators import PRESENCE
from headwater.policies.vocabulary import ATTRIBUTES, Kind

if TYPE_CHECKING:
    from headwater.policies.model import Condition, Dates, RetentionRule, Rule, Value

OPPOSITE = {
    "eq": "not",
    "in": "not_in",
    "at_least": "below",
    "above": "at_most",
    "has": "lacks",
    "under": "not_under",
    "absent": "present",
}
OPPOSITE |= {other: op for op, other in OPPOSITE.items()}


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of one attribute with values, or with another attribute.

    ``values`` are as facts have them: levels are numbers. ``absent`` and ``present`` have none.
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
        return (self.attribute, self.other) if self.other else (self.attribute,)


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
    """Return when ``rule`` holds: in force, applying, and its own condition."""
    parts: list[Formula] = []
    if dates.start:
        parts.append(Test(AS_OF, "at_least", ((dates.start - EPOCH).days,)))
    if dates.until:
        parts.append(Test(AS_OF, "at_most", ((dates.until - EPOCH).days,)))
    parts += [_positive(part) for part in (rule.applies_to, rule.when) if part is not None]
    joined = _joined(AllOf, parts)
    return joined if isinstance(joined, AllOf) else AllOf((joined,))


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


def _positive(condition: Condition) -> Formula:
    match condition:
        case Atom():
            return _tests(condition)
        case Not(part=part):
            return opposite(_positive(part))
        case All(parts=parts):
            return _joined(AllOf, [_positive(part) for part in parts])
        case Any(parts=parts):
            return _joined(AnyOf, [_positive(part) for part in parts])
    raise TypeError(condition)


def _tests(atom: Atom) -> Formula:
    name, op = atom.attribute, atom.op
    if isinstance(atom.operand, Reference):
        return Test(name, op, (), atom.operand.attribute)
    if op in PRESENCE:
        return Test(name, op)
    values = tuple(_value(name, value) for value in atom.operand)
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


def _value(name: str, value: Value) -> Value:
    attribute = ATTRIBUTES[name]
    ranked = attribute.kind in (Kind.LEVEL, Kind.ADMINISTRATIVE)
    return attribute.rank(str(value)) if ranked else value


def _joined(join: type[AllOf | AnyOf], parts: list[Formula]) -> Formula:
    """Return the parts under one join, with inner joins of the same kind opened."""
    flat: list[Formula] = []
    for part in parts:
        flat += part.parts if isinstance(part, join) else (part,)
    once = tuple(dict.fromkeys(flat))
    return once[0] if len(once) == 1 else join(once)
