"""Row filters in real databases: boundary rows, and what the native evaluator says of each.

PostgreSQL and MariaDB are servers of the tests' own; SQLite and DuckDB run in this process.
Columns compare texts without regard to case where the database can, so that whoever leaves the
comparison to a column's collation is found out.
"""

from __future__ import annotations

import datetime
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from headwater.catalog.errors import InputError
from headwater.catalog.forms import Problems
from headwater.catalog.nodes import Mapping
from headwater.catalog.yaml_source import parse_yaml
from headwater.policies import PolicySet, Vocabulary, load_policies, normalise
from headwater.policies.formula import positive
from headwater.policies.native import NativeEngine, truth_of
from headwater.policies.obligations import condition_of
from headwater.policies.partial import leave, reads
from headwater.policies.row_filter import Asked, RowFilter, Table, filter_rows
from headwater.policies.samples import nested
from headwater.policies.sql_dialects import SQL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from headwater.catalog.model import Workspace

DAY = datetime.date(2026, 11, 1)
OWN = """\
kind: vocabulary
id: rows
attributes:
  - {id: resource.kind, type: choice, values: [a, b, ß], may_be_absent: true, description: {en: kind, zh: 种类}}
  - {id: resource.score, type: number, may_be_absent: true, description: {en: score, zh: 分数}}
  - {id: resource.open, type: yes-no, may_be_absent: true, description: {en: open, zh: 公开}}
  - {id: resource.seen, type: date, may_be_absent: true, description: {en: seen, zh: 日期}}
  - {id: resource.aim, type: purpose, may_be_absent: true, description: {en: aim, zh: 目的}}
  - {id: resource.note, type: text, may_be_absent: true, description: {en: note, zh: 备注}}
"""
HEAD = """\
kind: access-policy
id: p
title: {en: A policy, zh: 策略}
owner: health
basis: [PIPL-28]
effective: {from: 2026-01-01}
rules:
"""
WIDE = "".join(chr(ord(digit) + 0xFEE0) for digit in "330100")
NASTY = "'; DROP TABLE t; -- \\ \" ` $1 ? %s :x"
VALUES: dict[str, list[Any]] = {
    "resource.region": [
        *("330100", "110000", "33010", "3301000", "330100 ", "330100\n", WIDE, "x", ""),
    ],
    "resource.level": ["general-1", "general-3", "core", "CORE", "core ", ""],
    "resource.department": ["health", "police", "tax", "Tax", "nobody"],
    "resource.kind": ["a", "b", "A", "b ", "ß", "ss", "d"],
    "resource.score": [
        -1,
        -0.0,
        0,
        1.5,
        1.4999999999999998,
        2,
        3,
        0.1,
        2.0**53,
        2.0**53 + 2,
        1e300,
    ],
    "resource.open": [True, False],
    "resource.seen": [
        *("0001-01-01", "2024-02-29", "2025-11-01", "2025-10-31", "2026-10-02", "2026-10-31"),
        *("2026-11-01", "2026-11-02", "9999-12-31"),
    ],
    "resource.aim": ["public-health", "immunisation", "Public-Health", "other", ""],
    "resource.note": [
        *("x", "X", "x ", " x", "é", "e\u0301", "张三", "張三", "🙂", "O'Neil", NASTY, "", "\t"),
        *("x" * 4096, "x" * 4097, "界" * 4096, "NULL"),
    ],
}
MORE: dict[str, dict[str, list[Any]]] = {
    "postgresql": {
        "resource.score": ["NaN", "Infinity", "-Infinity"],
        "resource.seen": ["infinity", "-infinity", "0044-03-15 BC", "10000-01-01"],
    },
    "duckdb": {"resource.seen": ["infinity", "-infinity", "0044-03-15 (BC)", "10000-01-01"]},
    "sqlite": {
        "resource.seen": ["2026-1-1", "2026-02-30", "2026-11-01 10:00", 5, ""],
        "resource.score": ["2", "many"],
        "resource.note": [b"x"],
        "resource.open": [2],
    },
    "mysql": {"resource.seen": ["0000-00-00", "2026-00-10", "2026-02-30"], "resource.open": [2]},
}
"""Values that only this database can hold, and no facts."""

