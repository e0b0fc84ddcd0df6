"""The store: what it keeps, what it forgets, and what it refuses to open."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from headwater.catalog.errors import (
    DocumentError,
    StoreCorruptError,
    StoreError,
    StoreLockedError,
)
from headwater.catalog.position import Position
from headwater.lineage import LineageStore, draft, load_graph, open_store
from headwater.lineage.reader import read_bytes, read_leniently

from .conftest import events

if TYPE_CHECKING:
    from pathlib import Path


def content(path: Path) -> list[Any]:
    """Everything in the store's tables."""
    with closing(sqlite3.connect(path)) as db:
        tables = [
            name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type='table'")
        ]
        return [
            (name, sorted(db.execute(f"SELECT * FROM {name}")))  # noqa: S608
            for name in tables
        ]


def summary(store: LineageStore) -> list[tuple[str, str, tuple[str, ...], Position | None]]:
    return [
        (str(edge.source), str(edge.target), edge.runs, edge.position)
        for edge in load_graph(store).edges
    ]


def test_a_recorded_event_becomes_edges_with_its_place(store: LineageStore) -> None:
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1", "r2"))
    assert summary(store) == [("db/a", "db/b", ("r1", "r2"), Position("e.ndjson", 2))]


def test_recording_the_same_file_again_changes_nothing(store: LineageStore, path: Path) -> None:
    assert store.record_file("e.ndjson", "1", events("e.ndjson", "r1"))
    before = content(path)
    assert not store.record_file("e.ndjson", "1", events("e.ndjson", "r1"))
    assert content(path) == before
    assert store.record_file("e.ndjson", "1 with a blank", events("e.ndjson", "r1"))
    changed = [table for table, rows in content(path) if (table, rows) not in before]
    assert changed == ["source"]


def test_a_changed_file_takes_its_edges_along(store: LineageStore) -> None:
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1", "r2"))
    store.record_file("e.ndjson", "2", events("e.ndjson", "r2", source="c"))
    assert summary(store) == [("db/c", "db/b", ("r2",), Position("e.ndjson"))]
    assert "db/a" not in map(str, load_graph(store).datasets)


def test_a_vanished_file_takes_its_edges_along_but_not_its_events(
    store: LineageStore, path: Path
) -> None:
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1"))
    store.record_file("f.ndjson", "1", events("f.ndjson", "r2", source="c"))
    store.forget_files(except_for={"f.ndjson"})
    assert [edge[0] for edge in summary(store)] == ["db/c"]
    assert store.files() == {"f.ndjson": "1"}
    assert len(dict(content(path))["event"]) == 2


def test_an_event_in_two_files_lives_as_long_as_either(store: LineageStore) -> None:
    store.record_file("f.ndjson", "1", events("f.ndjson", "r1"))
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1"))
    assert summary(store)[0][3] == Position("e.ndjson")
    store.forget_files(except_for={"f.ndjson"})
    assert summary(store)[0][3] == Position("f.ndjson")
    store.forget_files(except_for=())
    assert summary(store) == []


def test_the_graph_does_not_depend_on_how_the_workspace_came_about(
    store: LineageStore, tmp_path: Path
) -> None:
    store.record_file("e.ndjson", "0", events("e.ndjson", "r1", "r9", source="x"))
    store.record_file("f.ndjson", "1", events("f.ndjson", "r1", minute=2))
    store.record_file("gone.ndjson", "1", events("gone.ndjson", "r1", "r7"))
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1", source="c"))
    store.forget_files(except_for={"e.ndjson", "f.ndjson"})
    other = open_store(tmp_path / "other.db")
    other.record_file("e.ndjson", "1", events("e.ndjson", "r1", source="c"))
    other.record_file("f.ndjson", "1", events("f.ndjson", "r1", minute=2))
    assert load_graph(store).edges == load_graph(other).edges
    assert load_graph(store).nodes == load_graph(other).nodes
    assert len(load_graph(other).edges) == 2
    other.close()


def test_emitted_events_outlive_every_file(store: LineageStore) -> None:
    store.record_emitted(events("", "r1"))
    store.record_emitted(events("", "r1"))
    store.forget_files(except_for=())
    assert summary(store) == [("db/a", "db/b", ("r1",), None)]
    assert store.has_event_of_run("r1")
    assert not store.has_event_of_run("r2")


