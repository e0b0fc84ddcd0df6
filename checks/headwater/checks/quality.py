"""Quality rules of a contract: which kind each is, and library metrics.

Source: Open Data Contract Standard 3.0 to 3.2, *Data quality*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.nodes import Mapping, Scalar, Sequence
from headwater.catalog.text import Text
from headwater.checks.constraints import unusable_pattern
from headwater.checks.custom import custom_check, is_ours
from headwater.checks.drafts import (
    Place,
    manual,
    number_of,
    severity_of,
    tagged,
    texts,
    title_of,
    unjudged,
)
from headwater.checks.model import Check
from headwater.checks.queries import QUERY, object_of, query_check, repeated_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.position import Position
    from headwater.checks.drafts import Compiled
    from headwater.checks.model import View

COUNT = "expect_column_count_to_satisfy"
"""Our own expectation: a count of rows of a column, against any ODCS operator."""

ROWS = "expect_table_count_to_satisfy"
"""Our own expectation: the number of rows, against any ODCS operator."""

_NAMES = {
    "nullValues": Text("empty values of `{c}`", "`{c}` 的空值"),
    "missingValues": Text("missing values of `{c}`", "`{c}` 的缺失值"),
    "invalidValues": Text("invalid values of `{c}`", "`{c}` 的无效值"),
    "duplicateValues": Text("duplicate values of `{c}`", "`{c}` 的重复值"),
    "rowCount": Text("number of rows", "行数"),
}
_OLD_NAMES = {"duplicateCount": "duplicateValues", "validValues": "invalidValues"}
"""Names of ODCS 3.0's ``rule``, and the metrics that count the same."""

