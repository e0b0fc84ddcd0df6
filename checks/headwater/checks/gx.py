"""Great Expectations; the only module that imports it.

The suite runs as a real validation: an ephemeral context, a pandas batch, a validation
definition. GX decides and shapes every result. No raw value of the data is asked for.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence, Set

    import pandas as pd

    from headwater.checks.model import Check

_FORMAT = {
    "result_format": "BASIC",
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}
_GX_SEVERITY = {"error": "critical", "warning": "warning", "info": "info"}
_KEPT = frozenset(
    {
        "element_count",
        "missing_count",
        "missing_percent",
        "observed_value",
        "unexpected_count",
        "unexpected_percent",
        "unexpected_percent_nonmissing",
        "unexpected_percent_total",
    }
)


def version() -> str:
    """Return the version of Great Expectations, without importing it."""
    from importlib.metadata import version as version_of

    return version_of("great-expectations")


def validate(
    frame: pd.DataFrame,
    checks: Sequence[Check],
    references: Mapping[str, Set[object]],
    numeric: Set[str],
) -> dict[str, dict[str, object]]:
    """Return GX's results by check key, as JSON without clock, ids or raw values.

    Args:
        frame: The columns that the checks ask of.
        checks: What to ask.
        references: For reference checks, the values that exist, by ``reference``.
        numeric: Columns to compare as numbers.

    A result that could not be computed has ``"exception"`` with one line of why.
    """
    with _quiet():
        import great_expectations as gx

        from headwater.checks.gx_expectations import expectation_class, registered

        registered(references)
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        built, found = _built(checks, expectation_class)
        if built:
            found |= _run(context, gx, frame.assign(**_numbers(frame, numeric)), built)
        return found


def _built(
    checks: Sequence[Check], expectation_class: Callable[[str], type[Any]]
) -> tuple[list[Any], dict[str, dict[str, object]]]:
    """Return the expectations, and a result for each check that GX refuses to build one of."""
    built: list[Any] = []
    found: dict[str, dict[str, object]] = {}
    for check in checks:
        settings = {"severity": _GX_SEVERITY[check.severity], "meta": {"key": check.key}}
        try:
            built.append(expectation_class(check.expectation)(**check.kwargs, **settings))
        except Exception as error:  # noqa: BLE001 - GX and pydantic raise many kinds
            found[check.key] = {"exception": _one_line(str(error) or type(error).__name__)}
    return built, found


def _numbers(frame: pd.DataFrame, numeric: Set[str]) -> dict[str, Any]:
    import pandas as pd

    return {name: pd.to_numeric(frame[name]) for name in sorted(numeric)}


def _run(
    context: Any, gx: Any, frame: pd.DataFrame, built: list[Any]
) -> dict[str, dict[str, object]]:
    asset = context.data_sources.add_pandas("data").add_dataframe_asset("dataset")
    batch = asset.add_batch_definition_whole_dataframe("whole")
    suite = context.suites.add(gx.ExpectationSuite("contract", expectations=built))
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name="contract", data=batch, suite=suite)
    )
    result = definition.run(batch_parameters={"dataframe": frame}, result_format=dict(_FORMAT))
    return {
        each["expectation_config"]["meta"]["key"]: _kept(each)
        for each in result.to_json_dict()["results"]
    }


def _kept(result: Mapping[str, Any]) -> dict[str, object]:
    """Return what is kept of a GX result."""
    config = result["expectation_config"]
    kwargs = {name: value for name, value in config["kwargs"].items() if name != "batch_id"}
    found: dict[str, object] = {
        "success": result["success"],
        "expectation_config": {
            "type": config["type"],
            "kwargs": kwargs,
            "severity": config.get("severity"),
            "meta": config["meta"],
        },
        "result": {name: value for name, value in result["result"].items() if name in _KEPT},
    }
    exception = _exception(result.get("exception_info") or {})
    if exception:
        found["exception"] = exception
    return found


def _exception(info: Mapping[str, Any]) -> str | None:
    """Return one line of the first exception: GX nests one for each metric that failed."""
    nested = [info, *(value for value in info.values() if isinstance(value, dict))]
    raised = [each for each in nested if each.get("raised_exception")]
    if not raised:
        return None
    return _one_line(str(raised[0].get("exception_message") or "it failed"))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep GX's warnings and log to itself, and its temporary folders in one that is removed."""
    logger = logging.getLogger("great_expectations")
    level, folder = logger.level, tempfile.tempdir
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), tempfile.TemporaryDirectory() as own:
            warnings.simplefilter("ignore")
            tempfile.tempdir = own
            yield
    finally:
        tempfile.tempdir = folder
        logger.setLevel(level)
