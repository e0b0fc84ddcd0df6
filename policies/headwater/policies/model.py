"""What policies say, typed and frozen: the one form that every engine is made from.

A model in hand is a valid model: every attribute is declared, every operator fits, every name
exists. ``PolicySet.revision`` is the hash of what decides; texts and positions do not enter it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from headwater.catalog.text import Text
from headwater.policies.attributes import ATTRIBUTES

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Mapping

    from headwater.catalog.position import Position
    from headwater.policies.attributes import Attribute, Kind
    from headwater.policies.workspace_rego import RegoModule

Value = str | int | float | bool

_REFUSES = Text("`{rule}` of `{file}` refuses", "`{file}` 中的 `{rule}` 拒绝")
_READ = Text("read the Rego at {at}", "请阅读 {at} 处的 Rego")


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
    kind: Kind | None = field(default=None, compare=False)
    """The attribute's; ``None`` stands for that of the attribute that every workspace has."""


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
class Dates:
    """When a policy is in force, both days included; ``None`` leaves that side open."""

    start: datetime.date | None
    until: datetime.date | None

    def include(self, day: datetime.date) -> bool:
        """Say whether ``day`` is one of them."""
        started = self.start is None or self.start <= day
        return started and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class PolicyException:
    """A case in which one denying or warning rule does not count, for a while.

    Attributes:
        rule: The id of the rule, ``policy/rule``.
        when: The case. Where it is not known whether it is this case, the rule counts.
    """

    id: str
    title: Text
    owner: str
    approver: str
    reason: Text
    rule: str
    when: Condition
    dates: Dates
    position: Position


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
    exceptions: tuple[PolicyException, ...] = ()

    def obligation_documents(self) -> list[object]:
        """Return the obligations as JSON documents; they are kept as canonical JSON."""
        return [json.loads(text) for text in self.obligations]


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
    verified: bool = True
    """Whether the law that it rests on was read, not remembered."""


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """A named set of retention rules; ``zone`` is where its days are counted, if it says so."""

    id: str
    title: Text
    owner: str
    basis: tuple[str, ...]
    dates: Dates
    mode: Mode
    rules: tuple[RetentionRule, ...]
    position: Position
    zone: str | None = None


_Policy = TypeVar("_Policy", AccessPolicy, RetentionPolicy)


@dataclass(frozen=True)
class PolicySet:
    """Everything that decides, sorted by policy id.

    ``own`` are the attributes that the workspace declares itself, by name.
    """

    access: tuple[AccessPolicy, ...]
    retention: tuple[RetentionPolicy, ...]
    modules: tuple[RegoModule, ...] = ()
    own: tuple[Attribute, ...] = ()

    @cached_property
    def attributes(self) -> Mapping[str, Attribute]:
        """Every attribute that conditions may ask about, by name."""
        return ATTRIBUTES | {attribute.name: attribute for attribute in self.own}

    @cached_property
    def exceptions(self) -> Mapping[str, PolicyException]:
        """Every exception by id, sorted."""
        found = {each.id: each for _, rule in self.access_rules() for each in rule.exceptions}
        return dict(sorted(found.items()))

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
        """Every access rule by id; those of the workspace's own Rego are made when asked for."""
        return _Rules(self)

    def versions(self, policy: str) -> tuple[AccessPolicy | RetentionPolicy, ...]:
        """Return the policies with one id: the same policy, from one day on and from another."""
        found: list[AccessPolicy | RetentionPolicy] = [*self.access, *self.retention]
        return tuple(each for each in found if each.id == policy)

    def on(self, day: datetime.date) -> PolicySet:
        """Return the policies as they stand on ``day``.

        Of a policy in several versions that is the one in force, else the last. An engine decides
        by all of them; this is for whoever asks what a rule says.
        """
        return replace(
            self, access=_standing(self.access, day), retention=_standing(self.retention, day)
        )

    def rule_on(self, name: str, day: datetime.date) -> Rule:
        """Return the access rule ``name`` as it stands on ``day``.

        Of a policy that has other rules from some day on, that is of the one in force; of a
        policy that is not in force, the last.
        """
        found = self._versions.get(name)
        if found is None:  # the workspace's own Rego has no dates
            return self.rules[name]
        return next((rule for dates, rule in found if dates.include(day)), found[-1][1])

    @cached_property
    def _versions(self) -> Mapping[str, list[tuple[Dates, Rule]]]:
        found: dict[str, list[tuple[Dates, Rule]]] = {}
        for policy, rule in self.access_rules():
            found.setdefault(rule.id, []).append((policy.dates, rule))
        return found

    @cached_property
    def terms(self) -> Mapping[str, RetentionRule]:
        """Every retention rule by id."""
        return {rule.id: rule for _, rule in self.retention_rules()}


class _Rules(dict[str, Rule]):
    """Access rules by id. Only Rego knows which ids its modules give, so those come as asked."""

    def __init__(self, policies: PolicySet) -> None:
        super().__init__({rule.id: rule for _, rule in policies.access_rules()})
        self._modules = policies.modules

    def __missing__(self, name: str) -> Rule:
        from headwater.policies.workspace_rego import custom_names, custom_position, is_custom

        if not is_custom(name, custom_names(self._modules)):
            raise KeyError(name)
        at = custom_position(name, self._modules)
        said = _REFUSES.fill({"rule": name, "file": at.file})
        return Rule(name, Effect.DENY, None, None, said, _READ.fill({"at": str(at)}), (), (), at)


def _standing(policies: tuple[_Policy, ...], day: datetime.date) -> tuple[_Policy, ...]:
    found: dict[str, _Policy] = {}
    for policy in policies:
        if policy.id not in found or not found[policy.id].dates.include(day):
            found[policy.id] = policy
    return tuple(found.values())


def canonical(value: object) -> str:
    """Return JSON that is the same for the same value: sorted keys, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def document(policies: PolicySet) -> dict[str, object]:
    """Return what decides as plain JSON values: no texts, no positions."""
    found: dict[str, object] = {
        "language": 2,
        "access": [
            _head(policy) | {"rules": [_rule(rule) for rule in policy.rules]}
            for policy in policies.access
        ],
        "retention": [
            _head(policy) | {"zone": policy.zone, "rules": [_term(rule) for rule in policy.rules]}
            for policy in policies.retention
        ],
        "attributes": [[each.name, each.kind.value, sorted(each.choices)] for each in policies.own],
    }
    if policies.modules:
        found["rego"] = [[each.name, each.hash] for each in policies.modules]
    return found


def _head(policy: AccessPolicy | RetentionPolicy) -> dict[str, object]:
    return {
        "id": policy.id,
        "mode": policy.mode.value,
        "effective": _effective(policy.dates),
    }


def _effective(dates: Dates) -> dict[str, object]:
    days = {"from": dates.start, "until": dates.until}
    return {key: day.isoformat() if day else None for key, day in days.items()}


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "effect": rule.effect.value,
        "applies_to": _plain(rule.applies_to),
        "when": _plain(rule.when),
        "obligations": list(rule.obligations),
        "exceptions": [
            {"id": each.id, "when": _plain(each.when), "effective": _effective(each.dates)}
            for each in rule.exceptions
        ],
    }


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
