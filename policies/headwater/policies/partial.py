"""Policies of which part of the facts is known: what must hold of the rest for an allow.

Formulas have no *not*, so only what is *true* matters: a part that is unknown can be taken as
false. What is left asks only about the free attributes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.policies.formula import (
    AllOf,
    AnyOf,
    Formula,
    Test,
    formula_of,
    not_true,
    opposite,
    positive,
)
from headwater.policies.model import Effect, Mode
from headwater.policies.native import truth_of
from headwater.policies.obligations import filters_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.policies.model import PolicySet, Rule, Value

Residual = Formula | bool


@dataclass(frozen=True, slots=True)
class Leave:
    """When an allow comes about.

    Attributes:
        when: What must hold of the free attributes; ``True`` or ``False`` where nothing is left.
        allowing: The allowing rules that may hold.
        refusing: The denying rules that refuse whatever the free attributes are.
    """

    when: Residual
    allowing: tuple[Rule, ...]
    refusing: tuple[str, ...]


def leave(policies: PolicySet, values: Mapping[str, object], free: frozenset[str]) -> Leave:
    """Return when ``policies`` allow, and every row filter of a rule that allows lets through.

    Args:
        policies: What decides.
        values: The facts, normalised; those of free attributes do not count.
        free: The attributes that are not known yet.
    """
    denials = {
        rule.id: when_true(opposite(formula), values, free)
        for rule, formula in _deciding(policies, Effect.DENY)
    }
    allowing = list(_deciding(policies, Effect.ALLOW))
    allows = [(rule, when_true(formula, values, free)) for rule, formula in allowing]
    allowed = any_of(residual for _, residual in allows)
    filters = [
        any_of(when_true(part, values, free) for part in (not_true(formula), positive(each)))
        for rule, formula in allowing
        for each in filters_of(rule, policies.attributes)
    ]
    return Leave(
        all_of([allowed, *denials.values(), *filters]),
        tuple(rule for rule, residual in allows if residual is not False),
        tuple(sorted(name for name, residual in denials.items() if residual is False)),
    )


def _deciding(policies: PolicySet, effect: Effect) -> Iterator[tuple[Rule, Formula]]:
    for policy, rule in policies.access_rules():
        if rule.effect is effect and policy.mode is Mode.ENFORCE:
            yield rule, formula_of(rule, policy.dates)


def when_true(formula: Formula, values: Mapping[str, object], free: frozenset[str]) -> Residual:
    """Return what must hold of the free attributes for ``formula`` to be true."""
    match formula:
        case Test():
            return _test(formula, values, free)
        case AllOf(parts=parts):
            return all_of(when_true(part, values, free) for part in parts)
        case AnyOf(parts=parts):
            return any_of(when_true(part, values, free) for part in parts)
    raise TypeError(formula)


def _test(test: Test, values: Mapping[str, object], free: frozenset[str]) -> Residual:
    """Return the test as one of free attributes alone: what is known becomes a value of it."""
    name, other = test.attribute, test.other
    if name not in free and other not in free:
        return truth_of(test)(values) is True
    if other is None or (name in free and other in free):
        return test
    if name in free:
        value = _itself(values[other])
        return False if value is None else Test(name, test.op, (value,))
    return _turned(test, other, values[name])


def _turned(test: Test, free: str, known: object) -> Residual:
    """Return a test of what is known against a free attribute as one of the free attribute."""
    if known is None:
        return False
    if test.op in _MEMBERS:
        assert isinstance(known, list)  # noqa: S101 - sets and trees are lists
        if not known:
            return False if test.op == "has" else Test(free, "present")
        return Test(free, _MEMBERS[test.op], tuple(str(item) for item in known))
    value = _itself(known)
    return False if value is None else Test(free, _MIRRORED.get(test.op, test.op), (value,))


_MEMBERS = {"has": "in", "lacks": "not_in", "under": "in", "not_under": "not_in"}
_MIRRORED = {"at_least": "at_most", "at_most": "at_least", "above": "below", "below": "above"}


def _itself(value: object) -> Value | None:
    found = value[0] if isinstance(value, list) else value
    return found if isinstance(found, str | int | float) else None


def all_of(parts: Iterable[Residual]) -> Residual:
    """Return what holds where all parts do."""
    left: dict[Formula, None] = {}
    for part in parts:
        if part is False:
            return False
        if part is not True:
            left |= dict.fromkeys(part.parts if isinstance(part, AllOf) else (part,))
    found = tuple(left)
    return (found[0] if len(found) == 1 else AllOf(found)) if found else True


def any_of(parts: Iterable[Residual]) -> Residual:
    """Return what holds where any part does."""
    left: dict[Formula, None] = {}
    for part in parts:
        if part is True:
            return True
        if part is not False:
            left |= dict.fromkeys(part.parts if isinstance(part, AnyOf) else (part,))
    found = tuple(left)
    return (found[0] if len(found) == 1 else AnyOf(found)) if found else False


def reads(residual: Residual) -> frozenset[str]:
    """Return the attributes that ``residual`` asks about."""
    if isinstance(residual, bool):
        return frozenset()
    if isinstance(residual, Test):
        return frozenset({residual.attribute, residual.other or residual.attribute})
    return frozenset(name for part in residual.parts for name in reads(part))
