"""From a measure to how it is answered; ``None`` where Great Expectations' own code has to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.checks.duck import literal
from headwater.checks.guard import may_explode, patterns_of
from headwater.checks.scan.answers import (
    UNKNOWN,
    Answer,
    ByValue,
    Computed,
    Doubtful,
    Metric,
    Repeated,
)
from headwater.checks.scan.patterns import translate
from headwater.checks.scan.predicates import column_predicate, pair_predicate

if TYPE_CHECKING:
    from collections.abc import Callable, Set

    from headwater.checks.scan.relation import Column, Relation

BY_VALUE = frozenset(
    {
        "column_values.between",
        "column_values.dateutil_parseable",
        "column_values.headwater_resolve",
        "column_values.in_set",
        "column_values.json_parseable",
        "column_values.match_json_schema",
        "column_values.match_regex",
        "column_values.match_regex_list",
        "column_values.match_strftime_format",
        "column_values.not_in_set",
        "column_values.not_match_regex",
        "column_values.not_match_regex_list",
        "column_values.value_length.between",
        "column_values.value_length.equals",
    }
)
"""Conditions on single values: whether one fails does not depend on any other."""

_OF_VALUES = frozenset(
    {
        "column.distinct_values",
        "column.distinct_values.count",
        "column.distinct_values.missing_from_column",
        "column.distinct_values.missing_from_column.count",
        "column.distinct_values.not_in_set",
        "column.distinct_values.not_in_set.count",
        "column.max",
        "column.min",
    }
)
_OF_ROWS = frozenset({"column.median", "column.quantile_values"})
_SAMPLES = frozenset({"unexpected_values", "unexpected_index_list", "unexpected_index_query"})
_ROUGH = {
    "column.mean": "avg",
    "column.median": "median",
    "column.standard_deviation": "stddev_samp",
    "column.sum": "sum",
}


def is_sample(metric: Metric) -> bool:
    """Say whether a measure is a list of what failed, which nobody needs where nothing did."""
    return metric.last in _SAMPLES


def plan(metric: Metric, relation: Relation, few: Set[str]) -> Answer | None:
    """Return how a measure is answered, or ``None``.

    Args:
        metric: What is asked.
        relation: Of what.
        few: The columns of which it is known that they hold few distinct values.
    """
    if metric.domain.get("row_condition") or metric.domain.get("table"):
        return None  # of some rows only, or of another table
    if metric.name.startswith("table."):
        return _of_table(metric, relation)
    if "column_list" in metric.domain:
        return _of_list(metric, relation)
    if "column_A" in metric.domain:
        return _of_pair(metric, relation)
    column = relation.columns.get(str(metric.domain.get("column")))
    return _of_column(metric, column, relation, few) if column else None


def _of_table(metric: Metric, relation: Relation) -> Answer | None:
    known: dict[str, object] = {
        "table.row_count": relation.rows,
        "table.columns": list(relation.names),
        "table.column_count": len(relation.names),
    }
    if metric.name not in known:
        return None
    return Computed((), lambda: known[metric.name])


def _of_column(metric: Metric, column: Column, relation: Relation, few: Set[str]) -> Answer | None:
    name = str(metric.domain["column"])
    if metric.last == "unexpected_count":
        return _condition(metric, name, column, relation, few)
    if metric.name == "column.headwater_count":
        return _counted(metric, column, relation)
    if metric.name == "column.non_null_proportion" and relation.rows:
        return Computed((_count(column),), lambda n: n / relation.rows)
    if name in few and metric.name in _OF_VALUES:
        return ByValue(name, "values")
    if name in few and metric.name in _OF_ROWS and column.kind == "whole":
        return ByValue(name, "rows")
    return _aggregate(metric, column, relation)


def _condition(
    metric: Metric, name: str, column: Column, relation: Relation, few: Set[str]
) -> Answer | None:
    if metric.base == "column_values.nonnull":
        return Computed((_count(column),), lambda n: relation.rows - n)
    if metric.base == "column_values.null":
        return Computed((_count(column),), lambda n: n)
    if metric.base == "column_values.unique":
        among = f"{column.sql} IS NOT NULL"
        return Repeated((column.sql,), among, provable=column.kind != "real")
    by_value = name in few and metric.base in BY_VALUE
    slow = any(may_explode(pattern) for pattern in patterns_of(metric.values))
    if by_value and not slow:
        return ByValue(name, "condition")
    found = column_predicate(metric.base, column, metric.values)
    if found is None:
        return ByValue(name, "condition") if by_value else None
    if found.pattern is not None:
        return Doubtful(column.sql, found.sql, found.pattern)
    return Computed((_failing(found.sql),), lambda n: n)


def _aggregate(metric: Metric, column: Column, relation: Relation) -> Answer | None:
    if metric.name == "column.distinct_values.count":
        return Computed((f"count(DISTINCT {column.sql})",), lambda n: n)
    if metric.name == "column.unique_proportion":
        terms = (f"count(DISTINCT {column.sql})", _count(column))
        return Computed(terms, lambda distinct, n: distinct / n if n else UNKNOWN)
    if column.kind not in ("whole", "real") or not relation.rows:
        return None
    if metric.name in ("column.min", "column.max"):
        return Computed((f"{metric.last}({column.sql})",), _known)
    if metric.name in _ROUGH:
        term = f"{_ROUGH[metric.name]}({column.sql})"
        return Computed((term,), _known, rough=column.kind == "real")
    return None


def _known(value: object) -> object:
    """Return a value; where there is none, pandas says what that is."""
    return UNKNOWN if value is None else value


def _counted(metric: Metric, column: Column, relation: Relation) -> Answer | None:
    """Return how our own count of ODCS library metrics is answered."""
    measure, listed = metric.values.get("measure"), metric.values.get("listed")
    if measure == "nullValues":
        return Computed((_count(column),), lambda n: relation.rows - n)
    if column.kind != "text":
        return None
    among = ", ".join(map(literal, listed)) if listed else ""
    if measure == "duplicateValues":
        terms = (_count(column), f"count(DISTINCT {column.sql})")
        return Computed(terms, lambda n, distinct: n - distinct)
    if measure == "missingValues":
        terms = (_count(column), _failing(f"{column.sql} IN ({among})") if among else "0")
        return Computed(terms, lambda n, missing: relation.rows - n + missing)
    return _invalid(column, among, metric) if measure == "invalidValues" else None


def _invalid(column: Column, among: str, metric: Metric) -> Answer | None:
    pattern, parts = metric.values.get("pattern"), []
    if metric.values.get("listed") is not None:
        parts.append(f"{column.sql} NOT IN ({among})" if among else f"{column.sql} IS NOT NULL")
    if pattern is not None:
        found = translate(pattern)
        if found is None or not found.exact:
            return None
        parts.append(f"NOT regexp_matches({column.sql}, {literal(found.pattern)})")
    return Computed((_failing(" OR ".join(parts)),), lambda n: n) if parts else None


def _of_list(metric: Metric, relation: Relation) -> Answer | None:
    columns = [relation.columns.get(str(name)) for name in metric.domain["column_list"]]
    known = [column for column in columns if column]
    if len(known) != len(columns) or not known:
        return None
    kept = _kept(known, str(metric.domain.get("ignore_row_if")))
    if kept is None or not metric.name.startswith("compound_columns.unique."):
        return None
    if metric.last == "filtered_row_count":
        return Computed((_failing(kept),), lambda n: n)
    if metric.last != "unexpected_count":
        return None
    provable = all(column.kind != "real" for column in known)
    return Repeated(tuple(column.sql for column in known), kept, provable=provable)


def _of_pair(metric: Metric, relation: Relation) -> Answer | None:
    first = relation.columns.get(str(metric.domain["column_A"]))
    second = relation.columns.get(str(metric.domain["column_B"]))
    if first is None or second is None:
        return None
    kept = _kept([first, second], str(metric.domain.get("ignore_row_if")))
    meets = pair_predicate(metric.base, (first, second), metric.values)
    if kept is None or meets is None:
        return None
    wholes = tuple(_count(c) for c in (first, second) if c.kind == "whole")
    finish = _unless_empty(relation.rows)
    if metric.last == "filtered_row_count":
        return Computed((_failing(kept), *wholes), finish)
    if metric.last != "unexpected_count":
        return None
    return Computed((_failing(f"({kept}) AND NOT coalesce({meets}, FALSE)"), *wholes), finish)


def _unless_empty(rows: int) -> Callable[..., Any]:
    """Return what gives a number, save where whole numbers are missing.

    Pandas has a type of its own for those, and compares it in a way of its own.
    """
    return lambda number, *counts: number if all(n == rows for n in counts) else UNKNOWN


def _kept(columns: list[Column], ignored: str) -> str | None:
    """Return the rows that a condition on several columns looks at."""
    empty = [f"{column.sql} IS NULL" for column in columns]
    match ignored:
        case "both_values_are_missing" | "all_values_are_missing":
            return f"NOT ({' AND '.join(empty)})"
        case "either_value_is_missing" | "any_value_is_missing":
            return f"NOT ({' OR '.join(empty)})"
        case "neither" | "never":
            return "TRUE"
    return None


def _count(column: Column) -> str:
    return f"count({column.sql})"


def _failing(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"
