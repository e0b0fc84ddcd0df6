"""The row filter of the city example: obliged, explained, made SQL, and refused where unmapped."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

CITY = Path(__file__).parents[2] / "examples" / "city"
COMMAND = [sys.executable, "-m", "headwater.cli.main", "policy"]
DAY = ("--as-of", "2026-11-01")
FILTER = {"filter_rows": {"resource.region": {"eq": {"attribute": "subject.region"}}}}
ASKED = ("filter", "--dialect", "duckdb", "--dataset", "resident", "--table", "resident")
STREET = ("--subject", '{"department": "street"}', "--purpose", "community-service")
FACTS = {
    "action": "read",
    "subject": {
        "department": "street",
        "level": "township",
        "region": "330106",
        "clearance": "general-3",
    },
    "resource": {"contract": "resident", "level": "general-2", "categories": ["personal"]},
    "context": {"purpose": "community-service"},
}


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    subprocess.run([sys.executable, CITY / "prepare.py"], check=True, capture_output=True)


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words, *DAY],
        cwd=CITY, input=stdin, capture_output=True, text=True, check=False,
    )  # fmt: skip


def filtered(*words: str) -> Any:
    done = run(*ASKED, *words, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_a_street_is_shown_the_rows_of_its_own_region_and_no_other() -> None:
    found = filtered(*STREET, "--columns-map", "resource.region=region_code")
    assert found["filter_rows"] == [
        {"rule": "resident-lookup/own-region", "rows": FILTER["filter_rows"]}
    ]
    assert found["obligations"] == []
    own = duckdb.connect()
    own.read_csv(str(CITY / "data" / "resident.csv"), all_varchar=True).create("resident")
    query = found["query"]
    rows = own.execute(query["sql"], query["parameters"]).fetchall()
    every = own.execute("SELECT count(*) FROM resident WHERE region_code = '330106'").fetchone()
    names = [column["name"] for column in found["columns"]]
    assert len(rows) == (every or [0])[0] > 0
    assert {row[names.index("region_code")] for row in rows} == {"330106"}
    assert {row[names.index("id_number")] for row in rows} == {None}
    assert own.execute("SELECT count(DISTINCT region_code) > 1 FROM resident").fetchone() == (True,)
    own.close()


def test_without_the_column_of_a_row_there_is_no_filter() -> None:
    done = run(*ASKED, *STREET)
    assert (done.returncode, done.stdout) == (2, "")
    assert "resident-lookup.yaml:10:9" in done.stderr
    assert "--columns-map resource.region=COLUMN" in done.stderr


def test_it_is_explained_and_decided_in_both_languages() -> None:
    asked = json.dumps(FACTS)
    english = run("explain", "--lang", "en", "--engine", "native", stdin=asked).stdout
    chinese = run("explain", "--lang", "zh", "--engine", "native", stdin=asked).stdout
    said = "leave only rows where the row's region is the asking department's region"
    assert f"to be done: {said}" in english
    assert "须履行：只保留满足以下条件的行：该行的区划是请求部门的区划" in chinese
    listed = run("list", "--lang", "en").stdout
    assert f"`resident-lookup/own-region` obliges: {said}" in listed
    assert "`resident-lookup/own-region` 要求：只保留满足" in run("list", "--lang", "zh").stdout
    document = json.loads(run("list", "--format", "json").stdout)
    rules = {rule["id"]: rule for each in document["policies"] for rule in each["rules"]}
    assert rules["resident-lookup/own-region"]["obligations"] == [FILTER]
    assert rules["sharing/covered"]["obligations"] == []
    done = run("decide", "--format", "json", "--engine", "native", stdin=asked)
    (decision,) = json.loads(done.stdout)["decisions"]
    assert (decision["allow"], decision["obligations"]) == (True, [FILTER])
