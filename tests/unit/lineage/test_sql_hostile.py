"""SQL as an attacker writes it: large, deep, broken, with strange names. Nothing is executed."""

from __future__ import annotations

import pytest

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import DatasetId, JobId
from headwater.lineage.events import declared_text
from headwater.lineage.reader import read_bytes
from headwater.lineage.sql_source import SqlJob, read_sql
from headwater.lineage.uses import Declared

COLUMNS = {DatasetId("n", "d.s.t"): ("a", "b")}


def read(data: bytes | str, dialect: str = "postgres") -> tuple[Declared, ...]:
    job = SqlJob(JobId("j", "j"), dialect, "n", "d", "s", name="out", described=COLUMNS)
    content = data.encode() if isinstance(data, str) else data
    return read_sql([("q.sql", content)], job).declared


def code(data: bytes | str, dialect: str = "postgres") -> str:
    with pytest.raises(DocumentError) as caught:
        read(data, dialect)
    return caught.value.problems[0].code


@pytest.mark.parametrize("dialect", ["postgres", "duckdb", "snowflake", "bigquery", "spark"])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("(", ")"),
        ("f(", ")"),
        ("(select * from ", ") x"),
        ("(x -> ", ")"),
        ("[", "]"),
        ("(", ""),
        ("{'a': ", "}"),
    ],
)
def test_deep_brackets_are_refused_before_anything_recurses(
    dialect: str, opening: str, closing: str
) -> None:
    sql = f"select * from {opening * 20_000}t{closing * 20_000}"  # noqa: S608
    assert code(sql, dialect) == "sql-deep"


@pytest.mark.parametrize("word", ["not ", "- ", "case when a then "])
def test_deep_nesting_without_brackets_is_refused_too(word: str) -> None:
    end = " end" * 5000 if word.startswith("case") else ""
    assert code(f"select {word * 5000}a{end} as x from t") == "sql-deep"  # noqa: S608


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("select b as x from t where " + "a = 1 or " * 5000 + "a = 2", ("x",)),
        ("select " + "a || " * 5000 + "b as x from t", ("x",)),
        ("select a from t" + " union all select b from t" * 1000, ("a",)),
        ("select a from t where a in (" + "1," * 20_000 + "1)", ("a",)),
        ("select a from t where b in ('((((', " + "'(', " * 200 + "'{%', '{{')", ("a",)),
    ],
)
def test_what_generators_write_is_read_however_long(sql: str, columns: tuple[str, ...]) -> None:
    (found,) = read(sql)
    assert found.columns == columns


def test_large_files_and_many_words_are_refused() -> None:
    assert code(b"x" * (2**20 + 1)) == "file-too-large"
    assert code("," * 300_000) == "sql-large"


@pytest.mark.parametrize(
    "data",
    [
        b"select \xff",
        'select "\ud800" from t'.encode(errors="surrogatepass"),
    ],
)
def test_what_is_not_utf_8_is_refused(data: bytes) -> None:
    assert code(data) == "encoding"


@pytest.mark.parametrize(
    "sql",
    ["/*" * 5000, "select 'x", 'select "x', "select from", "select 1 from from", ")", "$$", "\\"],
)
def test_broken_sql_is_refused(sql: str) -> None:
    assert code(sql) == "sql-syntax"


def test_a_byte_order_mark_does_not_matter() -> None:
    assert read(b"\xef\xbb\xbfselect a from t")[0].columns == ("a",)


def test_strange_names_go_through_the_events_unchanged() -> None:
    name = "a`${x}\n<script>\u202e"
    declared = read(f'select a as "{name}" from t')  # noqa: S608
    assert declared[0].columns == (name,)
    (event,) = read_bytes(declared_text(declared, "2026-10-01T00:00:00Z").encode(), "x.ndjson")
    assert "<script>" in event.body


def test_a_name_that_events_cannot_hold_is_refused() -> None:
    declared = read('select a as "x\0y" from t')
    with pytest.raises(DocumentError):
        declared_text(declared, "2026-10-01T00:00:00Z")
