"""``headwater retention`` and ``headwater subject`` from the command line, with hostile names."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

WEIRD = 'we"ird; DROP TABLE a; --'
HIDDEN = "=cmd|x\u202e\n-- evil"
DAY = ("--as-of", "2026-11-01")

FILES = {
    "headwater.yaml": """\
kind: workspace
id: w
namespaces: [{namespace: "a", department: a}, {namespace: "b", department: b}]
lineage: ["events.ndjson"]
checks: {server: local}
engine: native
""",
    "departments.yaml": """\
kind: departments
departments:
  - {id: a, name: {en: A, zh: 甲}, level: city, region: "330100", clearance: core}
  - {id: b, name: {en: B, zh: 乙}, level: city, region: "330100", clearance: core}
""",
    "policy.yaml": """\
kind: retention-policy
id: p
title: {en: P, zh: 策}
owner: a
effective: {from: 2020-01-01}
rules:
  - {id: year, at_most: P1Y, since: {column: 'd"ay'}, then: delete, when: {resource.contract: {eq: c}}}
""",
    "c.odcs.yaml": f"""\
apiVersion: v3.1.0
kind: DataContract
id: c
version: 1.0.0
status: active
tenant: a
servers:
  - {{server: local, type: local, path: c.csv, format: csv}}
schema:
  - name: c
    customProperties: [{{property: dataset, value: {{namespace: a, name: '{WEIRD}'}}}}]
    properties:
      - {{name: id, logicalType: string, tags: [personal]}}
      - {{name: 'd"ay', logicalType: date}}
""",
    "c.csv": 'id,"d""ay"\n1,2025-10-31\n2,2025-11-01\n3,2025-01-01\n',
}


def made(to: str, namespace: str = "b") -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-10-01T01:00:00Z",
        "producer": "https://p",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "01890000-0000-7000-8000-000000000001"},
        "job": {"namespace": "jobs", "name": "copy"},
        "inputs": [{"namespace": "a", "name": WEIRD}],
        "outputs": [{"namespace": namespace, "name": to}],
    }


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "events.ndjson").write_text(json.dumps(made(HIDDEN)) + "\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "headwater.cli.main", *words],
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def test_a_plan_with_something_due_ends_with_one(workspace: Path) -> None:
    done = run(workspace, "retention", "plan", *DAY)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("due on 2026-11-01: datasets 1, steps 2\n")
    assert "records: 2, oldest 2025-01-01" in done.stdout
    assert "\u202e" not in done.stdout
    assert "\n-- evil" not in done.stdout


def test_a_plan_with_nothing_due_ends_with_zero(workspace: Path) -> None:
    done = run(workspace, "retention", "plan", "--as-of", "2026-01-01")
    assert done.returncode == 0, done.stdout
    assert "nothing is due on 2026-01-01" in done.stdout


def test_a_plan_speaks_chinese(workspace: Path) -> None:
    done = run(workspace, "retention", "plan", *DAY, "--lang", "zh")
    assert "2026-11-01 到期：数据集 1 个" in done.stdout
    assert "须告知：b" in done.stdout


def test_statements_quote_names_and_change_nothing_as_they_are(workspace: Path) -> None:
    done = run(workspace, "retention", "plan", *DAY, "--format", "sql")
    code = [line for line in done.stdout.splitlines() if line and not line.startswith("--")]
    quoted = '"we""ird; DROP TABLE a; --"'
    assert code == [
        "BEGIN;",
        f'SELECT count(*) FROM {quoted} WHERE ("d""ay" < :p1);',  # noqa: S608
        f'DELETE FROM {quoted} WHERE ("d""ay" < :p1);',  # noqa: S608
        "ROLLBACK;",
    ]
    assert "-- :p1 = '2025-11-01'" in done.stdout


def test_the_statements_pick_the_records_that_are_counted(workspace: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    text = run(workspace, "retention", "plan", *DAY, "--format", "sql").stdout
    query = next(line for line in text.splitlines() if line.startswith("SELECT"))
    with duckdb.connect() as database:
        table = WEIRD.replace('"', '""')
        path = str(workspace / "c.csv")
        database.execute(f'CREATE TABLE "{table}" AS SELECT * FROM read_csv(?)', [path])  # noqa: S608
        found = database.execute(query.replace(":p1", "DATE '2025-11-01'")).fetchone()
    assert found == (2,)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("retention", "plan", "--format", "sql"), "--as-of"),
        (("retention", "explain", "nothing", *DAY), "nothing"),
        (("retention", "simulate", "--until", "2026-10-01", *DAY), "2026-10-01"),
        (("subject", "c#id", *DAY), "c"),
        (("subject", WEIRD, *DAY), "DATASET#COLUMN"),
    ],
)
def test_what_cannot_be_answered_ends_with_two_and_says_why(
    workspace: Path, words: tuple[str, ...], says: str
) -> None:
    done = run(workspace, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr


def test_a_clock_before_the_logs_last_day_is_refused_unless_a_day_is_named(
    workspace: Path,
) -> None:
    event = made("late") | {"eventTime": "9998-01-01T00:00:00Z"}
    (workspace / "events.ndjson").write_text(json.dumps(event) + "\n", encoding="utf-8")
    done = run(workspace, "retention", "plan")
    assert done.returncode == 2
    assert "9997-12-31" in done.stderr  # the earliest day that it is anywhere
    assert run(workspace, "retention", "plan", *DAY).returncode == 1


def test_a_spreadsheet_gets_no_formula(workspace: Path) -> None:
    done = run(workspace, "retention", "plan", *DAY, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["action"] for row in rows] == ["delete", "derive-again"]
    assert rows[1]["name"].startswith("'=cmd")


def test_a_calendar_is_folded_and_escaped(workspace: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "headwater.cli.main", "retention", "plan", *DAY, "--format", "ics"],
        cwd=workspace, capture_output=True, check=False,
    )  # fmt: skip
    lines = done.stdout.removesuffix(b"\n").split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-1] == b"END:VCALENDAR"
    assert max(map(len, lines)) <= 75
    text = done.stdout.replace(b"\r\n ", b"").decode()
    assert "DTSTART;VALUE=DATE:20261101" in text  # due, and not done: today
    assert "DTSTART;VALUE=DATE:20261102" in text  # the record of 1 November 2025
    assert 'we"ird\\; DROP TABLE a\\; --' in text


def test_json_answers_carry_their_schema_and_digest(workspace: Path) -> None:
    asked = {
        "retention-plan": ("retention", "plan"),
        "retention-explain": ("retention", "explain", WEIRD),
        "retention-why": ("retention", "why-not-delete", WEIRD),
        "retention-simulation": ("retention", "simulate", "--until", "2027-01-01"),
        "subject": ("subject", f"{WEIRD}#id"),
    }
    for schema, words in asked.items():
        done = run(workspace, *words, *DAY, "--format", "json")
        found = json.loads(done.stdout)
        assert found["schema"] == f"headwater/{schema}/1"
        assert found["digest"].startswith("sha256:")
        assert found["as_of"] == "2026-11-01"
        assert str(workspace) not in done.stdout


def test_a_misspelt_hold_is_an_error_at_its_line(workspace: Path) -> None:
    hold = """\
kind: holds
holds:
  - id: h
    scope: [{name: nothing}]
    reason: r
    owner: a
    from: 2026-01-01
    review: 2027-01-01
"""
    (workspace / "holds.yaml").write_text(hold, encoding="utf-8")
    for words in (("retention", "plan", *DAY), ("check", ".", *DAY)):
        done = run(workspace, *words)
        assert done.returncode == 2
        assert "holds.yaml:3:9: " in done.stderr
