"""The flights example: real data, its known defects, and what follows for sharing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FLIGHTS = Path(__file__).parents[2] / "examples" / "flights"
EXPECTED = json.loads((FLIGHTS / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    done = subprocess.run(
        [sys.executable, FLIGHTS / "prepare.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    target = tmp_path_factory.mktemp("flights") / "flights"
    shutil.copytree(FLIGHTS, target, ignore=shutil.ignore_patterns(".headwater"))
    return target


def headwater(folder: Path, *words: str) -> tuple[int, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "headwater.cli.main", *words, "--format", "json"],
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def report(flights: Path) -> Any:
    code, found = headwater(flights, "check", "--as-of", EXPECTED["as_of"], "--engine", "native")
    assert code == 1
    return found


def key(finding: dict[str, Any]) -> list[Any]:
    subject = finding["subject"]
    if subject["kind"] == "flow":
        ends = [subject["from"]["name"], subject["to"]["name"]]
    else:
        ends = [subject["name"], None]
    return [finding["rule"], *ends, sorted(subject["columns"])]


def test_the_findings_are_the_expected_ones(report: Any) -> None:
    assert sorted(map(str, map(key, report["findings"]))) == sorted(map(str, EXPECTED["findings"]))


@pytest.mark.parametrize(
    ("columns", "unexpected", "total"),
    [(["dest"], 7_602, 336_776), (["tailnum"], 50_094, 336_776),
     (["origin", "year", "month", "day", "hour"], 6, 26_115)],
)  # fmt: skip
def test_the_known_defects_of_the_data_show_with_their_numbers(
    report: Any, columns: list[str], unexpected: int, total: int
) -> None:
    failed = [f for f in report["findings"] if f["rule"] == "checks/failed"]
    found = next(f for f in failed if f["subject"]["columns"] == columns)
    evidence = found["evidence"]
    assert (evidence["unexpected"], evidence["total"]) == (unexpected, total)


def test_the_flows_are_the_expected_ones(flights: Path) -> None:
    _, answer = headwater(flights, "lineage", "flows")
    found = [
        [f["provider"], f["consumer"], f["from"]["name"], f["to"]["name"], f["columns"]]
        for f in answer["flows"]
    ]
    assert found == EXPECTED["flows"]


@pytest.mark.parametrize("question", EXPECTED["lineage"], ids=lambda q: str(q["ref"]))
def test_lineage_answers_are_the_expected_ones(flights: Path, question: Any) -> None:
    _, answer = headwater(flights, "lineage", question["direction"], question["ref"])
    found = [[node["name"], node["column"], node["hops"]] for node in answer["nodes"]]
    assert found == question["nodes"]


def test_no_value_of_the_data_is_kept_or_reported(flights: Path, report: Any) -> None:
    kept = [path.read_text(encoding="utf-8") for path in (flights / ".headwater").rglob("*.json")]
    assert kept
    for text in (*kept, json.dumps(report)):
        assert "N10156" not in text  # the first tail number of the register
        assert "N14228" not in text  # that of the first flight
