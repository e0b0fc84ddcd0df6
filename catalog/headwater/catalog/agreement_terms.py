"""What an agreement asks for beside who, what and until when: its mode, conditions and ending."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.catalog.forms import Form, wrong_type
from headwater.catalog.globs import Glob
from headwater.catalog.kinds import AGREEMENT, ENDINGS, LIST_OPERATORS, MODES, ROW_OPERATORS
from headwater.catalog.model import Retention, RowLimit, Terms
from headwater.catalog.nodes import Mapping, Scalar, Sequence
from headwater.catalog.periods import period_of
from headwater.catalog.problems import closest
from headwater.catalog.shapes import inner, keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.forms import Problems
    from headwater.catalog.nodes import Entry, Node

_REGION = re.compile(r"[0-9]{6}")
_LEAST_K, _MOST_K = 2, 1_000_000_000
_PAIR = 2


def read_terms(form: Form, conditions: Form | None, problems: Problems) -> Terms:
    """Return the terms of the agreement that ``form`` reads; problems are gathered."""
    mode = form.choice("mode", MODES, "provide")
    retention = _retention(form, problems)
    if mode == "entrust" and retention and retention.then == "anonymise":
        problems.add("entrusted-data-stays", form.at("retention"))
    asked = conditions or Form(None, problems, "conditions")
    return Terms(
        mode=mode,
        masked=tuple(Glob(value, at) for value, at in asked.texts("masked")),
        min_k=_min_k(asked, problems),
        rows=tuple(_rows(asked, problems)),
        location=tuple(_location(asked, problems)),
        retention=retention,
        assessment=form.optional("impact_assessment"),
        supersedes=form.optional("supersedes"),
        supersedes_at=form.at("supersedes") if form.has("supersedes") else None,
    )


def _retention(form: Form, problems: Problems) -> Retention | None:
    retention = form.form("retention", *keys(inner(AGREEMENT, "retention")), required=False)
    if retention is None:
        return None
    value = retention.text("at_most")
    if value:
        period_of(value, problems, retention.at("at_most"))
    return Retention(value, retention.optional_choice("then", ENDINGS))


def _min_k(form: Form, problems: Problems) -> int | None:
    value = form.whole("min_k")
    if value is not None and not _LEAST_K <= value <= _MOST_K:
        problems.add("number-outside", form.at("min_k"), key="min_k", least=_LEAST_K, most=_MOST_K)
    return value


def _location(form: Form, problems: Problems) -> Iterator[str]:
    for value, at in form.texts("location"):
        if not _REGION.fullmatch(value):
            problems.add("bad-region", at, value=value)
        yield value


def _rows(form: Form, problems: Problems) -> Iterator[RowLimit]:
    node = form.node.get("rows")
    if node is None:
        return
    if not isinstance(node, Mapping):
        wrong_type(problems, "rows", "a mapping", node)
        return
    if not node.entries:
        problems.add("empty", node.position, key="rows")
    for entry in node:
        yield from _limits(entry, problems)


def _limits(entry: Entry, problems: Problems) -> Iterator[RowLimit]:
    """Yield what is asked of one column: ``column: value``, or ``column: {operator: value}``."""
    if not isinstance(entry.value, Mapping):
        values = _values("eq", entry.value, problems)
        yield RowLimit(entry.key, "eq", values, entry.position)
        return
    if not entry.value.entries:
        problems.add("empty", entry.value.position, key=entry.key)
    for asked in entry.value:
        if asked.key not in ROW_OPERATORS:
            near = closest(asked.key, ROW_OPERATORS)
            problems.add(
                "unknown-key",
                asked.position,
                key=asked.key,
                suggestion=near,
                known=sorted(ROW_OPERATORS),
            )
            continue
        values = _values(asked.key, asked.value, problems)
        yield RowLimit(entry.key, asked.key, values, asked.position)


def _values(operator: str, node: Node, problems: Problems) -> tuple[str | int | float | bool, ...]:
    if operator not in LIST_OPERATORS:
        return _value(operator, node, problems)
    if not isinstance(node, Sequence):
        wrong_type(problems, operator, "a list", node)
        return ()
    if not node.items:
        problems.add("empty", node.position, key=operator)
    if operator == "between" and len(node.items) != _PAIR:
        problems.add("not-two", node.position, key=operator)
    return tuple(value for item in node for value in _value(operator, item, problems))


def _value(key: str, node: Node, problems: Problems) -> tuple[str | int | float | bool, ...]:
    if isinstance(node, Scalar) and node.value is not None:
        return (node.value,)
    wrong_type(problems, key, "text", node)
    return ()
