"""Reads conditions: `attribute: {op: value}`, nested with all, any and not.

Whatever is wrong becomes a problem with its position, and reading goes on; what is returned
after a problem is only a stand-in.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.forms import date_of, kind_of, wrong_type
from headwater.catalog.nodes import Mapping, Node, Scalar, Sequence
from headwater.catalog.periods import period_of
from headwater.catalog.problems import closest, problem
from headwater.catalog.text import Text
from headwater.policies.model import All, Any, Atom, Condition, Not, Reference, Value
from headwater.policies.operators import LISTS, OPERATORS, PRESENCE, comparable_names, fitting
from headwater.policies.own_attributes import PERIOD_OPERATORS
from headwater.policies.patterns import refusal
from headwater.policies.vocabulary import LARGEST, REGION, TREES, Attribute, Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from headwater.catalog.forms import Problems
    from headwater.catalog.nodes import Entry
    from headwater.catalog.position import Position
    from headwater.policies.vocabulary import Vocabulary

_PERIOD = Text("a period such as P90D", "时长，例如 P90D")
_EXPECTED = {
    "between": Text("a list of two", "两个值的列表"),
    "matches": Text("a regular expression", "正则表达式"),
    "older_than": _PERIOD,
    "within": _PERIOD,
}
_UNQUOTED = (Kind.NUMBER, Kind.YES_NO, Kind.DATE)
_NESTING = ("all", "any", "not")
_SCALARS = {
    "text": "文本",
    "a number": "数字",
    "yes/no": "true 或 false",
    "a list": "列表",
    "a mapping": "映射",
    "nothing": "空",
}


@dataclass(frozen=True, slots=True)
class ConditionReader:
    """Reads the conditions of one workspace's policies."""

    vocabulary: Vocabulary
    problems: Problems

    def read(self, node: Node) -> Condition:
        """Return the condition that ``node`` says; a mapping of several is *all*."""
        if not isinstance(node, Mapping):
            self._refuse("condition-shape", node.position)
            return All(())
        if not node.entries:
            self._refuse("condition-shape", node.position)
        parts = tuple(part for entry in node for part in self._parts(entry))
        return parts[0] if len(parts) == 1 else All(parts)

    def _parts(self, entry: Entry) -> tuple[Condition, ...]:
        if entry.key == "not":
            return (Not(self.read(entry.value)),)
        if entry.key in _NESTING:
            parts = self._list(entry)
            return (All(parts) if entry.key == "all" else Any(parts),)
        attribute = self.vocabulary.attributes.get(entry.key)
        if attribute is None:
            known = (*self.vocabulary.attributes, *_NESTING)
            self._report_unknown(entry.key, entry.position, known)
            return ()
        return self._atoms(attribute, entry)

    def _list(self, entry: Entry) -> tuple[Condition, ...]:
        if not isinstance(entry.value, Sequence):
            wrong_type(self.problems, entry.key, "a list", entry.value)
            return ()
        if not entry.value.items:
            self.problems.add("empty", entry.value.position, key=entry.key)
        return tuple(self.read(item) for item in entry.value)

    def _atoms(self, attribute: Attribute, entry: Entry) -> tuple[Condition, ...]:
        if not isinstance(entry.value, Mapping) or not entry.value.entries:
            self._refuse("condition-shape", entry.value.position)
            return ()
        return tuple(
            Atom(attribute.name, op.key, operand, op.position, attribute.kind)
            for op in entry.value
            if self._fits(attribute, op)
            if (operand := self._operand(attribute, op)) is not None
        )

    def _fits(self, attribute: Attribute, op: Entry) -> bool:
        known = fitting(attribute.kind)
        if op.key in known:
            return True
        code = "operator-misfit" if op.key in OPERATORS else "unknown-operator"
        near = closest(op.key, known) or closest(op.key, OPERATORS)
        self._refuse(
            code,
            op.position,
            op=op.key,
            attribute=attribute.name,
            kind=attribute.kind.text,
            known=known,
            suggestion=near if near in known and near != op.key else None,
        )
        return False

    def _operand(self, attribute: Attribute, op: Entry) -> tuple[Value, ...] | Reference | None:
        if op.key in PRESENCE:
            return self._presence(op)
        if isinstance(op.value, Mapping):
            return self._reference(attribute, op)
        if op.key == "between":
            return self._range(attribute, op)
        if op.key in LISTS:
            return self._values(attribute, op)
        if op.key in PERIOD_OPERATORS or op.key == "matches":
            return self._written(attribute, op)
        value = self._literal(attribute, op.key, op.value)
        return None if value is None else (value,)

    def _written(self, attribute: Attribute, op: Entry) -> tuple[Value, ...] | None:
        """Return a period or a pattern, which are text whatever the attribute is."""
        node = op.value
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, str) or not value:
            self._misfit(attribute, op.key, node)
        elif op.key in PERIOD_OPERATORS:
            found = period_of(value, self.problems, node.position)
            return None if found is None else (found,)
        elif (reason := refusal(value)) is not None:
            self._refuse("bad-pattern", node.position, pattern=value, reason=reason)
        else:
            return (value,)
        return None

    def _presence(self, op: Entry) -> tuple[Value, ...] | None:
        if isinstance(op.value, Scalar) and op.value.value is True:
            return (True,)
        self._refuse("must-be-true", op.value.position, key=op.key)
        return None

    def _reference(self, attribute: Attribute, op: Entry) -> Reference | None:
        node = op.value
        assert isinstance(node, Mapping)  # noqa: S101 - the caller has looked
        name = node.text("attribute")
        attributes = self.vocabulary.attributes
        allowed = comparable_names(attribute, op.key, attributes)
        if name is None or len(node.entries) != 1 or not allowed:
            self._misfit(attribute, op.key, node)
        elif name not in attributes:
            self._report_unknown(name, node.at("attribute"), allowed)
        elif name not in allowed:
            self._refuse(
                "attribute-misfit",
                node.position,
                other=name,
                kind=attributes[name].kind.text,
                attribute=attribute.name,
                op=op.key,
                expected=attribute.kind.text,
            )
        else:
            return Reference(name)
        return None

    def _range(self, attribute: Attribute, op: Entry) -> tuple[Value, ...] | None:
        values = self._literals(attribute, op)
        if len(values) != 2:
            self._misfit(attribute, op.key, op.value)
            return None
        low, high = values
        if _order(attribute, low) > _order(attribute, high):
            self.problems.add("bad-range", op.value.position, start=low, until=high)
        return values

    def _values(self, attribute: Attribute, op: Entry) -> tuple[Value, ...] | None:
        values = self._literals(attribute, op)
        if isinstance(op.value, Sequence) and not op.value.items:
            self.problems.add("empty", op.value.position, key=op.key)
        return tuple(sorted(set(values), key=lambda value: (str(type(value)), value))) or None

    def _literals(self, attribute: Attribute, op: Entry) -> tuple[Value, ...]:
        if not isinstance(op.value, Sequence):
            wrong_type(self.problems, op.key, "a list", op.value)
            return ()
        found = (self._literal(attribute, op.key, item) for item in op.value)
        return tuple(value for value in found if value is not None)

    def _literal(self, attribute: Attribute, op: str, node: Node) -> Value | None:
        value = node.value if isinstance(node, Scalar) else None
        match attribute.kind:
            case Kind.DATE if isinstance(value, str):
                day = date_of(value, self.problems, node.position)
                return None if day is None else day.isoformat()
            case Kind.NUMBER if type(value) in (int, float) and abs(float(value or 0)) <= LARGEST:
                return whole(value)
            case Kind.YES_NO if isinstance(value, bool):
                return value
            case Kind.REGION if isinstance(value, str) and REGION.fullmatch(value):
                return value
            case Kind.NUMBER | Kind.YES_NO | Kind.REGION:
                self._misfit(attribute, op, node)
            case _ if isinstance(value, str) and value:
                return self._name(attribute, value, node.position)
            case _:
                self._misfit(attribute, op, node)
        return None

    def _name(self, attribute: Attribute, value: str, position: Position) -> str | None:
        known = self.vocabulary.known(attribute)
        if known is None or value in known:
            return value
        near = closest(value, known)
        if attribute.kind in TREES or attribute.kind is Kind.DEPARTMENTS:
            what = Kind.PURPOSE.text if attribute.kind is Kind.PURPOSE else Kind.DEPARTMENT.text
            self.problems.add(
                "unknown-reference",
                position,
                what=what,
                id=value,
                suggestion=near,
            )
        else:
            self.problems.add(
                "not-one-of",
                position,
                key=attribute.name,
                value=value,
                known=known,
                suggestion=near,
            )
        return None

    def _misfit(self, attribute: Attribute, op: str, node: Node) -> None:
        """Add the problem that ``node`` is nothing that may stand after ``op``."""
        unquoted = isinstance(node, Scalar) and not isinstance(node.value, str | None)
        if unquoted and attribute.kind not in _UNQUOTED and op != "between":
            wrong_type(self.problems, op, "text", node)
            return
        found = kind_of(node)
        self._refuse(
            "operand-misfit",
            node.position,
            attribute=attribute.name,
            op=op,
            expected=_EXPECTED.get(op, attribute.kind.text),
            found=Text(found, _SCALARS[found]),
        )

    def _report_unknown(
        self, name: str, position: Position, known: tuple[str, ...] | list[str]
    ) -> None:
        self._refuse(
            "unknown-attribute", position, name=name, known=known, suggestion=closest(name, known)
        )

    def _refuse(self, code: str, position: Position, **values: object) -> None:
        self.problems.extend([problem(code, position, **values)])


def check_blanks(
    text: Text | None, position: Position, problems: Problems, known: Collection[str]
) -> None:
    """Add a problem for every blank of ``text`` that is not an attribute, and for stray braces."""
    if text is None:
        return
    for name in sorted(text.blanks() - set(known)):
        near = closest(name, known)
        found = problem(
            "unknown-attribute", position, name=name, known=tuple(known), suggestion=near
        )
        problems.extend([found])
    rest = text.fill(dict.fromkeys(text.blanks(), ""))
    if re.search("[{}]", rest.en + rest.zh):
        problems.extend([problem("bad-blank", position)])


def whole(value: object) -> int | float:
    """Return a number as the whole number that it is, if it is one; engines agree on those."""
    assert isinstance(value, (int, float))  # noqa: S101 - the caller has looked
    return int(value) if float(value).is_integer() else value


def _order(attribute: Attribute, value: Value) -> float:
    if attribute.kind is Kind.DATE:
        return datetime.date.fromisoformat(str(value)).toordinal()
    if attribute.kind is Kind.NUMBER:
        return float(value)
    return attribute.rank(str(value))
