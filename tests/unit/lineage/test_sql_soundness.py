"""SQL against a real DuckDB: a column without an edge never changes the output column.

Each query runs on small tables, and again with one column of them changed. Where the output
column's values differ, an edge must lead from the one to the other.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.sql_source import SqlJob, read_sql
from headwater.lineage.uses import Declared

QUERIES = (Path(__file__).parent / "sql_queries.txt").read_text(encoding="utf-8").splitlines()
COLUMNS = {DatasetId("n", "a"): ("id", "x", "y", "g"), DatasetId("n", "b"): ("id", "z", "k")}
TYPES = {"g": "VARCHAR", "k": "VARCHAR"}
SEEDS = range(3)
Rows = dict[str, list[list[object]]]


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def rows(seed: int) -> Rows:
    chance = random.Random(seed)  # noqa: S311
    return {
        "a": [[i, chance.randint(1, 9), chance.randint(1, 5), chance.choice("pqr")] for i in range(1, 8)],
        "b": [[chance.randint(1, 8), chance.randint(10, 40), chance.choice("mnpq")] for _ in range(8)],
    }  # fmt: skip


def changed(data: Rows, table: str, place: int, seed: int) -> Iterator[Rows]:
    chance = random.Random(seed)  # noqa: S311
    old = [row[place] for row in data[table]]
    other = [chance.choice("pqrmn") if isinstance(v, str) else chance.randint(1, 40) for v in old]
    for new in (other, [*old[1:], old[0]], [None] * len(old)):
        copied = [[*row[:place], value, *row[place + 1 :]] for row, value in zip(data[table], new, strict=True)]  # fmt: skip
        yield {**data, table: copied}


def run(database: duckdb.DuckDBPyConnection, query: str, data: Rows) -> dict[str, list[str]]:
    """Return the values of each output column, in no order."""
    for dataset, names in COLUMNS.items():
        columns = ", ".join(f"{name} {TYPES.get(name, 'INTEGER')}" for name in names)
        database.execute(f"CREATE OR REPLACE TABLE {dataset.name} ({columns})")
        found = ", ".join(
            "(" + ", ".join("NULL" if v is None else repr(v) for v in row) + ")"
            for row in data[dataset.name]
        )
        database.execute(f"INSERT INTO {dataset.name} VALUES {found}")  # noqa: S608
    cursor = database.execute(query)
    names = [column[0] for column in cursor.description or ()]  # type: ignore[assignment]
    values = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(names)
    return {name: sorted(map(repr, column)) for name, column in zip(names, values, strict=True)}


def declared(query: str) -> Declared:
    tables = {"main.a": DatasetId("n", "a")}
    job = SqlJob(JobId("j", "j"), "duckdb", "n", name="out", tables=tables, described=COLUMNS)
    (found,) = read_sql([("q.sql", query.encode())], job).declared
    return found


def missed(database: duckdb.DuckDBPyConnection, query: str, found: Declared) -> set[str]:
    """Return the columns that change an output column without an edge to it."""
    wrong: set[str] = set()
    for seed in SEEDS:
        data = rows(seed)
        before = run(database, query, data)
        for dataset, names in COLUMNS.items():
            for place, name in enumerate(names):
                for other in changed(data, dataset.name, place, seed):
                    after = run(database, query, other)
                    for column, uses in (found.made_from or {}).items():
                        drawn = {use.source for use in uses | found.influences}
                        if after[column] != before[column] and ColumnId(dataset, name) not in drawn:
                            wrong.add(f"{column} <- {dataset.name}.{name}")
    return wrong


@pytest.mark.parametrize("query", QUERIES)
def test_a_column_without_an_edge_never_changes_the_output(
    database: duckdb.DuckDBPyConnection, query: str
) -> None:
    found = declared(query)
    assert list(found.columns) == list(run(database, query, rows(0)))
    assert missed(database, query, found) == set()


def test_the_comparison_notices_an_edge_that_is_left_out(
    database: duckdb.DuckDBPyConnection,
) -> None:
    query = "SELECT x, y FROM a WHERE y > 2"
    full = declared(query)
    bare = Declared(
        full.job, None, full.output, full.inputs, full.columns, full.made_from, frozenset()
    )
    assert missed(database, query, full) == set()
    assert missed(database, query, bare) == {"x <- a.y"}
