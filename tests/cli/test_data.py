"""``headwater data`` from the command line: verdicts, plans, explanations, and bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.cli.main import main

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: people
name: people
version: 1.0.0
status: active
tenant: police
servers:
  - {server: production, type: postgres, host: db, port: 5432, database: d, schema: s}
  - {server: sample, type: local, path: %(path)s, format: %(format)s}
schema:
  - name: people
    properties:
      - name: id
        primaryKey: true
        logicalType: integer
        tags: [keys]
      - name: name
        required: true
        logicalType: string
        classification: important
%(more)s
"""
RULE = """\
        quality:
          - {id: few, metric: nullValues, unit: percent, mustBeLessThan: 60, dimension: completeness,
             severity: warning, tags: [nightly], schedule: 0 3 * * *}
          - {id: seen, type: text, description: a person looked at it}
"""
ROWS = "id,name\n1,Ann\n2,\n2,Bob\n"


class Town:
    """A workspace in a folder, with one department and one contract."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("headwater.yaml", "kind: workspace\nid: town\nchecks: {server: sample}\n")
        self.write(
            "departments.yaml",
            "kind: departments\ndepartments:\n"
            '  - {id: police, name: P, level: city, region: "330100", clearance: core}\n',
        )

    def write(self, name: str, text: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def data(self, rows: str | bytes = ROWS, *, more: str = RULE, file: str = "people.csv") -> Path:
        values = {"path": f"data/{file}", "format": file.rpartition(".")[2], "more": more}
        self.write("contracts/people.odcs.yaml", CONTRACT % values)
        self.write(f"data/{file}", rows)
        return self.root


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(["data", *map(str, words), "--lang", "en"])
    said = capsys.readouterr()
    assert isinstance(stop.value.code, int)
    return stop.value.code, said.out, said.err


def judged(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, Any]]:
    code, out, _ = run(capsys, "check", *words, "--format", "json")
    return code, json.loads(out)


def statuses(document: dict[str, Any]) -> dict[str, str]:
    (found,) = document["datasets"]
    return {result["key"]: result["status"] for result in found["results"]}


def test_each_check_says_what_it_came_to(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = judged(capsys, town.data())
    assert code == 1
    assert statuses(document) == {
        "id.required": "passed",
        "id.unique": "failed",
        "name.required": "failed",
        "name.few": "passed",
        "name.seen": "manual",
    }
    (few,) = (r for r in document["datasets"][0]["results"] if r["key"] == "name.few")
    assert few["tags"] == ["nightly"]
    assert (few["schedule"], few["dimension"]) == ("0 3 * * *", "completeness")
    assert few["severity"] == "warning"


@pytest.mark.parametrize("engine", ["scan", "gx-pandas"])
def test_both_engines_say_the_same(
    town: Town, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    _, document = judged(capsys, town.data(), "--engine", engine)
    assert document["engine"]["name"] == engine
    assert [r.get("unexpected") for r in document["datasets"][0]["results"]] == [0, 2, 1, 1, None]
    (kept,) = (town.root / ".headwater" / "checks").glob("*.json")
    engines = {r["meta"]["engine"] for r in json.loads(kept.read_bytes())["results"].values()}
    assert engines == {"scan/duckdb" if engine == "scan" else engine}


def test_the_text_shows_no_value_of_the_data(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "check", town.data())
    assert code == 1
    assert "fails · `id` is unique · in 2 of 3 rows" in out
    assert "Ann" not in out
    assert out.splitlines()[-1] == (
        "checks 5: hold 2, fail 2, not judged 0, for people 1 (engine scan)"
    )


def test_only_some_checks_run_where_only_some_are_asked_for(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    assert statuses(judged(capsys, town.data(), "--only", "nightly")[1]) == {"name.few": "passed"}
    _, document = judged(capsys, town.root, "--only", "keys", "--only", "completeness")
    assert set(statuses(document)) == {"id.required", "id.unique", "name.few"}


def test_a_tag_that_no_check_has_is_an_error(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "check", town.data(), "--only", "weekly")
    assert (code, out) == (2, "")
    assert "no check has the tag, dimension or key `weekly`" in err


def test_what_fails_is_in_sarif_at_the_line_of_the_contract(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "check", town.data(), "--format", "sarif")
    results = json.loads(out)["runs"][0]["results"]
    places = [r["locations"][0]["physicalLocation"] for r in results]
    assert code == 1
    assert {p["artifactLocation"]["uri"] for p in places} == {"contracts/people.odcs.yaml"}
    assert sorted(p["region"]["startLine"] for p in places) == [15, 19]


def test_a_plan_shows_the_queries_and_judges_nothing(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "plan", town.data(), "--format", "json")
    document = json.loads(out)
    assert code == 0
    assert document["counts"] == {"files": 1, "readings": 3, "checks": 4, "left": 0}
    assert not (town.root / ".headwater" / "checks").exists()


def test_an_explanation_says_where_each_check_stands_and_how_it_is_measured(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "explain", "people", "--workspace", town.data())
    assert code == 0
    assert "`id` is unique [error, keys] (contracts/people.odcs.yaml:15:9)" in out
    assert "a reading of its own, for uniqueness" in out
    assert "people attest to it" in out


def test_a_profile_shows_figures_and_no_value_that_is_not_open(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    more = "      - {name: age, classification: general-1, logicalType: integer}\n"
    more += "      - {name: pay, classification: general-2, logicalType: integer}\n"
    rows = "".join(
        json.dumps({"id": i, "name": name, "age": 30 + i, "pay": 4711 + i}) + "\n"
        for i, name in enumerate(["Ann", "Bobby", None])
    )
    root = town.data(rows, more=more, file="people.jsonl")
    code, out, _ = run(capsys, "profile", "people", "--workspace", root, "--format", "json")
    assert code == 0
    document = json.loads(out)
    assert (document["schema"], document["rows"]) == ("headwater/data-profile/1", 3)
    assert document["columns"] == [
        {"name": "id", "kind": "whole", "empty": 0, "distinct": 3},
        {"name": "name", "kind": "text", "empty": 1, "distinct": 2, "shortest": 3, "longest": 5},
        {"name": "age", "kind": "whole", "empty": 0, "distinct": 3, "least": 30, "greatest": 32},
        {"name": "pay", "kind": "whole", "empty": 0, "distinct": 3},
    ]
    code, out, _ = run(capsys, "profile", "people", "--workspace", root)
    assert (code, out.splitlines()[-1]) == (0, "data/people.jsonl: rows 3, columns 4")
    assert "4711" not in out
    assert "Ann" not in out


def test_what_cannot_be_read_has_no_profile(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "profile", "people", "--workspace", town.data(b""))
    assert (code, out) == (2, "")
    assert "contracts/people.odcs.yaml" in err
    assert "is empty" in err


def test_a_dataset_that_nobody_knows_is_an_error(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "explain", "peple", "--workspace", town.data())
    assert code == 2
    assert "no dataset `peple` is known" in err


BAD: dict[str, tuple[str | bytes, str, str]] = {
    "no file": ("", "people.csv", "there is no file"),
    "empty": (b"", "people.csv", "is empty"),
    "broken parquet": (b"PAR1 nothing", "people.parquet", "cannot be read"),
    "gbk": ("id,name\n1,中文\n".encode("gbk"), "people.csv", "is not UTF-8"),
    "mixed encodings": ("id,name\n1,中文\n".encode() + "2,中文\n".encode("gbk"), "people.csv",
                        "is not UTF-8"),
    "longer record": ("id,name\n1,a,b\n", "people.csv", "has more fields"),
    "no records": ("id,name\n", "people.csv", "has no records"),
    "no such column": ("id,nom\n1,a\n", "people.csv", "has no column `name`"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_data_that_cannot_be_judged_is_exit_2_with_the_reason(
    town: Town, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    rows, file, reason = BAD[case]
    root = town.data(rows, file=file)
    if case == "no file":
        (root / "data" / file).unlink()
    code, out, err = run(capsys, "check", root)
    assert code == 2
    assert reason in out
    assert "Traceback" not in err


LINES = (
    '\ufeff{"id": 1, "name": "Ann", "tall": true}\n\n'
    '{"id": 2, "name": null, "more": {"a": [1]}}\n{"id": 2, "name": "Bob"}\n'
)


@pytest.mark.parametrize("engine", ["scan", "gx-pandas"])
def test_json_lines_are_read_as_a_csv_file_is(
    town: Town, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    code, document = judged(capsys, town.data(LINES, file="people.jsonl"), "--engine", engine)
    assert code == 1
    assert [r.get("unexpected") for r in document["datasets"][0]["results"]] == [0, 2, 1, 1, None]


@pytest.mark.parametrize(
    ("lines", "number"),
    [('{"id": 1}\n[1]\n', 2), ('{"id": 1}{"id": 2}\n', 1), ("id,name\n", 1), ('{"id": 1}\n{"i', 2),
     ('{"id": ' + "[" * 100_000 + "\n", 1), (b'{"id": "\xff"}\n', 1)],
)  # fmt: skip
def test_a_line_that_is_no_json_object_is_named(
    town: Town, capsys: pytest.CaptureFixture[str], lines: str | bytes, number: int
) -> None:
    code, out, err = run(capsys, "check", town.data(lines, file="people.jsonl"))
    assert code == 2
    assert f"line {number} of `data/people.jsonl` is not one JSON object" in out
    assert "Traceback" not in err


def in_duckdb(town: Town, statements: str, server: str = "schema: main") -> Path:
    """Return the workspace with its data in a DuckDB file."""
    import duckdb

    root = town.data()
    (root / "data" / "people.csv").unlink()
    contract = root / "contracts" / "people.odcs.yaml"
    local = "{server: sample, type: local, path: data/people.csv, format: csv}"
    text = contract.read_text(encoding="utf-8")
    assert local in text
    duck = f"{{server: sample, type: duckdb, database: data/town.duckdb, {server}}}"
    contract.write_text(text.replace(local, duck), encoding="utf-8")
    with duckdb.connect(str(root / "data" / "town.duckdb")) as database:
        database.execute(statements)
    return root


PEOPLE = "CREATE TABLE people AS FROM (VALUES (1, 'Ann'), (2, NULL), (2, 'Bob')) t(id, name)"


@pytest.mark.parametrize("engine", ["scan", "gx-pandas"])
def test_a_table_of_a_duckdb_file_is_read(
    town: Town, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    code, document = judged(capsys, in_duckdb(town, PEOPLE), "--engine", engine)
    assert code == 1
    assert [r.get("unexpected") for r in document["datasets"][0]["results"]] == [0, 2, 1, 1, None]


@pytest.mark.parametrize(
    "statements",
    ["CREATE TABLE other AS SELECT 1 AS id", "CREATE VIEW people AS SELECT * FROM read_text('/etc/hostname')"],
)  # fmt: skip
def test_a_table_that_is_not_there_or_reads_elsewhere_is_not_judged(
    town: Town, capsys: pytest.CaptureFixture[str], statements: str
) -> None:
    code, out, _ = run(capsys, "check", in_duckdb(town, statements))
    assert code == 2
    assert "`data/town.duckdb` cannot be read" in out


def test_a_change_of_the_data_is_seen(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    import duckdb

    root = in_duckdb(town, PEOPLE)
    assert judged(capsys, root)[0] == 1
    with duckdb.connect(str(root / "data" / "town.duckdb")) as database:
        database.execute("UPDATE people SET id = 3, name = 'Eve' WHERE name IS NULL")
    assert judged(capsys, root)[0] == 0


def test_what_cannot_be_judged_does_not_hide_what_can(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = judged(capsys, town.data("id,nom\n1,a\n1,b\n"))
    assert code == 2
    assert statuses(document)["id.unique"] == "failed"
    assert statuses(document)["name.required"] == "not-evaluated"


def test_rows_that_repeat_others_are_counted_over_several_columns(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    more = """\
    quality:
      - {id: pairs, metric: duplicateValues, arguments: {properties: [id, name]}, unit: percent,
         mustBeLessOrEqualTo: 25}
      - {id: strict, metric: duplicateValues, arguments: {properties: [id, name]}, mustBeLessThan: 1}
