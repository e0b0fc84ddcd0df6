"""Takes all measures of a relation: one reading for all aggregates, one more for each key."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headwater.checks.duck import DatabaseError
from headwater.checks.scan.answers import UNKNOWN, ByValue, Computed, Doubtful, Metric, Repeated
from headwater.checks.scan.few import columns_with_few
from headwater.checks.scan.plan import is_sample, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from headwater.checks.scan.answers import Answer
    from headwater.checks.scan.relation import Relation

_MOST_DOUBTS = 100_000


@dataclass(frozen=True, slots=True)
class Tally:
    """The distinct values of a column and how often each stands in it."""

    counts: Mapping[Any, int]
    empty: bool
    dtype: str


@dataclass(slots=True)
class Measured:
    """What is known of a relation: values by the id of the measure."""

    values: dict[tuple[Any, ...], object] = field(default_factory=dict)
    rough: set[tuple[Any, ...]] = field(default_factory=set)
    few: frozenset[str] = frozenset()


def measure(
    metrics: Sequence[Metric],
    relation: Relation,
    by_value: Callable[[Metric, ByValue, Tally], object],
) -> Measured:
    """Return what one reading and the queries for keys can tell; the rest is left to pandas.

    Args:
        metrics: What is asked.
        relation: Of what.
        by_value: Says what the distinct values of a column mean for a measure.
    """
    try:
        few = columns_with_few(metrics, relation)
        return _taken(metrics, relation, few, by_value)
    except DatabaseError as error:
        if not error.memory:
            return Measured()
    try:  # a column had more values than its samples let expect
        return _taken(metrics, relation, frozenset(), by_value)
    except DatabaseError:
        return Measured()


def _taken(
    metrics: Sequence[Metric],
    relation: Relation,
    few: frozenset[str],
    by_value: Callable[[Metric, ByValue, Tally], object],
) -> Measured:
    planned = {m.id: (m, a) for m in metrics if (a := plan(m, relation, few)) is not None}
    found = Measured(few=few)
    taking = _Taking(relation, relation.measure(_terms(planned, relation)), by_value)
    for key, (metric, answer) in planned.items():
        value = taking.value(metric, answer)
        if value is not UNKNOWN:
            found.values[key] = value
        if isinstance(answer, Computed) and answer.rough:
            found.rough.add(key)
    _add_samples(metrics, found)
    return found


@dataclass(slots=True)
class _Taking:
    """What the one reading told, and what else was asked since."""

    relation: Relation
    row: Mapping[str, Any]
    by_value: Callable[[Metric, ByValue, Tally], object]
    repeated: dict[Repeated, int] = field(default_factory=dict)

    def value(self, metric: Metric, answer: Answer) -> object:
        match answer:
            case Computed():
                return answer.finish(*(self.row[term] for term in answer.terms))
            case ByValue():
                tally = _tally(self.row, self.relation, answer.column)
                return self.by_value(metric, answer, tally)
            case Doubtful():
                return _doubtful(self.relation, answer, self.row[_failing(answer)])
            case Repeated():
                if answer not in self.repeated:
                    self.repeated[answer] = _repeated(self.relation, answer)
                return self.repeated[answer]


def queries(metrics: Sequence[Metric], relation: Relation) -> list[str]:
    """Return what would be asked of DuckDB; the samples that decide how are asked for."""
    few = columns_with_few(metrics, relation)
    planned = {m.id: (m, a) for m in metrics if (a := plan(m, relation, few)) is not None}
    terms = _terms(planned, relation)
    keys = dict.fromkeys(a for _, a in planned.values() if isinstance(a, Repeated))
    found = [relation.query(terms)] if terms else []
    return [*found, *(relation.query(_proof(a), a.among) for a in keys if a.provable)]


def ways(metrics: Sequence[Metric], relation: Relation) -> str:
    """Return how the measures of one expectation are taken: the way that costs most."""
    few = columns_with_few(metrics, relation)
    answers = [plan(m, relation, few) for m in metrics if not is_sample(m)]
    kinds = [type(answer) for answer in answers]
    if not kinds or type(None) in kinds:
        return "gx-pandas"
    names = ((Repeated, "key"), (ByValue, "values"))
    return next((name for kind, name in names if kind in kinds), "scan")


def _proof(answer: Repeated) -> list[str]:
    return [f"count(DISTINCT hash({', '.join(answer.columns)}))", "count(*)"]


def _terms(
    planned: Mapping[tuple[Any, ...], tuple[Metric, Answer]], relation: Relation
) -> list[str]:
    terms: dict[str, None] = {}
    for _, answer in planned.values():
        match answer:
            case Computed():
                terms.update(dict.fromkeys(answer.terms))
            case ByValue():
                sql = relation.columns[answer.column].sql
                terms.update({f"histogram({sql})": None, f"count({sql})": None})
            case Doubtful():
                terms[_failing(answer)] = None
    return list(terms)


def _tally(row: Mapping[str, Any], relation: Relation, name: str) -> Tally:
    column = relation.columns[name]
    counts = row[f"histogram({column.sql})"] or {}
    empty = row[f"count({column.sql})"] < relation.rows
    return Tally(counts, empty, column.dtype)


def _repeated(relation: Relation, answer: Repeated) -> int:
    """Return how many rows stand more than once.

    As many distinct hashes as rows prove that none does: equal values have equal hashes. Only
    where there are fewer must the values themselves be counted.
    """
    columns = ", ".join(answer.columns)
    if answer.provable:
        distinct, rows = relation.measure(_proof(answer), answer.among).values()
        if distinct == rows:
            return 0
    query = (
        f"SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM {relation.source} "  # noqa: S608
        f"WHERE {answer.among} GROUP BY {columns} HAVING count(*) > 1)"
    )
    return int(relation.database.rows(query)[0][0])


def _failing(answer: Doubtful) -> str:
    return f"count(*) FILTER (WHERE {answer.where})"


def _doubtful(relation: Relation, answer: Doubtful, number: Any) -> object:
    """Return how many of the rows that RE2 does not find Python does not find, either.

    Only text beyond ASCII is in doubt; what Python may be slow at never comes here.
    """
    if not number:
        return number
    where = f"{answer.where} AND NOT regexp_full_match({answer.sql}, '[\\x00-\\x7f]*')"
    query = (
        f"SELECT {answer.sql}, count(*) FROM {relation.source} WHERE {where} "  # noqa: S608
        f"GROUP BY 1 LIMIT {_MOST_DOUBTS + 1}"
    )
    doubts = relation.database.rows(query)
    if len(doubts) > _MOST_DOUBTS:
        return UNKNOWN
    search = re.compile(answer.pattern).search
    return number - sum(count for value, count in doubts if search(value))


def _add_samples(metrics: Sequence[Metric], found: Measured) -> None:
    """Answer the samples of what failed, where nothing did; others are left to pandas."""
    nothing: dict[str, object] = {
        "unexpected_values": [],
        "unexpected_index_list": [],
        "unexpected_index_query": "df.filter(items=[], axis=0)",  # as Great Expectations says it
    }
    counts = {_what(m): found.values[m.id] for m in metrics if _is_count(m, found)}
    for metric in metrics:
        if is_sample(metric) and metric.last in nothing and counts.get(_what(metric)) == 0:
            found.values[metric.id] = nothing[metric.last]


def _is_count(metric: Metric, found: Measured) -> bool:
    return metric.last == "unexpected_count" and metric.id in found.values


def _what(metric: Metric) -> str:
    """Return what a count and its samples have in common."""
    values = {key: value for key, value in metric.values.items() if key != "result_format"}
    return repr(
        (metric.base, sorted(metric.domain.items(), key=str), sorted(values.items(), key=str))
    )