def test_a_reopened_store_still_holds_everything(store: LineageStore, path: Path) -> None:
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1"))
    before = summary(store)
    store.close()
    again = open_store(path)
    assert summary(again) == before
    again.close()


def test_a_file_that_cannot_be_folded_leaves_nothing_behind(
    store: LineageStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(path)
    monkeypatch.setattr(draft, "RUN_EDGES", 0)
    with pytest.raises(DocumentError) as caught:
        store.record_file("e.ndjson", "1", events("e.ndjson", "r1", source="new"))
    assert caught.value.problems[0].position == Position("e.ndjson")
    assert content(path) == before


def problem(path: Path) -> str:
    with pytest.raises(StoreCorruptError) as caught:
        open_store(path)
    (found,) = caught.value.problems
    assert found.hint
    assert "may be deleted" in found.hint.en
    return found.code


def test_a_file_that_is_no_store_is_refused_with_advice(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"this is not a database, not at all" * 100)
    assert problem(garbage) == "store-corrupt"
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as db:
        db.execute("CREATE TABLE cookies (name TEXT)")
    assert problem(foreign) == "store-version"


def test_a_store_of_another_version_or_with_other_tables_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    open_store(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TRIGGER t AFTER INSERT ON edge BEGIN DELETE FROM edge; END")
    assert problem(path) == "store-corrupt"
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER t")
        db.execute("PRAGMA user_version = 99")
    assert problem(path) == "store-version"


def test_a_damaged_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    store = open_store(path)
    store.record_file("e.ndjson", "1", events("e.ndjson", *(f"r{n}" for n in range(200))))
    store.close()
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    damaged = open_store(path)
    with pytest.raises(StoreCorruptError):
        damaged.snapshot()
    damaged.close()


def test_a_store_that_another_process_writes_to_is_locked(path: Path, store: LineageStore) -> None:
    assert store.files() == {}
    impatient = open_store(path, wait=0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLockedError):
            impatient.record_file("e.ndjson", "1", events("e.ndjson", "r1"))
    assert impatient.record_file("e.ndjson", "1", events("e.ndjson", "r1"))
    impatient.close()


def test_a_store_that_is_a_link_or_cannot_be_made_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    link = tmp_path / "lineage.db"
    link.symlink_to(target)
    with pytest.raises(StoreError):
        open_store(link)
    assert not target.exists()
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(StoreError):
        open_store(file / "lineage.db")


def test_the_log_keeps_the_own_bytes_both_times_and_a_number(path: Path) -> None:
    store = open_store(path, received="2026-11-01T00:00:00Z")
    data = b'{ "eventTime": "2026-10-01T08:01:00.5+08:00", "job":{"name":"load","namespace":"etl"}}'
    store.record_emitted(read_bytes(data, "e.ndjson"))
    store.record_emitted(read_bytes(data + b" ", "e.ndjson"), received="2026-12-01T00:00:00Z")
    store.record_emitted(events("", "r1"), received="2026-12-01T00:00:00Z")
    with closing(sqlite3.connect(path)) as db:
        rows = list(db.execute("SELECT seq, event_time, moment, received, raw, body FROM event"))
    assert rows[0] == (
        1,
        "2026-10-01T08:01:00.5+08:00",
        "2026-10-01T00:01:00.500000000Z",
        "2026-11-01T00:00:00Z",
        data,
        None,
    )
    assert [row[3] for row in rows] == ["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"]
    assert (store.sequence(), store.snapshot().sequence) == (2, 2)
    store.close()


def test_the_digests_tell_whether_two_stores_say_the_same(
    store: LineageStore, tmp_path: Path
) -> None:
    other = open_store(tmp_path / "other.db", received="2026-11-01T00:00:00Z")
    assert store.digest() == other.digest()
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1", "r2"))
    assert (store.digest(), store.index_digest()) != (other.digest(), other.index_digest())
    other.record_file("f.ndjson", "2", events("f.ndjson", "r9"))
    other.record_file("f.ndjson", "3", events("f.ndjson", "r2"))
    other.record_emitted(events("", "r1", "r2"))
    assert (store.digest(), store.index_digest()) == (other.digest(), other.index_digest())
    other.close()


def test_the_generation_grows_with_every_change(store: LineageStore) -> None:
    seen = [store.generation()]
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1"))
    seen.append(store.generation())
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1"))
    assert store.generation() == seen[-1]
    store.forget_files(except_for=())
    seen.append(store.generation())
    assert seen == sorted(set(seen))


def test_reindexing_gives_the_same_index_and_mends_a_wrong_one(
    store: LineageStore, path: Path
) -> None:
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1", "r2"))
    store.record_file("e.ndjson", "2", events("e.ndjson", "r2", "r3", source="c"))
    before = load_graph(store)
    found = store.reindex()
    assert (found.events, found.runs) == (2, 2)
    assert found.before == found.after == store.index_digest()
    assert store.reindex() == found
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM edge WHERE source = (SELECT min(source) FROM edge)")
        db.execute("DELETE FROM said")
        db.execute("UPDATE node SET name = 'wrong'  WHERE name = 'c'")
    mended = store.reindex()
    assert mended.before != mended.after == found.after
    assert load_graph(store).edges == before.edges
    assert load_graph(store).nodes == before.nodes


def test_two_stores_on_one_file_do_not_mistake_each_others_numbers(
    store: LineageStore, path: Path, tmp_path: Path
) -> None:
    store.record_file("gone.ndjson", "1", events("gone.ndjson", "r0", source="x"))
    store.record_emitted(events("", "r1", source="y"))
    other = open_store(path)
    other.forget_files(except_for=())
    other.reindex()  # numbers everything anew
    store.record_emitted(events("", "r2", source="y"))
    store.record_emitted(events("", "r3", source="z"))
    other.close()
    fresh = open_store(tmp_path / "fresh.db")
    for run, source in (("r1", "y"), ("r2", "y"), ("r3", "z")):
        fresh.record_emitted(events("", run, source=source))
    assert store.index_digest() == fresh.index_digest()
    assert load_graph(store).edges == load_graph(fresh).edges
    fresh.close()


def test_a_rebuilt_index_is_the_same_to_the_byte(store: LineageStore, path: Path) -> None:
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1", "r2", source="z"))
    store.record_emitted(events("", "r0"))
    store.reindex()
    first = content(path)
    store.reindex()
    second = content(path)
    changed = [
        table for (table, rows), other in zip(first, second, strict=True) if (table, rows) != other
    ]
    assert changed == ["generation"]


def test_notes_live_as_long_as_their_file(store: LineageStore) -> None:
    data = b'{"eventTime": "x", "job": {"namespace": "etl", "name": "load"}}\n{'
    found = read_leniently(data, "e.ndjson")
    store.record_file("e.ndjson", "1", found.events, notes=found.notes)
    assert store.notes() == found.notes
    assert [(note.code, str(note.position)) for note in store.notes()] == [
        ("event-time", str(Position("e.ndjson", 1))),
        ("event-syntax", str(Position("e.ndjson", 2, 2))),
    ]
    store.forget_files(except_for=())
    assert store.notes() == ()


def test_what_was_read_leniently_is_folded_from_what_was_understood(
    store: LineageStore, path: Path
) -> None:
    (event,) = events("e.ndjson", "r1")
    broken = json.loads(event.raw) | {"outputs": [{"namespace": "db", "name": "b"}, {"name": "c"}]}
    store.record_emitted(read_leniently(json.dumps(broken).encode(), "e.ndjson").events)
    assert [row[:2] for row in summary(store)] == [("db/a", "db/b")]
    with closing(sqlite3.connect(path)) as db:
        ((raw,),) = db.execute("SELECT raw FROM event")
    assert json.loads(raw) == broken
    assert store.reindex().after == store.index_digest()


def test_an_event_that_moves_within_its_file_is_found_where_it_is_now(store: LineageStore) -> None:
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1"))
    before = store.state()
    line = events("e.ndjson", "r1")[0].raw
    store.record_file("e.ndjson", "2", read_bytes(b"\n\n" + line, "e.ndjson"))
    (edge,) = load_graph(store).edges
    assert edge.position == Position("e.ndjson", 3)
    assert store.state().generation > before.generation


def test_it_is_durable_and_never_analysed(store: LineageStore, path: Path) -> None:
    store.record_file("e.ndjson", "1", events("e.ndjson", "r1"))
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    assert "sqlite_stat1" not in tables
    (found,) = store._db.execute("PRAGMA synchronous").fetchone()  # type: ignore[attr-defined]
    assert found == 2  # FULL
