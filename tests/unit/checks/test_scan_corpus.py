"""Great Expectations' own test cases, put to both engines: GX on pandas, and GX on one scan."""

from __future__ import annotations

import datetime
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.checks.duck import opened
from headwater.checks.gx.stock import quiet

UNJUDGED = Path(__file__).with_name("scan_corpus_unjudged.tsv")
"""The cases that Great Expectations 1.x itself refuses, and with which error: its registry no
longer has the type, or the arguments are no longer valid; or the case has no data."""

LEAST_SCANNED = 293
"""How many cases the scan answers without GX's pandas code; fewer would mean it lost a measure."""


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Import Great Expectations, whose import warns."""
    with quiet():
        import great_expectations.expectations  # noqa: F401


Case = tuple[str, str, dict[str, Any], dict[str, Any]]

FORMATS: list[dict[str, Any]] = [
    {"result_format": "BASIC", "exclude_unexpected_values": True, "partial_unexpected_count": 0},
    {"result_format": "COMPLETE"},
]


def cases(corpus: Path) -> dict[str, list[Case]]:
    """Return title, type, data and arguments of every case, by file."""
    found: dict[str, list[Case]] = {}
    for path in sorted((corpus / "gx" / "test_definitions").rglob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        for number, dataset in enumerate(document["datasets"]):
            for place, test in enumerate(dataset["tests"]):
                arguments = test["in"] if isinstance(test["in"], dict) else {}
                title = f"{path.stem}/{number}/{place}/{test['title']}"
                data = dataset.get("data") or {}
                one = (title, document["expectation_type"], data, arguments)
                found.setdefault(path.stem, []).append(one)
    return found


def both(data: Any, built: list[Any], format_: dict[str, Any]) -> tuple[Any, Any, list[str]]:
    """Return the results of stock GX, those of the scan, and the keys that the scan answered."""
    import pandas as pd

    from headwater.checks.gx.scan import scanned_results
    from headwater.checks.gx.stock import results
    from headwater.checks.scan.sources import over_frame

    frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(data)
    stock = results(frame, built, format_)
    with opened() as database:
        scanned, left = scanned_results(over_frame(database, frame), built, format_)
    return stock, scanned, [each.meta["key"] for each in left]


def same(first: Any, second: Any) -> bool:
    """Say whether two results are equal, numbers up to rounding."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(first[k], second[k]) for k in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, float) and isinstance(second, (int, float)):
        nans = math.isnan(first) and math.isnan(second)
        return nans or math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-12)
    return bool(first == second)


def told(result: dict[str, Any]) -> dict[str, Any]:
    """Return what an answer says, without what says who measured it."""
    info = result.get("exception_info") or {}
    nested = [info, *(each for each in info.values() if isinstance(each, dict))]
    config = result["expectation_config"]
    return {
        "success": result["success"],
        "result": result["result"],
        "kwargs": {k: v for k, v in config["kwargs"].items() if k != "batch_id"},
        "type": config["type"],
        "raised": any(each.get("raised_exception") for each in nested),
    }


def built_from(some: list[Case]) -> tuple[list[Any], dict[str, str]]:
    """Return the expectations, and why GX itself refuses the others."""
    from headwater.checks.gx.expectations import expectation_class

    found, refused = [], {}
    for title, name, _, arguments in some:
        try:
            found.append(expectation_class(name)(**arguments, meta={"key": title}))
        except Exception as error:  # noqa: BLE001 - GX and pydantic raise many kinds
            refused[title] = type(error).__name__
    return found, refused


@pytest.mark.slow
def test_every_case_of_great_expectations_agrees_on_both_engines(corpus: Path) -> None:
    listed = dict(line.split("\t") for line in UNJUDGED.read_text(encoding="utf-8").splitlines())
    unjudged: dict[str, str] = {}
    judged, scanned_ones, differ = set(), set(), []
    with quiet():
        for of_file in cases(corpus).values():
            for data in {json.dumps(case[2]): case[2] for case in of_file}.values():
                some = [case for case in of_file if case[2] == data]
                if not isinstance(data, dict) or not data:
                    unjudged |= dict.fromkeys((case[0] for case in some), "no data")
                    continue
                for format_ in FORMATS:
                    built, refused = built_from(some)
                    unjudged |= refused
                    stock, scanned, left = both(data, built, format_)
                    assert set(stock) == set(scanned) | set(left)
                    judged |= set(stock)
                    scanned_ones |= set(scanned)
                    differ += [
                        (key, format_["result_format"], told(stock[key]), told(one))
                        for key, one in scanned.items()
                        if not same(told(stock[key]), told(one))
                    ]
    assert differ == []
    assert unjudged == listed
    assert len(judged) + len(unjudged) == 663
    assert len(scanned_ones) >= LEAST_SCANNED


