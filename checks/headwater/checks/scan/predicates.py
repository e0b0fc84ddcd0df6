"""Conditions of Great Expectations in SQL, where the two mean the same: what makes a row fail."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headwater.checks.duck import literal
from headwater.checks.scan.patterns import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headwater.checks.scan.relation import Column

_ORDERED = {
    frozenset({"whole"}),
    frozenset({"real"}),
    frozenset({"whole", "real"}),
    frozenset({"moment"}),
    frozenset({"text"}),
}
_WIDEST = 2**63
_MOST_LISTED = 10_000


@dataclass(frozen=True, slots=True)
class Failing:
    """The rows that fail; ``pattern`` where Python has to look at them once more."""

    sql: str
    pattern: str | None = None


def column_predicate(name: str, column: Column, values: Mapping[str, Any]) -> Failing | None:
    """Return the rows of a column that fail a condition, none of them empty; ``None``: unknown."""
    write = _WRITERS.get(name)
    return write(column, values) if write else None


def pair_predicate(
    name: str, columns: tuple[Column, Column], values: Mapping[str, Any]
) -> str | None:
    """Return the condition that a pair of columns must meet; ``None``: unknown."""
    first, second = columns
    if frozenset({first.kind, second.kind}) not in _ORDERED:
        return None
    if name == "column_pair_values.a_greater_than_b":
        return f"{first.sql} {'>=' if values.get('or_equal') else '>'} {second.sql}"
    return f"{first.sql} = {second.sql}" if name == "column_pair_values.equal" else None


def _between(column: Column, values: Mapping[str, Any]) -> Failing | None:
    limits: list[Any] = [values.get("min_value"), values.get("max_value")]
    if column.kind not in ("whole", "real", "moment") or limits == [None, None]:
        return None
    written = [None if limit is None else _limit(column, limit) for limit in limits]
    if any(w is None and limit is not None for w, limit in zip(written, limits, strict=True)):
        return None
    if None not in limits and limits[0] > limits[1]:
        return None  # Great Expectations refuses it, in its own words
    return Failing(f"NOT ({_within(column.sql, written, values)})")


def _within(sql: str, limits: list[str | None], values: Mapping[str, Any]) -> str:
    low, high = limits
    parts = []
    if low is not None:
        parts.append(f"{sql} {'>' if values.get('strict_min') else '>='} {low}")
    if high is not None:
        parts.append(f"{sql} {'<' if values.get('strict_max') else '<='} {high}")
    return " AND ".join(parts)


def _limit(column: Column, limit: object) -> str | None:
    if column.kind == "moment":
        if isinstance(limit, datetime.datetime) and limit.tzinfo is None:
            return f"CAST({literal(limit.isoformat(sep=' '))} AS TIMESTAMP)"
        return None
    return literal(limit) if _is_number(limit) else None


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) and abs(value) < _WIDEST


def _listed(column: Column, values: Mapping[str, Any]) -> str | None:
    """Return the values of a set; ``None`` where they are not all of the column's kind."""
    found = values.get("value_set")
    if not isinstance(found, (list, tuple, set)) or not 0 < len(found) <= _MOST_LISTED:
        return None
    texts = column.kind == "text" and all(isinstance(each, str) for each in found)
    wholes = column.kind == "whole" and all(
        isinstance(each, int) and _is_number(each) for each in found
    )
    return ", ".join(map(literal, found)) if texts or wholes else None


def _in_set(column: Column, values: Mapping[str, Any]) -> Failing | None:
    listed = _listed(column, values)
    return Failing(f"{column.sql} NOT IN ({listed})") if listed else None


def _not_in_set(column: Column, values: Mapping[str, Any]) -> Failing | None:
    listed = _listed(column, values)
    return Failing(f"{column.sql} IN ({listed})") if listed else None


def _length_equals(column: Column, values: Mapping[str, Any]) -> Failing | None:
    if column.kind != "text" or not _is_number(values.get("value")):
        return None
    return Failing(f"length({column.sql}) <> {literal(values['value'])}")


def _length_between(column: Column, values: Mapping[str, Any]) -> Failing | None:
    limits: list[Any] = [values.get("min_value"), values.get("max_value")]
    known = [limit for limit in limits if limit is not None]
    if column.kind != "text" or not known or not all(map(_is_number, known)):
        return None
    if None not in limits and limits[0] > limits[1]:
        return None
    written = [None if limit is None else literal(limit) for limit in limits]
    return Failing(f"NOT ({_within(f'length({column.sql})', written, values)})")


def _match(column: Column, values: Mapping[str, Any]) -> Failing | None:
    pattern = values.get("regex")
    found = translate(pattern) if column.kind == "text" and isinstance(pattern, str) else None
    if found is None:
        return None
    missing = f"NOT regexp_matches({column.sql}, {literal(found.pattern)})"
    return Failing(missing, None if found.exact else pattern)


def _not_match(column: Column, values: Mapping[str, Any]) -> Failing | None:
    pattern = values.get("regex")
    found = translate(pattern) if column.kind == "text" and isinstance(pattern, str) else None
    if found is None or not found.exact:
        return None
    return Failing(f"regexp_matches({column.sql}, {literal(found.pattern)})")


_WRITERS: dict[str, Callable[[Column, Mapping[str, Any]], Failing | None]] = {
    "column_values.between": _between,
    "column_values.in_set": _in_set,
    "column_values.match_regex": _match,
    "column_values.not_in_set": _not_in_set,
    "column_values.not_match_regex": _not_match,
    "column_values.value_length.between": _length_between,
    "column_values.value_length.equals": _length_equals,
}