_ARGUMENTS = {
    "missingValues": {"missingValues"},
    "invalidValues": {"validValues", "pattern"},
    "duplicateValues": {"properties"},
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
_NEEDS = Text(
    "it needs a metric ({metrics}) and exactly one operator with a number",
    "需要指标（{metrics}）以及恰好一个带数字的运算符",
)
_NEEDS_OPERATOR = Text("it needs exactly one operator with a number", "需要恰好一个带数字的运算符")
_NO_SUCH_KIND = Text(
    "rules of type {kind} are not evaluated by this version",
    "本版本不评估类型为 {kind} 的规则",
)
_NO_SUCH_UNIT = Text(
    "the unit is rows or percent, not `{unit}`", "单位应为 rows 或 percent，而非 `{unit}`"
)
_NO_PERCENT = Text("a number of rows has no percentage", "行数没有百分比")
_WHOLE_TABLE = Text(
    "of a whole table only `duplicateValues` with `arguments.properties` is evaluated",
    "对整表只评估带 `arguments.properties` 的 `duplicateValues`",
)
_NO_ARGUMENT = Text("`{metric}` has no argument `{name}`", "`{metric}` 没有参数 `{name}`")
_NO_VALUES = Text(
    "`invalidValues` needs `arguments` with `validValues` or `pattern`",
    "`invalidValues` 需要带 `validValues` 或 `pattern` 的 `arguments`",
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A library rule as understood: what is counted, and what the count must be."""

    place: Place
    key: str
    node: Mapping
    metric: str
    operator: str
    limit: list[int | float]

    @property
    def none_at_all(self) -> bool:
        return self.operator == "mustBe" and self.limit == [0]

    @property
    def unit(self) -> str:
        return self.node.text("unit") or "rows"

    @property
    def title(self) -> Text:
        values = {
            "metric": _NAMES[self.metric].fill({"c": self.place.column or "*"}),
            "must": _MUST[self.operator],
            "limit": " .. ".join(str(number) for number in self.limit),
            "unit": "%" if self.unit == "percent" else "",
        }
        return _TITLE.fill(values)

    @property
    def arguments(self) -> Mapping:
        given = self.node.get("arguments")
        return given if isinstance(given, Mapping) else Mapping((), self.node.position)

    def unjudged(self, reason: Text, at: Position | None = None) -> Compiled:
        place = at or self.node.position
        return unjudged(self.place, self.key, self.title, place, reason)

    def check(
        self, name: str, kwargs: dict[str, object], view: View = "plain",
        columns: tuple[str, ...] | None = None,
    ) -> Check:  # fmt: skip
        return Check(
            dataset=self.place.dataset,
            key=self.key,
            columns=self.place.columns if columns is None else columns,
            title=self.title,
            expectation=name,
            position=self.node.position,
            kwargs=kwargs,
            severity=severity_of(self.node),
            dimension=self.node.text("dimension"),
            view=view,
        )


def quality_checks(place: Place, rules: Iterator[Mapping]) -> Iterator[Compiled]:
    """Yield one check or reason for each quality rule, in their order."""
    for number, node in enumerate(rules, 1):
        name = node.text("id") or node.text("name") or f"quality-{number}"
        key = f"{place.column}.{name}" if place.column else name
        yield tagged(_compiled(place, key, node), node)


def _compiled(place: Place, key: str, node: Mapping) -> Compiled:
    kind = node.text("type") or "library"
    title = title_of(node.text("name") or node.text("description") or key)
    if kind == "text":
        return manual(place, key, title, node.position)
    if kind == "library":
        return _library(place, key, node, title)
    if kind == "sql":
        return _query(place, key, node, title)
    if kind == "custom" and is_ours(node):
        return custom_check(place, key, node, title)
    engine = node.text("engine")
    named = f"{kind} ({engine})" if engine else kind
    return unjudged(place, key, title, node.position, _NO_SUCH_KIND.fill({"kind": named}))


def _query(place: Place, key: str, node: Mapping, title: Text) -> Compiled:
    operators = [name for name in _MUST if node.get(name) is not None]
    limit = _limit(node, operators[0]) if len(operators) == 1 else None
    if limit is None:
        return unjudged(place, key, title, node.position, _NEEDS_OPERATOR)
    return query_check(place, key, node, title, (operators[0], limit))


def _library(place: Place, key: str, node: Mapping, title: Text) -> Compiled:
    written = node.text("metric") or node.text("rule") or ""
    metric = _OLD_NAMES.get(written, written)
    operators = [name for name in _MUST if node.get(name) is not None]
    limit = _limit(node, operators[0]) if len(operators) == 1 else None
    if not operators and written == "validValues":
        operators, limit = ["mustBe"], [0]
    if metric not in _NAMES or limit is None:
        reason = _NEEDS.fill({"metrics": list(_NAMES)})
        one = metric in _NAMES and len(operators) == 1
        return unjudged(place, key, title, node.at(operators[0]) if one else node.position, reason)
    rule = _Rule(place, key, node, metric, operators[0], limit)
    if ignored := _misunderstood(rule):
        return rule.unjudged(*ignored)
    if metric == "rowCount":
        return _row_count(rule)
    return _table_metric(rule) if place.column is None else _column_metric(rule)


def _limit(node: Mapping, operator: str) -> list[int | float] | None:
    found = node.get(operator)
    if isinstance(found, Sequence):
        numbers = [number_of(item) for item in found]
        known = [number for number in numbers if number is not None]
        paired = len(known) == len(numbers) == 2 and operator.endswith("Between")
        return known if paired else None
    number = number_of(found)
    return None if number is None or operator.endswith("Between") else [number]


def _misunderstood(rule: _Rule) -> tuple[Text, Position] | None:
    """Return what of a rule would be ignored, if anything would, and where it stands."""
    unit = rule.node.get("unit")
    if rule.unit not in ("rows", "percent") or (unit and not isinstance(unit, Scalar)):
        return _NO_SUCH_UNIT.fill({"unit": rule.unit}), rule.node.at("unit")
    known = _ARGUMENTS.get(rule.metric, set())
    for entry in rule.arguments:
        if entry.key not in known:
            reason = _NO_ARGUMENT.fill({"metric": rule.metric, "name": entry.key})
            return reason, entry.position
    return None


def _row_count(rule: _Rule) -> Compiled:
    if rule.unit == "percent":
        return rule.unjudged(_NO_PERCENT)
    limit = rule.limit
    whole = all(isinstance(number, int) for number in limit)
    bounds = {
        "mustBe": (limit[0], limit[0]),
        "mustBeGreaterOrEqualTo": (limit[0], None),
        "mustBeLessOrEqualTo": (None, limit[0]),
        "mustBeBetween": (limit[0], limit[-1]),
    }.get(rule.operator)
    if bounds is None or not whole:
        return rule.check(ROWS, {"operator": rule.operator, "limit": limit}, columns=())
    kwargs: dict[str, object] = {"min_value": bounds[0], "max_value": bounds[1]}
    return rule.check("expect_table_row_count_to_be_between", kwargs, columns=())


def _table_metric(rule: _Rule) -> Compiled:
    names = texts(rule.arguments.get("properties"))
    if rule.metric != "duplicateValues" or not names:
        return rule.unjudged(_WHOLE_TABLE)
    if not rule.none_at_all:
        return _counted_rows(rule, names)
    if len(names) == 1:
        return rule.check(_UNIQUE, {"column": names[0]}, columns=tuple(names))
    name = "expect_compound_columns_to_be_unique"
    return rule.check(name, {"column_list": names}, columns=tuple(names))


def _counted_rows(rule: _Rule, names: list[str]) -> Compiled:
    """Return the check of how many rows repeat an earlier one in some columns."""
    query = repeated_rows(object_of(rule.place), names, percent=rule.unit == "percent")
    kwargs: dict[str, object] = {
        "query": query,
        "names": [object_of(rule.place)],
        "operator": rule.operator,
        "limit": rule.limit,
    }
    return rule.check(QUERY, kwargs, columns=tuple(names))


_UNIQUE = "expect_column_values_to_be_unique"


def _column_metric(rule: _Rule) -> Compiled:
    if rule.metric == "invalidValues":
        return _invalid_values(rule)
    column = rule.place.column
    if rule.metric == "nullValues" and rule.none_at_all:
        return rule.check("expect_column_values_to_not_be_null", {"column": column})
    if rule.metric == "duplicateValues" and rule.none_at_all and not rule.arguments.entries:
        return rule.check(_UNIQUE, {"column": column})
    if rule.metric == "duplicateValues" and rule.arguments.entries:
        return rule.unjudged(_WHOLE_TABLE)
    listed = rule.arguments.get("missingValues")
    values = [] if listed is None else texts(listed)
    if values is None:
        return rule.unjudged(_NO_ARGUMENT.fill({"metric": rule.metric, "name": "missingValues"}))
    return rule.check(COUNT, _counted(rule, values, None), view="text")


def _invalid_values(rule: _Rule) -> Compiled:
    listed = rule.arguments.get("validValues") or rule.node.get("validValues")
    valid = texts(listed)
    written = rule.arguments.get("pattern")
    pattern = rule.arguments.text("pattern")
    if (listed is None and written is None) or (listed is not None and valid is None):
        return rule.unjudged(_NO_VALUES, rule.node.at("arguments"))
    if written is not None and (reason := unusable_pattern(pattern)):
        return rule.unjudged(reason, rule.arguments.at("pattern"))
    column = rule.place.column
    if rule.none_at_all and valid and pattern is None:
        kwargs: dict[str, object] = {"column": column, "value_set": valid}
        return rule.check("expect_column_values_to_be_in_set", kwargs, view="text")
    if rule.none_at_all and listed is None:
        kwargs = {"column": column, "regex": pattern}
        return rule.check("expect_column_values_to_match_regex", kwargs, view="text")
    return rule.check(COUNT, _counted(rule, valid, pattern), view="text")


def _counted(rule: _Rule, listed: list[str] | None, pattern: str | None) -> dict[str, object]:
    """Return the arguments of our own count; ``listed`` is ``None`` where any value will do."""
    return {
        "column": rule.place.column,
        "measure": rule.metric,
        "listed": listed,
        "pattern": pattern,
        "operator": rule.operator,
        "limit": rule.limit,
        "unit": rule.unit,
    }
