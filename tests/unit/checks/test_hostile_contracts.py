"""What contracts and files get wrong, on purpose or not: never a pass, never a value shown."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from headwater.app.loading import load
from headwater.checks import DatasetChecks, run_checks

HEAD = """\
apiVersion: v3.1.0
kind: DataContract
id: {name}
name: {name}
version: 1.0.0
status: active
tenant: police
servers:
  - {{server: production, type: postgres, host: db, port: 5432, database: d, schema: s}}
  - {{server: sample, type: local, path: {path}{more}}}
{sla}schema:
  - name: {name}
{table}    properties:
"""


class Town:
    """A workspace of one department; each contract describes one file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "contracts").mkdir()
        self.write("headwater.yaml", "kind: workspace\nid: town\nchecks: {server: sample}\n")
        self.write(
            "departments.yaml",
            "kind: departments\ndepartments:\n"
            '  - {id: police, name: P, level: city, region: "330100", clearance: core}\n',
        )

    def write(self, name: str, data: str | bytes) -> None:
        (self.root / name).write_bytes(data.encode() if isinstance(data, str) else data)

    def contract(
        self, properties: str, *, name: str = "t", path: str = "", more: str = "",
        sla: str = "", table: str = "",
    ) -> None:  # fmt: skip
        head = HEAD.format(name=name, path=path or f"{name}.csv", more=more, sla=sla, table=table)
        lines = "".join(f"      {line}\n" for line in properties.splitlines())
        self.write(f"contracts/{name}.odcs.yaml", head + lines)

    def checked(self, name: str = "t") -> DatasetChecks:
        workspace = load(self.root).workspace
        datasets = [each for each in workspace.datasets.values() if each.object == name]
        return run_checks(workspace, datasets, self.root / ".headwater" / "checks")[0]

    def said(self) -> dict[str, tuple[str, int | None]]:
        return {r.check.key: (r.status, r.unexpected) for r in self.checked().results}

    def kept(self) -> str:
        folder = self.root / ".headwater" / "checks"
        return "".join(path.read_text("utf-8") for path in sorted(folder.glob("*.json")))


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def rule(kwargs: str, kind: str = "expect_column_values_to_not_be_null", column: str = "") -> str:
    return (
        f"- name: a\n  {column or 'logicalType: string'}\n  quality:\n"
        f"    - {{id: q, type: custom, engine: greatExpectations, "
        f"implementation: {{type: {kind}, kwargs: {kwargs}}}}}"
    )


# --- constraints ---------------------------------------------------------------------------


def test_an_exclusive_limit_of_odcs_3_0_is_exclusive(town: Town) -> None:
    town.contract(
        "- {name: a, logicalType: integer, logicalTypeOptions: "
        "{minimum: 0, exclusiveMinimum: true}}"
    )
    town.write("t.csv", "a,b\n0,x\n1,x\n")
    assert town.said() == {"a.limits": ("failed", 1)}


@pytest.mark.parametrize(
    "options",
    [
        "{minimum: 1, exclusiveMinimum: 5}",
        '{minimum: 1, maximum: "2026-01-01"}',
        "{exclusiveMinimum: true}",
        "{maximum: soon}",
        "{minLength: two}",
        "{minLength: 1.5}",
        "{pattern: 12}",
        '{pattern: "("}',
        "{multipleOf: 5}",
        "{enum: []}",
    ],
)
def test_a_limit_that_cannot_be_understood_says_so(town: Town, options: str) -> None:
    town.contract(f"- {{name: a, logicalTypeOptions: {options}}}")
    town.write("t.csv", "a\n3\n")
    found = town.checked()
    assert [r.status for r in found.results] == ["not-evaluated"]
    assert found.state == "not-evaluated"


def test_dates_are_compared_as_dates(town: Town) -> None:
    town.contract(
        '- {name: a, logicalType: date, logicalTypeOptions: {exclusiveMinimum: "2020-01-01", '
        'maximum: "2021-01-01"}}\n'
        '- {name: c, logicalType: time, logicalTypeOptions: {minimum: "08:00"}}'
    )
    rows = [
        "2020-01-01,08:00:00",
        "2021-01-01,07:59",
        "2020-06-01T23:59:00+08:00,23:00",
        "20,x",
        ",",
    ]
    town.write("t.csv", "a,c\n" + "\n".join(rows) + "\n")
    assert town.said() == {"a.limits": ("failed", 2), "c.limits": ("failed", 2)}


