"""The process is killed while it records: nothing that was acknowledged is lost.

A writer records one event after another and prints the number of each when the store has
acknowledged it. It is killed (SIGKILL) at some moment; the store is opened again, holds at least
what was printed, and its index is what its log comes to.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from headwater.lineage import load_graph, open_store

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import json, sys
from pathlib import Path
from headwater.lineage import open_store
from headwater.lineage.reader import read_bytes

store = open_store(Path(sys.argv[1]), wait=60)
print("ready", flush=True)
for number in range(int(sys.argv[2]), 10**9):
    event = {
        "eventTime": "2026-10-01T00:00:00Z",
        "run": {"runId": f"r{number}"},
        "job": {"namespace": "etl", "name": "load"},
        "inputs": [{"namespace": "db", "name": f"a{number % 7}"}],
        "outputs": [{"namespace": "db", "name": "b"}],
    }
    read = read_bytes(json.dumps(event).encode(), "e.ndjson")
    if number % 3:
        store.record_emitted(read)
    else:
        store.record_file(f"{number}.ndjson", "1", read)
    print(number, flush=True)
"""


def killed(path: Path, first: int, chance: random.Random) -> list[int]:
    """Run a writer from number ``first`` on, kill it, and return what was acknowledged."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(first)], stdout=subprocess.PIPE
    )
    if writer.stdout is None:
        raise AssertionError
    assert writer.stdout.readline() == b"ready\n"
    early = [writer.stdout.readline() for _ in range(chance.randrange(6))]
    for _ in range(chance.randrange(100_000)):
        pass  # the next recording goes on meanwhile: the kill falls anywhere into it
    os.kill(writer.pid, signal.SIGKILL)
    printed = b"".join([*early, writer.stdout.read()]).split(b"\n")[:-1]
    writer.stdout.close()
    assert writer.wait() == -signal.SIGKILL
    return [int(number) for number in printed]


def survive(path: Path, cycles: int) -> int:
    """Kill so many writers; return how many acknowledged events there were, none of them lost."""
    chance = random.Random(5)  # noqa: S311
    acknowledged: set[int] = set()
    for cycle in range(cycles):
        acknowledged.update(killed(path, cycle * 10_000, chance))
        store = open_store(path)
        lost = [number for number in acknowledged if not store.has_event_of_run(f"r{number}")]
        assert lost == []
        if cycle % 10 == 0:
            found = store.reindex()
            assert found.before == found.after
        store.close()
    store = open_store(path)
    runs = {run for edge in load_graph(store).edges for run in edge.runs}
    assert {f"r{number}" for number in acknowledged} <= runs
    store.close()
    return len(acknowledged)


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    assert survive(tmp_path / "lineage.db", 30) > 30


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_in_five_hundred_kills(tmp_path: Path) -> None:
    assert survive(tmp_path / "lineage.db", 500) > 500
