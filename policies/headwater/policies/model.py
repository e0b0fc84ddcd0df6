"""What policies say, typed and frozen: the one form that every engine is made from.

A model in hand is a valid model: every attribute is declared, every operator fits, every name
exists. ``PolicySet.revision`` is the hash of what decides; texts and positions do not enter it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Mapping

    from headwater.catalog.position import Position
    from headwater.catalog.text import Text

Value = str | int | float | bool


class Effect(StrEnum):
    """What a rule does when it is true."""

    ALLOW = "allow"
    DENY = "deny"
    WARN = "warn"


class Mode(StrEnum):
    """Whether a policy decides or only advises."""

    ENFORCE = "enforce"
    ADVISE = "advise"


@dataclass(frozen=True, slots=True)
class Reference:
    """An operand that is the value of another attribute."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Atom:
    """One question about one attribute; a list of values is sorted, without repeats."""

    attribute: str
    op: str
    operand: tuple[Value, ...] | Reference
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class All:
    """True where every part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """True where at least one part is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True where the part is false."""

    part: Condition


Condition = Atom | All | Any | Not


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of an access policy; ``id`` is ``policy/rule``."""

    id: str
    effect: Effect
    applies_to: Condition | None
    when: Condition | None
    message: Text | None
    remedy: Text | None
    basis: tuple[str, ...]
    obligations: tuple[str, ...]
    position: Position

    def obligation_documents(self) -> list[object]:
        """Return the obligations as JSON documents; they are kept as canonical JSON."""
        return [json.loads(text) for text in self.obligations]


@dataclass(frozen=True, slots=True)
class Dates:
    """When a policy is in force, both days included; ``None`` leaves that side open."""

    start: datetime.date | None
    until: datetime.date | None


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """A named set of rules with an owner and a legal basis; ``owner`` is None in built-in packs."""

    id: str
    title: Text
    owner: str | None
    basis: tuple[str, ...]
    dates: Dates
    mode: Mode
    rules: tuple[Rule, ...]
    position: Position


class Disposal(StrEnum):
    """What is to be done with data past its term."""

    DELETE = "delete"
    ANONYMISE = "anonymise"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Since:
    """What a term counts from: a column of the record itself, or an event."""

    column: str | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How long matching data may at most, or must at least, be kept."""

    id: str
    applies_to: Condition | None
    when: Condition | None
    at_most: str | None
    at_least: str | None
    since: Since
    then: Disposal | None
    remedy: Text | None
    basis: tuple[str, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """A named set of retention rules."""

    id: str
    title: Text
    owner: str
    basis: tuple[str, ...]
    dates: Dates
    mode: Mode
    rules: tuple[RetentionRule, ...]
    position: Position


@dataclass(frozen=True)
class PolicySet:
    """Everything that decides, sorted by policy id."""

    access: tuple[AccessPolicy, ...]
    retention: tuple[RetentionPolicy, ...]

    @cached_property
    def revision(self) -> str:
        """The identity of what decides: ``sha256:`` over its canonical JSON."""
        text = canonical(document(self))
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    def access_rules(self) -> Iterator[tuple[AccessPolicy, Rule]]:
        """Yield every access rule with its policy."""
        for policy in self.access:
            for rule in policy.rules:
                yield policy, rule

    def retention_rules(self) -> Iterator[tuple[RetentionPolicy, RetentionRule]]:
        """Yield every retention rule with its policy."""
        for policy in self.retention:
            for rule in policy.rules:
                yield policy, rule

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Every access rule by id."""
        return {rule.id: rule for _, rule in self.access_rules()}

    @cached_property
    def terms(self) -> Mapping[str, RetentionRule]:
        """Every retention rule by id."""
        return {rule.id: rule for _, rule in self.retention_rules()}


def canonical(value: object) -> str:
    """Return JSON that is the same for the same value: sorted keys, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def document(policies: PolicySet) -> dict[str, object]:
    """Return what decides as plain JSON values: no texts, no positions."""
    return {
        "language": 1,
        "access": [
            _head(policy)
            | {
                "rules": [
                    {
                        "id": rule.id,
                        "effect": rule.effect.value,
                        "applies_to": _plain(rule.applies_to),
                        "when": _plain(rule.when),
                        "obligations": list(rule.obligations),
                    }
                    for rule in policy.rules
                ]
            }
            for policy in policies.access
        ],
        "retention": [
            _head(policy) | {"rules": [_term(rule) for rule in policy.rules]}
            for policy in policies.retention
        ],
    }


def _head(policy: AccessPolicy | RetentionPolicy) -> dict[str, object]:
    days = {"from": policy.dates.start, "until": policy.dates.until}
    effective = {key: day.isoformat() if day else None for key, day in days.items()}
    return {"id": policy.id, "mode": policy.mode.value, "effective": effective}


def _term(rule: RetentionRule) -> dict[str, object]:
    return {
        "id": rule.id,
        "applies_to": _plain(rule.applies_to),
        "when": _plain(rule.when),
        "at_most": rule.at_most,
        "at_least": rule.at_least,
        "since": {"column": rule.since.column, "event": rule.since.event},
        "then": rule.then.value if rule.then else None,
    }


def _plain(condition: Condition | None) -> object:
    match condition:
        case None:
            return None
        case Atom(attribute=attribute, op=op, operand=Reference(attribute=other)):
            return [attribute, op, {"attribute": other}]
        case Atom(attribute=attribute, op=op, operand=tuple(values)):
            return [attribute, op, list(values)]
        case Not(part=part):
            return {"not": _plain(part)}
        case All(parts=parts):
            return {"all": [_plain(part) for part in parts]}
        case Any(parts=parts):
            return {"any": [_plain(part) for part in parts]}
    raise TypeError(condition)
