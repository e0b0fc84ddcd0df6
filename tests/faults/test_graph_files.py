"""The graph in files: writers that die, writers that race, and files that anyone may have put."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from headwater.catalog.ids import DatasetId, JobId
from headwater.lineage.choose import FOLDER, choose_graph
from headwater.lineage.csr import META, folder_of_state, open_graph
from headwater.lineage.csr_build import write_graph
from headwater.lineage.csr_files import state_of
from headwater.lineage.graph import Graph, load_graph
from headwater.lineage.model import Edge
from headwater.lineage.reader import read_bytes
from headwater.lineage.store import open_store

if TYPE_CHECKING:
    from headwater.lineage.store import LineageStore

WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_graph_files import chain_of, state
from headwater.lineage.csr_build import write_graph

print("ready", flush=True)
for number in range(int(sys.argv[3]), 10**6, int(sys.argv[4])):
    write_graph(chain_of(number), Path(sys.argv[2]), state(number))
    print(number, flush=True)
"""


def state(number: int, key: str = "k") -> dict[str, object]:
    return {"generation": number, "mark": number, "key": key}


def chain_of(number: int) -> Graph:
    """A chain of a few edges: how many follows from the number."""
    time, job = "2026-10-01T00:00:00Z", JobId("etl", "load")
    names = [DatasetId("db", f"d{place}") for place in range(number % 7 + 2)]
    pairs = pairwise(names)
    rest: Any = (job, None, "direct", False, "observed", time, time, ("r",), None)
    return Graph([Edge(source, target, *rest) for source, target in pairs])


def writer(base: Path, first: int, step: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", WRITER, str(Path(__file__).parent), str(base), f"{first}"]
    found = subprocess.Popen([*words, f"{step}"], stdout=subprocess.PIPE, text=True)
    assert found.stdout
    assert found.stdout.readline() == "ready\n"
    return found


def standing(base: Path) -> list[str]:
    return sorted(path.name for path in base.parent.glob(f"{base.name}*"))


def whole(base: Path, number: int) -> bool:
    """Say whether the graph of a state stands there; if it does, it is all there."""
    found = open_graph(base, state(number))
    if found is None:
        return False
    expected = chain_of(number)
    assert tuple(found.all_datasets()) == expected.datasets
    assert list(found.arrays["out_node"].view) == list(range(1, len(expected.datasets)))
    return True


def test_a_writer_that_is_killed_leaves_nothing_that_is_taken_for_a_graph(tmp_path: Path) -> None:
    base, chance = tmp_path / FOLDER, random.Random(3)  # noqa: S311
    for cycle in range(12):
        first = cycle * 1000
        killed = writer(base, first, 1)
        assert killed.stdout
        printed = [killed.stdout.readline() for _ in range(chance.randrange(1, 5))]
        for _ in range(chance.randrange(50_000)):
            pass  # the next one is being written meanwhile
        os.kill(killed.pid, signal.SIGKILL)
        printed += killed.stdout.readlines()
        killed.wait()
        killed.stdout.close()
        last = int(printed[-1])
        assert whole(base, last) or whole(base, last + 1)
        write_graph(chain_of(first + 900), base, state(first + 900))
        assert whole(base, first + 900)
        assert len(standing(base)) == 2  # one graph, and the lock


def test_two_writers_and_a_reader_never_see_half_a_graph(tmp_path: Path) -> None:
    base = tmp_path / FOLDER
    pair = [writer(base, number, 2) for number in (0, 1)]
    seen = 0
    try:
        assert pair[0].stdout
        for _ in range(60):
            number = int(pair[0].stdout.readline())
            seen += sum(whole(base, near) for near in range(max(number - 4, 0), number + 5))
    finally:
        for each in pair:
            each.kill()
            each.wait()
            if each.stdout:
                each.stdout.close()
    assert seen
    write_graph(chain_of(2), base, state(10**7))
    assert standing(base) == sorted([folder_of_state(base, state(10**7)).name, f"{FOLDER}.lock"])


def test_a_slow_writer_leaves_the_files_of_a_later_state(tmp_path: Path) -> None:
    base = tmp_path / FOLDER
    write_graph(chain_of(8), base, state(8))
    write_graph(chain_of(4), base, state(4))
    assert whole(base, 4)
    assert whole(base, 8)
    write_graph(chain_of(9), base, state(9))
    assert len(standing(base)) == 2


def store_of(path: Path, *names: str) -> LineageStore:
    store = open_store(path / "lineage.db")
    for name in names:
        document = {
            "eventTime": "2026-10-01T00:00:00Z",
            "run": {"runId": name},
            "job": {"namespace": "etl", "name": name},
            "inputs": [{"namespace": "db", "name": "a"}],
            "outputs": [{"namespace": "db", "name": name}],
        }
        store.record_emitted(read_bytes(json.dumps(document).encode(), "e.ndjson"))
    return store


@pytest.mark.parametrize(
    "meta",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"format": 2}',
        b'{"format": 2, "state": []}',
        b'{"format": 2, "state": {"generation": "9", "mark": 1, "key": "k"}}',
        b'{"format": 2, "state": {"generation": 1e400, "mark": null, "key": "k"}}',
        b'{"format": 2, "state": {"generation": 1, "mark": 99999999999999999999, "key": "k"}}',
        b'{"format": 2, "state": {"generation": 99999999999999999999, "mark": 1, "key": "k"}}',
        b"[" * 100_000,
    ],
)
def test_folders_that_hold_anything_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meta: bytes
) -> None:
    monkeypatch.setattr("headwater.lineage.choose.LARGE", 1)
    planted = tmp_path / f"{FOLDER}-0000000000000000"
    planted.mkdir()
    (planted / META).write_bytes(meta)
    (tmp_path / f"{FOLDER}-file").write_bytes(b"")
    store = store_of(tmp_path, "b")
    assert state_of(planted) is None or isinstance(state_of(planted), dict)
    found = choose_graph(store, tmp_path, key="k")
    assert tuple(found.all_datasets()) == load_graph(store).datasets
    store.close()
