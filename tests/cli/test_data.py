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


def test_what_cannot_be_judged_does_not_hide_what_can(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document = judged(capsys, town.data("id,nom\n1,a\n1,b\n"))
    assert code == 2
    assert statuses(document)["id.unique"] == "failed"
    assert statuses(document)["name.required"] == "not-evaluated"