def test_a_point_in_time_is_compared_across_zones(town: Town) -> None:
    town.contract(
        "- {name: a, logicalType: timestamp, logicalTypeOptions: "
        '{minimum: "2026-01-01T00:00:00+08:00"}}'
    )
    town.write("t.csv", "a\n2025-12-31T16:00:00Z\n2026-01-01T00:00:00+09:00\n2026-01-02\n")
    assert town.said() == {"a.limits": ("failed", 2)}  # an hour early; no zone


def test_values_out_of_range_and_values_that_are_no_numbers_both_count(town: Town) -> None:
    town.contract("- {name: a, logicalType: integer, logicalTypeOptions: {minimum: 1}}")
    town.write("t.csv", "a\n5\nmany\ninf\nnan\n-3\n\n")
    assert town.said() == {"a.limits": ("failed", 4)}


def test_numbers_of_parquet_are_seen_as_contracts_write_them(town: Town) -> None:
    town.contract(
        "- name: a\n  logicalType: integer\n  unique: true\n"
        "  logicalTypeOptions: {pattern: '^[0-9]{18}$', minLength: 18, maxLength: 18}\n"
        "- name: b\n  logicalType: integer\n"
        "  quality: [{id: q, metric: invalidValues, mustBe: 0, arguments: {validValues: [1, 2]}}]\n"
        "- name: c\n  logicalType: boolean\n"
        "  quality: [{id: q, metric: invalidValues, mustBe: 0, arguments: {validValues: [true]}}]",
        path="t.parquet",
    )
    duckdb.sql(
        "CREATE OR REPLACE TEMP TABLE t AS SELECT * FROM (VALUES (110105199001011234, 1, true), "
        "(110105199001011235, 2, true), (NULL, NULL, NULL)) AS t(a, b, c)"
    )
    duckdb.sql(f"COPY t TO '{town.root / 't.parquet'}'")
    assert {status for status, _ in town.said().values()} == {"passed"}


def test_constraints_of_a_lists_items_are_not_dropped(town: Town) -> None:
    town.contract("- {name: a, logicalType: array, items: {logicalType: string, required: true}}")
    town.write("t.csv", "a\nx\n")
    assert town.said() == {"a[].required": ("not-evaluated", None)}


# --- quality rules -------------------------------------------------------------------------


def quality(rule: str) -> str:
    return f"- {{name: a, logicalType: string, quality: [{rule}]}}"


@pytest.mark.parametrize(
    "rule",
    [
        "{metric: nullValues, mustBeGreaterThan: 0, mustBeLessThan: 1}",
        "{metric: nullValues, mustBeLessThan: 10, unit: percentage}",
        "{metric: nullValues, mustBe: [0, 0]}",
        "{metric: nullValues, mustBe: 0, arguments: {where: x}}",
        "{metric: invalidValues, mustBe: 0, arguments: {pattern: 3}}",
        "{metric: invalidValues, mustBe: 0, arguments: {validValues: x}}",
        "{metric: missingValues, mustBe: 0, arguments: {missingValues: {a: b}}}",
        "{metric: rowCount, mustBe: 1, unit: percent}",
        "{type: custom, engine: great-expectations, implementation: 'a: ['}",
        "{type: custom, engine: soda, implementation: x}",
    ],
)
def test_a_rule_that_would_be_half_understood_is_not_evaluated(town: Town, rule: str) -> None:
    town.contract(quality(rule))
    town.write("t.csv", "a\nx\n")
    assert [r.status for r in town.checked().results] == ["not-evaluated"]


def test_every_operator_counts_rows_to_the_row(town: Town) -> None:
    rules = {
        "mustBe: 3": "passed",
        "mustBe: 2": "failed",
        "mustNotBe: 3": "failed",
        "mustNotBe: 2": "passed",
        "mustBeGreaterThan: 2.5": "passed",
        "mustBeGreaterThan: 3": "failed",
        "mustBeGreaterOrEqualTo: 3": "passed",
        "mustBeGreaterOrEqualTo: 3.1": "failed",
        "mustBeLessThan: 3.5": "passed",
        "mustBeLessThan: 3": "failed",
        "mustBeLessOrEqualTo: 3": "passed",
        "mustBeLessOrEqualTo: 2": "failed",
        "mustBeBetween: [3, 4]": "passed",
        "mustNotBeBetween: [3, 4]": "failed",
    }
    listed = "".join(f"      - {{metric: rowCount, {rule}}}\n" for rule in rules)
    town.contract("- {name: a, logicalType: string}", table=f"    quality:\n{listed}")
    town.write("t.csv", "a\nx\ny\n\n")
    assert [r.status for r in town.checked().results] == list(rules.values())