"""  # fmt: skip
    rows = "id,name\n1,Ann\n1,Ann\n1,\n,\n"
    _, document = judged(capsys, town.data(rows, more=more), "--only", "pairs", "--only", "strict")
    assert statuses(document) == {"pairs": "passed", "strict": "failed"}


SQL = """\
        quality:
          - {id: rule, type: sql, query: %s, %s}
"""


def said_of(
    town: Town, capsys: pytest.CaptureFixture[str], query: str, limit: str = "mustBe: 0"
) -> tuple[int, dict[str, Any]]:
    code, document = judged(
        capsys, town.data(more=SQL % (json.dumps(query), limit)), "--only", "name.rule"
    )
    return code, document["datasets"][0]["results"][0]


@pytest.mark.parametrize(
    ("query", "limit", "status"),
    [
        ("SELECT count(*) FROM ${object} WHERE ${property} IS NULL", "mustBe: 1", "passed"),
        ("SELECT count(*) FROM {object} WHERE {property} IS NULL", "mustBe: 0", "failed"),
        ("SELECT count(*) FROM people", "mustBeBetween: [3, 4]", "passed"),
        ("WITH a AS (SELECT id FROM people) SELECT count(DISTINCT id) FROM a", "mustBeLessThan: 2", "failed"),
        ("SELECT max(CAST(id AS INTEGER)) FROM people", "mustNotBe: 2", "failed"),
        ("(SELECT 1 FROM people LIMIT 1) UNION (SELECT 1 FROM people LIMIT 1)", "mustBe: 1", "passed"),
    ],
)  # fmt: skip
def test_a_query_is_judged_by_the_number_it_answers(
    town: Town, capsys: pytest.CaptureFixture[str], query: str, limit: str, status: str
) -> None:
    code, result = said_of(town, capsys, query, limit)
    assert (code, result["status"]) == (0 if status == "passed" else 1, status)
    assert result["location"]["line"] == 23


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE people",
        "SELECT 1; DROP TABLE people",
        "ATTACH '/tmp/x.db'",
        "COPY people TO '/tmp/out.csv'",
        "INSERT INTO people VALUES (1, 'a')",
        "CREATE TABLE x AS SELECT * FROM people",
        "PRAGMA database_list",
        "SET threads = 1",
        "INSTALL httpfs",
        "SELECT count(*) FROM read_csv('/etc/passwd')",
        "SELECT count(*) FROM '/etc/passwd'",
        "SELECT count(*) FROM read_text('/etc/passwd')",
        "SELECT count(*) FROM query('SELECT 1')",
        "SELECT count(*) FROM other",
        "SELECT count(*) FROM information_schema.tables",
        "SELECT count(*) FROM people WHERE id IN (SELECT content FROM read_text('/etc/passwd'))",
        "SELECT id, name FROM people",
        "SELECT name FROM people WHERE name = 'Ann'",
        "SELECT nothing FROM people",
        "SELECT",
        "not sql at all (((",
        "",
        "SELECT count(*) FROM people a, people b, people c WHERE (SELECT sum(i) FROM range(1000000000000) t(i)) > 0",
    ],
)  # fmt: skip
def test_a_query_that_is_more_or_less_than_a_question_is_not_judged(
    town: Town, capsys: pytest.CaptureFixture[str], query: str
) -> None:
    code, result = said_of(town, capsys, query)
    assert (code, result["status"]) == (2, "not-evaluated")
    assert result["reason"]["en"]
    assert "Ann" not in json.dumps(result)
    assert not Path("/tmp/out.csv").exists()  # noqa: S108 - what the query would have written


def test_a_query_without_end_is_broken_off(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headwater.checks.queries.SECONDS", 0.5)
    endless = (
        "WITH RECURSIVE t AS (SELECT 1 AS n FROM people UNION ALL SELECT n + 1 FROM t WHERE n < 1e15) "
        "SELECT count(*) FROM t"
    )  # fmt: skip
    code, result = said_of(town, capsys, endless)
    assert (code, result["status"]) == (2, "not-evaluated")


EXPLODING = """\
        logicalTypeOptions: {pattern: '%s'}
      - {name: id2, logicalType: string}
