"""Two writers at once, and a disk that is full: all or nothing, and the store still opens."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from headwater.catalog.errors import StoreError
from headwater.lineage import load_graph, open_store
from headwater.lineage.reader import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.lineage.model import Event

WRITER = """
import json, sys
from pathlib import Path
from headwater.lineage import open_store
from headwater.lineage.reader import read_bytes

store = open_store(Path(sys.argv[1]), wait=60)
for number in range(int(sys.argv[3])):
    event = {
        "eventTime": "2026-10-01T00:00:00Z",
        "run": {"runId": f"{sys.argv[2]}{number}"},
        "job": {"namespace": "etl", "name": "load"},
        "inputs": [{"namespace": "db", "name": f"a{number}"}],
        "outputs": [{"namespace": "db", "name": "b"}],
    }
    store.record_emitted(read_bytes(json.dumps(event).encode(), "e.ndjson"))
"""


def test_two_writers_lose_nothing_of_each_other(tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    open_store(path).close()
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, "40"]) for name in "xy"
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    store = open_store(path)
    runs = {run for edge in load_graph(store).edges for run in edge.runs}
    assert runs == {f"{name}{number}" for name in "xy" for number in range(40)}
    found = store.reindex()
    assert found.before == found.after
    store.close()


def events(count: int, size: int) -> tuple[Event, ...]:
    lines = (
        {
            "eventTime": "2026-10-01T00:00:00Z",
            "run": {"runId": f"r{number}"},
            "job": {"namespace": "etl", "name": "load", "more": "x" * size},
            "outputs": [{"namespace": "db", "name": f"b{number}"}],
        }
        for number in range(count)
    )
    return read_bytes("\n".join(map(json.dumps, lines)).encode(), "e.ndjson")


def test_a_full_disk_is_an_error_and_nothing_is_half_recorded(tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    store = open_store(path)
    store.record_emitted(events(1, 10))
    before = (store.digest(), store.index_digest(), store.sequence())
    database = store._db  # type: ignore[attr-defined]
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(StoreError) as caught:
        store.record_file("e.ndjson", "1", events(50, 5000))
    assert caught.value.problems[0].code == "store-failed"
    assert (store.digest(), store.index_digest(), store.sequence()) == before
    assert store.files() == {}
    store.close()
    again = open_store(path)
    assert again.record_file("e.ndjson", "1", events(50, 5000))
    assert again.sequence() == 51
    again.close()