def test_one_pattern_means_the_same_under_every_operator(town: Town) -> None:
    arguments = 'arguments: {pattern: "[0-9]"}'
    town.contract(
        quality(
            f"{{id: x, metric: invalidValues, mustBe: 0, {arguments}}}, "
            f"{{id: y, metric: invalidValues, mustBeLessThan: 1, {arguments}}}"
        )
    )
    town.write("t.csv", "a\nx1\n22\n")
    assert town.said() == {"a.x": ("passed", 0), "a.y": ("passed", 0)}


def test_null_among_valid_values_is_not_the_word_none(town: Town) -> None:
    rule = "{id: q, metric: invalidValues, mustBe: 0, arguments: {validValues: [x, null]}}"
    town.contract(quality(rule))
    town.write("t.csv", "a,b\nx,1\n,1\nNone,1\n")
    assert town.said() == {"a.q": ("failed", 1)}


def test_the_standards_own_name_of_the_engine_is_known(town: Town) -> None:
    rule = "implementation: {type: expect_column_values_to_not_be_null}"
    town.contract(quality(f"{{id: q, type: custom, engine: great-expectations, {rule}}}"))
    town.write("t.csv", "a,b\n,1\n")
    assert town.said() == {"a.q": ("failed", 1)}


def test_a_service_level_of_another_object_is_not_ours_and_none_is_lost(town: Town) -> None:
    levels = "".join(
        f"  - {{property: {name}, value: 1, element: '{element}'}}\n"
        for name, element in {
            "latency": "u.a,t.a",
            "frequency": "nobody.x",
            "freshness": "t",
        }.items()
    )
    town.contract("- {name: a, logicalType: string}", sla=f"slaProperties:\n{levels}")
    assert set(town.said()) == {"sla.latency", "sla.frequency", "sla.freshness"}


def test_a_contract_with_a_retention_term_states_something(town: Town) -> None:
    sla = "slaProperties:\n  - {property: retention, value: 3, unit: y}\n"
    town.contract("- {name: a, logicalType: string}", sla=sla)
    found = town.checked()
    assert (found.state, found.results) == ("passing", ())


# --- custom expectations -------------------------------------------------------------------


@pytest.mark.parametrize(
    "kwargs",
    [
        "{row_condition: 'a == \"x\"', condition_parser: pandas}",
        "{row_condition: '@pd.io.common.os.system(\"true\") == 1'}",
        "{result_format: COMPLETE}",
        "{meta: {key: other}}",
        "{severity: info}",
    ],
)
def test_an_argument_that_narrows_the_rows_or_runs_code_is_refused(town: Town, kwargs: str) -> None:
    town.contract(rule(kwargs))
    town.write("t.csv", "a,b\nx,1\n,2\n")
    found = town.checked().results[0]
    assert found.status == "not-evaluated"
    assert found.reason is not None
    assert "is not allowed" in found.reason.en


def test_expectations_of_columns_see_all_columns(town: Town) -> None:
    town.contract(
        "- {name: a, logicalType: string}",
        table="    quality:\n"
        "      - {id: n, type: custom, engine: gx, implementation: "
        "{type: expect_table_column_count_to_equal, kwargs: {value: 1}}}\n"
        "      - {id: s, type: custom, engine: gx, implementation: "
        "{type: expect_table_columns_to_match_set, kwargs: {column_set: [a]}}}\n"
        "      - {id: e, type: custom, engine: gx, implementation: "
        "{type: expect_column_to_exist, kwargs: {column: gone}}}\n",
    )
    town.write("t.csv", "a,secret\nx,y\n")
    assert {key: status for key, (status, _) in town.said().items()} == {
        "n": "failed",
        "s": "failed",
        "e": "failed",
    }


