"""What an expression is made from: a walk that keeps values and mere influences apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from headwater.lineage.sql_text import WrongSqlError
from headwater.lineage.uses import NONE, Manner, Use, Uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headwater.lineage.sql_scope import Scope
    from headwater.lineage.uses import Relation, Subtype

MASKING = frozenset(
    {
        "checksum",
        "cityhash64",
        "crc32",
        "crypt",
        "digest",
        "farmfingerprint",
        "hash",
        "hashbytes",
        "hmac",
        "hmac_sha256",
        "mask",
        "mask_hash",
        "md5",
        "md5_number",
        "md5digest",
        "murmurhash3_32",
        "ora_hash",
        "redact",
        "sha",
        "sha1",
        "sha1digest",
        "sha224",
        "sha2",
        "sha256",
        "sha2digest",
        "sha384",
        "sha512",
        "siphash64",
        "standard_hash",
        "standardhash",
        "xxhash64",
    }
)
"""Functions after which the value can no longer be read.

Not among them: parts of a value (``substr``, ``left``), what a key turns back (``encrypt``), and
coarser values (``round``, ``date_trunc``): whether these hide enough depends on the data.
"""

_Step = tuple[exp.Expr, Manner, "Scope"]
_UNREADABLE = (exp.Columns, exp.Pivot, exp.Command, exp.Insert, exp.Update, exp.Delete)


class Expressions:
    """Reads expressions; ``relation_of`` reads the queries in them."""

    def __init__(self, relation_of: Callable[[exp.Expr, Scope], Relation]) -> None:
        self._relation_of = relation_of

    def uses(self, node: exp.Expr, scope: Scope) -> Uses:
        """Return what the value of ``node`` is made from, and what influences it.

        Raises:
            WrongSqlError: Something in it cannot be told.
        """
        found: set[Use] = set()
        left: list[_Step] = [(node, Manner(), scope)]
        while left:
            step = left.pop()
            known = self._known(*step)
            if known is None:
                left.extend(_parts(*step))
            else:
                found |= step[1].all_of(known)
        return frozenset(found)

    def _known(self, node: exp.Expr, _manner: Manner, scope: Scope) -> Uses | None:
        """Return what ``node`` is made from where it has no parts to look into, else ``None``."""
        if isinstance(node, _UNREADABLE):
            raise WrongSqlError("sql-unsupported", node, what=node.key)
        if isinstance(node, exp.Column):
            return _column(node, scope)
        if isinstance(node, exp.Star):
            return _every(node, scope)
        if isinstance(node, (exp.Identifier, exp.DataType, exp.Literal)):
            return NONE
        if isinstance(node, exp.Exists):
            query = node.this
            return self._relation_of(query, scope).rows if isinstance(query, exp.Query) else None
        if isinstance(node, exp.Query):
            return self._query(node, scope)
        return None

    def _query(self, node: exp.Expr, scope: Scope) -> Uses:
        relation = self._relation_of(node, scope)
        if not relation.closed:
            raise WrongSqlError("sql-columns-unknown", node, name="(…)")
        return relation.every() | relation.rows


def _column(node: exp.Column, scope: Scope) -> Uses:
    if isinstance(node.this, exp.Star):
        return scope.row(node, node.table) or NONE
    return scope.column(node, [scope.named(part) for part in node.parts])


def _every(node: exp.Expr, scope: Scope) -> Uses:
    """Return all that ``*`` stands for within a function."""
    sources = scope.visible()
    for source in sources:
        if not source.relation.closed:
            raise WrongSqlError("sql-columns-unknown", node, name=source.alias)
    return NONE.union(*(source.relation.every() for source in sources))


def _parts(node: exp.Expr, manner: Manner, scope: Scope) -> Iterator[_Step]:
    """Yield what stands in ``node``, each part with what the whole does with it."""
    if isinstance(node, (exp.Paren, exp.Alias)):
        yield node.this, manner, scope
    elif isinstance(node, exp.Count):
        inner = manner.within("AGGREGATION", masked=True)
        counted = [part for part in _children(node) if not isinstance(part, exp.Star)]
        yield from ((part, inner, scope) for part in counted)
    elif isinstance(node, exp.Window):
        yield from _window(node, manner, scope)
    elif isinstance(node, exp.Lambda):
        names = frozenset(scope.named(part) for part in node.expressions)
        yield node.this, manner.within("TRANSFORMATION"), scope.with_local(names)
    else:
        own = _step(node)
        for key, part in _keyed(node):
            influences = _INFLUENCES.get((type(node), key))
            inner = (
                manner.within(influences) if influences else manner.within(*own[:1], masked=own[1])
            )
            yield part, inner, scope


_INFLUENCES: dict[tuple[type, str], Subtype] = {
    (exp.Case, "this"): "CONDITIONAL",
    (exp.If, "this"): "CONDITIONAL",
    (exp.Filter, "expression"): "FILTER",
    (exp.Order, "expressions"): "SORT",
}


def _step(node: exp.Expr) -> tuple[Subtype, bool]:
    """Return what a node does with its parts, and whether it hides them."""
    if isinstance(node, (exp.Order, exp.Ordered, exp.Filter, exp.WithinGroup, exp.Distinct)):
        return "IDENTITY", False
    name = node.name if isinstance(node, exp.Anonymous) else node.key
    masked = name.casefold() in MASKING
    return ("AGGREGATION" if isinstance(node, exp.AggFunc) else "TRANSFORMATION"), masked


def _window(node: exp.Window, manner: Manner, scope: Scope) -> Iterator[_Step]:
    yield node.this, manner, scope
    inner = manner.within("WINDOW")
    for part in _frame(node):
        yield part, inner, scope
    name = node.args.get("alias")
    if name is not None:
        named = scope.window(node, scope.named(name))
        yield from ((part, inner, scope) for part in _frame(named))
        above = named.args.get("alias")
        if above is not None and named is not node:
            base = scope.window(node, scope.named(above))
            yield from ((part, inner, scope) for part in _frame(base))


def _frame(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what a window goes by: its partition, its order, its bounds."""
    for key, part in _keyed(node):
        if key not in ("this", "alias"):
            # The order within a window is as much the window as its partition.
            yield from _children(part) if isinstance(part, exp.Order) else [part]


def _keyed(node: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    for key, value in node.args.items():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, exp.Expr):
                yield key, part


def _children(node: exp.Expr) -> Iterator[exp.Expr]:
    yield from (part for _, part in _keyed(node))


def aggregates(node: exp.Expr) -> bool:
    """Say whether ``node`` aggregates rows, windows and inner queries left aside."""
    left = [node]
    while left:
        part = left.pop()
        if isinstance(part, exp.AggFunc):
            return True
        if isinstance(part, exp.Window):
            left.extend(_frame(part))
            left.extend(_children(part.this))
        elif not isinstance(part, exp.Query):
            left.extend(_children(part))
    return False