"""


@pytest.mark.parametrize("engine", ["scan", "gx-pandas"])
def test_a_regular_expression_that_explodes_is_stopped_and_others_still_run(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setattr("headwater.checks.gx.judging.SECONDS", 1.0)
    rows = "id,name,id2\n1," + "a" * 60 + "!,x\n1,b,y\n"
    root = town.data(rows, more=EXPLODING % r"^(?=a)(a+)+$")
    code, document = judged(capsys, root, "--engine", engine)
    assert code == 2
    assert statuses(document)["name.pattern"] == "not-evaluated"
    assert statuses(document)["id.unique"] == "failed"


def test_the_scan_judges_an_exploding_pattern_that_re2_understands(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "id,name,id2\n1," + "a" * 60 + "!,x\n2,b,y\n"
    code, document = judged(capsys, town.data(rows, more=EXPLODING % r"^(a+)+$"))
    (found,) = (r for r in document["datasets"][0]["results"] if r["key"] == "name.pattern")
    assert (code, found["status"], found["unexpected"]) == (1, "failed", 2)


HIDDEN = "zq7hidden"


@pytest.mark.parametrize("engine", ["scan", "gx-pandas"])
@pytest.mark.parametrize("format_", ["text", "json", "sarif"])
def test_no_value_of_the_data_is_in_any_output_or_kept_file(
    town: Town, capsys: pytest.CaptureFixture[str], engine: str, format_: str
) -> None:
    more = """\
        logicalTypeOptions: {pattern: '^[0-9]+$', maxLength: 3}
        quality:
          - {id: listed, metric: invalidValues, arguments: {validValues: [a]}, mustBe: 0}
          - {id: most, type: custom, engine: greatExpectations, implementation: {type:
             expect_column_max_to_be_between, kwargs: {max_value: 3}}}
          - {id: common, type: custom, engine: greatExpectations, implementation: {type:
             expect_column_most_common_value_to_be_in_set, kwargs: {value_set: [a]}}}
          - {id: asked, type: sql, query: "SELECT max(CAST(name AS INTEGER)) FROM people", mustBe: 1}