def test_numbers_in_text_files_are_compared_as_numbers(town: Town) -> None:
    pair = "expect_column_pair_values_a_to_be_greater_than_b"
    implementation = f"{{type: {pair}, kwargs: {{column_A: a, column_B: b}}}}"
    table = f"    quality:\n      - {{id: q, type: custom, engine: gx, implementation: {implementation}}}\n"
    town.contract(
        "- {name: a, logicalType: integer}\n- {name: b, logicalType: integer}", table=table
    )
    town.write("t.csv", "a,b\n9,10\n10,9\n")
    assert town.said() == {"q": ("failed", 1)}
    town.contract("- {name: a}\n- {name: b}", table=table)
    assert town.said() == {"q": ("not-evaluated", None)}


CANARIES = {
    "expect_column_most_common_value_to_be_in_set": "{value_set: [x]}",
    "expect_column_min_to_be_between": "{max_value: 1}",
    "expect_column_mean_to_be_between": "{max_value: 1}",
    "expect_column_median_to_be_between": "{max_value: 1}",
    "expect_column_sum_to_be_between": "{max_value: 1}",
    "expect_column_distinct_values_to_be_in_set": "{value_set: [x]}",
    "expect_column_distinct_values_to_equal_set": "{value_set: [x]}",
    "expect_column_values_to_be_in_set": "{value_set: [x]}",
    "expect_column_values_to_match_regex": "{regex: x}",
    "expect_column_values_to_be_of_type": "{type_: int}",
    "expect_column_values_to_be_between": "{min_value: 3}",
}


@pytest.mark.parametrize("value", ["CANARY", "7077077"])
def test_no_expectation_keeps_or_shows_a_value(town: Town, value: str) -> None:
    rules = "".join(
        f"\n    - {{type: custom, engine: gx, implementation: {{type: {kind}, kwargs: {kwargs}}}}}"
        for kind, kwargs in CANARIES.items()
    )
    kind = "number" if value.isdigit() else "string"
    town.contract(f"- name: a\n  logicalType: {kind}\n  unique: true\n  quality:{rules}")
    town.write("t.csv", f"a,b\n{value},1\n{value},1\n")
    found = town.checked()
    assert len(found.results) == len(CANARIES) + 1
    assert not any(r.status == "passed" and r.check.key == "a.unique" for r in found.results)
    assert value not in town.kept()
    assert value not in repr(found)


# --- references ----------------------------------------------------------------------------


def test_a_reference_is_first_to_an_object_of_the_same_contract_then_by_its_contract(
    town: Town,
) -> None:
    town.contract("- {name: code}", name="r")
    town.write("r.csv", "code\n1\n2\n")
    town.contract(
        "- name: a\n  relationships: [{to: r.code}, {to: r/r.code}, {to: r.r.code}, "
        "{to: /schema/r/properties/code}]"
    )
    town.write("t.csv", "a\n1\n3\n")
    assert set(town.said().values()) == {("failed", 1)}
    assert len(town.said()) == 4


def test_a_reference_at_the_object_and_one_of_several_columns(town: Town) -> None:
    town.contract(
        "- {name: a}\n- {name: b}",
        table="    relationships:\n      - {type: foreignKey, from: t.b, to: t.a}\n"
        "      - {from: [t.b], to: [t.a]}\n      - {from: [t.a, t.b], to: [t.b, t.a]}\n",
    )
    town.write("t.csv", "a,b\n1,1\n2,9\n")
    assert sorted(town.said().values()) == [
        ("failed", 1), ("failed", 1), ("not-evaluated", None),
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"other\n1\n", b"code\n1,2\n", "code\n王\n".encode("gbk"), None])
def test_an_unreadable_reference_stops_only_its_own_check(town: Town, data: bytes | None) -> None:
    town.contract("- {name: code}", name="r")
    if data is not None:
        town.write("r.csv", data)
    town.contract("- {name: a, required: true, relationships: [{to: r.code}]}")
    town.write("t.csv", "a\n1\n")
    assert town.said() == {"a.required": ("passed", 0), "a.references": ("not-evaluated", None)}


def test_a_reference_compares_text_with_parquets_numbers(town: Town) -> None:
    town.contract("- {name: code, logicalType: integer}", name="r", path="r.parquet")
    duckdb.sql(f"COPY (SELECT unnest([1, 2, NULL]) AS code) TO '{town.root / 'r.parquet'}'")
    town.contract("- {name: a, relationships: [{to: r.code}]}")
    town.write("t.csv", "a\n1\n2\n3\n")
    assert town.said() == {"a.references": ("failed", 1)}