ATOMS = [
    *("resource.region: {eq: '330100'}", "resource.region: {not: {attribute: subject.region}}"),
    *("resource.region: {in: ['330100', '110000']}", "resource.region: {absent: true}"),
    *("resource.level: {at_least: general-3}", "resource.level: {below: core}"),
    "subject.clearance: {at_least: {attribute: resource.level}}",
    *("resource.department: {under: city}", "resource.department: {not_in: [tax, police]}"),
    "subject.department: {under: {attribute: resource.department}}",
    "context.via: {has: {attribute: resource.department}}",
    *("resource.kind: {not: a}", "resource.kind: {in: [a, ß]}", "resource.kind: {present: true}"),
    *("resource.score: {between: [0, 2]}", "resource.score: {above: 1.5}"),
    *("resource.score: {not_in: [0.1, 3]}", "resource.score: {eq: 0}"),
    *("resource.score: {at_least: 9007199254740992}", "resource.score: {at_most: 1.5}"),
    *("resource.open: {eq: true}", "resource.open: {not: true}"),
    *("resource.seen: {at_least: 2026-11-01}", "resource.seen: {eq: 2024-02-29}"),
    *("resource.seen: {between: [0001-01-01, 2025-10-31]}", "resource.seen: {not: 2026-11-01}"),
    *("resource.seen: {older_than: P1Y}", "resource.seen: {within: P30D}"),
    *("resource.aim: {under: public-health}", "resource.aim: {not: immunisation}"),
    "context.purpose: {under: {attribute: resource.aim}}",
    *("resource.note: {eq: x}", "resource.note: {not_in: [x, 张三]}", "resource.note: {eq: é}"),
    "resource.note: {in: [🙂, \"O'Neil\", {NASTY}, 'NULL']}",
    "any: [{resource.note: {eq: x}}, {not: {resource.open: {eq: true}}}]",
]
KNOWN: dict[str, Any] = {
    "action": "read",
    "subject.department": "police",
    "subject.region": "330100",
    "subject.clearance": "general-3",
    "context.purpose": "immunisation",
    "context.via": ["tax"],
}
TYPES: dict[str, dict[str, str]] = {
    "postgresql": {"text": "text COLLATE loose", "number": "double precision", "flag": "boolean"},
    "mysql": {
        "text": "TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        "number": "DOUBLE",
        "flag": "BOOLEAN",
    },
    "duckdb": {"text": "VARCHAR COLLATE NOCASE", "number": "DOUBLE", "flag": "BOOLEAN"},
    "sqlite": {"text": "TEXT COLLATE NOCASE", "number": "", "flag": "", "date": ""},
}
COLUMNS = {name: name.partition(".")[2] for name in VALUES}
KINDS = {"resource.score": "number", "resource.open": "flag", "resource.seen": "date"}
BEFORE = {
    "postgresql": "CREATE COLLATION IF NOT EXISTS loose (provider = icu, "
    "locale = 'und-u-ks-level1', deterministic = false);",
    "mysql": "SET SESSION sql_mode = 'ALLOW_INVALID_DATES';",
}
"""In PostgreSQL and MariaDB even accents do not count."""


class Inside:
    """SQLite or DuckDB, in this process."""

    def __init__(self, dialect: str) -> None:
        self._own: Any = duckdb.connect() if dialect == "duckdb" else sqlite3.connect(":memory:")

    def run(self, sql: str, parameters: Iterable[object] = ()) -> list[list[Any]]:
        return [list(row) for row in self._own.execute(sql, list(parameters)).fetchall()]

    def close(self) -> None:
        self._own.close()


class Outside:
    """A server: every parameter is bound to a statement that it has prepared."""

    def __init__(self, dialect: str, server: Any) -> None:
        self._dialect = dialect
        self._server = server
        self._server.ask(f"{BEFORE[dialect]}{self._gone()}")

    def _gone(self) -> str:
        return "DROP VIEW IF EXISTS t_filtered; DROP TABLE IF EXISTS t, t_filter_values;"

    def run(self, sql: str, parameters: Iterable[object] = ()) -> list[list[Any]]:
        values = list(parameters)
        if self._dialect == "postgresql":
            given = f"({', '.join(map(_literal, values))})" if values else ""
            prepare = f"PREPARE q AS {sql}; EXECUTE q{given};" if values else f"{sql};"
            return self._server.ask(prepare)  # type: ignore[no-any-return]
        names = [f"@v{number}" for number in range(len(values))]
        script = "".join(
            f"SET {name} = {_literal(value, backslash=True)};"
            for name, value in zip(names, values, strict=True)
        )
        said = _literal(sql.replace("%s", "?"), backslash=True)
        using = f" USING {', '.join(names)}" if names else ""
        script = f"{BEFORE['mysql']}{script}PREPARE q FROM {said}; EXECUTE q{using};"
        return self._server.ask(script)  # type: ignore[no-any-return]

    def close(self) -> None:
        self._server.ask(self._gone())


