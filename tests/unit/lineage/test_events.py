"""Emitted events: check results recorded as OpenLineage, whatever the surroundings."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import DatasetId, JobId
from headwater.lineage import Assertion, CheckRun, emit_check_run, load_graph, open_store

if TYPE_CHECKING:
    from pathlib import Path

DATASET = DatasetId("postgres://health-db:5432", "health.public.vaccination")
RUN = CheckRun(
    dataset=DATASET,
    assertions=(
        Assertion("not_null", success=True, column="record_id", severity="error"),
        Assertion("row_count", success=False),
    ),
    event_time="2026-11-01T00:00:00+08:00",
    job=JobId("headwater", "checks"),
    run_id="01980000-0000-7000-8000-0000000000ff",
)


def bodies(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [raw.decode() for (raw,) in db.execute("SELECT raw FROM event")]


def test_a_check_run_is_recorded_once_and_draws_no_edge(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "openlineage.yml").write_text("tags: {job: {purpose: spoofed}}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("OPENLINEAGE__TAGS__JOB__PURPOSE", "spoofed")
    store = open_store(tmp_path / "lineage.db")
    emit_check_run(store, RUN)
    emit_check_run(store, RUN)
    (body,) = bodies(tmp_path / "lineage.db")
    event = json.loads(body)
    assert event["eventType"] == "COMPLETE"
    assert event["job"]["name"] == "checks"
    assert "spoofed" not in body
    (checked,) = event["inputs"]
    assertions = checked["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert [(a["assertion"], a["success"], a.get("column")) for a in assertions] == [
        ("not_null", True, "record_id"),
        ("row_count", False, None),
    ]
    assert store.has_event_of_run(RUN.run_id)
    assert load_graph(store).edges == ()
    assert load_graph(store).datasets == (DATASET,)
    store.close()
    assert capfd.readouterr() == ("", "")


def test_the_same_run_gives_the_same_event(tmp_path: Path) -> None:
    for name in ("a.db", "b.db"):
        store = open_store(tmp_path / name)
        emit_check_run(store, RUN)
        store.close()
    assert bodies(tmp_path / "a.db") == bodies(tmp_path / "b.db")


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    store = open_store(tmp_path / "lineage.db")
    wrong = CheckRun(DATASET, RUN.assertions, "2026-11-01T00:00:00", RUN.job, RUN.run_id)
    with pytest.raises(DocumentError):
        emit_check_run(store, wrong)
    assert bodies(tmp_path / "lineage.db") == []
    store.close()
