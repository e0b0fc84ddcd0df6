"""What a query gives: each column's origins, and what decides which rows there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from headwater.lineage.sql_expressions import Expressions, aggregates
from headwater.lineage.sql_parts import (
    INNER_KEYS,
    SELECT_KEYS,
    TABLE_KEYS,
    arguments,
    combined,
    name_of,
    query_in,
    refuse_beyond,
    surely_named,
)
from headwater.lineage.sql_scope import Scope, Source, find
from headwater.lineage.sql_stars import Item, expanded, renamed
from headwater.lineage.sql_text import WrongSqlError
from headwater.lineage.uses import NONE, Manner, Relation, Uses, influence

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.catalog.ids import DatasetId
    from headwater.lineage.sql_scope import Dialect

ROUNDS = 50
"""A recursive query settles long before: each round only adds uses."""

_GENERATORS = (
    exp.Unnest,
    exp.Explode,
    exp.ExplodeOuter,
    exp.Posexplode,
    exp.PosexplodeOuter,
    exp.GenerateSeries,
    exp.ExplodingGenerateSeries,
    exp.GenerateDateArray,
)


class Queries:
    """Reads queries. ``table_of`` says which dataset a table is, and what is known of it."""

    def __init__(
        self,
        dialect: Dialect,
        table_of: Callable[[exp.Table, tuple[str, ...]], tuple[DatasetId | None, Relation]],
    ) -> None:
        self._dialect = dialect
        self._table_of = table_of
        self._expressions = Expressions(self.relation)
        self.uses = self._expressions.uses

    def relation(self, node: exp.Expr, outer: Scope | None = None) -> Relation:
        """Return what the query ``node`` gives.

        Raises:
            WrongSqlError: Something in it cannot be told.
        """
        scope = outer.inner() if outer else Scope(self._dialect)
        self.name_queries(node, scope)
        if isinstance(node, exp.Select):
            return self._select(node, scope)
        if isinstance(node, exp.SetOperation):
            return self._set(node, scope)
        if isinstance(node, (exp.Subquery, exp.Paren)):
            refuse_beyond(node, INNER_KEYS)
            inner = self.relation(node.this, scope)
            return self._ordered(node, scope, inner)
        if isinstance(node, exp.Values):
            return self._values(node, scope)
        raise WrongSqlError("sql-unsupported", node, what=node.key)

    def name_queries(self, node: exp.Expr, scope: Scope) -> None:
        """Read what stands under ``WITH``.

        Raises:
            WrongSqlError: Something in it cannot be told.
        """
        named = node.args.get("with_")
        for query in named.expressions if named else ():
            name = scope.named(query.args["alias"].this)
            columns = [scope.named(part) for part in query.args["alias"].columns]
            if not isinstance(query.this, exp.Query):
                raise WrongSqlError("sql-unsupported", query, what="with")
            if named is not None and named.args.get("recursive"):
                scope.relations[name] = self._recursive(query.this, name, columns, scope)
            else:
                scope.relations[name] = renamed(self.relation(query.this, scope), columns, query)

    def _recursive(self, query: exp.Expr, name: str, columns: list[str], scope: Scope) -> Relation:
        if not isinstance(query, exp.SetOperation):
            return renamed(self.relation(query, scope), columns, query)
        found = renamed(self.relation(query.this, scope), columns, query)
        for _ in range(ROUNDS):
            scope.relations[name] = found
            again = renamed(self.relation(query, scope), columns, query)
            if again == found:
                return found
            found = again
        raise WrongSqlError("sql-unsupported", query, what="recursive")

    # --- what a query reads from --------------------------------------------------------------

    def _sources(self, node: exp.Expr, scope: Scope) -> Uses:
        """Add what ``node`` reads from; return what decides over its rows so far."""
        rows = NONE
        first = node.args.get("from_")
        if first is not None:
            rows |= self.reads(first.this, scope)
        for lateral in node.args.get("laterals") or ():
            rows |= self.reads(lateral, scope)
        return rows | self.joined(node, scope)

    def joined(self, node: exp.Expr, scope: Scope) -> Uses:
        """Add what is joined to ``node``; return what decides over the rows.

        Raises:
            WrongSqlError: Something in it cannot be told.
        """
        rows = NONE
        for join in node.args.get("joins") or ():
            count = len(scope.sources)
            rows |= self.reads(join.this, scope)
            before = [source for source in scope.sources[:count] if not source.hidden]
            added = scope.sources[count:]
            rows |= influence("JOIN", self._merge(join, before, added, scope))
            for key in ("on", "match_condition"):
                condition = join.args.get(key)
                if condition is not None:
                    rows |= influence("JOIN", self.uses(condition, scope))
            if {join.kind, join.side} & {"SEMI", "ANTI"}:
                for source in added:
                    source.hidden = True
        return rows

    def _merge(
        self, join: exp.Join, before: list[Source], added: list[Source], scope: Scope
    ) -> Uses:
        """Make one column of each that ``USING`` names; return what they are made from."""
        rows = NONE
        names = [scope.named(part) for part in join.args.get("using") or ()]
        if (join.method or "").upper() == "NATURAL":
            names = _in_both(join, before, added)
        for name in names:
            left = find(scope.merged, name)
            if left is None:
                left = self._one(join, before, name)
            right = self._one(join, added, name)
            rows |= left | right
            both = Manner("TRANSFORMATION").all_of(left | right)
            scope.merged[name] = {"RIGHT": right, "FULL": both}.get(join.side, left)
        return rows

    def _one(self, join: exp.Join, sources: list[Source], name: str) -> Uses:
        having = [source for source in sources if source.column(name) is not None]
        sure = [source for source in having if source.surely(name)] or having
        if len(sure) != 1:
            code = "sql-ambiguous" if sure else "sql-unknown-column"
            known = [source.alias for source in sure]
            raise WrongSqlError(code, join, name=name, known=known, suggestion=None)
        return sure[0].column(name) or NONE

    def reads(self, node: exp.Expr, scope: Scope) -> Uses:
        """Add one thing after FROM or JOIN; return what decides over its rows.

        Raises:
            WrongSqlError: Something in it cannot be told.
        """
        rows = NONE
        if isinstance(node, exp.Table) and not isinstance(node.this, exp.Func):
            rows = self._table(node, scope)
        elif isinstance(node, (exp.Subquery, exp.Values, exp.Lateral)) and query_in(node):
            refuse_beyond(node, INNER_KEYS)
            relation = self.relation(query_in(node) or node, self._around(node, scope))
            self._add(node, scope, relation)
            rows = relation.rows
        elif isinstance(node, exp.Subquery):
            refuse_beyond(node, INNER_KEYS)
            return self.reads(node.this, scope) | self.joined(node, scope)
        else:
            rows = self._generated(node, scope)
        # Joins may hang on the table that they begin with.
        return rows | self.joined(node, scope)

    def _around(self, node: exp.Expr, scope: Scope) -> Scope:
        """Return what an inner query sees: what stands before it only if it is lateral."""
        if isinstance(node, exp.Lateral):
            return scope
        return Scope(self._dialect, scope.outer, scope.relations)

    def _table(self, node: exp.Table, scope: Scope) -> Uses:
        refuse_beyond(node, TABLE_KEYS)
        parts = tuple(scope.named(part) for part in node.parts)
        named = find(scope.relations, parts[0]) if len(parts) == 1 else None
        dataset: DatasetId | None = None
        relation = named
        if relation is None:
            dataset, relation = self._table_of(node, parts)
        self._add(node, scope, relation, dataset=dataset, parts=parts)
        return relation.rows

    def _add(
        self,
        node: exp.Expr,
        scope: Scope,
        relation: Relation,
        *,
        dataset: DatasetId | None = None,
        parts: tuple[str, ...] = (),
    ) -> None:
        alias = node.args.get("alias")
        columns = [scope.named(part) for part in alias.columns] if alias else []
        name = scope.named(alias.this) if alias and alias.this else (parts[-1] if parts else "")
        shown = renamed(relation, columns, node)
        own = dataset if shown is relation else None
        scope.add(Source(name, parts if not alias else (name,), shown, own), node)

    def _generated(self, node: exp.Expr, scope: Scope) -> Uses:
        """Add rows that a function makes from its arguments alone."""
        maker = node.this if isinstance(node, (exp.Table, exp.Lateral)) else node
        if maker is not node:
            refuse_beyond(node, TABLE_KEYS | INNER_KEYS)
        if not isinstance(maker, _GENERATORS):
            raise WrongSqlError("sql-unsupported", node, what=maker.name or maker.key)
        parts = [part for key, part in arguments(maker) if key != "alias"]
        made = Manner("TRANSFORMATION").all_of(
            NONE.union(*(self.uses(part, scope) for part in parts))
        )
        alias = node.args.get("alias")
        names = [scope.named(part) for part in alias.columns] if alias else []
        if isinstance(node.args.get("offset"), exp.Identifier):
            names.append(scope.named(node.args["offset"]))
        key = "generate_series" if isinstance(maker, exp.GenerateSeries) else maker.key
        own = scope.named(alias.this) if alias and alias.this else key
        names = names or [own if scope.dialect.merged_first else key]
        relation = Relation(tuple((name, made) for name in names))
        scope.add(Source(own, (own,), relation), node)
        return influence("JOIN", made)

    # --- a query ------------------------------------------------------------------------------

    def _select(self, node: exp.Select, scope: Scope) -> Relation:
        refuse_beyond(node, SELECT_KEYS)
        rows = self._sources(node, scope)
        for window in node.args.get("windows") or ():
            scope.windows[scope.named(window.this)] = window
        lateral = scope.dialect.lateral
        if not lateral:
            rows |= self._clause(node, "where", scope)
        items, opened, opaque = self._items(node, scope)
        if lateral:
            rows |= self._clause(node, "where", scope)
        scope.aliases = {item.name: (item.uses, item.aggregates) for item in items}
        rows |= self._clause(node, "prewhere", scope) | self._grouped(node, scope, items)
        scope.alias_first = True
        for key in ("having", "qualify"):
            rows |= self._clause(node, key, scope)
        relation = Relation(tuple((item.name, item.uses) for item in items), rows, opened, opaque)
        return self._ordered(node, scope, self._distinct(node, scope, relation))

    def _items(
        self, node: exp.Select, scope: Scope
    ) -> tuple[list[Item], tuple[DatasetId, ...], bool]:
        items: list[Item] = []
        opened: list[DatasetId] = []
        opaque = False
        for number, part in enumerate(node.expressions):
            star = expanded(part, scope, self.uses)
            if star is not None:
                items += star.items
                opened += star.open
                opaque |= star.opaque
                continue
            uses = self.uses(part, scope)
            name = name_of(part, scope) or f"_col_{number}"
            items.append(Item(name, uses, aggregates=aggregates(part)))
            if scope.dialect.lateral and isinstance(part, exp.Alias):
                scope.aliases[name] = (uses, items[-1].aggregates)
        return items, tuple(dict.fromkeys(opened)), opaque

    def _clause(self, node: exp.Expr, key: str, scope: Scope) -> Uses:
        clause = node.args.get(key)
        return influence("FILTER", self.uses(clause.this, scope)) if clause is not None else NONE

    def _grouped(self, node: exp.Select, scope: Scope, items: list[Item]) -> Uses:
        group = node.args.get("group")
        if group is None:
            return NONE
        if group.args.get("all"):
            keys = [item.uses for item in items if not item.aggregates]
            return influence("GROUP_BY", NONE.union(*keys))
        found = NONE
        for _, part in arguments(group):
            found |= self._key(part, scope, items, grouping=True)
        return influence("GROUP_BY", found)

    def _key(self, node: exp.Expr, scope: Scope, items: list[Item], *, grouping: bool) -> Uses:
        """Return the uses of one key of GROUP BY or ORDER BY: a number, an alias, an expression.

        GROUP BY takes a column before an alias; where nothing describes the table it must be the
        alias, since a query that grouped by another column of that name would not be valid.
        """
        if isinstance(node, (exp.Tuple, exp.Cube, exp.Rollup, exp.GroupingSets, exp.Paren)):
            parts = [part for _, part in arguments(node)]
            return NONE.union(*(self._key(p, scope, items, grouping=grouping) for p in parts))
        if isinstance(node, exp.Literal) and node.is_int:
            place = int(node.this) - 1
            if not 0 <= place < len(items):
                raise WrongSqlError("sql-position", node, number=node.this)
            return items[place].uses
        bare = isinstance(node, exp.Column) and len(node.parts) == 1
        alias = find(scope.aliases, scope.named(node.this)) if bare else None
        if alias and not (grouping and (alias[1] or surely_named(scope, scope.named(node.this)))):
            return alias[0]
        return self.uses(node, scope)

    def _distinct(self, node: exp.Select, scope: Scope, found: Relation) -> Relation:
        distinct = node.args.get("distinct")
        if distinct is None:
            return found
        on = distinct.args.get("on")
        items = [Item(name, uses, aggregates=False) for name, uses in found.columns]
        keys = self._key(on, scope, items, grouping=False) if on is not None else found.every()
        rows = found.rows | influence("GROUP_BY", keys)
        return Relation(found.columns, rows, found.open, found.opaque)

    def _ordered(self, node: exp.Expr, scope: Scope, found: Relation) -> Relation:
        """Add what order and limit say. After a limit the order decides which rows there are."""
        items = [Item(name, uses, aggregates=False) for name, uses in found.columns]
        if not scope.aliases:
            scope.aliases = {item.name: (item.uses, False) for item in items}
        rows = found.rows
        for key in ("order", "sort", "cluster", "distribute"):
            clause = node.args.get(key)
            for part in clause.expressions if clause is not None else ():
                inner = part.this if isinstance(part, exp.Ordered) else part
                uses = (
                    self._key(inner, scope, items, grouping=False)
                    if key == "order"
                    else (self.uses(inner, scope))
                )
                rows |= influence("SORT", uses)
        for key in ("limit", "offset"):
            clause = node.args.get(key)
            if clause is not None:
                for _, part in arguments(clause):
                    rows |= influence("FILTER", self.uses(part, scope))
        return Relation(found.columns, rows, found.open, found.opaque)

    def _values(self, node: exp.Values, scope: Scope) -> Relation:
        columns: list[Uses] = []
        for row in node.expressions:
            parts = row.expressions if isinstance(row, exp.Tuple) else [row]
            columns += [NONE] * (len(parts) - len(columns))
            for place, part in enumerate(parts):
                columns[place] |= self.uses(part, scope)
        return Relation(tuple((f"column{n + 1}", uses) for n, uses in enumerate(columns)))

    # --- set operations -----------------------------------------------------------------------

    def _set(self, node: exp.SetOperation, scope: Scope) -> Relation:
        spine: list[exp.SetOperation] = []
        inner: exp.Expr = node
        while isinstance(inner, exp.SetOperation):
            spine.append(inner)
            inner = inner.this
            if isinstance(inner, exp.SetOperation):
                self.name_queries(inner, scope)
        found = self.relation(inner, scope)
        for operation in reversed(spine):
            right = self.relation(operation.expression, scope)
            found = combined(operation, found, right)
            found = self._ordered(operation, scope.inner(), found)
        return found


def _in_both(join: exp.Join, before: list[Source], added: list[Source]) -> list[str]:
    """Return the columns that a natural join makes one: those of the same name on both sides.

    Raises:
        WrongSqlError: Not all columns of one side are known.
    """
    for source in (*before, *added):
        if not source.relation.closed:
            raise WrongSqlError("sql-columns-unknown", join, name=source.alias)
    left = {name: name for source in before for name, _ in source.relation.columns}
    right = (name for source in added for name, _ in source.relation.columns)
    return [name for name in right if find(left, name) is not None]
