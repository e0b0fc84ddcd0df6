"""Reads policy tests: files of kind ``policy-test``."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

from headwater.catalog.errors import InputError
from headwater.catalog.forms import Form, date_of
from headwater.catalog.nodes import Mapping, plain
from headwater.catalog.problems import closest
from headwater.catalog.text import Text
from headwater.policies.conditions import ConditionReader
from headwater.policies.facts import normalise
from headwater.policies.fixtures import EXPECTATIONS, LISTS, Case, Fixture
from headwater.policies.model import canonical
from headwater.policies.obligations import read_obligation
from headwater.policies.samples import nested
from headwater.policies.workspace_rego import custom_names, is_custom

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headwater.catalog.forms import Problems
    from headwater.catalog.nodes import Node
    from headwater.catalog.position import Position
    from headwater.policies.model import PolicySet
    from headwater.policies.vocabulary import Vocabulary

GROUPS = {"subject": "subjects", "resource": "resources", "context": "contexts"}
"""A group of attributes, and where a file names its combinations."""

FIXTURE = (
    "kind", "id", "title", "policies", "now", "action", *GROUPS.values(), "cases", "matrix",
)  # fmt: skip
CASE = ("title", "now", "action", *GROUPS, "with", *EXPECTATIONS)
_GROUP_NAMES = {
    "subject": Text("subject", "主体"),
    "resource": Text("resource", "资源"),
    "context": Text("context", "情境"),
}
_LISTED = {"unknown": Text("attribute", "属性"), "exceptions": Text("exception", "例外")}
_NEVER = datetime.date(1970, 1, 1)
"""Stands for the day of a file whose own cannot be read; nothing is asked of it."""

DEFAULT_ACTION = "share"
MAX_CASES = 20_000

_Raw = dict[str, object]
_Combination = tuple[str | None, ...]


def read_fixtures(
    documents: Iterable[Mapping], policies: PolicySet, vocabulary: Vocabulary, problems: Problems
) -> tuple[Fixture, ...]:
    """Return the policy tests that ``documents`` hold; what is wrong goes to ``problems``."""
    found: dict[str, Fixture] = {}
    for document in documents:
        fixture = _Reader(policies, vocabulary, problems).read(document)
        first = found.setdefault(fixture.id, fixture)
        if first is not fixture:
            problems.add(
                "duplicate-id",
                fixture.position,
                what=Text("policy test", "策略测试"),
                id=fixture.id,
                first=str(first.position),
            )
    return tuple(found[name] for name in sorted(found))


@dataclass
class _Reader:
    """Reads one file."""

    policies: PolicySet
    vocabulary: Vocabulary
    problems: Problems
    now: datetime.date | None = None
    parts: dict[str, dict[str, _Raw]] = field(default_factory=dict)
    listed: dict[_Combination, Position] = field(default_factory=dict)
    before: int = 0

    @property
    def _sound(self) -> bool:
        """Whether nothing is wrong in the file so far; else none of its cases is made."""
        return len(self.problems) == self.before

    def read(self, node: Mapping) -> Fixture:
        self.before = len(self.problems)
        form = Form(node, self.problems, "policy-test", *FIXTURE)
        self.listed = {}
        name = form.id()
        form.title("title", required=False)
        self.now = self._day(form)
        action = form.text("action", DEFAULT_ACTION)
        self._flat("action", form.node.get("action"))
        for group, key in GROUPS.items():
            self.parts[group] = self._named(form, group, key)
        about = self._policies(form)
        items = form.items("cases", required=True)
        cases = [case for item in items for case in self._case(item, action)]
        if form.yes_no("matrix", default=False) and self._sound:
            cases += self._unlisted(form.at("matrix"), action)
        return Fixture(name, about, self.now or _NEVER, tuple(cases), form.at("id"))

    # --- inputs ------------------------------------------------------------------------------

    def _named(self, form: Form, group: str, key: str) -> dict[str, _Raw]:
        node = form.node.get(key)
        inner = Form(node, self.problems, key, *_keys(node))
        return {entry.key: self._attributes(entry.value, entry.key, group) for entry in inner.node}

    def _attributes(self, node: Node | None, key: str, group: str | None) -> _Raw:
        """Return the attributes that a mapping gives; ``None``: of any group, by whole names."""
        form = Form(node, self.problems, key, *_keys(node))
        found: _Raw = {}
        for entry in form.node:
            name = f"{group}.{entry.key}" if group else entry.key
            found |= self._flat(name, entry.value, entry.position)
        return found

    def _flat(self, name: str, node: Node | None, key: Position | None = None) -> _Raw:
        """Return one attribute if its value fits; the problem of one that does not has a place."""
        if node is None:
            return {}
        raw = {name: plain(node)}
        try:
            normalise(nested(raw), self.vocabulary, self.now or _NEVER)
        except InputError as error:
            where = {"unknown-attribute": key or node.position}
            self.problems.extend(
                replace(problem, position=where.get(problem.code, node.position))
                for problem in error.problems
            )
        return raw

    # --- cases -------------------------------------------------------------------------------

    def _case(self, item: Node, action: str) -> Iterator[Case]:
        form = Form(item, self.problems, "cases", *CASE)
        form.title("title", required=False)
        asked = form.text("action", action)
        self._flat("action", form.node.get("action"))
        names = {group: self._reference(form, group) for group in GROUPS}
        changes = self._attributes(form.node.get("with"), "with", None)
        now = self._day(form) if form.has("now") else self.now
        expected = self._expected(form)
        if not changes and not form.has("now"):
            self._check_new(form, (asked, *names.values()))
        if self._sound and now:
            raw = self._raw(asked, names) | changes
            name = _name([asked, *names.values()], changes)
            name += f" on {now.isoformat()}" if form.has("now") else ""
            places = {key: form.at(key) for key in EXPECTATIONS if form.has(key)}
            facts = normalise(nested(raw), self.vocabulary, now)
            yield Case(name, facts, expected, places, form.position)

    def _reference(self, form: Form, group: str) -> str | None:
        name = form.optional(group)
        known = self.parts[group]
        if name is not None and name not in known:
            self._unknown(_GROUP_NAMES[group], name, form.at(group), known)
        return name

    def _day(self, form: Form) -> datetime.date | None:
        return date_of(form.text("now"), self.problems, form.at("now"))

    def _check_new(self, form: Form, combination: _Combination) -> None:
        """Add a problem where the same combination stands twice."""
        first = self.listed.setdefault(combination, form.position)
        if first is not form.position:
            self.problems.add("case-twice", form.position, first=str(first))

    def _raw(self, action: str, names: dict[str, str | None]) -> _Raw:
        found: _Raw = {"action": action}
        for group, name in names.items():
            found |= self.parts[group][name] if name is not None else {}
        return found

    # --- expectations ------------------------------------------------------------------------

    def _expected(self, form: Form) -> dict[str, object]:
        found: dict[str, object] = {}
        if not form.has("allow") and not form.has("terms"):
            self.problems.add("missing-key", form.position, key="allow")
        elif form.has("allow"):
            found["allow"] = form.yes_no("allow", default=False)
        for key in LISTS:
            if form.has(key):
                found[key] = self._list(form, key)
        return found

    def _list(self, form: Form, key: str) -> tuple[str, ...]:
        if key == "obligations":
            conditions = ConditionReader(self.vocabulary, self.problems)
            return tuple(sorted(read_obligation(item, conditions) for item in form.items(key)))
        known = {
            "unknown": self.vocabulary.attributes,
            "terms": self.policies.terms,
            "exceptions": self.policies.exceptions,
        }.get(key, self.policies.rules)
        what = _LISTED.get(key, Text("rule", "规则"))
        texts = form.texts(key)
        for name, position in texts:
            own = key == "rules" and is_custom(name, custom_names(self.policies.modules))
            if name not in known and not own:
                self._unknown(what, name, position, known)
        return tuple(sorted({name for name, _ in texts}))

    def _policies(self, form: Form) -> tuple[str, ...]:
        known = [policy.id for policy in self.policies.access]
        known += [policy.id for policy in self.policies.retention]
        texts = form.texts("policies")
        for name, position in texts:
            if name not in known:
                self._unknown(Text("policy", "策略"), name, position, known)
        return tuple(name for name, _ in texts)

    def _unknown(self, what: Text, name: str, position: Position, known: Iterable[str]) -> None:
        near = closest(name, known)
        self.problems.add("unknown-reference", position, what=what, id=name, suggestion=near)

    # --- the matrix --------------------------------------------------------------------------

    def _unlisted(self, position: Position, action: str) -> Iterator[Case]:
        actions = sorted({action, *(str(combination[0]) for combination in self.listed)})
        axes: list[list[str | None]] = [[*sorted(self.parts[group])] or [None] for group in GROUPS]
        count = len(actions)
        for axis in axes:
            count *= len(axis)
        if count > MAX_CASES:
            self.problems.add("matrix-too-large", position, count=count, limit=MAX_CASES)
            return
        for asked, *rest in product(actions, *axes):
            combination = (asked, *rest)
            if combination in self.listed or self.now is None:
                continue
            raw = self._raw(str(asked), dict(zip(GROUPS, rest, strict=True)))
            facts = normalise(nested(raw), self.vocabulary, self.now)
            name = _name(combination, {})
            yield Case(name, facts, {"allow": False}, {}, position, listed=False)


def _keys(node: Node | None) -> list[str]:
    return [entry.key for entry in node] if isinstance(node, Mapping) else []


def _name(parts: Iterable[object], changes: _Raw) -> str:
    said = " ".join(str(part) for part in parts if part)
    more = ", ".join(f"{name}={_said(value)}" for name, value in changes.items())
    return f"{said} with {more}" if more else said


def _said(value: object) -> str:
    return value if isinstance(value, str) else canonical(value)
