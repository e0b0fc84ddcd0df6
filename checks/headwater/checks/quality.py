"""Quality rules of a contract: library metrics, custom Great Expectations, SQL and text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.nodes import Mapping, Scalar, Sequence, plain
from headwater.catalog.text import Text
from headwater.checks.drafts import Place, manual, number_of, scalars, severity_of, unjudged
from headwater.checks.model import Check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Mapping_

    from headwater.checks.drafts import Compiled

METRICS = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")
COUNT = "expect_column_count_to_satisfy"
"""Our own expectation: a count of rows of a column, against any ODCS operator."""

_NAMES = {
    "nullValues": Text("empty values of `{c}`", "`{c}` 的空值"),
    "missingValues": Text("missing values of `{c}`", "`{c}` 的缺失值"),
    "invalidValues": Text("invalid values of `{c}`", "`{c}` 的无效值"),
    "duplicateValues": Text("duplicate values of `{c}`", "`{c}` 的重复值"),
    "rowCount": Text("number of rows", "行数"),
}
_TITLE = Text("{metric} {must} {limit}{unit}", "{metric}{must} {limit}{unit}")
_MUST = {
    "mustBe": Text("must be", "必须等于"),
    "mustNotBe": Text("must not be", "不得等于"),
    "mustBeGreaterThan": Text("must be greater than", "必须大于"),
    "mustBeGreaterOrEqualTo": Text("must be at least", "必须不少于"),
    "mustBeLessThan": Text("must be less than", "必须小于"),
    "mustBeLessOrEqualTo": Text("must be at most", "必须不超过"),
    "mustBeBetween": Text("must be within", "必须介于"),
    "mustNotBeBetween": Text("must be outside", "不得介于"),
}


def quality_checks(place: Place, rules: Iterator[Mapping]) -> Iterator[Compiled]:
    """Yield one check or reason for each quality rule, in their order."""
    for number, node in enumerate(rules, 1):
        name = node.text("id") or node.text("name") or f"quality-{number}"
        key = f"{place.column}.{name}" if place.column else name
        yield _rule(place, key, node)


def _rule(place: Place, key: str, node: Mapping) -> Compiled:
    kind = node.text("type") or "library"
    title = _own_title(node, key)
    if kind == "text":
        return manual(place, key, title, node.position)
    if kind == "library":
        return _library(place, key, node)
    if kind == "custom" and (node.text("engine") or "").lower() == "greatexpectations":
        return _custom(place, key, node)
    reason = Text(
        "rules of type {kind} are not evaluated by this version",
        "本版本不评估类型为 {kind} 的规则",
    )
    engine = node.text("engine")
    named = f"{kind} ({engine})" if engine else kind
    return unjudged(place, key, title, node.position, reason.fill({"kind": named}))


def _own_title(node: Mapping, key: str) -> Text:
    said = node.text("name") or node.text("description") or key
    return Text(said, said).fill({})


# --- library metrics -----------------------------------------------------------------------


def _library(place: Place, key: str, node: Mapping) -> Compiled:
    metric = node.text("metric") or node.text("rule") or ""
    operator = next((name for name in _MUST if node.get(name) is not None), None)
    limit = _limit(node, operator) if operator else None
    if metric not in METRICS or operator is None or limit is None:
        reason = Text(
            "it needs a metric ({metrics}) and an operator with a number",
            "需要指标（{metrics}）以及带数字的运算符",
        ).fill({"metrics": list(METRICS)})
        return unjudged(place, key, _own_title(node, key), node.position, reason)
    title = _title(place, metric, operator, limit, node)
    if metric == "rowCount":
        return _row_count(place, key, title, node, (operator, limit))
    if place.column is None:
        return _table_metric(place, key, title, node, metric, (operator, limit))
    return _column_metric(place, key, title, node, metric, (operator, limit))


def _limit(node: Mapping, operator: str) -> list[int | float] | None:
    found = node.get(operator)
    if isinstance(found, Sequence):
        numbers = [number_of(item) for item in found]
        known = [number for number in numbers if number is not None]
        return known if len(known) == len(numbers) == 2 else None
    number = number_of(found)
    return None if number is None or operator.endswith("Between") else [number]


def _title(
    place: Place, metric: str, operator: str, limit: list[int | float], node: Mapping
) -> Text:
    unit = "%" if node.text("unit") == "percent" else ""
    values = {
        "metric": _NAMES[metric].fill({"c": place.column or "table"}),
        "must": _MUST[operator],
        "limit": " .. ".join(str(number) for number in limit),
        "unit": unit,
    }
    return _TITLE.fill(values)


_Test = tuple[str, list[int | float]]


def _row_count(place: Place, key: str, title: Text, node: Mapping, test: _Test) -> Compiled:
    operator, limit = test
    bounds = {
        "mustBe": (limit[0], limit[0]),
        "mustBeGreaterThan": (limit[0] + 1, None),
        "mustBeGreaterOrEqualTo": (limit[0], None),
        "mustBeLessThan": (None, limit[0] - 1),
        "mustBeLessOrEqualTo": (None, limit[0]),
        "mustBeBetween": (limit[0], limit[-1]),
    }.get(operator)
    if bounds is None or node.text("unit") == "percent":
        reason = Text("no expectation counts rows that way", "没有以这种方式统计行数的期望")
        return unjudged(place, key, title, node.position, reason)
    kwargs = {"min_value": bounds[0], "max_value": bounds[1]}
    return _check(place, key, title, node, "expect_table_row_count_to_be_between", kwargs)


def _table_metric(
    place: Place, key: str, title: Text, node: Mapping, metric: str, test: _Test
) -> Compiled:
    arguments = node.get("arguments")
    columns = scalars(arguments.get("properties")) if isinstance(arguments, Mapping) else []
    if metric != "duplicateValues" or not columns or test != ("mustBe", [0]):
        reason = Text(
            "of a whole table only `duplicateValues` with `arguments.properties` and `mustBe: 0` "
            "is evaluated",
            "对整表只评估带 `arguments.properties` 且 `mustBe: 0` 的 `duplicateValues`",
        )
        return unjudged(place, key, title, node.position, reason)
    names = [str(name) for name in columns]
    name = "expect_compound_columns_to_be_unique" if len(names) > 1 else _UNIQUE
    kwargs: dict[str, object] = {"column_list": names} if len(names) > 1 else {"column": names[0]}
    found = _check(place, key, title, node, name, kwargs)
    from dataclasses import replace

    return replace(found, columns=tuple(names))


_UNIQUE = "expect_column_values_to_be_unique"


def _column_metric(
    place: Place, key: str, title: Text, node: Mapping, metric: str, test: _Test
) -> Compiled:
    arguments = node.get("arguments")
    given = arguments if isinstance(arguments, Mapping) else Mapping((), node.position)
    valid = [str(value) for value in scalars(given.get("validValues"))]
    pattern = given.text("pattern")
    if metric == "invalidValues" and not valid and not pattern:
        reason = Text(
            "`invalidValues` needs `arguments` with `validValues` or `pattern`",
            "`invalidValues` 需要带 `validValues` 或 `pattern` 的 `arguments`",
        )
        return unjudged(place, key, title, node.position, reason)
    if test == ("mustBe", [0]) and (found := _plain_expectation(metric, valid, pattern)):
        name, kwargs = found
        return _check(place, key, title, node, name, {"column": place.column, **kwargs})
    operator, limit = test
    kwargs = {
        "column": place.column,
        "measure": metric,
        "listed": valid or [_written(value) for value in scalars(given.get("missingValues"))],
        "pattern": pattern,
        "operator": operator,
        "limit": limit,
        "unit": node.text("unit") or "rows",
    }
    return _check(place, key, title, node, COUNT, kwargs)


def _written(value: object) -> str:
    return "" if value is None else str(value)


def _plain_expectation(
    metric: str, valid: list[str], pattern: str | None
) -> tuple[str, dict[str, object]] | None:
    """Return the built-in expectation that says *none at all*, where there is one."""
    if metric == "nullValues":
        return "expect_column_values_to_not_be_null", {}
    if metric == "duplicateValues":
        return _UNIQUE, {}
    if metric == "invalidValues" and valid and not pattern:
        return "expect_column_values_to_be_in_set", {"value_set": valid}
    if metric == "invalidValues" and pattern and not valid:
        return "expect_column_values_to_match_regex", {"regex": pattern}
    return None


# --- custom expectations -------------------------------------------------------------------


def _custom(place: Place, key: str, node: Mapping) -> Compiled:
    title = _own_title(node, key)
    given = node.get("implementation")
    document = plain(given) if given is not None else None
    if isinstance(given, Scalar):
        document = _parsed(given)
    if not isinstance(document, dict):
        return unjudged(place, key, title, node.position, _NOT_UNDERSTOOD)
    name = document.get("expectation_type") or document.get("type") or document.get("expectation")
    kwargs = document.get("kwargs", {})
    if not isinstance(name, str) or not isinstance(kwargs, dict):
        return unjudged(place, key, title, node.position, _NOT_UNDERSTOOD)
    if place.column and not any(k.startswith("column") for k in kwargs):
        kwargs = {"column": place.column, **kwargs}
    return _check(place, key, title, node, name, kwargs)


_NOT_UNDERSTOOD = Text(
    "`implementation` must hold an expectation's type and kwargs",
    "`implementation` 必须包含期望的类型和参数（kwargs）",
)


def _parsed(given: Scalar) -> object:
    from headwater.catalog.errors import DocumentError
    from headwater.catalog.yaml_source import parse_yaml

    try:
        return plain(parse_yaml(given.text.encode(), given.position.file))
    except DocumentError:
        return None


def _check(
    place: Place, key: str, title: Text, node: Mapping, name: str, kwargs: Mapping_[str, object]
) -> Check:
    return Check(
        dataset=place.dataset,
        key=key,
        columns=place.columns,
        title=title,
        expectation=name,
        position=node.position,
        kwargs=kwargs,
        severity=severity_of(node),
        dimension=node.text("dimension"),
        numeric=name == "expect_column_values_to_be_between",
    )