"""  # fmt: skip
    rows = f"id,name\n{HIDDEN},{HIDDEN}\n{HIDDEN},{HIDDEN}\n"
    root = town.data(rows, more=more)
    code, out, err = run(capsys, "check", root, "--engine", engine, "--format", format_)
    assert code == 2  # the query cannot be answered
    kept = "".join(path.read_text() for path in (root / ".headwater").rglob("*.json"))
    assert "name.listed" in kept
    assert HIDDEN not in out + err + kept


HOSTILE = [
    'a"b',
    "a'; DROP TABLE people; --",
    "a\nb",
    "$(id)",
    "字段 一",
    "${property}",
    "a]b[c",
    "\u202eabc",
]


@pytest.mark.parametrize("file", ["people.csv", "people.jsonl", "people.parquet"])
def test_a_column_may_have_any_name(
    town: Town, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    import csv
    import io

    import duckdb

    more = "".join(
        f"      - {{name: {json.dumps(name)}, required: true, unique: true, logicalTypeOptions: "
        "{pattern: '^[a-z]$'}}\n"
        for name in HOSTILE
    )
    names, first, second = ["id", "name", *HOSTILE], ["1", "x"], ["2", "y"]
    records = [
        dict(zip(names, [*r, *(["a", "b"][r[0] == "2"] for _ in HOSTILE)], strict=True))
        for r in (first, second)
    ]
    if file.endswith(".csv"):
        said = io.StringIO()
        csv.writer(said, lineterminator="\n").writerows(
            [names, *(list(r.values()) for r in records)]
        )
        data: str = said.getvalue()
    else:
        data = "".join(json.dumps(r) + "\n" for r in records)
    root = town.data(data, more=more, file=file)
    if file.endswith(".parquet"):
        columns = ", ".join(
            "unnest(['a', 'b']) AS " + '"' + n.replace('"', '""') + '"' for n in names
        )
        duckdb.sql(f"COPY (SELECT {columns}) TO '{root / 'data' / file}' (FORMAT parquet)")
    code, document = judged(capsys, root)
    assert code == 0, document["findings"]
    assert len(statuses(document)) == 3 + 3 * len(HOSTILE)


@pytest.mark.parametrize("engine", ["scan", "gx-pandas"])
def test_a_rule_that_great_expectations_cannot_answer_stops_no_other(
    town: Town, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    import duckdb

    more = """\
      - name: day
        logicalType: date
        quality:
          - {id: spread, type: custom, engine: greatExpectations, implementation: {type:
             expect_column_stdev_to_be_between, kwargs: {}}}
          - {id: partition, type: custom, engine: greatExpectations, implementation: {type:
             expect_column_kl_divergence_to_be_less_than, kwargs: {threshold: 0.1,
             partition_object: {a: 1}}}}
"""
    root = town.data(b"-", more=more, file="people.parquet")
    query = "SELECT 1 AS id, 'a' AS name, TIMESTAMP '2026-01-01' AS day FROM range(6)"
    duckdb.sql(f"COPY ({query}) TO '{root / 'data' / 'people.parquet'}' (FORMAT parquet)")
    code, document = judged(capsys, root, "--engine", engine)
    assert code == 2
    assert statuses(document) == {
        "id.required": "passed",
        "id.unique": "failed",
        "name.required": "passed",
        "day.spread": "not-evaluated",
        "day.partition": "not-evaluated",
    }
