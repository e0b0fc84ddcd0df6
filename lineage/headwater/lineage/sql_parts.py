"""Parts of queries: names, set operations, and what is not read and therefore refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from headwater.lineage.sql_text import WrongSqlError
from headwater.lineage.uses import NONE, Relation, Uses, influence

if TYPE_CHECKING:
    from headwater.lineage.sql_scope import Scope

_SELECT = """
cluster distinct distribute expressions from_ group having hint into joins kind laterals limit locks
offset operation_modifiers order prewhere qualify sample sort where windows with_
"""
_TABLE = "alias catalog db hints indexed joins laterals only partition sample this version"
SELECT_KEYS, TABLE_KEYS = frozenset(_SELECT.split()), frozenset(_TABLE.split())
_INNER = """
alias cross_apply expressions joins limit locks offset order ordinality outer this view with_
"""
INNER_KEYS = frozenset(_INNER.split())
"""What may be said of a query, a list of values or a function after FROM."""


def refuse_beyond(node: exp.Expr, known: frozenset[str]) -> None:
    """Refuse a node that says more than what is read here: left out, it could change lineage.

    Raises:
        WrongSqlError: It does.
    """
    for key, value in node.args.items():
        if value and key not in known:
            raise WrongSqlError("sql-unsupported", node, what=key.rstrip("_"))


def combined(node: exp.SetOperation, left: Relation, right: Relation) -> Relation:
    """Return what a set operation gives.

    Raises:
        WrongSqlError: Its two sides have different columns.
    """
    by_name = bool(node.args.get("by_name"))
    rows = left.rows | right.rows
    if not (left.closed and right.closed):
        return Relation((), rows | influence("FILTER", left.every() | right.every()), opaque=True)
    if not by_name and len(left.columns) != len(right.columns):
        counts = (len(left.columns), len(right.columns))
        raise WrongSqlError("sql-union-columns", node, left=counts[0], right=counts[1])
    if isinstance(node, exp.Union):
        columns = (
            _together(left, right)
            if by_name
            else tuple(
                (name, uses | other)
                for (name, uses), (_, other) in zip(left.columns, right.columns, strict=True)
            )
        )
        if node.args.get("distinct"):
            rows |= influence("GROUP_BY", left.every() | right.every())
        return Relation(columns, rows)
    rows |= influence("FILTER", left.every() | right.every())
    return Relation(left.columns, rows)


def _together(left: Relation, right: Relation) -> tuple[tuple[str, Uses], ...]:
    found: dict[str, Uses] = dict(left.columns)
    for name, uses in right.columns:
        same = next((known for known in found if known.casefold() == name.casefold()), name)
        found[same] = found.get(same, NONE) | uses
    return tuple(found.items())


def query_in(node: exp.Expr) -> exp.Expr | None:
    """Return the query or the rows that stand in brackets; ``None`` where a table does."""
    if isinstance(node, exp.Values):
        return node
    inner = core = node.this
    while isinstance(core, exp.Subquery):
        core = core.this
    return inner if isinstance(inner, exp.Query) and isinstance(core, exp.Query) else None


def arguments(node: exp.Expr) -> list[tuple[str, exp.Expr]]:
    """Return the parts of ``node``, each with what it is there."""
    return [
        (key, part)
        for key, value in node.args.items()
        for part in (value if isinstance(value, list) else [value])
        if isinstance(part, exp.Expr)
    ]


def surely_named(scope: Scope, name: str) -> bool:
    """Say whether a source is known to have a column ``name``."""
    return any(source.surely(name) for source in scope.visible())


def name_of(node: exp.Expr, scope: Scope) -> str:
    """Return the name of a column of a select list, as far as the text gives it one."""
    if isinstance(node, exp.Alias):
        return scope.named(node.args["alias"])
    inner = node.unnest() if isinstance(node, exp.Paren) else node
    if isinstance(inner, exp.Column):
        return scope.spelled(scope.named(inner.this))
    if isinstance(inner, (exp.Cast, exp.Dot)):
        last = inner.expression if isinstance(inner, exp.Dot) else inner.this
        return scope.named(last) if isinstance(last, exp.Identifier) else name_of(last, scope)
    if isinstance(inner, exp.Subquery) and isinstance(inner.this, exp.Select):
        return name_of(inner.this.expressions[0], scope) if inner.this.expressions else ""
    return inner.name if isinstance(inner, exp.Anonymous) else inner.key


def unnamed(query: exp.Expr) -> list[exp.Expr]:
    """Return the columns of a query to which its text gives no name: engines name them."""
    while isinstance(query, (exp.SetOperation, exp.Subquery)):
        query = query.this
    listed = query.expressions if isinstance(query, exp.Select) else []
    return [
        part
        for part in listed
        if not isinstance(part.unnest(), (exp.Alias, exp.Column, exp.Dot, exp.Star))
    ]
