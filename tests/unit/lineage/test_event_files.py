"""The workspace's event files: which are read, and how the store follows them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import ColumnId
from headwater.lineage import load_graph, open_store, resolve, sync
from headwater.lineage.event_files import find_event_files
from headwater.lineage.flows import find_flows
from headwater.lineage.model import dataset_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.problems import Problem
    from headwater.lineage import LineageStore


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LineageStore]:
    opened = open_store(tmp_path / "lineage.db")
    yield opened
    opened.close()


def write(root: Path, file: str, run: str) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    event = {
        "eventTime": "2026-10-01T00:01:00Z",
        "run": {"runId": run},
        "job": {"namespace": "etl", "name": "load"},
        "inputs": [{"namespace": "db", "name": "a"}],
        "outputs": [{"namespace": "db", "name": "b"}],
    }
    path.write_text(json.dumps(event), encoding="utf-8")


def runs(store: LineageStore) -> set[str]:
    return {run for edge in load_graph(store).edges for run in edge.runs}


def codes(caught: pytest.ExceptionInfo[DocumentError]) -> list[str]:
    return [found.code for found in caught.value.problems]


def test_the_store_follows_the_files(root: Path, store: LineageStore) -> None:
    write(root, "lineage/e.ndjson", "r1")
    write(root, "lineage/f.json", "r2")
    patterns = ["lineage/*.ndjson", "lineage/*.*"]
    assert sync(store, root, patterns) == ("lineage/e.ndjson", "lineage/f.json")
    assert runs(store) == {"r1", "r2"}
    assert sync(store, root, patterns) == ()
    write(root, "lineage/e.ndjson", "r3")
    (root / "lineage/f.json").unlink()
    assert sync(store, root, patterns) == ("lineage/e.ndjson",)
    assert runs(store) == {"r3"}


def test_all_problems_of_all_files_are_raised_together(root: Path, store: LineageStore) -> None:
    write(root, "good.ndjson", "r1")
    (root / "bad.ndjson").write_text("{\n[]", encoding="utf-8")
    (root / "worse.json").write_bytes(b"\xff")
    with pytest.raises(DocumentError) as caught:
        sync(store, root, ["*.ndjson", "*.json", "none/*.ndjson"])
    assert codes(caught) == ["event-syntax", "event-shape", "no-event-files", "encoding"]
    assert runs(store) == {"r1"}
    write(root, "worse.json", "r2")
    (root / "bad.ndjson").unlink()
    sync(store, root, ["*.ndjson", "*.json"])
    assert runs(store) == {"r1", "r2"}


def test_lenient_reading_records_what_it_can_and_notes_the_rest(
    root: Path, store: LineageStore
) -> None:
    write(root, "e.ndjson", "r1")
    with (root / "e.ndjson").open("a", encoding="utf-8") as file:
        file.write("\n{\n")
    assert sync(store, root, ["*.ndjson"], lenient=True) == ("e.ndjson",)
    assert sync(store, root, ["*.ndjson"], lenient=True) == ()
    assert runs(store) == {"r1"}
    assert [note.code for note in store.notes()] == ["event-syntax"]
    with pytest.raises(DocumentError):
        sync(store, root, ["*.ndjson"])
    write(root, "e.ndjson", "r1")
    assert sync(store, root, ["*.ndjson"]) == ("e.ndjson",)
    assert store.notes() == ()


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("lineage/*.ndjson", ["lineage/a.ndjson"]),
        ("./lineage/?.ndjson", ["lineage/a.ndjson"]),
        ("lineage/**/*.ndjson", ["lineage/a.ndjson", "lineage/x/y/b.ndjson"]),
        ("**/*.ndjson", ["lineage/a.ndjson", "lineage/x/y/b.ndjson", "top.ndjson"]),
        ("*.ndjson", ["top.ndjson"]),
        ("lineage/**", ["lineage/a.ndjson", "lineage/x/y/b.ndjson"]),
        ("lineage/[a].ndjson", []),
        ("../*.ndjson", []),
    ],
)
def test_patterns_match_paths_below_the_root(root: Path, pattern: str, expected: list[str]) -> None:
    for file in ("top.ndjson", "lineage/a.ndjson", "lineage/x/y/b.ndjson"):
        write(root, file, "r")
    write(root, ".hidden/c.ndjson", "r")
    write(root, "../outside.ndjson", "r")
    write(root, "nested/lineage/d.ndjson", "r")
    (root / "nested/headwater.yaml").write_text("kind: workspace", encoding="utf-8")
    problems: list[Problem] = []
    assert list(find_event_files(root, [pattern], problems)) == expected
    assert [found.code for found in problems] == ([] if expected else ["no-event-files"])


def test_nothing_is_left_out_in_silence(root: Path, store: LineageStore, tmp_path: Path) -> None:
    write(tmp_path, "outside.ndjson", "r1")
    write(root, "real/inside.ndjson", "r2")
    (root / "lineage").mkdir()
    (root / "lineage/out.ndjson").symlink_to(tmp_path / "outside.ndjson")
    (root / "lineage/in.ndjson").symlink_to(root / "real/inside.ndjson")
    (root / "lineage/gone.ndjson").symlink_to(root / "nowhere")
    (root / "lineage/folder").symlink_to(tmp_path)
    os.mkfifo(root / "lineage/pipe.ndjson")
    with pytest.raises(DocumentError) as caught:
        sync(store, root, ["lineage/**/*.ndjson"])
    assert sorted(codes(caught)) == [
        "event-folder-link",
        "file-outside",
        "file-unreadable",
        "file-unreadable",
    ]
    assert runs(store) == {"r2"}


def test_a_linked_folder_that_no_pattern_reaches_is_no_problem(
    root: Path, store: LineageStore, tmp_path: Path
) -> None:
    write(root, "lineage/e.ndjson", "r1")
    (root / "data").symlink_to(tmp_path)
    assert sync(store, root, ["lineage/*.ndjson"]) == ("lineage/e.ndjson",)
    with pytest.raises(DocumentError) as caught:
        sync(store, root, ["*/*.ndjson"])
    assert codes(caught) == ["event-folder-link"]


def test_the_acceptance_workspace_has_the_expected_flows_and_answers(
    mini: Path, store: LineageStore
) -> None:
    expected = json.loads((mini / "expected.json").read_text(encoding="utf-8"))
    sync(store, mini, ["lineage/*.ndjson"])
    graph = load_graph(store)
    rows: dict[tuple[str, ...], list[str | None]] = {}
    for flow in find_flows(graph, _department):
        assert (flow.via, flow.hops, flow.evidence) == ((), 1, "observed")
        key = (flow.provider, flow.consumer, flow.source.name, flow.target.name)
        rows.setdefault(key, []).append(flow.column)
    assert sorted([*key, columns] for key, columns in rows.items()) == sorted(expected["flows"])
    for question in expected["lineage"]:
        answer = graph.trace(resolve(question["ref"], graph), question["direction"])
        found = [
            [dataset_of(node).name, node.column if isinstance(node, ColumnId) else None, hops]
            for node, hops in answer.nodes
        ]
        assert found == question["nodes"]


def _department(dataset: DatasetId) -> str | None:
    servers = {"pop": "police", "health": "health", "street": "street", "insurance": "insurance"}
    return servers.get(dataset.namespace.removeprefix("postgres://").partition("-")[0])


def test_importing_the_room_imports_nothing_heavy() -> None:
    code = "import sys, headwater.lineage; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"networkx", "openlineage", "sqlite3", "msgspec", "requests"}
    assert heavy.isdisjoint(done.stdout.split())
