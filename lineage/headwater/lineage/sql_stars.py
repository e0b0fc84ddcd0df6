"""``*`` spelled out, and columns given other names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from headwater.lineage.sql_scope import find
from headwater.lineage.sql_text import WrongSqlError
from headwater.lineage.uses import Relation, Uses

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.catalog.ids import DatasetId
    from headwater.lineage.sql_scope import Scope, Source


@dataclass(frozen=True, slots=True)
class Item:
    """One column of a select list."""

    name: str
    uses: Uses
    aggregates: bool


@dataclass(slots=True)
class Star:
    """What ``*`` stands for: named columns, and datasets of which nothing names the columns."""

    items: list[Item] = field(default_factory=list)
    open: list[DatasetId] = field(default_factory=list)
    opaque: bool = False


def expanded(
    node: exp.Expr, scope: Scope, uses_of: Callable[[exp.Expr, Scope], Uses]
) -> Star | None:
    """Return what ``node`` stands for if it is ``*`` or ``t.*``, else ``None``.

    Raises:
        WrongSqlError: There is no ``t``.
    """
    star = node.this if isinstance(node, exp.Column) else node
    if not isinstance(star, exp.Star):
        return None
    sources = scope.visible()
    if isinstance(node, exp.Column):
        named = scope.source([scope.named(part) for part in node.parts[:-1]])
        if named is None:
            raise WrongSqlError("sql-unknown-table", node, name=node.table, suggestion=None)
        sources = [named]
    found = _listed(sources, {} if isinstance(node, exp.Column) else scope.merged, scope)
    _adapt(found, star, scope, uses_of)
    return found


def _listed(sources: list[Source], merged: dict[str, Uses], scope: Scope) -> Star:
    found = Star()
    done: set[str] = set()
    for name, uses in merged.items() if scope.dialect.merged_first else ():
        found.items.append(Item(name, uses, aggregates=False))
        done.add(name.casefold())
    for source in sources:
        found.open += source.relation.open
        found.opaque |= source.relation.opaque
        for name, uses in source.relation.columns:
            one = find(merged, name)
            if one is None:
                found.items.append(Item(name, uses, aggregates=False))
            elif name.casefold() not in done:
                done.add(name.casefold())
                found.items.append(Item(name, one, aggregates=False))
    return found


def _adapt(
    found: Star, star: exp.Star, scope: Scope, uses_of: Callable[[exp.Expr, Scope], Uses]
) -> None:
    """Apply EXCEPT, REPLACE and RENAME."""
    dropped = {scope.named(_last(part)).casefold() for part in star.args.get("except_") or ()}
    replaced = {
        scope.named(part.args["alias"]).casefold(): uses_of(part, scope)
        for part in star.args.get("replace") or ()
    }
    given = {
        scope.named(_last(part.this)).casefold(): scope.named(part.args["alias"])
        for part in star.args.get("rename") or ()
    }
    found.items = [
        Item(
            given.get(item.name.casefold(), item.name),
            replaced.get(item.name.casefold(), item.uses),
            aggregates=False,
        )
        for item in found.items
        if item.name.casefold() not in dropped
    ]
    if given and found.open:
        found.opaque = True


def _last(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, (exp.Column, exp.Alias)) else node


def renamed(relation: Relation, names: list[str], node: exp.Expr) -> Relation:
    """Return ``relation`` with its first columns called ``names``.

    Raises:
        WrongSqlError: It has fewer columns.
    """
    if not names:
        return relation
    if not relation.closed:
        return Relation(relation.columns and (), relation.rows, (), opaque=True)
    if len(names) > len(relation.columns):
        count = len(relation.columns)
        raise WrongSqlError("sql-union-columns", node, left=len(names), right=count)
    kept = [name for name, _ in relation.columns][len(names) :]
    columns = zip([*names, *kept], (uses for _, uses in relation.columns), strict=True)
    return Relation(tuple(columns), relation.rows)
