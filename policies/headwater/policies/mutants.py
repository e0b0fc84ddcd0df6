"""Sets of policies with one small mistake in them, one for each that a person might make."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from headwater.catalog.text import Text
from headwater.policies.condition_edits import edits, filled
from headwater.policies.model import (
    AccessPolicy,
    Dates,
    Effect,
    Mode,
    PolicySet,
    RetentionPolicy,
    RetentionRule,
    Rule,
    canonical,
)
from headwater.policies.obligations import FILTER, filter_of, written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from headwater.catalog.position import Position
    from headwater.policies.attributes import Attribute

_EFFECTS = {
    Effect.ALLOW: (Effect.DENY,),
    Effect.DENY: (Effect.ALLOW, Effect.WARN),
    Effect.WARN: (Effect.DENY,),
}
_MODES = {Mode.ENFORCE: Mode.ADVISE, Mode.ADVISE: Mode.ENFORCE}
_DAY = datetime.timedelta(1)

_NO_RULE = Text("left out the rule", "去掉了该规则")
_NO_SCOPE = Text("left out `applies_to`", "去掉了 `applies_to`")
_EFFECT = Text("`{effect}` became `{other}`", "`{effect}` 变为 `{other}`")
_OWED = Text("left out the obligation {obligation}", "去掉了义务 {obligation}")
_FILTER = Text("of the row filter: {change}", "行筛选：{change}")
_EXCEPTION = Text("left out the exception `{id}`", "去掉了例外 `{id}`")
_MODE = Text("`mode` became {other}", "`mode` 变为 {other}")
_EXCEPTION_DATE = Text(
    "`effective.{key}` of the exception `{id}` became {other}",
    "例外 `{id}` 的 `effective.{key}` 变为 {other}",
)
_DATE = Text("`effective.{key}` became {other}", "`effective.{key}` 变为 {other}")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A set of policies that differs from the original in one place.

    Attributes:
        policy: The id of the policy that was changed.
        rule: The id of the rule that was changed, else of the policy.
        position: Where in the file the change would stand.
        change: What was changed.
        policies: The whole set.
    """

    policy: str
    rule: str
    position: Position
    change: Text
    policies: PolicySet


_Rule = TypeVar("_Rule", Rule, RetentionRule)
_Policy = TypeVar("_Policy", AccessPolicy, RetentionPolicy)
_Thing = TypeVar("_Thing")


def mutants(policies: PolicySet, only: Collection[str]) -> Iterator[Mutant]:
    """Yield the mutants of the policies with the ids ``only``, no two of them the same."""
    seen = {policies.revision}
    for mutant in _all(policies, only):
        if mutant.policies.revision not in seen:
            seen.add(mutant.policies.revision)
            yield mutant


def _all(policies: PolicySet, only: Collection[str]) -> Iterator[Mutant]:
    for policy in policies.access:
        for made in _access(policy, policies.attributes) if policy.id in only else ():
            access = _swapped(policies.access, policy, made.thing)
            yield made.mutant(policy.id, replace(policies, access=access))
    for kept in policies.retention:
        for changed in _retention(kept) if kept.id in only else ():
            retention = _swapped(policies.retention, kept, changed.thing)
            yield changed.mutant(kept.id, replace(policies, retention=retention))


@dataclass(frozen=True, slots=True)
class _Made(Generic[_Policy]):
    """A changed policy, and what was changed."""

    thing: _Policy
    rule: str
    change: Text
    position: Position

    def mutant(self, policy: str, policies: PolicySet) -> Mutant:
        return Mutant(policy, self.rule, self.position, self.change, policies)


def _access(
    policy: AccessPolicy, attributes: Mapping[str, Attribute]
) -> Iterator[_Made[AccessPolicy]]:
    other = _MODES[policy.mode]
    change = _MODE.fill({"other": other.value})
    yield _Made(replace(policy, mode=other), policy.id, change, policy.position)
    yield from _dated(policy)
    for rule in policy.rules:
        filters = _filters(rule, attributes)
        for changed, said, position in (
            *_rule(rule), *_effects(rule), *filters, *_exceptions(rule),
        ):  # fmt: skip
            rules = _swapped(policy.rules, rule, changed)
            yield _Made(replace(policy, rules=rules), rule.id, said, position or rule.position)


