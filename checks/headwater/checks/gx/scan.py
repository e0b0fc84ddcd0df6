"""An execution engine of Great Expectations whose measures DuckDB takes, many in one reading.

GX says which measures a suite needs (``get_validation_dependencies``) and decides and shapes each
result (``metrics_validate``). A measure that the scan does not know is left, with its whole
expectation, to GX's own code on the columns that it asks of.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.metrics_calculator import MetricsCalculator

from headwater.checks.custom import columns_of
from headwater.checks.gx.stock import FORMAT, kept_of, validate
from headwater.checks.scan.answers import UNKNOWN, ByValue, Metric
from headwater.checks.scan.measure import Measured, Tally, measure, queries, ways

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from headwater.checks.kept import Results
    from headwater.checks.scan.relation import Relation

ENGINE = "scan/duckdb"
_BATCH = "scanned"
_AT_ONCE = 20  # GX's graph of measures costs the square of its size
_ROUNDING = 1e-9


class ScanEngine(PandasExecutionEngine):  # type: ignore[misc]
    """Answers from what was measured; what was not, GX's own providers compute on pandas."""

    def __init__(self, relation: Relation) -> None:
        super().__init__()
        self.relation = relation
        self.measured = Measured()
        self._by_value: dict[tuple[str, str], PandasExecutionEngine] = {}

    def prime(self, metrics: Iterable[MetricConfiguration]) -> None:
        """Measure all that is asked, in as few readings as it takes."""
        asked = {each.id: _metric(each) for each in metrics}
        self.measured = measure(list(asked.values()), self.relation, self._value)

    def resolve_metrics(
        self,
        metrics_to_resolve: Iterable[MetricConfiguration],
        metrics: dict[Any, Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> dict[Any, Any]:
        """Return what was measured; have pandas compute the rest."""
        wanted = list(metrics_to_resolve)
        known = self.measured.values
        found = {each.id: known[each.id] for each in wanted if each.id in known}
        left = [each for each in wanted if each.id not in known]
        if left:
            if not self.batch_manager.batch_data_cache:
                self.load_batch_data(_BATCH, self.relation.frame(None))
            found |= super().resolve_metrics(left, metrics, runtime_configuration)
        return found

    def _value(self, metric: Metric, answer: ByValue, tally: Tally) -> object:
        """Have GX's own provider say what the distinct values mean."""
        name = metric.base + ".condition" if answer.how == "condition" else metric.name
        values = {key: each for key, each in metric.values.items() if key != "result_format"}
        config = MetricConfiguration(name, {"column": answer.column, "batch_id": _BATCH}, values)
        engine = self._engine_of(answer, tally)
        calculator = MetricsCalculator(engine, show_progress_bars=False)
        found, _ = calculator.compute_metrics([config], min_graph_edges_pbar_enable=10**9)
        if config.id not in found:
            return UNKNOWN
        if answer.how != "condition":
            return found[config.id]
        fails = found[config.id][0]
        counts = pd.Series(list(tally.counts.values()), dtype="int64")
        return int(counts[fails[fails].index].sum())

    def _engine_of(self, answer: ByValue, tally: Tally) -> PandasExecutionEngine:
        repeated = answer.how == "rows"
        key = (answer.column, "rows" if repeated else "values")
        if key not in self._by_value:
            values = pd.Series(list(tally.counts), dtype=object).astype(_dtype(tally))
            if repeated:
                values = values.repeat(list(tally.counts.values())).reset_index(drop=True)
            engine = PandasExecutionEngine()
            engine.load_batch_data(_BATCH, pd.DataFrame({answer.column: values}))
            self._by_value[key] = engine
        return self._by_value[key]


def _dtype(tally: Tally) -> str:
    """Return the type that pandas gives to a column: another where whole numbers are missing."""
    if tally.empty and "int" in tally.dtype:
        return tally.dtype.replace("uint", "UInt").replace("int", "Int")
    return tally.dtype


def _metric(config: MetricConfiguration) -> Metric:
    domain, values = config.metric_domain_kwargs, config.metric_value_kwargs
    return Metric(config.id, config.metric_name, dict(domain), dict(values))


def validate_scanned(relation: Relation, built: Sequence[Any]) -> Results:
    """Return GX's results by check key, as JSON without clock, ids or raw values."""
    scanned, left = scanned_results(relation, built, FORMAT)
    found = {key: kept_of(document, ENGINE) for key, document in scanned.items()}
    for names, group in _groups(left):
        found |= validate(_frame(relation, names), group)
    return found


def scanned_results(
    relation: Relation, built: Sequence[Any], format_: dict[str, Any]
) -> tuple[dict[str, dict[str, Any]], list[Any]]:
    """Return GX's results by key, as GX writes them, and what is left to its own engine."""
    judged, left = judge(relation, built, format_)
    documents = {each["expectation_config"]["meta"]["key"]: each for each in judged.values()}
    return documents, left


def _frame(relation: Relation, names: Sequence[str] | None) -> pd.DataFrame:
    """Return the columns that a group asks of; where it names none that exists, any one."""
    if names is None:
        return relation.frame(None)
    known = [name for name in names if name in relation.names]
    return relation.frame(known or relation.names[:1])


def judge(
    relation: Relation, built: Sequence[Any], format_: dict[str, Any]
) -> tuple[dict[int, dict[str, Any]], list[Any]]:
    """Return GX's verdict on each expectation by its place, and those left to GX's own engine."""
    engine = ScanEngine(relation)
    asked = {place: _asked(engine, each, format_) for place, each in enumerate(built)}
    engine.prime(config for found in asked.values() if found for config in found[1])
    judged = {}
    for place, found in asked.items():
        result = _judged(engine, *found, format_) if found else None
        if result is not None:
            judged[place] = result
    return judged, [each for place, each in enumerate(built) if place not in judged]


def outline(relation: Relation, built: Sequence[Any]) -> tuple[list[str], dict[str, str]]:
    """Return what DuckDB would be asked, and how each expectation would be measured, by key."""
    engine = ScanEngine(relation)
    metrics: dict[Any, Metric] = {}
    how: dict[str, str] = {}
    for each in built:
        found = _asked(engine, each, FORMAT)
        own = [_metric(config) for config in found[1]] if found else []
        metrics |= {metric.id: metric for metric in own}
        how[each.meta["key"]] = ways(own, relation)
    return queries(list(metrics.values()), relation), how


def _asked(
    engine: ScanEngine, expectation: Any, format_: dict[str, Any]
) -> tuple[Any, list[MetricConfiguration]] | None:
    """Return the expectation and the measures that it needs; ``None``: only GX's engine can say."""
    config = expectation.configuration
    config.kwargs["batch_id"] = _BATCH
    try:
        domain = config.to_domain_obj()
        needed = domain.get_validation_dependencies(
            execution_engine=engine, runtime_configuration={"result_format": dict(format_)}
        )
    except Exception:  # noqa: BLE001 - GX raises many kinds; its own engine will say which
        return None
    return domain, needed.get_metric_configurations()


def _judged(
    engine: ScanEngine,
    expectation: Any,
    needed: Sequence[MetricConfiguration],
    format_: dict[str, Any],
) -> dict[str, Any] | None:
    """Return GX's verdict, or ``None`` where the scan cannot tell all that it needs."""
    values = _without_samples(engine.measured.values, needed, format_)
    if any(each.id not in values for each in needed):
        return None
    try:
        result = expectation.metrics_validate(
            metrics=values,
            execution_engine=engine,
            runtime_configuration={"result_format": dict(format_)},
        )
        result.meta = {**(result.meta or {}), "engine": ENGINE}
        document: dict[str, Any] = result.to_json_dict()
    except Exception:  # noqa: BLE001 - as above
        return None
    rough = any(each.id in engine.measured.rough for each in needed)
    if rough and _at_a_limit(result, expectation.configuration.kwargs):
        return None
    return document


def _without_samples(
    values: dict[Any, Any], needed: Sequence[MetricConfiguration], format_: dict[str, Any]
) -> dict[Any, Any]:
    """Return the values, with no samples of failing values where none are to be shown."""
    if not format_.get("exclude_unexpected_values"):
        return values
    hidden = [each.id for each in needed if each.metric_name.endswith(".unexpected_values")]
    return values | {key: [] for key in hidden if key not in values}


def _at_a_limit(result: Any, kwargs: dict[str, Any]) -> bool:
    """Say whether an observed number is so near a limit that its last digits decide."""
    observed = (result.result or {}).get("observed_value")
    if not isinstance(observed, (int, float)):
        return False
    limits = (kwargs.get(name) for name in ("min_value", "max_value"))
    return not math.isfinite(observed) or any(
        isinstance(limit, (int, float))
        and math.isclose(observed, limit, rel_tol=_ROUNDING, abs_tol=_ROUNDING)
        for limit in limits
    )


def _groups(left: Sequence[Any]) -> list[tuple[list[str] | None, list[Any]]]:
    """Return what is left in small groups, those of the same columns together."""
    named: dict[tuple[str, ...] | None, list[Any]] = {}
    for each in left:
        named.setdefault(_columns(each), []).append(each)
    return [
        (None if names is None else list(names), group[start : start + _AT_ONCE])
        for names, group in named.items()
        for start in range(0, len(group), _AT_ONCE)
    ]


def _columns(expectation: Any) -> tuple[str, ...] | None:
    """Return the columns that an expectation asks of; ``None``: it may ask of any."""
    kwargs = expectation.configuration.kwargs
    if kwargs.get("row_condition") or expectation.expectation_type.startswith("expect_table_"):
        return None
    return tuple(columns_of(kwargs)) or None
