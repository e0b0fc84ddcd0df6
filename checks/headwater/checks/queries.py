"""SQL rules of a contract: what a query may be, and the number that it answers.

A query is one SELECT over the rule's own dataset. It is parsed before anything runs; what writes,
attaches, reads a file or another table is refused. It runs in a DuckDB that could do none of
that, under a time limit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.checks.drafts import Place, severity_of, unjudged
from headwater.checks.model import Check

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from headwater.catalog.nodes import Mapping
    from headwater.checks.drafts import Compiled

QUERY = "expect_query_to_satisfy"
"""Our own expectation: the one number that a query answers, against any ODCS operator."""

SECONDS = 30.0
_LONGEST = 20_000
_DEEPEST = 200
_PLACEHOLDER = re.compile(r"\$?\{\s*(object|table|model|property|column|field)\s*\}")
_OF_TABLE = frozenset({"object", "table", "model"})

_NO_QUERY = Text("`query` must hold one SELECT", "`query` 必须是一条 SELECT 语句")
_NOT_PARSED = Text("the query cannot be understood as SQL", "无法将该查询解析为 SQL")
_NOT_ALLOWED = Text("a query may not contain {what}", "查询中不得包含 {what}")
_ELSEWHERE = Text(
    "a query may read only `{own}`, not `{name}`", "查询只能读取 `{own}`，不能读取 `{name}`"
)
_NO_COLUMN = Text("`{name}` in the query stands for no column", "查询中的 `{name}` 不对应任何字段")


def query_check(
    place: Place, key: str, node: Mapping, title: Text, asked: tuple[str, list[int | float]]
) -> Compiled:
    """Return the check of an SQL rule, or why there is none.

    Args:
        place: Where the rule stands.
        key: What identifies it.
        node: The rule as written.
        title: What must hold.
        asked: The operator, and its limits.
    """
    written = node.text("query")
    own = object_of(place)
    names = {own, place.dataset.name.rpartition(".")[2]}
    query = _filled(written, own, place.column) if written else None
    reason = _unusable(query, own, names)
    if query is None or reason:
        return unjudged(place, key, title, node.position, reason or _NO_QUERY)
    operator, limit = asked
    return Check(
        dataset=place.dataset,
        key=key,
        columns=place.columns,
        title=title,
        expectation=QUERY,
        position=node.position,
        kwargs={"query": query, "names": sorted(names), "operator": operator, "limit": limit},
        severity=severity_of(node),
        dimension=node.text("dimension"),
    )


def object_of(place: Place) -> str:
    """Return what a query calls the rule's own dataset."""
    return place.object or place.dataset.name.rpartition(".")[2]


def repeated_rows(name: str, columns: Sequence[str], *, percent: bool) -> str:
    """Return the query for how many rows equal an earlier one; rows with no value at all do not.

    Example:
        >>> repeated_rows("t", ["a"], percent=False)
        'SELECT count(*) - count(DISTINCT ROW("a")) FROM "t" WHERE NOT ("a" IS NULL)'
    """
    from headwater.checks.duck import quoted

    table, written = quoted(name), [quoted(column) for column in columns]
    number = f"count(*) - count(DISTINCT ROW({', '.join(written)}))"
    if percent:
        number = f"100.0 * ({number}) / (SELECT count(*) FROM {table})"  # noqa: S608 - quoted
    empty = " AND ".join(f"{column} IS NULL" for column in written)
    return f"SELECT {number} FROM {table} WHERE NOT ({empty})"  # noqa: S608 - quoted


def _filled(query: str, own: str, column: str | None) -> str | None:
    """Return the query with its placeholders filled; ``None`` where one stands for nothing."""
    from headwater.checks.duck import quoted

    if column is None and any(m[1] not in _OF_TABLE for m in _PLACEHOLDER.finditer(query)):
        return None

    def name(found: re.Match[str]) -> str:
        return quoted(own if found[1] in _OF_TABLE else str(column))

    return _PLACEHOLDER.sub(name, query)


def _unusable(query: str | None, own: str, names: set[str]) -> Text | None:
    """Return why a query may not run, if it may not."""
    if query is None:
        return _NO_COLUMN.fill({"name": "${property}"})
    if len(query) > _LONGEST or query.count("(") > _DEEPEST:
        return _NOT_PARSED
    from sqlglot import exp, parse
    from sqlglot.errors import SqlglotError

    try:
        found = [each for each in parse(query, dialect="duckdb") if each is not None]
    except (SqlglotError, RecursionError, ValueError):
        return _NOT_PARSED
    if len(found) != 1 or not isinstance(found[0], (exp.Select, exp.SetOperation)):
        return _NO_QUERY
    return _forbidden(found[0], own, names)


def _forbidden(tree: object, own: str, names: set[str]) -> Text | None:
    """Return what in a query is more than reading its own table."""
    from sqlglot import exp

    assert isinstance(tree, exp.Expression)  # noqa: S101 - as parsed above
    within = {each.alias for each in tree.find_all(exp.CTE)}
    for node in tree.walk():
        if isinstance(node, _writers()):
            return _NOT_ALLOWED.fill({"what": f"`{node.key.upper()}`"})
        if isinstance(node, exp.Table):
            plain = isinstance(node.this, exp.Identifier) and not node.args.get("catalog")
            if not plain or (node.name not in names | within) or node.args.get("db"):
                return _ELSEWHERE.fill({"own": own, "name": node.sql(dialect="duckdb")})
    return None


def _writers() -> tuple[type, ...]:
    from sqlglot import exp

    return (exp.DDL, exp.DML, exp.Command, exp.Into, exp.Copy, exp.Attach, exp.Detach, exp.Pragma,
            exp.Set, exp.Drop, exp.Use)  # fmt: skip


def answer_of(frame: pd.DataFrame, query: str, names: list[str]) -> float | None:
    """Return the one number that a query answers of a frame; ``None`` where it is none.

    Raises:
        DatabaseError: DuckDB cannot answer, or not in time.
    """
    from headwater.checks.duck import opened

    with opened(seconds=SECONDS) as database:
        for name in names:
            database.register(name, frame)
        rows = database.rows(query)
    value = rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else None
    try:
        return None if value is None or isinstance(value, (str, bytes)) else float(value)
    except (TypeError, ValueError):
        return None
