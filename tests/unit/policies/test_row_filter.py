"""Row filters: what a database returns is what the native evaluator allows, row by row."""

from __future__ import annotations

import datetime
import http.client
import json
import random
import socket
import sqlite3
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
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
from headwater.policies.sql_dialects import SQL, masked

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.catalog.model import Workspace

DAY = datetime.date(2026, 11, 1)
OWN = """\
kind: vocabulary
id: rows
attributes:
  - {id: resource.kind, type: choice, values: [a, b, c], may_be_absent: true, description: {en: kind, zh: 种类}}
  - {id: resource.score, type: number, may_be_absent: true, description: {en: score, zh: 分数}}
  - {id: resource.open, type: yes-no, may_be_absent: true, description: {en: open, zh: 公开}}
  - {id: resource.seen, type: date, may_be_absent: true, description: {en: seen, zh: 日期}}
  - {id: resource.aim, type: purpose, may_be_absent: true, description: {en: aim, zh: 目的}}
  - {id: resource.note, type: text, may_be_absent: true, description: {en: note, zh: 备注}}
  - {id: resource.peak, type: level, may_be_absent: true, description: {en: peak, zh: 上限}}
"""
COLUMNS: dict[str, tuple[str, str, list[Any]]] = {
    "resource.region": ("region", "VARCHAR", ["330100", "110000", "33010", "x", None]),
    "resource.level": ('lev"el', "VARCHAR", ["general-1", "general-3", "core", "CORE", "", None]),
    "resource.department": ("dept", "VARCHAR", ["health", "police", "tax", "Tax", "nobody", None]),
    "resource.kind": ("kind", "VARCHAR", ["a", "b", "c", "A", "d", None]),
    "resource.score": ("score", "DOUBLE", [-1, 0, 1.5, 2, 3, float(2**60), None]),
    "resource.open": ("open", "BOOLEAN", [True, False, None]),
    "resource.seen": ("seen", "DATE", ["2026-10-31", "2026-11-01", "2025-01-01", None]),
    "resource.aim": ("aim", "VARCHAR", ["public-health", "immunisation", "other", "", None]),
    "resource.note": ("note", "VARCHAR", ["x", "X", "'; DROP TABLE t; --", "", None]),
    "resource.peak": ("peak", "VARCHAR", ["general-2", "important", "?", None]),
}
ATOMS = [
    ("resource.region", "eq", '"330100"'),
    ("resource.region", "not", '"330100"'),
    ("resource.region", "not", "{attribute: subject.region}"),
    ("subject.region", "eq", "{attribute: resource.region}"),
    ("resource.region", "absent", "true"),
    ("resource.level", "at_least", "general-3"),
    ("resource.level", "below", "core"),
    ("resource.level", "above", "{attribute: subject.clearance}"),
    ("subject.clearance", "at_least", "{attribute: resource.level}"),
    ("resource.level", "above", "{attribute: resource.peak}"),
    ("resource.peak", "eq", "{attribute: resource.level}"),
    ("resource.level", "between", "[general-1, general-4]"),
    ("resource.department", "under", "city"),
    ("resource.department", "in", "[tax, police]"),
    ("resource.department", "not_in", "[tax, police]"),
    ("subject.department", "under", "{attribute: resource.department}"),
    ("context.via", "has", "{attribute: resource.department}"),
    ("resource.kind", "not", "a"),
    ("resource.kind", "in", "[a, b]"),
    ("resource.kind", "present", "true"),
    ("resource.score", "between", "[0, 2]"),
    ("resource.score", "above", "1"),
    ("resource.score", "not_in", "[2, 3]"),
    ("resource.open", "eq", "true"),
    ("resource.open", "not", "true"),
    ("resource.seen", "at_least", "2026-11-01"),
    ("resource.seen", "older_than", "P1Y"),
    ("resource.seen", "within", "P30D"),
    ("resource.aim", "under", "public-health"),
    ("resource.aim", "not", "immunisation"),
    ("resource.aim", "eq", "{attribute: context.purpose}"),
    ("context.purpose", "under", "{attribute: resource.aim}"),
    ("resource.note", "eq", "x"),
    ("resource.note", "not_in", "[x, y]"),
    ("resource.note", "in", '["\'; DROP TABLE t; --", X]'),
    ("action", "eq", "read"),
    ("context.purpose", "under", "public-health"),
]
KNOWN: dict[str, Any] = {
    "action": "read",
    "subject.department": "police",
    "subject.region": "330100",
    "subject.clearance": "general-3",
    "context.purpose": "immunisation",
    "context.via": ["tax"],
}
SETS = 40
ROWS = 50


