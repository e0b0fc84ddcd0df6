"""SQL as a source: exact edges, statements, names, and what cannot be told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import DatasetId, JobId
from headwater.lineage.sql_source import SqlJob, read_sql
from headwater.lineage.uses import Declared, Reading, Uses

FLIGHTS = Path(__file__).parents[3] / "examples" / "flights"
A, B = DatasetId("n", "d.s.a"), DatasetId("n", "d.s.b")
COLUMNS = {A: ("id", "x", "y", "g"), B: ("id", "z", "k")}


def read(sql: str, dialect: str = "postgres", *, name: str | None = "out") -> Reading:
    job = SqlJob(JobId("jobs", "job"), dialect, "n", "d", "s", name=name, described=COLUMNS)
    return read_sql([("q.sql", sql.encode())], job)


def only(sql: str, dialect: str = "postgres") -> Declared:
    (found,) = read(sql, dialect).declared
    return found


def words(uses: Uses) -> str:
    """Write uses as ``a.x:IDENTITY``, a star where masked."""
    found = (
        f"{use.source.dataset.name.rsplit('.', 1)[-1]}.{use.source.column}"
        f":{use.subtype}{'*' if use.masked else ''}"
        for use in uses
    )
    return " ".join(sorted(found))


def columns(declared: Declared) -> dict[str, str]:
    assert declared.made_from is not None
    return {name: words(uses) for name, uses in declared.made_from.items()}


def codes(sql: str, dialect: str = "postgres", *, name: str | None = "out") -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read(sql, dialect, name=name)
    return [f"{found.position} {found.code}" for found in caught.value.problems]


@pytest.mark.parametrize("name", sorted(json.loads((FLIGHTS / "jobs.json").read_text())))
def test_the_flights_pipelines_give_exactly_the_edges_that_their_authors_declare(name: str) -> None:
    declared = json.loads((FLIGHTS / "jobs.json").read_text())[name]
    agencies = {"flights": "bts", "airlines": "bts", "airports": "faa", "planes": "faa"}
    agencies["weather"] = "noaa"
    tables = {
        table: DatasetId(f"postgres://{agency}-db:5432", f"{agency}.public.{table}")
        for table, agency in agencies.items()
    }
    job = SqlJob(JobId("duckdb", name), "duckdb", "n", name=name, tables=tables)
    sql = (FLIGHTS / "pipelines" / f"{name}.sql").read_bytes()
    (found,) = read_sql([(f"{name}.sql", sql)], job).declared
    assert columns(found) == {
        column: " ".join(sorted(f"{source}:{how}" for source, how in made.items()))
        for column, made in declared["columns"].items()
    }
    assert words(found.influences) == " ".join(
        sorted(f"{source}:{how}" for source, hows in declared["indirect"].items() for how in hows)
    )


@pytest.mark.parametrize(
    ("sql", "made", "influences"),
    [
        ("select id, x + y as s from a", {"id": "a.id:IDENTITY", "s": "a.x:TRANSFORMATION a.y:TRANSFORMATION"}, ""),
        ("select max(x) as m from a group by g", {"m": "a.x:AGGREGATION"}, "a.g:GROUP_BY"),
        ("select case when y > 1 then x end as v from a", {"v": "a.x:TRANSFORMATION a.y:CONDITIONAL"}, ""),
        ("select rank() over (partition by g order by x) as r from a", {"r": "a.g:WINDOW a.x:WINDOW"}, ""),
        ("select id from a where y > 1 order by x", {"id": "a.id:IDENTITY"}, "a.x:SORT a.y:FILTER"),
        ("select a.x from a join b on a.id = b.id", {"x": "a.x:IDENTITY"}, "a.id:JOIN b.id:JOIN"),
        ("select x from a where exists (select 1 from b where b.id = a.id)", {"x": "a.x:IDENTITY"}, "a.id:FILTER b.id:FILTER"),
        ("select x from a where id in (select id from b where z > 1)", {"x": "a.x:IDENTITY"}, "a.id:FILTER b.id:FILTER b.z:FILTER"),
        ("select (select max(z) from b where b.id = a.id) as m from a", {"m": "a.id:FILTER b.id:FILTER b.z:AGGREGATION"}, ""),
        ("select distinct g from a", {"g": "a.g:IDENTITY"}, "a.g:GROUP_BY"),
        ("select sum(x) filter (where y > 1) as s from a", {"s": "a.x:AGGREGATION a.y:FILTER"}, ""),
        ("select x from a union all select z from b", {"x": "a.x:IDENTITY b.z:IDENTITY"}, ""),
        ("with c as (select id, x + 1 as p from a) select p from c", {"p": "a.x:TRANSFORMATION"}, ""),
        ("select day from (select date_trunc('day', ts) as day from ev group by day) q", {"day": "ev.ts:TRANSFORMATION"}, "ev.ts:GROUP_BY"),
        ("select q.w from (select * from nowhere) q where q.v = 1", {"w": "nowhere.w:IDENTITY"}, "nowhere.v:FILTER"),
        ("select x, count(*) as n from a group by 1 having count(*) > 1", {"x": "a.x:IDENTITY", "n": ""}, "a.x:GROUP_BY"),
    ],
)  # fmt: skip
def test_values_and_influences_are_kept_apart(
    sql: str, made: dict[str, str], influences: str
) -> None:
    found = only(sql)
    assert (columns(found), words(found.influences)) == (made, influences)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("md5(g)", "a.g:TRANSFORMATION*"),
        ("sha256(g::bytea)", "a.g:TRANSFORMATION*"),
        ("md5(g || x)", "a.g:TRANSFORMATION* a.x:TRANSFORMATION*"),
        ("md5(g) || g", "a.g:TRANSFORMATION a.g:TRANSFORMATION*"),
        ("crc32(g)", "a.g:TRANSFORMATION*"),
        ("hmac(g, 'key')", "a.g:TRANSFORMATION*"),
        ("mask(g)", "a.g:TRANSFORMATION*"),
        ("count(g)", "a.g:AGGREGATION*"),
        ("count(distinct g)", "a.g:AGGREGATION*"),
        ("max(md5(g))", "a.g:AGGREGATION*"),
        # What these leave can still be read, or be turned back.
        ("substr(g, 1, 3)", "a.g:TRANSFORMATION"),
        ("encrypt(g, 'key')", "a.g:TRANSFORMATION"),
        ("maskless(g)", "a.g:TRANSFORMATION"),
        ("md5(case when x > 1 then g end)", "a.g:TRANSFORMATION* a.x:CONDITIONAL"),
    ],
)
def test_only_what_hides_a_value_counts_as_masking(expression: str, expected: str) -> None:
    assert columns(only(f"select {expression} as v from a"))["v"] == expected  # noqa: S608


@pytest.mark.parametrize(
    ("sql", "dialect", "output", "made", "influences"),
    [
        ("create view v(p, q) as select id, x from a", "postgres", "d.s.v", {"p": "a.id:IDENTITY", "q": "a.x:IDENTITY"}, ""),
        ("create table t2 as select id from a", "postgres", "d.s.t2", {"id": "a.id:IDENTITY"}, ""),
        ("select id into t2 from a", "postgres", "d.s.t2", {"id": "a.id:IDENTITY"}, ""),
        ("insert into b (id, z) select id, x from a", "postgres", "d.s.b", {"id": "a.id:IDENTITY", "z": "a.x:IDENTITY"}, ""),
        ("insert into b select id, x, g from a", "postgres", "d.s.b", {"id": "a.id:IDENTITY", "z": "a.x:IDENTITY", "k": "a.g:IDENTITY"}, ""),
        ("insert into b (id, z) select id, x from a on conflict (id) do update set z = excluded.z + b.z where b.k = 'm'", "postgres", "d.s.b",
         {"id": "a.id:IDENTITY", "z": "a.x:IDENTITY a.x:TRANSFORMATION b.z:TRANSFORMATION"}, "b.k:FILTER"),
        ("merge into b using a on a.id = b.id when matched and a.y > 1 then update set z = a.x when not matched then insert (id, z) values (a.id, a.x)", "postgres",
         "d.s.b", {"z": "a.x:IDENTITY", "id": "a.id:IDENTITY"}, "a.id:JOIN a.y:FILTER b.id:JOIN"),
        ("merge into b t using (select id, max(x) as m from a group by id) s on t.id = s.id when matched then update set t.z = s.m", "snowflake",
         "d.s.b", {"z": "a.x:AGGREGATION"}, "a.id:GROUP_BY a.id:JOIN b.id:JOIN"),
        ("update b set z = a.x from a where a.id = b.id", "postgres", "d.s.b", {"z": "a.id:FILTER a.x:IDENTITY b.id:FILTER"}, ""),
        ("delete from b using a where a.id = b.id", "postgres", "d.s.b", {}, "a.id:FILTER b.id:FILTER"),
        ("create temp table t as select id, x from a; create table r as select t.x from t join b using (id)", "postgres", "d.s.r",
         {"x": "a.x:IDENTITY"}, "a.id:JOIN b.id:JOIN"),
        ("with c as (select * from a) insert into b (id) select id from c", "postgres", "d.s.b", {"id": "a.id:IDENTITY"}, ""),
    ],
)  # fmt: skip
def test_statements_write_what_they_name(
    sql: str, dialect: str, output: str, made: dict[str, str], influences: str
) -> None:
    found = only(sql, dialect)
    shown = (found.output.name, columns(found), words(found.influences))
    assert shown == (output, made, influences)


def test_each_dataset_of_a_script_has_a_job_of_its_own() -> None:
    found = read("create view v as select id, x from a; create view w as select x from v")
    assert [(each.job.name, each.inputs[0].name) for each in found.declared] == [
        ("job.d.s.v", "d.s.a"),
        ("job.d.s.w", "d.s.v"),
    ]


def test_a_star_is_spelled_out_from_contracts_and_earlier_statements() -> None:
    found = read("create table t2 (p int, q int); create view v as select t2.*, b.* from t2, b")
    assert found.declared[0].columns == ("p", "q", "id", "z", "k")
    assert found.notes == ()


def test_an_insertion_of_some_columns_does_not_tell_all_columns_of_its_target() -> None:
    found = read("insert into c (p) select id from a; create view v as select * from c")
    assert {each.output.name: each.made_from is None for each in found.declared} == {
        "d.s.c": False,
        "d.s.v": True,
    }


@pytest.mark.parametrize(
    "sql",
    [
        "select * from nowhere",
        "select n.*, b.z from nowhere n join b on b.id = n.id",
        "insert into c select id, x from a",
        "select * from nowhere union all select * from elsewhere",
    ],
)
def test_columns_that_nothing_describes_are_taken_as_a_whole_with_a_note(sql: str) -> None:
    reading = read(sql)
    (found,) = reading.declared
    assert (found.made_from, found.columns, found.influences) == (None, (), frozenset())
    assert found.inputs
    assert [note.code for note in reading.notes] == ["sql-star-unknown"]


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("select zz from a, b", "q.sql:1:8 sql-unknown-column"),
        ("select id from a, b", "q.sql:1:8 sql-ambiguous"),
        ("select v from m, n", "q.sql:1:8 sql-ambiguous"),
        ("select c.id from a", "q.sql:1:8 sql-unknown-table"),
        ("select * from a, read_csv('x.csv')", "sql-unsupported"),
        ("select id from a order by 7", "sql-position"),
        ("select id from a union select id, z from b", "sql-union-columns"),
        ("insert into b (id) select id, x from a", "sql-union-columns"),
        ("select x from a where x in (select * from nowhere)", "sql-columns-unknown"),
        ("select a.x from a, a", "sql-same-name"),
        ("with c as (delete from a returning id) select id from c", "sql-unsupported"),
        ("call refresh()", "sql-statement"),
        ("copy a from 's3://bucket/key'", "sql-statement"),
        ("alter table a rename to c", "sql-statement"),
        ("create function f() returns int as $$ select 1 $$ language sql", "sql-statement"),
        ("select (a", "sql-syntax"),
        ("select 'x", "sql-syntax"),
        ("select {{ ref('x') }} from t", "q.sql:1:8 sql-template"),
        ("{% if x %} select 1 {% endif %}", "q.sql:1:1 sql-template"),
        ("select id from a; select x from a", "sql-second-query"),
    ],
)
def test_what_cannot_be_told_is_a_problem_with_its_place_never_a_guess(
    sql: str, problem: str
) -> None:
    (found,) = codes(sql)
    assert found.endswith(problem)


def test_all_problems_of_all_statements_come_together() -> None:
    assert len(codes("call f(); select nope from a, b; copy a from 'x'")) == 3


def test_a_bare_query_needs_a_name() -> None:
    assert codes("select id from a", name=None) == ["q.sql:1:8 sql-no-name"]


def test_a_column_that_the_contract_leaves_out_is_noted() -> None:
    reading = read("select a.secret from a")
    assert words((reading.declared[0].made_from or {})["secret"]) == "a.secret:IDENTITY"
    assert [note.code for note in reading.notes] == ["sql-undescribed-column"]


def test_a_column_without_a_name_is_noted() -> None:
    assert [n.code for n in read("select x + 1 from a").notes] == ["sql-unnamed-column"]


@pytest.mark.parametrize(
    ("dialect", "sql", "output"),
    [
        ("postgres", 'create view V as select ID, "Odd" from a_b', ("d.s.v", "id", "Odd")),
        ("snowflake", 'create view V as select id, "odd" from A_B', ("d.s.V", "ID", "odd")),
        ("duckdb", "create view V as select Id, oDD from a_b", ("d.s.V", "Id", "oDD")),
    ],
)
def test_names_are_kept_as_the_engine_keeps_them(
    dialect: str, sql: str, output: tuple[str, ...]
) -> None:
    found = only(sql, dialect)
    assert (found.output.name, *found.columns) == output


def test_contracts_give_the_spelling_of_what_they_describe() -> None:
    found = only("create view V as select ID from A", "snowflake")
    assert columns(found) == {"ID": "a.id:IDENTITY"}


@pytest.mark.parametrize(
    ("dialect", "sql", "made"),
    [
        ("spark", "select k from t lateral view explode(arr) e as k", {"k": "t.arr:TRANSFORMATION"}),
        ("bigquery", "select u from a, unnest(a.x) as u", {"u": "a.x:TRANSFORMATION"}),
        ("snowflake", "select id, x as p, p + 1 as q from a", {"ID": "a.id:IDENTITY", "P": "a.x:IDENTITY", "Q": "a.x:TRANSFORMATION"}),
        ("tsql", "select top 3 id from a", {"id": "a.id:IDENTITY"}),
        ("mysql", "select count(*) as n, g from a group by g having n > 1", {"n": "", "g": "a.g:IDENTITY"}),
        ("spark", "select t.s.f as q from t", {"q": "t.s:TRANSFORMATION"}),
    ],
)  # fmt: skip
def test_dialects_say_it_in_their_own_way(dialect: str, sql: str, made: dict[str, str]) -> None:
    assert columns(only(sql, dialect)) == made


def test_an_unknown_dialect_is_refused() -> None:
    assert codes("select 1", "postgress") == ["None sql-dialect"]
