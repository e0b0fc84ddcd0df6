"""What SQL can say beside plain joins, in several dialects: right, or refused with its place."""

from __future__ import annotations

import pytest

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import DatasetId, JobId
from headwater.lineage.sql_source import SqlJob, read_sql
from headwater.lineage.uses import Declared, Uses

NAMESPACE = "db"
COLUMNS = {"a": ("id", "x", "d"), "b": ("id", "y"), "c": ("y", "z")}
DESCRIBED = {DatasetId(NAMESPACE, f"s.p.{name}"): columns for name, columns in COLUMNS.items()}


def declared(sql: str, dialect: str) -> Declared:
    job = SqlJob(JobId("j", "j"), dialect, NAMESPACE, "s", "p", described=DESCRIBED)
    (found,) = read_sql([("q.sql", sql.encode())], job).declared
    return found


def drawn(uses: Uses) -> set[str]:
    return {
        f"{use.source.dataset.name.removeprefix('s.p.')}.{use.source.column} {use.subtype}"
        for use in uses
    }


RIGHT: dict[str, tuple[str, str, dict[str, str], str]] = {
    # name: (dialect, query, column -> its origins, what decides over rows)
    "natural join": (
        "postgres",
        "select * from a natural join b",
        {"id": "a.id IDENTITY", "x": "a.x IDENTITY", "d": "a.d IDENTITY", "y": "b.y IDENTITY"},
        "a.id JOIN, b.id JOIN",
    ),
    "natural right join": (
        "mysql",
        "select id from a natural right join b",
        {"id": "b.id IDENTITY"},
        "a.id JOIN, b.id JOIN",
    ),
    "natural full join": (
        "duckdb",
        "select id from a natural full join b",
        {"id": "a.id TRANSFORMATION, b.id TRANSFORMATION"},
        "a.id JOIN, b.id JOIN",
    ),
    "natural joins in a row": (
        "snowflake",
        "select z from a natural join b natural join c",
        {"z": "c.z IDENTITY"},
        "a.id JOIN, b.id JOIN, b.y JOIN, c.y JOIN",
    ),
    "natural join of nothing in common": (
        "postgres",
        "select x, z from a natural join c",
        {"x": "a.x IDENTITY", "z": "c.z IDENTITY"},
        "",
    ),
    "lateral": (
        "postgres",
        "select l.m from a, lateral (select max(y) as m from b where b.id = a.id) l",
        {"m": "b.y AGGREGATION"},
        "a.id FILTER, b.id FILTER",
    ),
    "cross apply": (
        "tsql",
        "select l.m from a cross apply (select max(y) as m from b where b.id = a.id) l",
        {"m": "b.y AGGREGATION"},
        "a.id FILTER, b.id FILTER",
    ),
    "unnest": (
        "bigquery",
        "select id, v from a cross join unnest(x) as v",
        {"id": "a.id IDENTITY", "v": "a.x TRANSFORMATION"},
        "a.x JOIN",
    ),
    "lateral view": (
        "spark",
        "select v from (select id, x from a) s lateral view explode(x) e as v",
        {"v": "a.x TRANSFORMATION"},
        "a.x JOIN",
    ),
    "series": (
        "postgres",
        "select n from a, generate_series(1, a.x) as g(n)",
        {"n": "a.x TRANSFORMATION"},
        "a.x JOIN",
    ),
    "values": (
        "postgres",
        "select v.k, a.x from (values (1, 2)) as v(k, l) join a on a.id = v.l",
        {"k": "", "x": "a.x IDENTITY"},
        "a.id JOIN",
    ),
    "recursion": (
        "postgres",
        "with recursive r(id) as (select id from a union all"
        " select b.y from b join r on r.id = b.id) select id from r",
        {"id": "a.id IDENTITY, b.y IDENTITY"},
        "a.id JOIN, b.id JOIN, b.y JOIN",
    ),
    "except": (
        "snowflake",
        "select id from a except select y from c",
        {"id": "a.id IDENTITY"},
        "a.id FILTER, c.y FILTER",
    ),
    "intersect": (
        "oracle",
        "select id from a intersect select y from c",
        {"id": "a.id IDENTITY"},
        "a.id FILTER, c.y FILTER",
    ),
    "a query in brackets that is sorted and cut": (
        "postgres",
        "select * from (select x from a order by d limit 3) as s",
        {"x": "a.x IDENTITY"},
        "a.d SORT",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_query_is_read_right(name: str) -> None:
    dialect, query, columns, rows = RIGHT[name]
    found = declared(f"create view t as {query}", dialect)
    assert found.made_from is not None
    made = {column: ", ".join(sorted(drawn(uses))) for column, uses in found.made_from.items()}
    assert {column.lower(): origins for column, origins in made.items()} == columns
    assert ", ".join(sorted(drawn(found.influences))) == rows


CHANGES: dict[str, tuple[str, str, dict[str, str], str]] = {
    "merge": (
        "snowflake",
        "merge into b using a on a.id = b.id when matched and a.d > 1 then update set y = a.x"
        " when not matched then insert (id, y) values (a.id, a.x)",
        {"y": "a.x IDENTITY", "id": "a.id IDENTITY"},
        "a.d FILTER, a.id JOIN, b.id JOIN",
    ),
    "insert": (
        "mysql",
        "insert into b (id, y) select id, md5(x) from a where d > 0",
        {"id": "a.id IDENTITY", "y": "a.x TRANSFORMATION"},
        "a.d FILTER",
    ),
    "update from": (
        "postgres",
        "update b set y = a.x from a where a.id = b.id",
        {"y": "a.id FILTER, a.x IDENTITY, b.id FILTER"},
        "",
    ),
    "update with a join": (
        "mysql",
        "update b join a on a.id = b.id set b.y = a.x",
        {"y": "a.id JOIN, a.x IDENTITY, b.id JOIN"},
        "",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_read_right(name: str) -> None:
    dialect, statement, columns, rows = CHANGES[name]
    found = declared(statement, dialect)
    assert found.output.name == "s.p.b"
    assert found.made_from is not None
    assert {c: ", ".join(sorted(drawn(u))) for c, u in found.made_from.items()} == columns
    assert ", ".join(sorted(drawn(found.influences))) == rows


@pytest.mark.parametrize(
    ("dialect", "sql", "code"),
    [
        ("duckdb", "create table t as select * from a pivot (sum(x) for d in ('p', 'q'))", ""),
        ("duckdb", "create table t as select * from (select * from a) pivot (sum(x) for d in ('p'))", ""),
        ("tsql", "select * into t from (select d, x from a) as s pivot (sum(x) for d in ([p], [q])) as v", ""),
        ("snowflake", "create table t as select * from (select * from b) unpivot (v for k in (id, y))", ""),
        ("duckdb", "create table t as with s as (select * from a) select * from s pivot (sum(x) for d in ('p'))", ""),
        ("duckdb", "pivot a on d using sum(x)", "sql-statement"),
        ("postgres", "create view t as select u from a natural join unknown", "sql-columns-unknown"),
        ("postgres", "create view t as select * from unknown natural join a", "sql-columns-unknown"),
        ("mysql", "create view t as select j.k from a, json_table(a.x, '$[*]' columns (k int path '$.k')) as j", ""),
        ("snowflake", "create view t as select * from table(flatten(input => a.x))", ""),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_its_place(
    dialect: str, sql: str, code: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        declared(sql, dialect)
    (found,) = caught.value.problems
    assert found.code == (code or found.code)
    assert found.code.startswith("sql-")
    assert found.position is not None
    assert (found.position.file, found.position.line) == ("q.sql", 1)


@pytest.mark.parametrize("dialect", ["postgres", "snowflake", "spark", "bigquery", "tsql"])
def test_a_star_over_an_unknown_table_is_taken_whole_and_said(dialect: str) -> None:
    job = SqlJob(JobId("j", "j"), dialect, NAMESPACE, "s", "p")
    reading = read_sql([("q.sql", b"create view t as select * from unknown")], job)
    assert [each.made_from for each in reading.declared] == [None]
    assert [note.code for note in reading.notes] == ["sql-star-unknown"]