@pytest.fixture(scope="module")
def load_own(workspace: Workspace) -> Callable[[str], tuple[PolicySet, Vocabulary]]:
    def loaded(text: str) -> tuple[PolicySet, Vocabulary]:
        documents = []
        for number, each in enumerate((OWN, HEAD + text)):
            node = parse_yaml(each.encode(), f"policies/{number}.yaml")
            assert isinstance(node, Mapping)
            documents.append(node)
        changed = replace(
            workspace, policy_documents=tuple(documents), disabled_rules=tuple(_pack(workspace))
        )
        problems = Problems()
        policies = load_policies(changed, problems=problems)
        assert list(problems) == []
        return policies, Vocabulary.of(changed)

    return loaded


HEAD = """\
kind: access-policy
id: p
title: {en: A policy, zh: 策略}
owner: health
basis: [PIPL-28]
effective: {from: 2026-01-01}
"""


def _pack(workspace: Workspace) -> list[str]:
    policies = load_policies(workspace, problems=Problems())
    return [rule.id for _, rule in policies.access_rules() if rule.id.startswith("sharing/")]


def random_rules(chance: random.Random) -> str:
    rules = []
    for number in range(chance.randint(2, 5)):
        effect = "allow: true" if number == 0 else chance.choice(["allow: true", "deny: not so"])
        owed = ""
        if effect.startswith("allow") and chance.random() < 0.2:
            filters = (
                f"{{filter_rows: {_about_rows(chance)}}}" for _ in range(chance.randint(1, 2))
            )
            owed = f", obligations: [{', '.join(filters)}]"
        rules.append(f"  - {{id: r{number}, {effect}, when: {_condition(chance, 2)}{owed}}}\n")
    return "rules:\n" + "".join(rules)


def _about_rows(chance: random.Random) -> str:
    rows = [f"{{{name}: {{{op}: {value}}}}}" for name, op, value in ATOMS if name in COLUMNS]
    return f"{{any: [{chance.choice(rows)}, {_condition(chance, 1)}]}}"


