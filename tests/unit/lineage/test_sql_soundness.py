"""SQL against a real DuckDB: a column without an edge never changes the output column.

Each query runs on small tables, and again with one column of them changed. Where the output
column's values differ, an edge must lead from the one to the other.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
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
OPERATIONS = ("UNION ALL", "UNION", "EXCEPT", "INTERSECT")
JOINS = ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
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


class Writer:
    """Writes random queries over the two tables; the same seed, the same query."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311
        self.pick = self.chance.choice
        self.count = 0

    def odds(self, share: float) -> bool:
        return self.chance.random() < share

    def alias(self) -> str:
        self.count += 1
        return f"t{self.count}"

    def table(self) -> tuple[str, list[str]]:
        alias, (table, names) = self.alias(), self.pick([("a", "id x y"), ("b", "id z")])
        return f"{table} AS {alias}", [f"{alias}.{name}" for name in names.split()]

    def source(self, depth: int) -> tuple[str, list[str]]:
        if depth <= 0 or self.odds(0.5):
            return self.table()
        if self.odds(0.7):
            query, names = self.query(depth - 1)
            alias = self.alias()
            return f"({query}) AS {alias}", [f"{alias}.{name}" for name in names]
        left, of_left = self.source(depth - 1)
        right, of_right = self.source(depth - 1)
        on = f"{self.pick(of_left)} = {self.pick(of_right)}"
        return f"{left} {self.pick(JOINS)} {right} ON {on}", of_left + of_right

    def value(self, names: list[str], depth: int) -> str:
        if depth <= 0 or self.odds(0.4):
            return self.pick(names)
        one, other = self.value(names, depth - 1), self.value(names, depth - 1)
        table, inner = self.table()
        where = f"{self.pick(inner)} {self.pick('=<>')} {self.pick(names)}"
        condition = self.condition(names, depth - 1)
        return self.pick(
            [
                str(self.chance.randint(0, 9)),
                f"({one} {self.pick('+-*')} {other})",
                f"CASE WHEN {condition} THEN {one} ELSE {other} END",
                f"if({condition}, {one}, {other})",
                f"coalesce({one}, {other})",
                f"(SELECT {self.pick(['max', 'count'])}({self.pick(inner)}) FROM {table} WHERE {where})",  # noqa: S608
            ]
        )

    def condition(self, names: list[str], depth: int) -> str:
        table, inner = self.table()
        where = f"{self.pick(inner)} = {self.pick(names)} AND {self.pick(inner)} > 3"
        plain = f"{self.value(names, depth)} {self.pick('=<>')} {self.value(names, depth)}"
        if self.odds(0.1):
            way = self.pick(["IN", "NOT IN"])
            return f"{self.pick(names)} {way} ({self.query(0, 1)[0]})"
        others = [
            f"{self.pick(names)} IS NULL",
            f"EXISTS (SELECT 1 FROM {table} WHERE {where})",  # noqa: S608
        ]
        if depth > 0:
            others.append(f"({plain} OR NOT {self.condition(names, depth - 1)})")
        return plain if self.odds(0.5) else self.pick(others)

    def query(self, depth: int, width: int = 0) -> tuple[str, list[str]]:
        if depth > 0 and self.odds(0.15):
            left, right = self.query(depth - 1, 1)[0], self.query(depth - 1, 1)[0]
            return f"({left}) {self.pick(OPERATIONS)} ({right})", ["c0"]
        source, names = self.source(depth)
        width = width or self.chance.randint(1, 3)
        items, tail = self.items(names, width)
        where = f" WHERE {self.condition(names, 1)}" if self.odds(0.5) else ""
        listed = ", ".join(f"{item} AS c{number}" for number, item in enumerate(items))
        numbers = ", ".join(str(number + 1) for number in range(width))
        order = f" ORDER BY {numbers} LIMIT {self.chance.randint(1, 4)}" if self.odds(0.15) else ""
        distinct = "DISTINCT " if self.odds(0.15) else ""
        query = f"SELECT {distinct}{listed} FROM {source}{where}{tail}{order}"  # noqa: S608
        if self.odds(0.15):
            query = f"WITH w AS ({query}) SELECT * FROM w"  # noqa: S608
        return query, [f"c{number}" for number in range(width)]

    def items(self, names: list[str], width: int) -> tuple[list[str], str]:
        """Return the select list, and what it needs after WHERE."""
        kind = self.chance.random()
        if kind < 0.25:
            key = self.pick(names)
            having = f" HAVING count({self.pick(names)}) > 1" if self.odds(0.4) else ""
            more = [
                f"{self.pick(['sum', 'count'])}({self.value(names, 1)})" for _ in range(1, width)
            ]
            return [key, *more], f" GROUP BY {key}{having}"
        if kind < 0.4:
            windows = (
                f"max({self.value(names, 1)}) OVER (PARTITION BY {self.pick(names)})",
                f"rank() OVER (ORDER BY {self.value(names, 1)})",
            )
            tail = f" QUALIFY rank() OVER (ORDER BY {self.pick(names)}) < 4"
            return [self.pick(windows) for _ in range(width)], tail if self.odds(0.4) else ""
        return [self.value(names, 2) for _ in range(width)], ""


def judged(database: duckdb.DuckDBPyConnection, seeds: Iterable[int]) -> tuple[int, list[str]]:
    """Return how many random queries ran, and those whose edges miss a column."""
    count, wrong = 0, []
    for seed in seeds:
        query = Writer(seed).query(2)[0]
        try:
            run(database, query, rows(0))
            lacking = missed(database, query, declared(query))
        except duckdb.Error:
            continue  # e.g. a number too large for its type: nothing to compare
        count += 1
        if lacking:
            wrong.append(f"{query}: {sorted(lacking)}")
    return count, wrong


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


def test_random_queries_miss_no_edge(database: duckdb.DuckDBPyConnection) -> None:
    count, wrong = judged(database, range(20))
    assert (wrong, count >= 18) == ([], True)


@pytest.mark.slow
def test_three_hundred_random_queries_miss_no_edge(database: duckdb.DuckDBPyConnection) -> None:
    count, wrong = judged(database, range(1000, 1300))
    assert (wrong, count >= 280) == ([], True)
