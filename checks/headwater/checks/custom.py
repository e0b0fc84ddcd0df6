"""Custom rules for Great Expectations: the expectation's type and arguments as the author wrote.

Arguments come from a file that anyone may have written. What would let them run code, ask for
raw values, or narrow the rows unseen is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.catalog.nodes import Mapping, Scalar, plain
from headwater.catalog.text import Text
from headwater.checks.drafts import Place, severity_of, unjudged
from headwater.checks.model import Check
from headwater.checks.views import view_of_limits

if TYPE_CHECKING:
    from collections.abc import Mapping as Mapping_

    from headwater.checks.drafts import Compiled
    from headwater.checks.model import View

_ENGINES = frozenset({"greatexpectations", "gx"})
_TYPE_KEYS = ("expectation_type", "type", "expectation")
_TYPE = re.compile(r"expect_[a-z0-9_]{1,120}")

# GX evaluates a row condition as code; the others are settings of the run, not of the question.
_REFUSED = frozenset(
    {
        "batch_id",
        "catch_exceptions",
        "condition_parser",
        "id",
        "meta",
        "result_format",
        "row_condition",
        "severity",
    }
)
_OF_TEXT = re.compile(r"_match_|_length|json|dateutil|strftime")
_OF_TYPES = re.compile(r"of_type|in_type_list|column_type")

_COMPARES = re.compile(r"between|greater_than|creasing|_sum_|z_score|outliers")
_NUMBERS = frozenset({"integer", "number"})
_ORDERED_TEXT = frozenset({"string", "date", "timestamp", "time"})

_NO_TYPE = Text(
    "it compares columns whose `logicalType` the contract does not state",
    "它比较的字段在合同中没有写明 `logicalType`",
)
_NOT_UNDERSTOOD = Text(
    "`implementation` must hold an expectation's type and kwargs, and nothing else",
    "`implementation` 必须且只能包含期望的类型和参数（kwargs）",
)
_REFUSAL = Text("the argument `{name}` is not allowed", "不允许使用参数 `{name}`")


def is_ours(node: Mapping) -> bool:
    """Say whether a custom rule is meant for Great Expectations, however its name is written."""
    return re.sub(r"[^a-z]", "", (node.text("engine") or "").lower()) in _ENGINES


def custom_check(place: Place, key: str, node: Mapping, title: Text) -> Compiled:
    """Return the check of a custom rule, or why there is none."""
    document = _document(node)
    named = [name for name in _TYPE_KEYS if name in document]
    if len(named) != 1 or set(document) - {named[0], "kwargs", "meta"}:
        return unjudged(place, key, title, node.position, _NOT_UNDERSTOOD)
    name, kwargs = document[named[0]], document.get("kwargs") or {}
    if not isinstance(name, str) or not _TYPE.fullmatch(name) or not isinstance(kwargs, dict):
        return unjudged(place, key, title, node.position, _NOT_UNDERSTOOD)
    if refused := sorted(_REFUSED & set(kwargs)):
        reason = _REFUSAL.fill({"name": refused[0]})
        return unjudged(place, key, title, node.position, reason)
    if place.column and name.startswith("expect_column_") and not _names_columns(kwargs):
        kwargs = {"column": place.column, **kwargs}
    view = _view(place, name, kwargs)
    if view is None:
        return unjudged(place, key, title, node.position, _NO_TYPE)
    return Check(
        dataset=place.dataset,
        key=key,
        columns=tuple(columns_of(kwargs)),
        title=title,
        expectation=name,
        position=node.position,
        kwargs=kwargs,
        severity=severity_of(node),
        dimension=node.text("dimension"),
        view=view,
    )


def _document(node: Mapping) -> dict[str, object]:
    given = node.get("implementation")
    found = _parsed(given) if isinstance(given, Scalar) else plain(given) if given else None
    return found if isinstance(found, dict) else {}


def _parsed(given: Scalar) -> object:
    """Return what a text holds: YAML, of which JSON is a part."""
    from headwater.catalog.errors import DocumentError
    from headwater.catalog.yaml_source import parse_yaml

    try:
        return plain(parse_yaml(given.text.encode(), given.position.file))
    except DocumentError:
        return None


def _names_columns(kwargs: dict[str, object]) -> bool:
    return any(name.startswith("column") for name in kwargs)


def columns_of(kwargs: Mapping_[str, object]) -> list[str]:
    """Return the columns that an expectation's arguments name."""
    found: list[str] = []
    for name in ("column", "column_A", "column_B", "column_list"):
        value = kwargs.get(name)
        found += [str(each) for each in (value if isinstance(value, list) else [value]) if each]
    return found


def _view(place: Place, name: str, kwargs: dict[str, object]) -> View | None:
    """Return how an expectation sees its columns, which in CSV are text whatever they mean.

    ``None``: it compares, and the contract does not say what.
    """
    if _OF_TYPES.search(name):
        return "plain"
    if _OF_TEXT.search(name):
        return "text"
    values = kwargs.get("value_set")
    if isinstance(values, list):
        return "number" if values and view_of_limits(values) == "number" else "text"
    types = {place.types.get(column) for column in columns_of(kwargs)}
    if types and types <= _NUMBERS:
        return "number"
    return None if _COMPARES.search(name) and not types <= _ORDERED_TEXT else "plain"