def _condition(chance: random.Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.3:
        name, op, value = chance.choice(ATOMS)
        return f"{{{name}: {{{op}: {value}}}}}"
    if chance.random() < 0.2:
        return f"{{not: {_condition(chance, depth - 1)}}}"
    parts = ", ".join(_condition(chance, depth - 1) for _ in range(chance.randint(2, 3)))
    return f"{{{chance.choice(['all', 'any'])}: [{parts}]}}"


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
@pytest.mark.parametrize("seed", range(SETS))
def test_the_rows_returned_are_those_that_the_native_evaluator_allows(
    seed: int, dialect: str, load_own: Callable[[str], tuple[PolicySet, Vocabulary]]
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test, the same each time
    policies, vocabulary = load_own(random_rules(chance))
    rows = [{n: chance.choice(spec[2]) for n, spec in COLUMNS.items()} for _ in range(ROWS)]
    found = filtered(policies, vocabulary, dialect)
    expected = {number for number, row in enumerate(rows) if allowed(policies, vocabulary, row)}
    with Database(dialect, rows) as database:
        assert database.numbers(found.query) == expected
        for statement in found.view:
            database.run(statement.sql, statement.parameters)
        assert database.numbers_of_view() == expected
    assert not any(value in found.query.sql for value in ("DROP", "330100", "general"))


def filtered(policies: PolicySet, vocabulary: Vocabulary, dialect: str) -> RowFilter:
    facts = normalise(nested(KNOWN), vocabulary, DAY)
    table = Table(("t",), {name: spec[0] for name, spec in COLUMNS.items()})
    asked = [Asked("number", "integer", (), facts)]
    return filter_rows(policies, vocabulary, SQL[dialect], table, asked)


def allowed(policies: PolicySet, vocabulary: Vocabulary, row: dict[str, Any]) -> bool:
    """Ask the native evaluator; a value that no facts may hold allows nothing that reads it."""
    values = normalise(nested(KNOWN), vocabulary, DAY).values
    read = reads(leave(policies, values, frozenset(COLUMNS)).when)
    given = {name: value for name, value in row.items() if name in read and value is not None}
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


class Database:
    """A table of rows in DuckDB or SQLite."""

    def __init__(self, dialect: str, rows: list[dict[str, Any]]) -> None:
        self._own = duckdb.connect() if dialect == "duckdb" else sqlite3.connect(":memory:")
        quoted = [SQL[dialect].identifier(spec[0]) + f" {spec[1]}" for spec in COLUMNS.values()]
        if dialect == "sqlite":
            quoted = [
                each.replace("DATE", "TEXT").replace("VARCHAR", "TEXT COLLATE NOCASE")
                for each in quoted
            ]
        self.run(f"CREATE TABLE t (number INTEGER, {', '.join(quoted)})", ())
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        values = [[number, *row.values()] for number, row in enumerate(rows)]
        self._own.executemany(f"INSERT INTO t VALUES ({marks})", values)  # noqa: S608

    def run(self, sql: str, parameters: tuple[object, ...]) -> Any:
        return self._own.execute(sql, list(parameters))

    def numbers(self, statement: Any) -> set[int]:
        return {row[0] for row in self.run(statement.sql, statement.parameters).fetchall()}

    def numbers_of_view(self) -> set[int]:
        return {row[0] for row in self.run("SELECT * FROM t_filtered", ()).fetchall()}

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self._own.close()


def test_the_random_rules_allow_some_rows_and_refuse_others(
    load_own: Callable[[str], tuple[PolicySet, Vocabulary]],
) -> None:
    shares = []
    for seed in range(30):
        chance = random.Random(seed)  # noqa: S311 - a test, the same each time
        policies, vocabulary = load_own(random_rules(chance))
        rows = [{n: chance.choice(spec[2]) for n, spec in COLUMNS.items()} for _ in range(20)]
        shares += [allowed(policies, vocabulary, row) for row in rows]
    assert 0.04 < sum(shares) / len(shares) < 0.9


REGIONS = """\
rules:
  - {id: own, allow: true, when: {action: {eq: read}, resource.region: {eq: {attribute: subject.region}}}}
  - {id: open, allow: true, when: {action: {eq: read}, resource.open: {eq: true}}}
  - {id: level, deny: "too high", when: {resource.level: {above: {attribute: subject.clearance}}}}
"""


def sql(
    loaded: tuple[PolicySet, Vocabulary],
    dialect: str,
    mapped: dict[str, str],
    facts: dict[str, Any] | None = None,
) -> RowFilter:
    policies, vocabulary = loaded
    known = normalise(nested({**KNOWN, **(facts or {})}), vocabulary, DAY)
    asked = [Asked("name", "string", ("personal",), known)]
    return filter_rows(policies, vocabulary, SQL[dialect], Table(("s", "t"), mapped), asked)


@pytest.mark.parametrize(
    ("dialect", "where"),
    [
        (
            "postgresql",
            '("region_code" IS NULL OR ((CAST("region_code" AS text) COLLATE "C") ~ '
            "'^[0-9]{6}$')) AND "
            '(CAST("region_code" AS text) COLLATE "C") = $1',
        ),
        (
            "duckdb",
            '("region_code" IS NULL OR (regexp_full_match(CAST("region_code" AS VARCHAR), '
            "'[0-9]{6}'))) AND "
            'encode(CAST("region_code" AS VARCHAR)) = encode(CAST(? AS VARCHAR))',
        ),
        (
            "sqlite",
            '("region_code" IS NULL OR (typeof("region_code") = \'text\' AND "region_code" GLOB '
            "'[0-9][0-9][0-9][0-9][0-9][0-9]')) AND "
            '("region_code" COLLATE BINARY) = ?',
        ),
        (
            "mysql",
            "(`region_code` IS NULL OR (CAST(`region_code` AS CHAR) REGEXP '^[0-9]{6}$' AND "
            "CHAR_LENGTH(`region_code`) = 6)) AND CAST(CONVERT(`region_code` USING utf8mb4) AS "
            "BINARY) = CAST(CONVERT(%s USING utf8mb4) AS BINARY)",
        ),
    ],
)
def test_what_is_known_is_worked_out_and_the_rest_is_a_condition(
    dialect: str, where: str, load_own: Callable[[str], tuple[PolicySet, Vocabulary]]
) -> None:
    known = {"resource.level": "general-2", "resource.open": False}
    found = sql(load_own(REGIONS), dialect, {"resource.region": "region_code"}, known)
    assert found.where.sql == where
    assert found.where.parameters == ("330100",)


def test_nothing_that_may_be_read_is_where_false(
    load_own: Callable[[str], tuple[PolicySet, Vocabulary]],
) -> None:
    found = sql(load_own(REGIONS), "sqlite", {"resource.region": "r"}, {"resource.level": "core"})
    assert (found.where.sql, found.where.parameters) == ("FALSE", ())
    assert found.query.sql == 'SELECT NULL AS "name" FROM "s"."t" WHERE FALSE'
    assert found.columns[0].shown == "never"
    assert found.columns[0].refusing == ("p/level",)


def test_an_unknown_denial_refuses_every_row(
    load_own: Callable[[str], tuple[PolicySet, Vocabulary]],
) -> None:
    found = sql(load_own(REGIONS), "duckdb", {"resource.region": "r"})
    assert found.where.sql == "FALSE"


def test_each_column_is_a_question_of_its_own(
    load_own: Callable[[str], tuple[PolicySet, Vocabulary]],
) -> None:
    policies, vocabulary = load_own(REGIONS)
    levels = {"low": "general-1", "high": "core"}
    asked = [
        Asked(
            name,
            "string",
            (),
            normalise(nested({**KNOWN, "resource.level": level}), vocabulary, DAY),
        )
        for name, level in levels.items()
    ]
    table = Table(("t",), {"resource.region": "region"})
    found = filter_rows(policies, vocabulary, SQL["sqlite"], table, asked)
    assert [(each.name, each.shown) for each in found.columns] == [
        ("low", "rows"),
        ("high", "never"),
    ]
    assert found.query.sql.startswith('SELECT "low", NULL AS "high" FROM "t" WHERE ')


def test_a_cell_is_shown_only_in_the_rows_in_which_its_column_may_be_read(
    load_own: Callable[[str], tuple[PolicySet, Vocabulary]],
) -> None:
    rules = """\
rules:
  - {id: one, allow: true, when: {resource.column: {eq: one}, resource.kind: {eq: a}}}
  - {id: two, allow: true, when: {resource.column: {eq: two}, resource.kind: {in: [a, b]}}}
"""
    policies, vocabulary = load_own(rules)
    asked = [
        Asked(name, "string", (), normalise({"resource": {"column": name}}, vocabulary, DAY))
        for name in ("one", "two")
    ]
    table = Table(("t",), {"resource.kind": "kind"})
    found = filter_rows(policies, vocabulary, SQL["duckdb"], table, asked)
    own = duckdb.connect()
    own.execute(
        "CREATE TABLE t AS SELECT * FROM (VALUES ('1', '2', 'a'), ('3', '4', 'b'), "
        "('5', '6', 'c'), ('7', '8', NULL)) v(one, two, kind)"
    )
    rows = own.execute(found.query.sql, list(found.query.parameters)).fetchall()
    assert sorted(rows, key=str) == [("1", "2"), (None, "4")]
    own.close()


MASKS = """\
rules:
  - id: masked
    allow: true
    when: {action: {eq: read}}
    obligations: [{mask: {category: personal, with: HOW}}, {delete_after: P90D}]
"""


@pytest.mark.parametrize(
    ("how", "kind", "value", "seen"),
    [
        ("redact", "string", "张三", None),
        ("generalise", "string", "张三", "张**"),
        ("generalise", "date", "2026-03-04", "2026-01-01"),
        ("generalise", "integer", 47, 40),
        ("generalise", "object", "x", None),
        ("hash", "string", "a", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
    ],
)
@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_an_obligation_to_mask_is_part_of_the_query(
    dialect: str,
    how: str,
    kind: str,
    value: object,
    seen: object,
    load_own: Callable[[str], tuple[PolicySet, Vocabulary]],
) -> None:
    policies, vocabulary = load_own(MASKS.replace("HOW", how))
    facts = normalise(nested(KNOWN), vocabulary, DAY)
    asked = [Asked("c", kind, ("personal",), facts), Asked("d", kind, ("health",), facts)]
    found = filter_rows(policies, vocabulary, SQL[dialect], Table(("t",), {}), asked)
    assert [each.mask for each in found.columns] == [how, None]
    assert [json.loads(duty) for duty in found.obligations] == [{"delete_after": "P90D"}]
    own: Any = duckdb.connect() if dialect == "duckdb" else sqlite3.connect(":memory:")
    types = {"date": "DATE", "integer": "INTEGER"}
    own.execute(f"CREATE TABLE t (c {types.get(kind, 'TEXT')}, d {types.get(kind, 'TEXT')})")
    own.execute("INSERT INTO t VALUES (?, ?)", [value, value])
    ((masked_, plain),) = own.execute(found.query.sql, list(found.query.parameters)).fetchall()
    own.close()
    if dialect == "sqlite" and how == "hash":
        seen = None  # SQLite has no hash: nothing is shown
    assert (str(masked_), str(plain)) == (str(seen), str(value))


def test_of_several_masks_the_strictest_counts(
    load_own: Callable[[str], tuple[PolicySet, Vocabulary]],
) -> None:
    rules = MASKS.replace("HOW", "generalise") + MASKS.replace("HOW", "redact").replace(
        "rules:\n", ""
    ).replace("id: masked", "id: other")
    assert sql(load_own(rules), "duckdb", {}).columns[0].mask == "redact"


@pytest.mark.parametrize("dialect", list(SQL))
def test_every_mask_has_sql_in_every_dialect_or_shows_nothing(dialect: str) -> None:
    for how in ("redact", "hash", "generalise"):
        for kind in ("string", "date", "timestamp", "integer", "number", "array", None):
            said = masked(SQL[dialect], "c", kind, how)
            assert said == "NULL" or "c" in said


@pytest.mark.parametrize(
    ("dialect", "name", "quoted"),
    [
        ("postgresql", 'a"b', '"a""b"'),
        ("mysql", "a`b", "`a``b`"),
        ("sqlite", "户籍 表", '"户籍 表"'),
        ("duckdb", "x; DROP TABLE t", '"x; DROP TABLE t"'),
    ],
)
def test_a_name_is_quoted(dialect: str, name: str, quoted: str) -> None:
    assert SQL[dialect].identifier(name) == quoted


@pytest.mark.parametrize(
    ("dialect", "name"),
    [
        ("postgresql", "x" * 64),
        ("postgresql", "户" * 22),
        ("mysql", "x" * 65),
        ("mysql", "a%s"),
        ("sqlite", "a\0b"),
        ("duckdb", ""),
        ("duckdb", "\ud800"),
    ],
)
def test_a_name_that_a_database_would_change_is_refused(dialect: str, name: str) -> None:
    with pytest.raises(InputError) as caught:
        SQL[dialect].identifier(name)
    assert caught.value.problems[0].code == "filter-name"


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite"])
def test_a_pattern_is_refused_where_the_database_reads_it_otherwise(
    dialect: str, load_own: Callable[[str], tuple[PolicySet, Vocabulary]]
) -> None:
    rules = "rules:\n  - {id: r, allow: true, when: {resource.note: {matches: 'a.*'}}}\n"
    with pytest.raises(InputError) as caught:
        sql(load_own(rules), dialect, {"resource.note": "note"})
    assert caught.value.problems[0].code == "filter-pattern"


def test_a_pattern_matches_the_whole_value_in_duckdb(
    load_own: Callable[[str], tuple[PolicySet, Vocabulary]],
) -> None:
    rules = "rules:\n  - {id: r, allow: true, when: {resource.note: {matches: 'a.|b'}}}\n"
    found = sql(load_own(rules), "duckdb", {"resource.note": "note"})
    own = duckdb.connect()
    own.execute("CREATE SCHEMA s")
    values = ["ax", "b", "bb", "xa", "ax\n", "a\n", None]
    own.execute("CREATE TABLE s.t AS SELECT UNNEST(?) AS note, 'n' AS name", [values])
    query = f"SELECT note FROM s.t WHERE {found.where.sql}"  # noqa: S608 - what is tested
    rows = own.execute(query, list(found.where.parameters))
    assert sorted(row[0] for row in rows.fetchall()) == ["ax", "b"]
    own.close()


OPA_RULES = """\
rules:
  - id: own
    allow: true
    when: {action: {eq: read}, resource.region: {eq: {attribute: subject.region}}}
  - id: kind
    allow: true
    when: {resource.kind: {in: [a, b]}, resource.score: {at_least: 2}}
  - id: low
    deny: "not this"
    when: {resource.note: {eq: x}}
"""
REGO = """\
package filters

include if {
	allowed
	input.row.note != "x"
}

allowed if {
	input.action == "read"
	input.row.region == input.subject.region
}

allowed if {
	input.row.kind in ["a", "b"]
	input.row.score >= 2
}
"""


@pytest.mark.opa
def test_what_opa_compiles_of_the_same_rules_returns_the_same_rows(
    opa_executable: str,
    tmp_path: Path,
    load_own: Callable[[str], tuple[PolicySet, Vocabulary]],
) -> None:
    """OPA's own partial evaluation, of rules written by hand, over the same 2,000 rows."""
    policies, vocabulary = load_own(OPA_RULES)
    found = filtered(policies, vocabulary, "duckdb")
    where = compiled_by_opa(opa_executable, tmp_path)
    chance = random.Random(7)  # noqa: S311 - a test, the same each time
    valid: dict[str, list[Any]] = {
        "resource.region": ["330100", "110000", None],
        "resource.kind": ["a", "b", "c", None],
        "resource.score": [0, 1, 2, 3, None],
        "resource.note": ["x", "X", "y", None],
    }
    rows = [
        {n: chance.choice(valid[n]) if n in valid else None for n in COLUMNS} for _ in range(2000)
    ]
    with Database("duckdb", rows) as database:
        ours = database.numbers(found.query)
        query = f'SELECT number FROM t AS "row" {where}'  # noqa: S608 - what is tested
        assert {row[0] for row in database.run(query, ()).fetchall()} == ours
    assert 100 < len(ours) < 1900
    expected = {number for number, row in enumerate(rows) if allowed(policies, vocabulary, row)}
    assert ours == expected


def compiled_by_opa(executable: str, folder: Path) -> str:
    """Return the condition that OPA leaves of the rules when the row is not known."""
    (folder / "filters.rego").write_text(REGO, encoding="utf-8")
    at = folder / "opa.sock"
    words = ["run", "--server", f"--addr=unix://{at}", "--log-level=error", str(folder)]
    question = {
        "input": {"action": "read", "subject": {"region": "330100"}},
        "unknowns": ["input.row"],
    }
    with subprocess.Popen([executable, *words], stdin=subprocess.DEVNULL) as server:
        try:
            connection = _connected(at)
            connection.request(
                "POST",
                "/v1/compile/filters/include",
                json.dumps(question),
                {"Accept": "application/vnd.opa.sql.postgresql+json"},
            )
            answer = json.loads(connection.getresponse().read())
            connection.close()
        finally:
            server.terminate()
    if "result" not in answer:
        pytest.skip(f"this OPA cannot compile to SQL: {answer}")
    query: str = answer["result"]["query"]
    return query.replace("row.", '"row".')


def _connected(path: Path) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    for _ in range(200):
        try:
            connection.sock.connect(str(path))
        except OSError:
            threading.Event().wait(0.05)
        else:
            return connection
    pytest.fail("OPA did not start")