def _literal(value: object, *, backslash: bool = False) -> str:
    """Return a value as a test's script says it: to the statement it is a parameter."""
    if value is None:
        return "NULL"
    if not isinstance(value, str):
        return repr(value) if not isinstance(value, bool) else str(value).upper()
    said = value.replace("'", "''")
    return f"'{said.replace(chr(92), chr(92) * 2) if backslash else said}'"


@pytest.fixture(scope="module", params=list(SQL))
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def database(dialect: str, request: pytest.FixtureRequest) -> Any:
    """The database with a table of boundary rows: each value alone, and all others absent."""
    outside = dialect in BEFORE
    made: Any = Outside(dialect, request.getfixturevalue(dialect)) if outside else Inside(dialect)
    types = TYPES[dialect]
    quoted = [
        f"{SQL[dialect].identifier(column)} {types.get(KINDS.get(name, 'text'), 'DATE')}"
        for name, column in COLUMNS.items()
    ]
    made.run(f"CREATE TABLE t (number INTEGER, {', '.join(quoted)})")
    marks = [SQL[dialect].placeholder(number + 1) for number in range(len(COLUMNS) + 1)]
    places = ", ".join(marks)
    for number, row in enumerate(rows_of(dialect)):
        values = [number, *(row.get(name) for name in COLUMNS)]
        made.run(f"INSERT INTO t VALUES ({places})", values)  # noqa: S608 - marks
    yield made
    made.close()


def rows_of(dialect: str) -> list[dict[str, Any]]:
    values = {name: [*given, *MORE[dialect].get(name, [])] for name, given in VALUES.items()}
    return [{}, *({name: value} for name, given in values.items() for value in given)]


@pytest.fixture(scope="module")
def load_own(workspace: Workspace) -> Callable[[str], tuple[PolicySet, Vocabulary]]:
    pack = load_policies(workspace, problems=Problems())
    off = tuple(rule.id for _, rule in pack.access_rules() if rule.id.startswith("sharing/"))

    def loaded(text: str) -> tuple[PolicySet, Vocabulary]:
        documents = []
        for number, each in enumerate((OWN, HEAD + text)):
            node = parse_yaml(each.encode(), f"policies/{number}.yaml")
            assert isinstance(node, Mapping)
            documents.append(node)
        changed = replace(workspace, policy_documents=tuple(documents), disabled_rules=off)
        problems = Problems()
        policies = load_policies(changed, problems=problems)
        assert list(problems) == []
        return policies, Vocabulary.of(changed)

    return loaded


def allowed(policies: PolicySet, vocabulary: Vocabulary, row: dict[str, Any]) -> bool:
    """Ask the native evaluator; a value that no facts may hold allows nothing that reads it."""
    values = normalise(nested(KNOWN), vocabulary, DAY).values
    read = reads(leave(policies, values, frozenset(COLUMNS)).when)
    given = {name: value for name, value in row.items() if name in read}
    try:
        facts = normalise(nested({**KNOWN, **given}), vocabulary, DAY)
    except InputError:
        return False
    decision = NativeEngine(policies).decide([facts])[0]
    filters = [
        condition_of(obligation["filter_rows"], vocabulary.attributes)  # type: ignore[arg-type]
        for obligation in decision.obligations
    ]
    return decision.allow and all(truth_of(positive(f))(facts.values) is True for f in filters)


def filtered(policies: PolicySet, vocabulary: Vocabulary, dialect: str) -> RowFilter:
    facts = normalise(nested(KNOWN), vocabulary, DAY)
    asked = [Asked("number", "integer", (), facts)]
    return filter_rows(policies, vocabulary, SQL[dialect], Table(("t",), COLUMNS), asked)


def rules_of(atom: str) -> list[str]:
    """Return rules that ask it: to allow, to deny, and as a row filter."""
    atom = atom.replace("{NASTY}", f"'{NASTY.replace(chr(39), chr(39) * 2)}'")
    found = [
        f"  - {{id: r, allow: true, when: {{{atom}}}}}\n",
        f"  - {{id: r, allow: true, when: {{not: {{{atom}}}}}}}\n",
        "  - {id: r, allow: true, when: {action: {eq: read}}}\n"
        f"  - {{id: d, deny: never, when: {{{atom}}}}}\n",
    ]
    return [
        *found,
        "  - {id: r, allow: true, when: {action: {eq: read}}, "
        f"obligations: [{{filter_rows: {{{atom}}}}}]}}\n",
    ]