def _retention(policy: RetentionPolicy) -> Iterator[_Made[RetentionPolicy]]:
    yield from _dated(policy)
    for rule in policy.rules:
        for changed, said, position in _rule(rule):
            rules = _swapped(policy.rules, rule, changed)
            yield _Made(replace(policy, rules=rules), rule.id, said, position or rule.position)


def _swapped(things: tuple[_Thing, ...], old: _Thing, new: _Thing | None) -> tuple[_Thing, ...]:
    """Return ``things`` with ``new`` in the place of ``old``, or without it."""
    found = []
    for thing in things:
        if thing is not old:
            found.append(thing)
        elif new is not None:
            found.append(new)
    return tuple(found)


def _dated(policy: _Policy) -> Iterator[_Made[_Policy]]:
    """Yield the policy in force a day more or less at each end that it has."""
    for dates, key, day in _beside(policy.dates):
        change = _DATE.fill({"key": key, "other": day.isoformat()})
        yield _Made(replace(policy, dates=dates), policy.id, change, policy.position)


def _beside(dates: Dates) -> Iterator[tuple[Dates, str, datetime.date]]:
    """Yield the dates with one end a day earlier or later, its key, and its new day."""
    for day in _near(dates.start):
        yield Dates(day, dates.until), "from", day
    for day in _near(dates.until):
        yield Dates(dates.start, day), "until", day


def _near(day: datetime.date | None) -> list[datetime.date]:
    if day is None or not datetime.date.min < day < datetime.date.max:
        return []
    return [day - _DAY, day + _DAY]


def _rule(rule: _Rule) -> Iterator[tuple[_Rule | None, Text, Position | None]]:
    """Yield the rule left out, without its scope, and with each mistake in its conditions."""
    yield None, _NO_RULE, rule.position
    for edit in edits(rule.applies_to) if rule.applies_to else ():
        yield replace(rule, applies_to=edit.condition), edit.change, edit.position
    for edit in edits(rule.when) if rule.when else ():
        yield replace(rule, when=edit.condition), edit.change, edit.position
    if rule.applies_to is not None:
        yield replace(rule, applies_to=None), _NO_SCOPE, rule.position


def _effects(rule: Rule) -> Iterator[tuple[Rule, Text, Position]]:
    """Yield the rule with another effect, and with one obligation less."""
    for other in _EFFECTS[rule.effect]:
        change = _EFFECT.fill({"effect": rule.effect.value, "other": other.value})
        yield replace(rule, effect=other, obligations=()), change, rule.position
    for owed in rule.obligations:
        rest = tuple(each for each in rule.obligations if each != owed)
        yield replace(rule, obligations=rest), filled(_OWED, obligation=owed), rule.position


def _filters(
    rule: Rule, attributes: Mapping[str, Attribute]
) -> Iterator[tuple[Rule, Text, Position]]:
    """Yield the rule with each mistake in the conditions of a row filter."""
    for owed in rule.obligations:
        condition = filter_of(owed, attributes)
        for edit in edits(condition) if condition else ():
            if edit.condition is None:
                continue  # that is the obligation left out
            other = canonical(json.loads(owed) | {FILTER: written(edit.condition)})
            changed = tuple(other if each == owed else each for each in rule.obligations)
            change = _FILTER.fill({"change": edit.change})
            yield replace(rule, obligations=changed), change, rule.position


def _exceptions(rule: Rule) -> Iterator[tuple[Rule, Text, Position]]:
    """Yield the rule without one of its exceptions, and with each mistake in one."""
    for exception in rule.exceptions:
        rest = _swapped(rule.exceptions, exception, None)
        change = _EXCEPTION.fill({"id": exception.id})
        yield replace(rule, exceptions=rest), change, exception.position
        for dates, key, day in _beside(exception.dates):
            changed = replace(exception, dates=dates)
            values = {"key": key, "id": exception.id, "other": day.isoformat()}
            exceptions = _swapped(rule.exceptions, exception, changed)
            change = _EXCEPTION_DATE.fill(values)
            yield replace(rule, exceptions=exceptions), change, exception.position
        for edit in edits(exception.when):
            if edit.condition is not None:
                changed = replace(exception, when=edit.condition)
                exceptions = _swapped(rule.exceptions, exception, changed)
                position = edit.position or exception.position
                yield replace(rule, exceptions=exceptions), edit.change, position
