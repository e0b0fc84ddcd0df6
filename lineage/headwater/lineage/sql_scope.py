"""What names mean in a query: sources, columns, aliases. What cannot be told is never guessed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from headwater.catalog.ids import ColumnId
from headwater.catalog.problems import closest
from headwater.lineage.sql_text import WrongSqlError
from headwater.lineage.uses import NONE, Manner, Relation, Use, Uses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlglot import exp

    from headwater.catalog.ids import DatasetId

_Value = TypeVar("_Value")


def find(known: Mapping[str, _Value], name: str) -> _Value | None:
    """Return what ``name`` stands for: exactly, else the only one that differs in case alone."""
    if name in known:
        return known[name]
    near = [value for key, value in known.items() if key.casefold() == name.casefold()]
    return near[0] if len(near) == 1 else None


class Dialect(Protocol):
    """What names depend on beyond the query.

    Attributes:
        lateral: Whether a select list's names may be used in it and after WHERE.
        alias_having: Whether they may be used after HAVING.
        spelled_as_source: Whether a column keeps its source's spelling, whatever the query's.
        merged_first: Whether columns that USING makes one come first in ``*``.
    """

    lateral: bool
    alias_having: bool
    merged_first: bool
    spelled_as_source: bool

    def named(self, part: exp.Expr) -> str:
        """Return a name as the engine keeps it."""
        ...

    def note_column(self, node: exp.Expr, column: ColumnId) -> None:
        """Take note of a column that a dataset has beyond those that its contract names."""
        ...


@dataclass(slots=True)
class Source:
    """One thing that a query reads from, under the name it has there.

    Attributes:
        alias: That name.
        parts: The whole name of a table, as far as it was written.
        relation: What it gives.
        dataset: The dataset that it is, if it is one.
        hidden: Whether only conditions see it (semi-joins).
        seen: The columns that it turned out to have, though nothing describes it.
    """

    alias: str
    parts: tuple[str, ...]
    relation: Relation
    dataset: DatasetId | None = None
    hidden: bool = False
    seen: set[str] = field(default_factory=set)

    def column(self, name: str) -> Uses | None:
        """Return what its column ``name`` is made from; ``None`` where it has none, surely."""
        named: dict[str, Uses] = {}
        for column, uses in self.relation.columns:
            named[column] = named.get(column, NONE) | uses
        found = find(named, name)
        if found is not None or self.relation.closed:
            return found
        if len(self.relation.open) == 1 and not self.relation.opaque:
            return frozenset({Use(ColumnId(self.relation.open[0], name), "IDENTITY")})
        return None

    def surely(self, name: str) -> bool:
        """Say whether it is known to have a column ``name``."""
        return find(dict(self.relation.columns), name) is not None


@dataclass(slots=True)
class Scope:
    """The names of one query, within those of the queries around it.

    Attributes:
        dialect: What names depend on beyond it.
        sources: What it reads from, in order.
        outer: The query around it.
        relations: Named queries (``WITH``).
        merged: Columns that ``USING`` or ``NATURAL`` made one.
        aliases: The select list's names so far: what they are made from, whether they aggregate.
        windows: Named windows.
        local: Parameters of lambdas.
        alias_first: Whether an alias counts before a column that nothing describes.
    """

    dialect: Dialect
    outer: Scope | None = None
    relations: dict[str, Relation] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    merged: dict[str, Uses] = field(default_factory=dict)
    aliases: dict[str, tuple[Uses, bool]] = field(default_factory=dict)
    windows: dict[str, exp.Expr] = field(default_factory=dict)
    local: frozenset[str] = frozenset()
    alias_first: bool = False

    def inner(self, relations: dict[str, Relation] | None = None) -> Scope:
        """Return the scope of a query within this one."""
        return Scope(self.dialect, self, dict(self.relations if relations is None else relations))

    def with_local(self, names: frozenset[str]) -> Scope:
        """Return this scope with the parameters of a lambda."""
        found = Scope(self.dialect, self, self.relations)
        found.local = names
        return found

    def named(self, part: exp.Expr) -> str:
        """Return a name as the engine keeps it."""
        return self.dialect.named(part)

    def window(self, node: exp.Expr, name: str) -> exp.Expr:
        """Return the window ``name``.

        Raises:
            WrongSqlError: There is none.
        """
        for scope in self.scopes():
            found = find(scope.windows, name)
            if found is not None:
                return found
        raise WrongSqlError("sql-unknown-column", node, name=name, suggestion=None)

    def add(self, source: Source, node: exp.Expr) -> None:
        """Add what the query reads from.

        Raises:
            WrongSqlError: Two things have the same name.
        """
        same = [other for other in self.sources if other.alias == source.alias]
        if source.alias and same and same[0].parts == source.parts:
            raise WrongSqlError("sql-same-name", node, name=source.alias)
        self.sources.append(source)

    def visible(self) -> list[Source]:
        """Return the sources whose columns the query sees."""
        return [source for source in self.sources if not source.hidden]

    def spelled(self, name: str) -> str:
        """Return how the name of a column is written in what the query makes."""
        if not self.dialect.spelled_as_source:
            return name
        known = {column: column for s in self.visible() for column, _ in s.relation.columns}
        return find(known, name) or name

    def scopes(self) -> Iterator[Scope]:
        """Yield this scope and those around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def column(self, node: exp.Expr, names: list[str]) -> Uses:
        """Return what a column reference is made from.

        Args:
            node: The reference, for its place.
            names: Its parts: catalog, schema, table, column, fields, as many as were written.

        Raises:
            WrongSqlError: It names nothing, or it cannot be told what.
        """
        if len(names) > 1:
            qualified = self._qualified(node, names)
            if qualified is not None:
                return qualified
        found = self._bare(node, names[0], with_source=len(names) == 1)
        return Manner("TRANSFORMATION").all_of(found) if len(names) > 1 else found

    def _qualified(self, node: exp.Expr, names: list[str]) -> Uses | None:
        """Return the column that ``names`` begin with; fields of it may follow."""
        for scope in self.scopes():
            for width in range(min(len(names) - 1, 3), 0, -1):
                source = scope.source(names[:width])
                if source is None:
                    continue
                found = self._of(node, source, names[width])
                fields = len(names) > width + 1
                return Manner("TRANSFORMATION").all_of(found) if fields else found
        if not any(scope.sources for scope in self.scopes()):
            return None
        if any(scope.knows(names[0]) for scope in self.scopes()):
            return None
        aliases = [source.alias for scope in self.scopes() for source in scope.visible()]
        near = closest(names[0], aliases)
        raise WrongSqlError("sql-unknown-table", node, name=names[0], suggestion=near)

    def knows(self, name: str) -> bool:
        """Say whether a bare ``name`` can mean a column or a parameter here."""
        if name in self.local or find(self.merged, name) is not None:
            return True
        return any(source.column(name) is not None for source in self.visible())

    def source(self, parts: list[str]) -> Source | None:
        """Return the source that goes by ``parts``: its alias, or the end of its whole name."""
        if len(parts) == 1:
            return find({source.alias: source for source in self.sources}, parts[0])
        wanted = tuple(part.casefold() for part in parts)
        for source in self.sources:
            whole = tuple(part.casefold() for part in source.parts)
            if whole[-len(wanted) :] == wanted:
                return source
        return None

    def _of(self, node: exp.Expr, source: Source, name: str) -> Uses:
        found = source.column(name)
        if found is not None:
            source.seen.add(name.casefold())
            return found
        if source.dataset is not None:
            column = ColumnId(source.dataset, name)
            self.dialect.note_column(node, column)
            return frozenset({Use(column, "IDENTITY")})
        if not source.relation.closed:
            raise WrongSqlError("sql-columns-unknown", node, name=source.alias)
        near = closest(name, [column for column, _ in source.relation.columns])
        raise WrongSqlError("sql-unknown-column", node, name=name, suggestion=near)

    def _bare(self, node: exp.Expr, name: str, *, with_source: bool) -> Uses:
        for number, scope in enumerate(self.scopes()):
            if name in scope.local:
                return NONE
            found = scope.here(node, name, surely_outside=self._surely_beyond(number, name))
            if found is not None:
                return found
            alias = find(scope.aliases, name)
            if alias is not None:
                return alias[0]
        if with_source:
            whole = self.row(node, name)
            if whole is not None:
                return whole
        return self._last_resort(node, name)

    def _surely_beyond(self, number: int, name: str) -> bool:
        beyond = list(self.scopes())[number + 1 :]
        return any(source.surely(name) for scope in beyond for source in scope.visible())

    def here(self, node: exp.Expr, name: str, *, surely_outside: bool) -> Uses | None:
        """Return the column of this query's own sources, ``None`` where they have none."""
        merged = find(self.merged, name)
        if merged is not None:
            return merged
        sources = self.visible()
        sure = [source for source in sources if source.surely(name)]
        # Were one of the open sources to have it too, no engine would run the query.
        maybe = sure or [source for source in sources if not source.relation.closed]
        if not maybe:
            return None
        aliased = find(self.aliases, name) is not None
        if aliased and self.alias_first and not sure and self.dialect.alias_having:
            return None
        rivals = surely_outside or (aliased and self.dialect.lateral)
        unsure = not sure and rivals and name.casefold() not in maybe[0].seen
        if len(maybe) > 1 or unsure:
            names = [source.alias for source in maybe]
            raise WrongSqlError("sql-ambiguous", node, name=name, known=names)
        found = maybe[0].column(name)
        if found is None:
            raise WrongSqlError("sql-columns-unknown", node, name=maybe[0].alias)
        maybe[0].seen.add(name.casefold())
        return found

    def row(self, node: exp.Expr, name: str) -> Uses | None:
        """Return all of the source ``name``, as in ``to_json(t)``; ``None`` if there is none."""
        for scope in self.scopes():
            source = scope.source([name])
            if source is not None:
                if not source.relation.closed:
                    raise WrongSqlError("sql-columns-unknown", node, name=name)
                return Manner("TRANSFORMATION").all_of(source.relation.every())
        return None

    def _last_resort(self, node: exp.Expr, name: str) -> Uses:
        """A contract may leave columns out: where only one dataset is read, it is its column."""
        sources = [source for scope in self.scopes() for source in scope.visible()]
        if len(sources) == 1 and sources[0].dataset is not None:
            return self._of(node, sources[0], name)
        known = {column for source in sources for column, _ in source.relation.columns}
        near = closest(name, known)
        raise WrongSqlError("sql-unknown-column", node, name=name, suggestion=near)
