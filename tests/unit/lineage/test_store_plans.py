"""How SQLite goes about the queries of the store: by its indices, and without statistics."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from headwater.lineage import LineageStore, raw_index, sqlite_newer, sqlite_schema

from .conftest import events

if TYPE_CHECKING:
    from pathlib import Path


def test_no_query_builds_a_bloom_filter(path: Path, store: LineageStore) -> None:
    """With statistics, SQLite would build one over all edges for each step (30 µs become 86 ms)."""
    store.record_emitted(events("", *(f"r{number}" for number in range(50))))
    queries = [
        text
        for module in (sqlite_schema, raw_index, sqlite_newer)
        for name, text in vars(module).items()
        if name.isupper() and isinstance(text, str) and "SELECT" in text
    ]
    walk = (
        "WITH RECURSIVE found(id) AS (SELECT 1 UNION SELECT target FROM found JOIN edge"
        " ON edge.source = found.id JOIN run ON run.shape = edge.shape WHERE first <= ? AND masked = 0)"
        " SELECT id FROM found"
    )
    with closing(sqlite3.connect(path)) as db:
        plans = [
            str(list(db.execute(f"EXPLAIN QUERY PLAN {query}", ("",) * query.count("?"))))
            for query in (*queries, *sqlite_schema.ROWS, walk)
        ]
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    assert len(plans) > 25
    assert not [plan for plan in plans if "BLOOM" in plan.upper()]
    assert not [name for name in tables if name.startswith("sqlite_stat")]


def test_what_is_newer_is_found_without_looking_through_the_store(
    path: Path, store: LineageStore
) -> None:
    store.record_emitted(events("", *(f"r{number}" for number in range(50))))
    queries = [text for name, text in vars(sqlite_newer).items() if name in QUERIES_OF_NEWER]
    assert len(queries) == len(QUERIES_OF_NEWER)
    with closing(sqlite3.connect(path)) as db:
        steps = [
            step
            for query in queries
            for *_, step in db.execute(f"EXPLAIN QUERY PLAN {query}", ("",) * query.count("?"))
        ]
    assert not [step for step in steps if step.startswith("SCAN")]


QUERIES_OF_NEWER = ("_WAS", "_OTHERS", "_SOME", "_JOBS", "_SHAPES", "_RUNS", "_EDGES", "_KNOWN",
                    "_PLACE", "_PARENT", "_CHILD", "_IMPLIES")  # fmt: skip
