"""What Headwater uses of Great Expectations beyond its public interface, and relies on.

Where one of these fails after an upgrade, ``headwater.checks.gx.scan`` must be looked at again.
"""

from __future__ import annotations

import importlib.metadata
import inspect
import tomllib
from pathlib import Path

import pytest

from headwater.checks.gx.stock import FORMAT, quiet


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    with quiet():
        import great_expectations.expectations  # noqa: F401


def test_the_version_is_one_that_was_tried() -> None:
    major, minor, *_ = map(int, importlib.metadata.version("great-expectations").split("."))
    assert (major, minor) >= (1, 24)
    assert major < 2
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    assert "great-expectations>=1.24,<2" in project["project"]["dependencies"]


def test_an_expectation_says_what_it_needs_and_judges_what_it_is_given() -> None:
    import great_expectations.expectations as gxe
    from great_expectations.execution_engine import PandasExecutionEngine

    engine = PandasExecutionEngine()
    config = gxe.ExpectColumnValuesToBeUnique(column="a", mostly=0.5).configuration
    config.kwargs["batch_id"] = "b"
    expectation = config.to_domain_obj()
    needed = expectation.get_validation_dependencies(
        execution_engine=engine, runtime_configuration={"result_format": dict(FORMAT)}
    ).get_metric_configurations()
    values = {
        "table.row_count": 10,
        "column_values.nonnull.unexpected_count": 2,
        "column_values.unique.unexpected_count": 4,
        "column_values.unique.unexpected_values": [],
    }
    assert {each.metric_name for each in needed} == set(values)
    result = expectation.metrics_validate(
        metrics={each.id: values[each.metric_name] for each in needed},
        execution_engine=engine,
        runtime_configuration={"result_format": dict(FORMAT)},
    ).to_json_dict()
    assert result["success"] is True
    assert (result["result"]["element_count"], result["result"]["missing_count"]) == (10, 2)
    assert result["result"]["unexpected_percent_nonmissing"] == 50.0


def test_the_methods_have_the_parameters_that_are_passed() -> None:
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.validator.metrics_calculator import MetricsCalculator
    from great_expectations.validator.v1_validator import Validator

    needs = inspect.signature(Expectation.get_validation_dependencies).parameters
    judges = inspect.signature(Expectation.metrics_validate).parameters
    assert {"execution_engine", "runtime_configuration"} <= set(needs)
    assert {"metrics", "execution_engine", "runtime_configuration"} <= set(judges)
    computes = inspect.signature(MetricsCalculator.compute_metrics).parameters
    assert {"metric_configurations", "min_graph_edges_pbar_enable"} <= set(computes)
    starts = inspect.signature(Validator.__init__).parameters
    assert {"batch_definition", "batch_parameters", "result_format"} <= set(starts)


def test_a_condition_says_which_values_fail() -> None:
    import pandas as pd
    from great_expectations.execution_engine import PandasExecutionEngine
    from great_expectations.validator.metric_configuration import MetricConfiguration
    from great_expectations.validator.metrics_calculator import MetricsCalculator

    engine = PandasExecutionEngine()
    engine.load_batch_data("b", pd.DataFrame({"a": ["x", "y"]}))
    asked = MetricConfiguration(
        "column_values.in_set.condition", {"column": "a", "batch_id": "b"}, {"value_set": ["x"]}
    )
    found, _ = MetricsCalculator(engine).compute_metrics([asked])
    assert list(found[asked.id][0]) == [False, True]


def test_the_parser_of_regular_expressions_is_where_it_was() -> None:
    from headwater.checks.scan.patterns import translate

    found = translate(r"^(?:\d{2}|[A-F中]+)\s?x*$")
    assert found is not None
    assert found.pattern == (
        r"\A(?:[0-9]{2,2}|[A-F\x{4e2d}]{1,})[\x09-\x0d\x1c-\x20]{0,1}x{0,}(?:\n?\z)"
    )
