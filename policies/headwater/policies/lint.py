"""What is not wrong in a policy, and still likely to surprise: findings of style.

Each finding has an id ``lint/NAME``. The built-in pack is not looked at; a workspace's own
policies, exceptions and attributes are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.policies.facts import AS_OF, days_of
from headwater.policies.formula import AllOf, Test, formula_of
from headwater.policies.lint_texts import LINT
from headwater.policies.model import All, Any, Atom, Effect, Mode, Not, Reference
from headwater.policies.names import PACK
from headwater.policies.native import truth_of
from headwater.policies.obligations import filters_of
from headwater.policies.operators import PRESENCE

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator

    from headwater.catalog.findings import Severity
    from headwater.catalog.position import Position
    from headwater.policies.formula import Formula
    from headwater.policies.model import (
        AccessPolicy,
        Condition,
        PolicySet,
        RetentionPolicy,
        Rule,
    )
    from headwater.policies.vocabulary import Attribute, Vocabulary

PURPOSES = frozenset({"context.purpose", "context.purpose_agreed"})
_LEVEL = "resource.level"


@dataclass(frozen=True, slots=True)
class Lint:
    """One finding of style.

    Attributes:
        rule: Its id, ``lint/NAME``.
        about: The policy, rule, exception or attribute that it is about.
    """

    rule: str
    severity: Severity
    about: str
    message: Text
    position: Position

    def order(self) -> tuple[str, int, int, str, str]:
        """Return the sort key: by position, then id."""
        at = self.position
        return (at.file, at.line, at.column, self.rule, self.message.en)

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "about": self.about,
            "message": {"en": self.message.en, "zh": self.message.zh},
            "location": self.position.document(),
        }


@dataclass(frozen=True, slots=True)
class Columns:
    """How many columns the contracts describe, and how many of them have no level."""

    total: int
    without_level: int


def lint(
    policies: PolicySet,
    vocabulary: Vocabulary,
    *,
    as_of: datetime.date,
    columns: Columns,
    bilingual: bool = True,
) -> tuple[Lint, ...]:
    """Return what is worth a second look, sorted by position.

    Args:
        policies: What decides.
        vocabulary: The attributes, a workspace's own among them.
        as_of: The day on which policies and exceptions are in force or not.
        columns: How many columns have no level.
        bilingual: Whether people read both languages.
    """
    linter = _Linter(vocabulary, as_of, columns)
    found = [
        *linter.policies(policies),
        *linter.exceptions(policies),
        *linter.unused(policies),
        *(linter.untranslated(policies) if bilingual else ()),
    ]
    return tuple(sorted(found, key=Lint.order))


class _Linter:
    def __init__(self, vocabulary: Vocabulary, as_of: datetime.date, columns: Columns) -> None:
        self._vocabulary = vocabulary
        self._as_of = as_of
        self._columns = columns

    def policies(self, policies: PolicySet) -> Iterator[Lint]:
        for policy in own_policies(policies):
            yield from self._dates(policy)
            if not policy.basis and not all(rule.basis for rule in policy.rules):
                yield _found("no-basis", policy.id, policy.position, id=policy.id)
            for rule in policy.rules:
                if not rule.remedy and getattr(rule, "effect", None) is not Effect.ALLOW:
                    yield _found("no-remedy", rule.id, rule.position, id=rule.id)
        for owner, access in policies.access_rules():
            if owner.id != PACK:
                yield from self._access(owner, access)

    def _dates(self, policy: AccessPolicy | RetentionPolicy) -> Iterator[Lint]:
        start, until = policy.dates.start, policy.dates.until
        if until and until < self._as_of:
            yield _found("policy-ended", policy.id, policy.position, id=policy.id, day=until)
        elif start and self._as_of < start:
            yield _found("policy-pending", policy.id, policy.position, id=policy.id, day=start)

    def _access(self, policy: AccessPolicy, rule: Rule) -> Iterator[Lint]:
        formula = formula_of(rule, policy.dates)
        read = attributes_of(formula)
        if rule.effect is Effect.ALLOW and policy.mode is Mode.ENFORCE and not read & PURPOSES:
            yield _found("purpose-ignored", rule.id, rule.position, id=rule.id)
        absent = [self._vocabulary.attributes[name] for name in sorted(read)]
        for attribute in absent:
            if attribute.optional and rule.effect is Effect.DENY:
                yield from self._unknown_prone(rule, attribute, formula)
        yield from self._blanks(rule, formula)

    def _unknown_prone(self, rule: Rule, attribute: Attribute, formula: Formula) -> Iterator[Lint]:
        if None not in outcomes(formula, attribute.name, self._as_of):
            return
        values: dict[str, object] = {"id": rule.id, "name": attribute.name}
        if attribute.name == _LEVEL:
            columns = self._columns
            name = "unknown-level" if columns.without_level else "unknown-prone"
            values |= {"number": columns.without_level, "total": columns.total}
        else:
            own = attribute in self._vocabulary.own
            name = "unknown-always" if own else "unknown-prone"
        yield _found(name, rule.id, rule.position, **values)

    def _blanks(self, rule: Rule, formula: Formula) -> Iterator[Lint]:
        texts = [text for text in (rule.message, rule.remedy) if text]
        for name in sorted({blank for text in texts for blank in text.blanks()}):
            attribute = self._vocabulary.attributes.get(name)
            if attribute is None or not attribute.optional:
                continue
            if True in outcomes(formula, name, self._as_of):
                yield _found("blank-absent", rule.id, rule.position, id=rule.id, name=name)

    def exceptions(self, policies: PolicySet) -> Iterator[Lint]:
        for exception in policies.exceptions.values():
            start, until = exception.dates.start, exception.dates.until
            ended = until is not None and until < self._as_of
            if exception.dates.include(self._as_of):
                continue
            yield _found(
                "exception-ended" if ended else "exception-pending",
                exception.id,
                exception.position,
                id=exception.id,
                rule=exception.rule,
                day=until if ended else start,
            )

    def unused(self, policies: PolicySet) -> Iterator[Lint]:
        used = set(_read(policies))
        for attribute in self._vocabulary.own:
            if attribute.name not in used and attribute.position:
                name = attribute.name
                yield _found("unused-attribute", name, attribute.position, name=name)

    def untranslated(self, policies: PolicySet) -> Iterator[Lint]:
        described = [
            (attribute.name, "description", attribute.about, attribute.position)
            for attribute in self._vocabulary.own
            if attribute.position
        ]
        for about, key, text, position in (*_texts(policies), *described):
            if text and text.en == text.zh and any(letter.isalpha() for letter in text.en):
                yield _found("untranslated", about, position, id=about, key=key)


def own_policies(policies: PolicySet) -> Iterator[AccessPolicy | RetentionPolicy]:
    """Yield the policies that the workspace wrote itself."""
    yield from (policy for policy in policies.access if policy.id != PACK)
    yield from policies.retention


def _texts(policies: PolicySet) -> Iterator[tuple[str, str, Text | None, Position]]:
    for policy in own_policies(policies):
        yield policy.id, "title", policy.title, policy.position
        for rule in policy.rules:
            yield rule.id, "message", getattr(rule, "message", None), rule.position
            yield rule.id, "remedy", rule.remedy, rule.position
    for exception in policies.exceptions.values():
        yield exception.id, "title", exception.title, exception.position
        yield exception.id, "reason", exception.reason, exception.position


def _read(policies: PolicySet) -> Iterator[str]:
    rules = [rule for _, rule in policies.access_rules()]
    conditions = [condition for rule in rules for condition in (rule.applies_to, rule.when)]
    for _, term in policies.retention_rules():
        conditions += [term.applies_to, term.when]
    conditions += [exception.when for exception in policies.exceptions.values()]
    conditions += [each for rule in rules for each in filters_of(rule, policies.attributes)]
    for condition in conditions:
        yield from _named(condition)
    for rule in rules:
        yield from (rule.message or Text("", "")).blanks()
        yield from (rule.remedy or Text("", "")).blanks()


def _named(condition: Condition | None) -> Iterator[str]:
    match condition:
        case Atom(attribute=name, operand=operand):
            yield name
            if isinstance(operand, Reference):
                yield operand.attribute
        case Not(part=part):
            yield from _named(part)
        case All(parts=parts) | Any(parts=parts):
            for part in parts:
                yield from _named(part)


def _found(name: str, about: str, position: Position, /, **values: object) -> Lint:
    severity, text = LINT[name]
    return Lint(f"lint/{name}", severity, about, text.fill(values), position)


def attributes_of(formula: Formula) -> frozenset[str]:
    """Return the attributes that ``formula`` asks about, in whatever way."""
    if isinstance(formula, Test):
        names = {*formula.attributes, *([formula.attribute] if formula.op in PRESENCE else [])}
        return frozenset(names)
    return frozenset(name for part in formula.parts for name in attributes_of(part))


def outcomes(formula: Formula, absent: str, as_of: datetime.date) -> frozenset[bool | None]:
    """Return what ``formula`` may come to on a day when one attribute is absent, no other.

    Questions are taken to be independent of each other, so it may say too much, never too little.
    """
    if isinstance(formula, Test):
        return _test_outcomes(formula, absent, as_of)
    parts = [outcomes(part, absent, as_of) for part in formula.parts]
    settles = not isinstance(formula, AllOf)  # an any is settled by one true part
    found: set[bool | None] = set()
    if any(settles in part for part in parts):
        found.add(settles)
    if all((not settles) in part for part in parts):
        found.add(not settles)
    open_ = all((not settles) in part or None in part for part in parts)
    if open_ and any(None in part for part in parts):
        found.add(None)
    return frozenset(found)


def _test_outcomes(test: Test, absent: str, as_of: datetime.date) -> frozenset[bool | None]:
    if test.attribute == AS_OF and test.other is None:
        return frozenset({truth_of(test)({AS_OF: days_of(as_of)})})
    if test.op in PRESENCE:
        return frozenset({(test.op == "absent") == (test.attribute == absent)})
    return frozenset({None} if absent in test.attributes else {True, False})