NUMBERS = st.one_of(
    st.integers(-3, 3), st.sampled_from([0.5, 2.0, -1.5, 1e6, 2**40]), st.integers(-(10**6), 10**6)
)
WORDS = st.one_of(
    st.sampled_from(
        ["", "a", "ab1", "110", "上海", "上海1", "1\n", "é", "٣", "A B", "x\x0b", "2020"]
    ),
    st.text(max_size=4),
)
MOMENTS = st.datetimes(
    datetime.datetime.fromisoformat("1990-01-01"), datetime.datetime.fromisoformat("2040-01-01")
)
PATTERNS = st.sampled_from(
    [r"^\d+$", r"\w", r"^[a-z]+$", r"a|1", r"^.{1,2}$", r"(?=a)a", r"^\S+$", r"[^a]", r"\s", r"海$", r"\bA", r"(?i)a",
     r"^[一-龥]+$", r"1$", r"^$", r"[\d-]", r"\D", r"(a)\1", r"^a{2,}", r"[^\d]"]
)  # fmt: skip


def holed(values: st.SearchStrategy[Any], hole: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.one_of(values, values, values, st.just(hole)), min_size=6, max_size=6)


@st.composite
def frames(draw: st.DrawFn) -> Any:
    """A frame with whole and broken numbers, text, moments, truth, and decimals."""
    import pandas as pd

    return pd.DataFrame(
        {
            "whole": draw(st.lists(st.integers(-3, 3), min_size=6, max_size=6)),
            "other": draw(st.lists(st.integers(-3, 3), min_size=6, max_size=6)),
            "real": pd.Series(draw(holed(NUMBERS, math.nan)), dtype="float64"),
            "text": draw(holed(WORDS, None)),
            "object": pd.Series(draw(holed(WORDS, None)), dtype=object),
            "mixed": pd.Series(draw(holed(st.one_of(WORDS, st.integers(0, 3)), None)), dtype=object),
            "decimal": pd.Series(draw(holed(st.decimals(0, 5, places=2), None)), dtype=object),
            "moment": pd.Series(draw(holed(MOMENTS, None)), dtype="datetime64[us]"),
            "later": pd.Series(draw(holed(MOMENTS, None)), dtype="datetime64[us]"),
            "zoned": pd.Series(draw(holed(MOMENTS, None)), dtype="datetime64[us, UTC]"),
            "truth": draw(st.lists(st.booleans(), min_size=6, max_size=6)),
            "small": pd.Series(draw(st.lists(st.integers(0, 9), min_size=6, max_size=6)), dtype="uint8"),
            "nullable": pd.Series(draw(holed(st.integers(0, 9), None)), dtype="Int64"),
        }
    )  # fmt: skip


COLUMNS = st.sampled_from(
    ["whole", "other", "real", "text", "object", "mixed", "decimal", "moment", "later", "zoned", "truth", "small", "nullable"]
)  # fmt: skip
MOSTLY = st.sampled_from([1, 1, 0.5, 0.8])
LIMITS = st.one_of(st.none(), st.integers(-2, 2), st.sampled_from([0.5, 1e5]))