def test_every_boundary_row_is_returned_where_the_native_evaluator_allows_it(
    dialect: str, database: Any, load_own: Callable[[str], tuple[PolicySet, Vocabulary]]
) -> None:
    rows = rows_of(dialect)
    wrong, returned = [], 0
    for atom in ATOMS:
        for text in rules_of(atom):
            policies, vocabulary = load_own(text)
            query = filtered(policies, vocabulary, dialect).query
            got = {int(row[0]) for row in database.run(query.sql, query.parameters)}
            want = {n for n, row in enumerate(rows) if allowed(policies, vocabulary, row)}
            returned += len(want)
            wrong += [(text, rows[number], number in got) for number in sorted(got ^ want)]
    assert wrong == []
    assert returned > 500


@pytest.mark.parametrize(("condition", "least"), [("{above: 1.5}", 2), ("{in: [3, 3.5]}", 3)])
def test_a_column_of_whole_numbers_is_compared_with_a_fraction(
    dialect: str,
    condition: str,
    least: int,
    database: Any,
    load_own: Callable[[str], tuple[PolicySet, Vocabulary]],
) -> None:
    policies, vocabulary = load_own(
        f"  - {{id: r, allow: true, when: {{resource.score: {condition}}}}}\n"
    )
    facts = normalise(nested(KNOWN), vocabulary, DAY)
    asked = [Asked("number", "integer", (), facts)]
    table = Table(("t",), {"resource.score": "number"})
    query = filter_rows(policies, vocabulary, SQL[dialect], table, asked).query
    got = {int(row[0]) for row in database.run(query.sql, query.parameters)}
    assert min(got) == least
    assert (len(got) == 1) == (least == 3)


def test_a_view_shows_the_same_rows_for_good(
    dialect: str, database: Any, load_own: Callable[[str], tuple[PolicySet, Vocabulary]]
) -> None:
    """One rule of each kind of value, so that the view keeps texts, numbers and dates."""
    asked = "; ".join(ATOMS[number] for number in (0, 14, 22, 33)).split("; ")
    text = "".join(
        f"  - {{id: r{number}, allow: true, when: {{{atom}}}}}\n"
        for number, atom in enumerate(
            atom.replace("{NASTY}", f"'{NASTY.replace(chr(39), chr(39) * 2)}'") for atom in asked
        )
    )
    policies, vocabulary = load_own(text)
    found = filtered(policies, vocabulary, dialect)
    for statement in found.view:
        database.run(statement.sql, statement.parameters)
    got = {int(row[0]) for row in database.run("SELECT * FROM t_filtered")}
    rows = rows_of(dialect)
    assert got == {n for n, row in enumerate(rows) if allowed(policies, vocabulary, row)}
    assert len(got) > 5


@pytest.mark.parametrize(
    ("how", "kind", "column", "value", "seen"),
    [
        ("redact", "string", "note", "张三", None),
        ("generalise", "string", "note", "张三", "张**"),
        ("generalise", "date", "seen", "2026-03-04", "2026-01-01"),
        ("generalise", "integer", "number", 47, 40),
        ("generalise", "integer", "number", -3, 0),
        ("hash", "string", "note", "张三", "1d841bc0ee98309cb7916670b7f0fdef"),
    ],
)
def test_a_mask_shows_the_same_in_every_database(
    dialect: str,
    database: Any,
    how: str,
    kind: str,
    column: str,
    value: Any,
    seen: Any,
    load_own: Callable[[str], tuple[PolicySet, Vocabulary]],
) -> None:
    policies, vocabulary = load_own(
        "  - {id: r, allow: true, when: {resource.score: {eq: 77}}, "
        f"obligations: [{{mask: {{category: personal, with: {how}}}}}]}}\n"
    )
    mark = SQL[dialect].placeholder(1)
    quoted = SQL[dialect].identifier(column)
    database.run(f"INSERT INTO t ({quoted}, score) VALUES ({mark}, 77)", [value])  # noqa: S608
    facts = normalise(nested(KNOWN), vocabulary, DAY)
    asked = [Asked(column, kind, ("personal",), facts)]
    table = Table(("t",), {"resource.score": "score"})
    found = filter_rows(policies, vocabulary, SQL[dialect], table, asked).query
    ((got,),) = database.run(found.sql, found.parameters)
    database.run("DELETE FROM t WHERE score = 77")
    if dialect == "sqlite" and how == "hash":
        seen = None  # SQLite has no hash: nothing is shown
    if seen is None:
        assert got is None
    else:
        assert str(got).startswith(str(seen))
