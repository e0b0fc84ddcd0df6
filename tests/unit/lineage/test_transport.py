"""The transport: a pipeline's events straight into the store, through the official client."""

from __future__ import annotations

import datetime
import json
import sqlite3
import subprocess
import sys
import threading
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import column_lineage_dataset as lineage

from headwater.catalog.errors import DocumentError, InputError, StoreError, StoreLockedError
from headwater.catalog.ids import ColumnId, DatasetId
from headwater.lineage import load_graph, open_store

TYPE = "headwater.lineage.transport.HeadwaterTransport"


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPENLINEAGE_URL", raising=False)
    monkeypatch.delenv("OPENLINEAGE_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "headwater.yaml").write_text("kind: workspace\n", encoding="utf-8")
    return tmp_path


def client(path: Path, **settings: Any) -> OpenLineageClient:
    return OpenLineageClient(config={"transport": {"type": TYPE, "path": str(path), **settings}})


def event(number: int = 0, time: str = "2026-10-01T00:00:00Z") -> RunEvent:
    source = lineage.InputField("n", "in", "x")
    facet = lineage.ColumnLineageDatasetFacet({"y": lineage.Fields([source])})
    return RunEvent(
        eventTime=time,
        eventType=RunState.COMPLETE,
        run=Run(str(uuid.UUID(int=number))),
        job=Job("jobs", "copy"),
        inputs=[InputDataset("n", "in")],
        outputs=[OutputDataset("n", "out", facets={"columnLineage": facet})],
        producer="https://example.org/pipeline",
    )


def recorded(file: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(file)) as db:
        return [json.loads(body) for (body,) in db.execute("SELECT coalesce(body, raw) FROM event")]


def test_an_event_is_in_the_graph_of_the_workspace_once_emit_returns(workspace: Path) -> None:
    client(workspace).emit(event())
    store = open_store(workspace / ".headwater" / "lineage.db")
    edges = {(edge.source, edge.target) for edge in load_graph(store).edges}
    store.close()
    source, target = DatasetId("n", "in"), DatasetId("n", "out")
    assert edges == {(source, target), (ColumnId(source, "x"), ColumnId(target, "y"))}
    assert (workspace / ".headwater" / ".gitignore").read_text() == "*\n"


def test_the_client_finds_it_in_openlineage_yml(workspace: Path) -> None:
    config = f"transport:\n  type: {TYPE}\n  path: {json.dumps(str(workspace))}\n  wait: 10\n"
    (workspace / "openlineage.yml").write_text(config, encoding="utf-8")
    OpenLineageClient().emit(event())
    assert len(recorded(workspace / ".headwater" / "lineage.db")) == 1


def test_the_log_has_when_an_event_was_received(workspace: Path) -> None:
    before = datetime.datetime.now(datetime.UTC)
    client(workspace).emit(event())
    with closing(sqlite3.connect(workspace / ".headwater" / "lineage.db")) as db:
        ((received,),) = db.execute("SELECT received FROM event")
    assert before <= datetime.datetime.fromisoformat(received)
    assert received.endswith("Z")


def test_the_path_may_be_the_store_itself(tmp_path: Path) -> None:
    client(tmp_path / "own.db").emit(event())
    assert [found["job"]["name"] for found in recorded(tmp_path / "own.db")] == ["copy"]


def test_the_same_event_twice_is_one_event(workspace: Path) -> None:
    emitting = client(workspace)
    emitting.emit(event())
    emitting.emit(event())
    assert len(recorded(workspace / ".headwater" / "lineage.db")) == 1


PIPELINE = """
import sys, uuid
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, Run, RunEvent
kind, path, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
client = OpenLineageClient(config={"transport": {"type": kind, "path": path}})
for number in range(first, first + count):
    run = Run(str(uuid.UUID(int=number)))
    job = Job("jobs", "copy")
    when = "2026-10-01T00:00:00Z"
    client.emit(RunEvent(eventTime=when, run=run, job=job, producer="https://example.org"))
"""


def test_processes_that_write_at_once_lose_nothing(workspace: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", PIPELINE, TYPE, str(workspace), str(first), "25"])
        for first in (0, 25, 50)
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    runs = {found["run"]["runId"] for found in recorded(workspace / ".headwater" / "lineage.db")}
    assert runs == {str(uuid.UUID(int=number)) for number in range(75)}


def test_one_client_serves_many_threads(workspace: Path) -> None:
    emitting = client(workspace)
    wrong: list[Exception] = []

    def emit(number: int) -> None:
        try:
            emitting.emit(event(number))
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            wrong.append(error)

    threads = [threading.Thread(target=emit, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(recorded(workspace / ".headwater" / "lineage.db")) == 12


def test_a_store_that_stays_locked_raises_and_the_event_can_be_sent_again(workspace: Path) -> None:
    emitting = client(workspace, wait=0.2)
    emitting.emit(event(0))
    file = workspace / ".headwater" / "lineage.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLockedError):
            emitting.emit(event(1))
        other.execute("ROLLBACK")
    assert len(recorded(file)) == 1
    emitting.emit(event(1))
    assert len(recorded(file)) == 2


def test_it_waits_for_another_writer_to_finish(workspace: Path) -> None:
    emitting = client(workspace, wait=60)
    emitting.emit(event(0))
    file = workspace / ".headwater" / "lineage.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
    release.start()
    emitting.emit(event(1))
    release.join()
    other.close()
    assert len(recorded(file)) == 2


def test_a_broken_store_raises(workspace: Path) -> None:
    (workspace / ".headwater").mkdir()
    (workspace / ".headwater" / "lineage.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError):
        client(workspace).emit(event())


def test_an_event_that_is_not_read_raises(workspace: Path) -> None:
    with pytest.raises(DocumentError):
        client(workspace).emit(event(time="2026-10-01T00:00:00"))


@pytest.mark.parametrize(
    "settings",
    [{}, {"path": ""}, {"path": 7}, {"path": "w", "wait": -1}, {"path": "w", "wait": "soon"}],
)
def test_settings_that_cannot_be_used_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        OpenLineageClient(config={"transport": {"type": TYPE, **settings}})
    assert caught.value.problems[0].code == "transport-setting"


def test_a_path_that_lies_in_no_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        client(tmp_path)
    assert caught.value.problems[0].code == "no-workspace"
