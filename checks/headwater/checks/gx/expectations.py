"""Our own expectations, as Great Expectations custom ones; imported only by the GX adapter."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import (
    BatchExpectation,
    ColumnAggregateExpectation,
    ColumnMapExpectation,
)
from great_expectations.expectations.metrics import (
    ColumnAggregateMetricProvider,
    ColumnMapMetricProvider,
    column_aggregate_value,
    column_condition_partial,
)
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.expectations.registry import get_expectation_impl

from headwater.checks.counting import count, holds
from headwater.checks.queries import answer_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

_REFERENCES: dict[str, Set[object]] = {}
"""The values that exist, by reference, for the validation that runs now; they never enter a
suite or a result."""


def registered(references: Mapping[str, Set[object]]) -> None:
    """Take ``references`` as the values that reference checks look up."""
    _REFERENCES.clear()
    _REFERENCES.update(references)


class ColumnValuesResolve(ColumnMapMetricProvider):  # type: ignore[misc]
    """Whether each value exists in the referenced column."""

    condition_metric_name = "column_values.headwater_resolve"
    condition_value_keys = ("reference",)

    @column_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column: Any, reference: str, **_: Any) -> Any:  # noqa: N805
        return column.isin(_REFERENCES[reference])


class ExpectColumnValuesToResolve(ColumnMapExpectation):  # type: ignore[misc]
    """Expect each value of a column to exist in the column that ``reference`` names."""

    map_metric = "column_values.headwater_resolve"
    success_keys = ("reference", "mostly")
    args_keys = ("column", "reference")
    reference: str


class ColumnCount(ColumnAggregateMetricProvider):  # type: ignore[misc]
    """How many rows are null, missing, invalid or duplicate."""

    metric_name = "column.headwater_count"
    value_keys = ("measure", "listed", "pattern")
    filter_column_isnull = False

    @column_aggregate_value(  # type: ignore[untyped-decorator]
        engine=PandasExecutionEngine, filter_column_isnull=False
    )
    def _pandas(
        cls,  # noqa: N805 - GX calls it with the class
        column: Any,
        measure: str,
        listed: list[str] | None,
        pattern: str | None,
        **_: Any,
    ) -> int:
        return count(column, measure, listed, pattern)


class ExpectColumnCountToSatisfy(ColumnAggregateExpectation):  # type: ignore[misc]
    """Expect a count of rows, or its percentage, to satisfy an ODCS operator."""

    metric_dependencies = ("column.headwater_count", "table.row_count")
    success_keys = ("measure", "listed", "pattern", "operator", "limit", "unit")
    args_keys = ("column", "measure", "operator", "limit")
    measure: str
    listed: list[str] | None = None
    pattern: str | None = None
    operator: str
    limit: list[float]
    unit: str = "rows"

    def _validate(self, metrics: dict[str, Any], **_: Any) -> dict[str, Any]:
        found, rows = metrics["column.headwater_count"], metrics["table.row_count"]
        observed = found if self.unit != "percent" else 100 * found / rows if rows else 0
        return {
            "success": holds(observed, self.operator, self.limit),
            "result": {
                "observed_value": observed,
                "element_count": int(rows),
                "unexpected_count": int(found),
            },
        }


class ExpectTableCountToSatisfy(BatchExpectation):  # type: ignore[misc]
    """Expect the number of rows to satisfy an ODCS operator."""

    metric_dependencies = ("table.row_count",)
    success_keys = ("operator", "limit")
    args_keys = ("operator", "limit")
    operator: str
    limit: list[float]

    def _validate(self, metrics: dict[str, Any], **_: Any) -> dict[str, Any]:
        rows = int(metrics["table.row_count"])
        held = holds(rows, self.operator, self.limit)
        return {"success": held, "result": {"observed_value": rows}}


class QueryAnswer(TableMetricProvider):  # type: ignore[misc]
    """The one number that a query answers."""

    metric_name = "table.headwater_query"
    value_keys = ("query", "names")

    @metric_value(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(
        cls,  # noqa: N805 - GX calls it with the class
        execution_engine: PandasExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> float | None:
        frame = execution_engine.get_domain_records(domain_kwargs=metric_domain_kwargs)
        return answer_of(frame, metric_value_kwargs["query"], metric_value_kwargs["names"])


class ExpectQueryToSatisfy(BatchExpectation):  # type: ignore[misc]
    """Expect the one number that a query answers to satisfy an ODCS operator."""

    metric_dependencies = ("table.headwater_query",)
    success_keys = ("query", "names", "operator", "limit")
    args_keys = ("query", "operator", "limit")
    query: str
    names: list[str]
    operator: str
    limit: list[float]

    def _validate(self, metrics: dict[str, Any], **_: Any) -> dict[str, Any]:
        found = metrics["table.headwater_query"]
        if found is None:
            raise QueryAnswersNoNumberError
        held = holds(found, self.operator, self.limit)
        return {"success": held, "result": {"observed_value": found}}


class QueryAnswersNoNumberError(Exception):
    """A query answers several rows, several columns, or something else than a number."""


@cache
def expectation_class(name: str) -> type[Any]:
    """Return the class of an expectation type, ours or GX's own.

    Raises:
        ExpectationNotFoundError: GX knows none of that name.
    """
    found: type[Any] = get_expectation_impl(name)
    return found