# --- files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        "a,b\nx,CANARY,z\n",  # longer than the header from the first record on
        "a,b\nx,y\nx,CANARY,z\n",
        'a,b\nx,"CANARY',
        "a,a\nx,CANARY\n",
    ],
)
def test_a_file_whose_columns_are_uncertain_is_not_judged(town: Town, data: str) -> None:
    town.contract("- {name: a, logicalType: string, required: true}")
    town.write("t.csv", data)
    found = town.checked()
    assert [(r.check.key, r.status) for r in found.results] == [("data", "not-evaluated")]
    assert "CANARY" not in repr(found)


def test_an_empty_line_of_one_column_is_an_empty_value(town: Town) -> None:
    town.contract("- {name: a, logicalType: string, required: true}")
    town.write("t.csv", "a\nx\n\ny\n")
    assert town.said() == {"a.required": ("failed", 1)}


def test_a_file_without_records_proves_nothing(town: Town) -> None:
    table = "    quality:\n      - {id: rows, metric: rowCount, mustBeGreaterThan: 0}\n"
    town.contract("- {name: a, logicalType: string, required: true}", table=table)
    town.write("t.csv", "a,b\n")
    assert town.said() == {"a.required": ("not-evaluated", None), "rows": ("failed", None)}


def test_another_delimiter_is_another_question(town: Town) -> None:
    town.write("t.csv", "a;b,c\nx;,y\n")
    town.contract("- {name: a, logicalType: string, required: true}", more=', delimiter: ";"')
    assert town.said() == {"a.required": ("passed", 0)}
    town.contract("- {name: a, logicalType: string, required: true}")
    assert town.said() == {"a.required": ("not-evaluated", None)}


def test_a_column_may_have_any_name(town: Town) -> None:
    town.contract("- {name: self, logicalType: integer, logicalTypeOptions: {minimum: 1}}")
    town.write("t.csv", "self\n0\n")
    assert town.said() == {"self.limits": ("failed", 1)}


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_days_do_not_depend_on_the_machines_zone(
    town: Town, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    import datetime
    import time

    from headwater.checks.cohorts import Cohort, count_cohorts

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        town.contract("- {name: a, logicalType: timestamp}", path="t.parquet")
        duckdb.sql(
            "COPY (SELECT TIMESTAMPTZ '2026-01-01 00:30:00+00' AS a) "
            f"TO '{town.root / 't.parquet'}'"
        )
        workspace = load(town.root).workspace
        contract = workspace.contracts["t"]
        found = count_cohorts(workspace, contract, contract.datasets[0], [("a", "UTC")])
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found == (Cohort((datetime.date(2026, 1, 1),), 1),)


def test_lists_in_a_date_column_are_unreadable_and_stop_nothing(town: Town) -> None:
    from headwater.checks.cohorts import Cohort, count_cohorts

    town.contract("- {name: a}", path="t.parquet")
    duckdb.sql(f"COPY (SELECT [1, 2] AS a) TO '{town.root / 't.parquet'}'")
    workspace = load(town.root).workspace
    contract = workspace.contracts["t"]
    found = count_cohorts(workspace, contract, contract.datasets[0], [("a", "UTC")])
    assert found == (Cohort((None,), 1),)


def test_kept_results_that_are_not_ours_or_cannot_be_written_stop_nothing(town: Town) -> None:
    town.contract("- {name: a, logicalType: string, required: true}")
    town.write("t.csv", "a\nx\n")
    first = town.checked()
    (kept,) = (town.root / ".headwater" / "checks").iterdir()
    document = json.loads(kept.read_text("utf-8"))
    document["results"] = dict.fromkeys(document["results"], "passed")
    kept.write_text(json.dumps(document), "utf-8")
    assert town.checked() == first
    kept.unlink()
    kept.parent.rmdir()
    kept.parent.write_text("a file where a folder should be", "utf-8")
    assert town.checked() == first


def test_nothing_is_printed(town: Town, capfd: pytest.CaptureFixture[str]) -> None:
    town.contract("- {name: a, logicalType: string, required: true, unique: true}")
    town.write("t.csv", "a\n" + "x\n" * 2000)
    assert town.checked().state == "failing"
    assert capfd.readouterr() == ("", "")


def test_importing_the_room_costs_nothing() -> None:
    import subprocess
    import sys

    code = "import sys, headwater.checks; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "numpy", "duckdb", "great_expectations"} & set(done.stdout.split())
