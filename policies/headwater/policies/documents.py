"""Reads policy files into the model: ``access-policy`` and ``retention-policy``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.forms import Form, title_of
from headwater.catalog.nodes import Mapping, Scalar
from headwater.catalog.periods import period_of
from headwater.catalog.problems import closest, problem
from headwater.catalog.shapes import keys
from headwater.catalog.text import Text
from headwater.catalog.zones import zone_of
from headwater.policies.conditions import check_blanks
from headwater.policies.model import (
    AccessPolicy,
    Dates,
    Disposal,
    Effect,
    Mode,
    RetentionPolicy,
    RetentionRule,
    Rule,
    Since,
)
from headwater.policies.obligations import read_obligation
from headwater.policies.shapes import (
    ACCESS_POLICY,
    EVENTS,
    RETENTION_POLICY,
    RULE,
    TERM,
)
from headwater.policies.vocabulary import Kind

if TYPE_CHECKING:
    from headwater.catalog.forms import Problems
    from headwater.catalog.nodes import Node
    from headwater.catalog.position import Position
    from headwater.policies.conditions import ConditionReader
    from headwater.policies.model import Condition

_RULE = keys(RULE)


@dataclass(frozen=True, slots=True)
class _Head:
    """What both kinds of policy begin with."""

    id: str
    title: Text
    owner: str | None
    basis: tuple[str, ...]
    dates: Dates
    mode: Mode
    applies_to: Condition | None
    position: Position


@dataclass(frozen=True, slots=True)
class PolicyReader:
    """Reads policy files; problems are gathered by the reader of conditions.

    A built-in pack has no owner and no dates of its own.
    """

    conditions: ConditionReader
    built_in: bool = False

    @property
    def problems(self) -> Problems:
        """Where problems go."""
        return self.conditions.problems

    def access(self, node: Mapping) -> AccessPolicy:
        """Return the access policy that ``node`` holds."""
        form = Form(node, self.problems, "access-policy", *keys(ACCESS_POLICY))
        head = self._head(form)
        items = form.items("rules", required=True)
        rules = tuple(self._rule(item, head) for item in items)
        self._check_unique([rule.id for rule in rules], items)
        return AccessPolicy(
            head.id, head.title, head.owner, head.basis, head.dates, head.mode, rules, head.position
        )

    def retention(self, node: Mapping) -> RetentionPolicy:
        """Return the retention policy that ``node`` holds."""
        form = Form(node, self.problems, "retention-policy", *keys(RETENTION_POLICY))
        head = self._head(form)
        items = form.items("rules", required=True)
        rules = tuple(self._term(item, head) for item in items)
        self._check_unique([rule.id for rule in rules], items)
        owner = head.owner or ""
        at = form.at("zone")
        zone = zone_of(form.text("zone"), self.problems, at) if form.has("zone") else None
        return RetentionPolicy(
            *(head.id, head.title, owner, head.basis, head.dates, head.mode, rules, head.position),
            zone=zone,
        )

    def _head(self, form: Form) -> _Head:
        name = form.id()
        start, until = form.dates("effective")
        if start is None and not self.built_in and not form.has("effective"):
            self.problems.add("missing-key", form.position, key="effective.from")
        elif start is None and form.has("effective"):
            self.problems.add("missing-key", form.at("effective"), key="effective.from")
        return _Head(
            name,
            form.title("title") or Text(name, name),
            self._owner(form),
            tuple(value for value, _ in form.texts("basis")),
            Dates(start, until),
            Mode(self._choice(form, "mode", tuple(mode.value for mode in Mode), "enforce")),
            self._condition(form, "applies_to"),
            form.at("id"),
        )

    def _owner(self, form: Form) -> str | None:
        if self.built_in:
            return None
        return self.department(form, "owner")

    def department(self, form: Form, key: str) -> str:
        """Return the department that ``key`` names."""
        name = form.text(key)
        self._check_department(name, form.at(key))
        return name

    def _check_department(self, name: str, position: Position) -> None:
        known = self.conditions.vocabulary.departments
        if name and name not in known:
            near = closest(name, known)
            self.problems.add(
                "unknown-reference",
                position,
                what=Kind.DEPARTMENT.text,
                id=name,
                suggestion=near,
            )

    def _choice(self, form: Form, key: str, known: tuple[str, ...], default: str) -> str:
        value = form.choice(key, known, default)
        return value if value in known else default

    def _condition(self, form: Form, key: str) -> Condition | None:
        node = form.node.get(key)
        return None if node is None else self.conditions.read(node)

    def _check_unique(self, ids: list[str], items: tuple[Node, ...]) -> None:
        first: dict[str, Position] = {}
        for name, item in zip(ids, items, strict=True):
            position = item.at("id") if isinstance(item, Mapping) else item.position
            if first.setdefault(name, position) is not position:
                where = str(first[name])
                self.problems.add(
                    "duplicate-id", position, what=Text("rule", "规则"), id=name, first=where
                )

    def _rule(self, item: Node, head: _Head) -> Rule:
        form = Form(item, self.problems, "rules", *_RULE)
        name = form.id()
        effect = self._effect(form)
        when = self._condition(form, "when")
        if effect is Effect.ALLOW and when is None and head.applies_to is None:
            self._refuse("allow-without-condition", form.at("id"))
        basis = tuple(value for value, _ in form.texts("basis"))
        return Rule(
            id=f"{head.id}/{name}",
            effect=effect,
            applies_to=head.applies_to,
            when=when,
            message=self._message(form, effect),
            remedy=self._text(form, "remedy"),
            basis=basis or head.basis,
            obligations=self._obligations(form, effect),
            position=form.at("id"),
        )

    def _effect(self, form: Form) -> Effect:
        found = [effect for effect in Effect if form.has(effect.value)]
        if len(found) != 1:
            self._refuse("one-effect", form.position, count=len(found))
        if Effect.ALLOW in found:
            node = form.node.get("allow")
            if not (isinstance(node, Scalar) and node.value is True):
                self._refuse("must-be-true", form.at("allow"), key="allow")
        return found[0] if found else Effect.DENY

    def _message(self, form: Form, effect: Effect) -> Text | None:
        if effect is Effect.ALLOW:
            return self._text(form, "message")
        if form.has("message"):
            known = tuple(key for key in _RULE if key != "message")
            at = form.node.at("message")
            self.problems.add("unknown-key", at, key="message", known=known)
        return self._text(form, effect.value, required=True)

    def _text(self, form: Form, key: str, *, required: bool = False) -> Text | None:
        node = form.node.get(key)
        if required and isinstance(node, Scalar) and node.value is None:
            self.problems.add("empty", node.position, key=key)
            return None
        text = title_of(node, self.problems, key) if node is not None else None
        known = self.conditions.vocabulary.attributes
        check_blanks(text, form.at(key), self.problems, known)
        return text

    def _obligations(self, form: Form, effect: Effect) -> tuple[str, ...]:
        if form.has("obligations") and effect is not Effect.ALLOW:
            known = tuple(key for key in _RULE if key != "obligations")
            at = form.node.at("obligations")
            self.problems.add("unknown-key", at, key="obligations", known=known)
        items = form.items("obligations")
        return tuple(read_obligation(item, self.conditions) for item in items)

    def _term(self, item: Node, head: _Head) -> RetentionRule:
        form = Form(item, self.problems, "rules", *keys(TERM))
        name = form.id()
        at_most, at_least = self._period(form, "at_most"), self._period(form, "at_least")
        count = form.has("at_most") + form.has("at_least")
        if count != 1:
            self._refuse("one-term", form.position, count=count)
        then = form.optional_choice("then", tuple(Disposal))
        if at_most and not form.has("then"):
            self.problems.add("missing-key", form.position, key="then")
        return RetentionRule(
            id=f"{head.id}/{name}",
            applies_to=head.applies_to,
            when=self._condition(form, "when"),
            at_most=at_most,
            at_least=at_least,
            since=self._since(form),
            then=Disposal(then) if then in tuple(Disposal) else None,
            remedy=self._text(form, "remedy"),
            basis=tuple(value for value, _ in form.texts("basis")) or head.basis,
            position=form.at("id"),
            verified=form.yes_no("verified", default=True),
        )

    def _period(self, form: Form, key: str) -> str | None:
        value = form.text(key) if form.has(key) else None
        return period_of(value, self.problems, form.at(key)) if value else None

    def _since(self, form: Form) -> Since:
        if isinstance(form.node.get("since"), Mapping):
            column = form.form("since", "column")
            return Since(column=column.text("column") if column else None)
        return Since(event=form.choice("since", EVENTS))

    def _refuse(self, code: str, position: Position, **values: object) -> None:
        self.problems.extend([problem(code, position, **values)])
