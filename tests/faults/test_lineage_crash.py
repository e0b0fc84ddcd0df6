"""The process is killed while it records: nothing that was acknowledged is lost.

A writer records one event after another and prints the number of each when the store has
acknowledged it. It is killed (SIGKILL) at some moment; the store is opened again, holds at least
what was printed, and its index is what its log comes to.

Writers are forked from one process that has imported everything, so that a cycle takes no longer
than what it is about. What a kill spares is up to the system, not to the disk: the store lies in
memory where there is such a folder.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

from headwater.lineage import load_graph, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

WRITERS = """
import json, os, sys
from pathlib import Path
from headwater.lineage import fold, open_store, store_sqlite
from headwater.lineage.reader import read_bytes

def write(first):
    store = open_store(Path(sys.argv[1]), wait=60)
    say(f"ready {os.getpid()}")
    for number in range(first, 10**9):
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
        say(f"{number}")

def say(line):
    os.write(1, (line + chr(10)).encode())  # at once or not at all, whenever the kill comes

for line in sys.stdin:
    writer = os.fork()
    if not writer:
        write(int(line))
    _, status = os.waitpid(writer, 0)
    say(f"gone {os.WTERMSIG(status)}")
"""


@contextmanager
def writers(path: Path) -> Iterator[tuple[IO[str], IO[str]]]:
    """Yield where to ask for a writer, from a number on, and what the writers print."""
    words = [sys.executable, "-c", WRITERS, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as nursery:
        if nursery.stdin is None or nursery.stdout is None:
            raise AssertionError
        yield nursery.stdin, nursery.stdout
        nursery.stdin.close()
    assert nursery.returncode == 0


def killed(ask: IO[str], told: IO[str], first: int, chance: random.Random) -> list[int]:
    """Run a writer from number ``first`` on, kill it, and return what was acknowledged."""
    ask.write(f"{first}\n")
    ask.flush()
    ready, pid = told.readline().split()
    assert ready == "ready"
    printed = [told.readline() for _ in range(chance.randrange(6))]
    for _ in range(chance.randrange(100_000)):
        pass  # the next recording goes on meanwhile: the kill falls anywhere into it
    os.kill(int(pid), signal.SIGKILL)
    while not (line := told.readline()).startswith("gone"):
        printed.append(line)
    assert int(line.split()[1]) == signal.SIGKILL
    return [int(number) for number in printed]


def survive(cycles: int) -> int:
    """Kill so many writers; return how many acknowledged events there were, none of them lost."""
    chance = random.Random(5)  # noqa: S311
    acknowledged: set[int] = set()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "lineage.db"
        with writers(path) as (ask, told):
            for cycle in range(cycles):
                new = killed(ask, told, cycle * 10_000, chance)
                acknowledged.update(new)
                # Those of earlier cycles are asked for once more at the end.
                check(path, acknowledged if cycle % 50 == 0 else new, rebuild=cycle % 10 == 0)
        check(path, acknowledged, rebuild=True)
        store = open_store(path)
        runs = {run for edge in load_graph(store).edges for run in edge.runs}
        store.close()
    assert {f"r{number}" for number in acknowledged} <= runs
    return len(acknowledged)


def check(path: Path, numbers: set[int] | list[int], *, rebuild: bool) -> None:
    """Open the store; it holds the events of these numbers, and the index that follows."""
    store = open_store(path)
    assert [number for number in numbers if not store.has_event_of_run(f"r{number}")] == []
    if rebuild:
        found = store.reindex()
        assert found.before == found.after
    store.close()


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed() -> None:
    assert survive(30) > 30


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_in_five_hundred_kills() -> None:
    assert survive(500) > 500