@st.composite
def questions(draw: st.DrawFn, key: int) -> Any:
    """One expectation, of any column, whether it suits it or not."""
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    meta = {"key": str(key)}
    name = draw(COLUMNS)
    low, high = draw(LIMITS), draw(LIMITS)
    of_values: dict[str, Any] = {"column": name, "mostly": draw(MOSTLY), "meta": meta}
    if draw(st.integers(0, 5)) == 0:
        of_values["row_condition"] = Column("whole") > 0
    of_column: dict[str, Any] = {"column": name, "meta": meta}
    limits: dict[str, Any] = {"min_value": low, "max_value": high}
    strict = {"strict_min": draw(st.booleans()), "strict_max": draw(st.booleans())}
    listed = draw(st.lists(st.one_of(WORDS, NUMBERS), max_size=3))
    pair = {"column_A": name, "column_B": draw(COLUMNS), "meta": meta}
    makers: list[Any] = [
        lambda: gxe.ExpectColumnValuesToNotBeNull(**of_values),
        lambda: gxe.ExpectColumnValuesToBeNull(**of_values),
        lambda: gxe.ExpectColumnValuesToBeUnique(**of_values),
        lambda: gxe.ExpectColumnValuesToBeInSet(**of_values, value_set=listed),
        lambda: gxe.ExpectColumnValuesToNotBeInSet(**of_values, value_set=listed),
        lambda: gxe.ExpectColumnValuesToBeBetween(**of_values, **limits, **strict),
        lambda: gxe.ExpectColumnValuesToBeBetween(**of_values, min_value=draw(MOMENTS), **strict),
        lambda: gxe.ExpectColumnValuesToMatchRegex(**of_values, regex=draw(PATTERNS)),
        lambda: gxe.ExpectColumnValuesToNotMatchRegex(**of_values, regex=draw(PATTERNS)),
        lambda: gxe.ExpectColumnValueLengthsToBeBetween(**of_values, **limits, **strict),
        lambda: gxe.ExpectColumnValueLengthsToEqual(**of_values, value=1),
        lambda: gxe.ExpectColumnMinToBeBetween(**of_column, **limits, **strict),
        lambda: gxe.ExpectColumnMaxToBeBetween(**of_column, **limits, **strict),
        lambda: gxe.ExpectColumnMeanToBeBetween(**of_column, **limits, **strict),
        lambda: gxe.ExpectColumnMedianToBeBetween(**of_column, **limits),
        lambda: gxe.ExpectColumnSumToBeBetween(**of_column, **limits, **strict),
        lambda: gxe.ExpectColumnStdevToBeBetween(**of_column, **limits),
        lambda: gxe.ExpectColumnUniqueValueCountToBeBetween(**of_column, **limits),
        lambda: gxe.ExpectColumnProportionOfUniqueValuesToBeBetween(**of_column, min_value=0.9),
        lambda: gxe.ExpectColumnProportionOfNonNullValuesToBeBetween(**of_column, min_value=0.9),
        lambda: gxe.ExpectColumnDistinctValuesToBeInSet(**of_column, value_set=listed),
        lambda: gxe.ExpectColumnDistinctValuesToContainSet(**of_column, value_set=listed),
        lambda: gxe.ExpectColumnMostCommonValueToBeInSet(**of_column, value_set=listed),
        lambda: gxe.ExpectColumnPairValuesAToBeGreaterThanB(**pair, or_equal=draw(st.booleans())),
        lambda: gxe.ExpectColumnPairValuesToBeEqual(**pair, ignore_row_if=draw(IGNORED)),
        lambda: gxe.ExpectCompoundColumnsToBeUnique(column_list=[name, "text"], meta=meta),
        lambda: gxe.ExpectColumnQuantileValuesToBeBetween(
            **of_column,
            quantile_ranges={"quantiles": [0.25, 0.5], "value_ranges": [[0, 2], [0, 3]]},
        ),
    ]
    try:
        return draw(st.sampled_from(makers))()
    except ValueError:  # GX refuses these arguments
        return gxe.ExpectTableRowCountToEqual(value=6, meta=meta)


IGNORED = st.sampled_from(["both_values_are_missing", "either_value_is_missing", "neither"])
SUITES = st.tuples(*(questions(key) for key in range(6)))


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(frames(), SUITES, st.sampled_from(FORMATS))
def test_what_the_scan_answers_of_any_frame_stock_great_expectations_answers(
    frame: Any, suite: tuple[Any, ...], format_: dict[str, Any]
) -> None:
    with quiet():
        stock, scanned, left = both(frame, list(suite), format_)
    assert set(stock) == set(scanned) | set(left)
    for key, result in scanned.items():
        assert same(told(stock[key]), told(result)), (told(stock[key]), told(result))
