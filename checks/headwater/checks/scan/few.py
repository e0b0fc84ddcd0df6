"""Which columns hold few distinct values: asked of two samples, so a guess that costs no truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.checks.scan.plan import BY_VALUE
from headwater.checks.scan.predicates import column_predicate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.checks.scan.answers import Metric
    from headwater.checks.scan.relation import Relation

_SAMPLE = 10_000
_FEW = 2_000
_CHEAP = frozenset({"column_values.between"})
_GAINING = ("column.distinct_values", "column.median", "column.quantile_values")


def columns_with_few(metrics: Iterable[Metric], relation: Relation) -> frozenset[str]:
    """Return the columns whose distinct values are worth counting, one by one."""
    asked = {name for metric in metrics if (name := _gains(metric, relation))}
    if not asked or not relation.rows:
        return frozenset()
    names = sorted(asked)
    terms = [f"approx_count_distinct({relation.columns[name].sql})" for name in names]
    most = [0] * len(names)
    for start in {0, max(0, relation.rows - _SAMPLE)}:
        part = f"(SELECT * FROM {relation.source} LIMIT {_SAMPLE} OFFSET {start})"  # noqa: S608
        row = relation.database.rows(f"SELECT {', '.join(terms)} FROM {part}")[0]  # noqa: S608
        most = [max(pair) for pair in zip(most, row, strict=True)]
    return frozenset(name for name, number in zip(names, most, strict=True) if number <= _FEW)


def _gains(metric: Metric, relation: Relation) -> str | None:
    """Return the column for which a measure is easier told from its distinct values."""
    name = str(metric.domain.get("column"))
    column = relation.columns.get(name)
    if column is None or column.kind not in ("text", "whole") or metric.domain.get("row_condition"):
        return None
    if metric.name.startswith(_GAINING):
        return name
    if metric.last != "unexpected_count" or metric.base not in BY_VALUE:
        return None
    cheap = metric.base in _CHEAP and column_predicate(metric.base, column, metric.values)
    return None if cheap else name
