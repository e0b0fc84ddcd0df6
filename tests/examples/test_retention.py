"""The examples' retention stories: what is due, frozen, in conflict, and what only looks alike."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
DAY = ("--as-of", "2026-11-01", "--engine", "native")


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "headwater.cli.main", *words],
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def prepared(name: str, into: Path) -> Path:
    done = subprocess.run(
        [sys.executable, EXAMPLES / name / "prepare.py"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    target = into / name
    shutil.copytree(EXAMPLES / name, target, ignore=shutil.ignore_patterns(".headwater"))
    return target


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("faker")
    return prepared("city", tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared("flights", tmp_path_factory.mktemp("flights"))


def answer(folder: Path, *words: str, code: int = 0) -> Any:
    done = run(folder, *words, "--format", "json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def plan(city: Path) -> Any:
    return answer(city, "retention", "plan", *DAY, code=1)


def groups(plan: Any, name: str) -> dict[str, int | None]:
    (found,) = [each for each in plan["datasets"] if each["name"] == name]
    return {group["state"]: group["records"] for group in found["groups"]}


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("civil.public.benefit", {"delete": 3, "keep": 297}),
        ("civil.public.benefit_letter", {"delete": 2, "keep": 13}),
        ("civil.public.payment", {"freeze": 4, "keep": 20}),
        ("civil.public.grant", {"freeze": 7, "keep": 17}),
        ("civil.public.grant_appeal", {"keep": 10}),
        ("civil.public.ledger", {"keep": 15}),
        ("population.public.resident", {"keep": 800}),
    ],
)
def test_the_citys_records_are_where_they_were_planted(
    plan: Any, name: str, states: dict[str, int]
) -> None:
    assert groups(plan, name) == states


def test_the_citys_plan_goes_from_copies_to_sources_and_makes_again_last(plan: Any) -> None:
    steps = [(step["action"], step["name"]) for step in plan["steps"]]
    assert steps[:4] == [
        ("delete", "civil.public.benefit_letter"),
        ("nothing", "civil.public.ledger"),
        ("freeze", "civil.public.payment"),
        ("delete", "civil.public.benefit"),
    ]
    assert {action for action, _ in steps[4:]} == {"derive-again"}
    assert {each["department"] for each in plan["told"]} == {"health", "social-insurance"}


def test_what_only_looks_like_a_story_is_silent(plan: Any) -> None:
    about = {(each["rule"], each["subject"]["name"]) for each in plan["findings"]}
    assert ("retention/conflict", "civil.public.payment") in about
    assert not [each for each in about if each[1] == "civil.public.ledger"]
    assert {each for each in about if each[1] == "civil.public.grant_appeal"} == {
        ("retention/hold-overdue", "civil.public.grant_appeal")
    }
    assert ("retention/unbounded", "civil.public.staff") in about
    assert ("retention/unbounded", "civil.public.region") not in about  # not personal


@pytest.mark.parametrize(
    ("file", "before", "after", "states"),
    [
        ("retention/holds.yaml", 'civil.public.grant"', 'civil.public.grant_*"',
         {"delete": 7, "keep": 17}),
        ("retention/grant-retention.yaml", "at_most: P5Y", "at_most: P9Y", {"keep": 24}),
    ],
)  # fmt: skip
def test_a_story_changed_a_little_is_another(
    city: Path, tmp_path: Path, file: str, before: str, after: str, states: dict[str, int]
) -> None:
    folder = tmp_path / "city"
    shutil.copytree(city, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    changed = run(folder, "retention", "plan", *DAY, "--format", "json")
    assert groups(json.loads(changed.stdout), "civil.public.grant") == states


def test_the_flights_of_new_york_days_are_counted_as_their_own_date_columns_say(
    flights: Path,
) -> None:
    import duckdb

    data = str(flights / "data/flights.parquet")
    query = """SELECT count(*) FROM read_parquet(?)
               WHERE make_date(year::int, month::int, day::int) <= DATE '2013-10-31'"""
    with duckdb.connect() as database:
        row = database.execute(query, [data]).fetchone()
    plan = answer(flights, "retention", "plan", *DAY, code=1)
    assert row is not None
    assert groups(plan, "bts.public.flights")["delete"] == row[0] == 281_373
    assert set(groups(plan, "noaa.public.weather")) == {"freeze", "keep"}
    assert set(groups(plan, "safety.public.weather_delay")) == {"freeze", "keep"}
    assert groups(plan, "bts.public.airlines") == {"open": None}


def test_the_same_question_gets_the_same_bytes(city: Path) -> None:
    for format_ in ("text", "json", "csv", "sql", "ics"):
        words = ("retention", "plan", *DAY, "--format", format_)
        one, two = run(city, *words), run(city, *words)
        assert one.stdout
        assert (one.returncode, one.stdout) == (two.returncode, two.stdout)
        assert str(city) not in one.stdout


def test_the_citys_opa_says_what_its_native_engine_says(
    city: Path, plan: Any, opa_executable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_OPA", opa_executable)
    found = answer(city, "retention", "plan", "--as-of", "2026-11-01", "--engine", "opa", code=1)
    assert (found["steps"], found["datasets"]) == (plan["steps"], plan["datasets"])
    assert found["findings"] == plan["findings"]


def test_a_subject_of_the_city_is_traced_and_no_value_is_printed(city: Path) -> None:
    done = run(city, "subject", "resident#resident_id", *DAY, "--format", "json")
    places = {each["name"]: each["how"] for each in json.loads(done.stdout)["places"]}
    assert places["population.public.resident"] == "identifier"
    assert places["health.public.person_index"] == "identifier"  # through staging
    assert places["street.public.notice_list"] == "derived"
    assert "civil.public.region" not in places
    with (city / "data/resident.csv").open(encoding="utf-8") as file:
        values = [line.split(",")[0] for line in list(file)[1:]]
    assert not [value for value in values if value in done.stdout]
