"""Great Expectations as it comes, on pandas.

The suite runs as a real validation: an ephemeral context, a pandas batch, a suite. GX decides
and shapes every result. No raw value of the data is asked for.
"""

from __future__ import annotations

import copy
import io
import logging
import re
import tempfile
import warnings
from contextlib import contextmanager, redirect_stderr
from typing import TYPE_CHECKING, Any

from headwater.catalog.text import Text
from headwater.checks.kept import unjudged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from headwater.checks.kept import Results
    from headwater.checks.model import Check

ENGINE = "gx-pandas"
FORMAT: dict[str, Any] = {
    "result_format": "BASIC",
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}
_SAYS = Text("Great Expectations: {error}", "Great Expectations：{error}")
_GX_SAYS = re.compile(
    r"No provider found for [\w.]+ using \w+"
    r"|Column values, min_value, and max_value must either be None or of the same type\."
)
_KIND = re.compile(r"^(?:\w+\.)*(\w*(?:Error|Exception|Interrupt))\b", re.MULTILINE)
_COUNTS = re.compile(r"_count_|proportion|_null")
"""Types whose observed value is a count or a share, and never a value of the data."""

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


def validate(frame: pd.DataFrame, built: Sequence[Any]) -> Results:
    """Return GX's own results by check key, as JSON without clock, ids or raw values.

    Args:
        frame: The columns that the expectations ask of, as the checks see them.
        built: The expectations; the ``key`` of each stands in its ``meta``.
    """
    found = results(frame, built, FORMAT)
    return {key: kept_of(document, ENGINE) for key, document in found.items()}


def results(
    frame: pd.DataFrame, built: Sequence[Any], format_: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return GX's own results by key, as GX writes them."""
    import great_expectations as gx
    from great_expectations.validator.v1_validator import Validator

    context = gx.get_context(mode="ephemeral")
    context.variables.analytics_enabled = False
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("data").add_dataframe_asset("dataset")
    # What a validation definition runs; that would store the result, too, and fail where a value
    # is no JSON.
    validator = Validator(
        batch_definition=asset.add_batch_definition_whole_dataframe("whole"),
        batch_parameters={"dataframe": frame},
        result_format=dict(format_),
    )
    found = _run(validator, built)
    if not found:  # one that GX cannot even begin with stops all; alone it stops itself
        found = [one for each in built for one in _run(validator, [each]) or [_stopped(each)]]
    return {each["expectation_config"]["meta"]["key"]: each for each in found}


def _run(validator: Any, built: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the results of expectations; none where GX could not begin, or not write them."""
    import great_expectations as gx

    suite = gx.ExpectationSuite("contract", expectations=[copy.copy(each) for each in built])
    try:
        result = validator.validate_expectation_suite(suite)
        found: list[dict[str, Any]] = result.to_json_dict()["results"]
    except Exception:  # noqa: BLE001 - what an expectation asks for, GX finds out with any error
        return []
    return found


def _stopped(expectation: Any) -> dict[str, Any]:
    """Return the result of an expectation that GX cannot begin with, or whose result not write."""
    config = {"type": expectation.expectation_type, "kwargs": {}, "meta": expectation.meta}
    return {
        "success": False,
        "expectation_config": config,
        "result": {},
        "exception_info": {"raised_exception": True, "exception_message": "ValueError"},
    }


def built_of(checks: Sequence[Check]) -> tuple[list[Any], Results]:
    """Return the expectations, and a result for each check that GX refuses to build one of."""
    from headwater.checks.gx.expectations import expectation_class

    built: list[Any] = []
    found: Results = {}
    for check in checks:
        settings = {"severity": _GX_SEVERITY[check.severity], "meta": {"key": check.key}}
        try:
            built.append(expectation_class(check.expectation)(**check.kwargs, **settings))
        except Exception as error:  # noqa: BLE001 - GX and pydantic raise many kinds
            found[check.key] = unjudged(_SAYS.fill({"error": _one_line(error)}))
    return built, found


def kept_of(result: Mapping[str, Any], engine: str) -> dict[str, object]:
    """Return what is kept of a GX result, and which engine measured."""
    raised = _raised(result.get("exception_info") or {})
    if raised:
        return unjudged(_SAYS.fill({"error": raised}))
    config = result["expectation_config"]
    kwargs = {name: value for name, value in config["kwargs"].items() if name != "batch_id"}
    counts = {name: value for name, value in result["result"].items() if name in _KEPT}
    if not _COUNTS.search(config["type"]):  # the least, the greatest, the commonest *are* values
        counts.pop("observed_value", None)
    return {
        "success": result["success"],
        "expectation_config": {
            "type": config["type"],
            "kwargs": kwargs,
            "severity": config.get("severity"),
            "meta": config["meta"],
        },
        "result": counts,
        "meta": {"engine": engine},
    }


def _raised(info: Mapping[str, Any]) -> str | None:
    """Return what the first exception was: GX nests one for each metric that failed.

    Only GX's own sentences are shown: other libraries quote the data in theirs.
    """
    nested = [info, *(value for value in info.values() if isinstance(value, dict))]
    raised = [each for each in nested if each.get("raised_exception")]
    if not raised:
        return None
    message = " ".join(str(raised[0].get("exception_message") or "").split())
    if _GX_SAYS.fullmatch(message):
        return message
    kinds = _KIND.findall(str(raised[0].get("exception_traceback") or ""))
    return kinds[0] if kinds else "an exception"


def _one_line(error: Exception) -> str:
    """Return what is wrong with a contract's own words, which may be shown."""
    return " ".join((str(error) or type(error).__name__).split())[:300]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep GX's warnings and log to itself, and its temporary folders in one that is removed."""
    logger = logging.getLogger("great_expectations")
    level, folder = logger.level, tempfile.tempdir
    logger.setLevel(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            tempfile.TemporaryDirectory() as own,
            redirect_stderr(io.StringIO()),  # some of its progress bars cannot be switched off
        ):
            warnings.simplefilter("ignore")
            tempfile.tempdir = own
            yield
    finally:
        tempfile.tempdir = folder
        logger.setLevel(level)
