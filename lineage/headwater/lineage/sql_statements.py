"""What statements write: views, tables, insertions, merges, updates, deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from headwater.catalog.ids import ColumnId
from headwater.catalog.problems import Problem, problem
from headwater.lineage.sql_parts import name_of, unnamed
from headwater.lineage.sql_queries import Queries
from headwater.lineage.sql_scope import Scope, Source, find
from headwater.lineage.sql_stars import renamed
from headwater.lineage.sql_tables import Tables, Written, joined, renames, target_of, united
from headwater.lineage.sql_text import WrongSqlError, kept_name
from headwater.lineage.uses import NONE, Relation, Use, Uses, influence

if TYPE_CHECKING:
    from headwater.catalog.ids import DatasetId
    from headwater.lineage.sql_text import SqlText

_LATERAL = frozenset({"clickhouse", "databricks", "duckdb", "redshift", "snowflake", "spark"})
_STRICT = frozenset({"", "oracle", "postgres", "tsql"})
_NO_DATA = (
    exp.Alter,
    exp.Analyze,
    exp.Comment,
    exp.Commit,
    exp.Drop,
    exp.Grant,
    exp.Pragma,
    exp.Revoke,
    exp.Rollback,
    exp.Semicolon,
    exp.Set,
    exp.Transaction,
    exp.TruncateTable,
    exp.Use,
)


class Script:
    """Reads the statements of SQL files in order."""

    def __init__(self, dialect: str, strategy: str, tables: Tables) -> None:
        self.lateral = dialect in _LATERAL
        self.alias_having = dialect not in _STRICT
        self.merged_first = dialect != "duckdb"
        self.spelled_as_source = dialect == "duckdb"
        self.written: dict[DatasetId, Written] = {}
        self.notes: list[Problem] = []
        self.strategy = strategy
        self.described = tables.described
        self._tables = tables
        self._temporary: dict[str, tuple[Relation, frozenset[DatasetId]]] = {}
        self._queries = Queries(self, self._table)
        self._read: set[DatasetId] = set()
        self._source: SqlText
        self._name: str | None = None
        self._named_query = False

    # --- the dialect that scopes ask ----------------------------------------------------------

    def named(self, part: exp.Expr) -> str:
        """Return a name as the engine keeps it."""
        return kept_name(part, self.strategy)

    def note_column(self, node: exp.Expr, column: ColumnId) -> None:
        """Take note of a column that a contract leaves out."""
        self._note("sql-undescribed-column", node, name=column.column, dataset=column.dataset)

    def _note(self, code: str, node: exp.Expr | None, **values: object) -> None:
        found = problem(code, self._source.place(node), **values)
        if found not in self.notes:
            self.notes.append(found)

    def _table(self, node: exp.Table, parts: tuple[str, ...]) -> tuple[DatasetId | None, Relation]:
        kept = self._temporary.get(".".join(parts).casefold())
        if kept is not None:
            self._read |= kept[1]
            return None, kept[0]
        dataset = self._tables.dataset(node, parts)
        self._read.add(dataset)
        return dataset, self._base(dataset)

    def _base(self, dataset: DatasetId) -> Relation:
        columns = self._tables.described.get(dataset)
        if columns is None:
            return Relation(open=(dataset,))
        named = ((name, frozenset({Use(ColumnId(dataset, name), "IDENTITY")})) for name in columns)
        return Relation(tuple(named))

    # --- statements ---------------------------------------------------------------------------

    def read(self, source: SqlText, node: exp.Expr, name: str | None) -> None:
        """Read one statement; ``name`` is what a bare query makes.

        Raises:
            WrongSqlError: It cannot be told what it does to data.
        """
        self._source = source
        self._name = name
        self._read = set()
        if isinstance(node, _NO_DATA) and not renames(node):
            return
        if isinstance(node, exp.Create):
            self._create(node)
        elif isinstance(node, exp.Insert):
            self._insert(node)
        elif isinstance(node, exp.Query):
            self._bare(node)
        else:
            self._change(node)

    def _change(self, node: exp.Expr) -> None:
        if isinstance(node, exp.Merge):
            self._merge(node)
        elif isinstance(node, exp.Update):
            self._update(node)
        elif isinstance(node, exp.Delete):
            self._delete(node)
        else:
            what = node.name if isinstance(node, exp.Command) else node.key
            raise WrongSqlError("sql-statement", node, what=what.upper())

    def _bare(self, node: exp.Expr) -> None:
        into = node.args.get("into")
        relation = self._queries.relation(node)
        if into is not None:
            self._keep(into.this, relation, temporary=bool(into.args.get("temporary")))
        elif self._name is None:
            raise WrongSqlError("sql-no-name", node)
        elif self._named_query:
            raise WrongSqlError("sql-second-query", node, name=self._name)
        else:
            self._named_query = True
            self._named(node, self._keep(exp.to_table(self._name), relation, temporary=False))

    def _create(self, node: exp.Create) -> None:
        kind = (node.kind or "").upper()
        if kind not in ("TABLE", "VIEW"):
            if kind in ("FUNCTION", "PROCEDURE", "TRIGGER"):
                raise WrongSqlError("sql-statement", node, what=f"CREATE {kind}")
            return
        target, columns = target_of(node.this, self.named)
        properties = node.args.get("properties")
        temporary = any(
            isinstance(part, exp.TemporaryProperty)
            for part in (properties.expressions if properties else ())
        )
        copied = node.args.get("clone")
        query = node.expression if node.expression is not None else copied and copied.this
        if isinstance(query, exp.Table):
            query = exp.select("*").from_(query)
        if query is None:
            self._describe(target, columns, temporary=temporary)
            return
        relation = renamed(self._queries.relation(query), columns, node)
        dataset = self._keep(target, relation, temporary=temporary)
        if not columns:
            self._named(query, dataset)

    def _named(self, query: exp.Expr, dataset: DatasetId | None) -> None:
        """Take note of columns whose names are not in the text."""
        for part in unnamed(query) if dataset else ():
            name = name_of(part, Scope(self))
            self._note("sql-unnamed-column", part, dataset=dataset, name=name)

    def _describe(self, target: exp.Table, columns: list[str], *, temporary: bool) -> None:
        """Take the columns of an empty table."""
        if temporary:
            empty = Relation(tuple((column, NONE) for column in columns))
            self._temporary[self._key(target)] = (empty, frozenset())
        elif columns:
            self._tables.described.setdefault(self._dataset(target), tuple(columns))

    def _key(self, target: exp.Table) -> str:
        return ".".join(self.named(part) for part in target.parts).casefold()

    def _dataset(self, target: exp.Table) -> DatasetId:
        return self._tables.dataset(target, tuple(self.named(part) for part in target.parts))

    def _keep(
        self, target: exp.Table, relation: Relation, *, temporary: bool, made: bool = True
    ) -> DatasetId | None:
        """Take what a statement writes; return the dataset, ``None`` for a temporary table.

        Only a table that the statement itself made has its columns and no others.
        """
        key = self._key(target)
        if temporary or key in self._temporary:
            before = self._temporary.get(key, (Relation(), frozenset()))
            inputs = before[1] | self._read
            self._temporary[key] = (joined(before[0], relation), frozenset(inputs))
            return None
        dataset = self._dataset(target)
        self._write(target, dataset, relation)
        if made and relation.closed:
            known = {name: name for name in self._tables.described.get(dataset, ())}
            names = (find(known, name) or name for name, _ in relation.columns)
            self._tables.described[dataset] = tuple(names)
        return dataset

    def _write(self, node: exp.Expr, dataset: DatasetId, relation: Relation) -> None:
        """Add what one statement makes of ``dataset`` to what others make of it."""
        place = str(self._source.place(node))
        found = self.written.setdefault(dataset, Written(place))
        found.inputs |= self._read
        found.influences |= relation.rows
        if not relation.closed:
            self._note("sql-star-unknown", node, dataset=dataset)
            found.made_from = None
        if found.made_from is None:
            return
        known = {name: name for name in self._tables.described.get(dataset, ())}
        for name, uses in relation.columns:
            column = find(known, name) or name
            found.made_from[column] = found.made_from.get(column, NONE) | uses
        found.columns = tuple(dict.fromkeys((*found.columns, *found.made_from)))

    def _insert(self, node: exp.Insert) -> None:
        query = node.expression
        if not isinstance(node.this, (exp.Schema, exp.Table)) or query is None:
            raise WrongSqlError("sql-statement", node, what="INSERT")
        target, columns = target_of(node.this, self.named)
        if node.args.get("with_") is not None:
            query.set("with_", node.args["with_"])
        if isinstance(query, exp.Table):
            query = exp.select("*").from_(query)
        relation = self._queries.relation(query)
        known = columns or [name for name, _ in self._known(target).columns]
        if not node.args.get("by_name"):
            relation = self._placed(node, relation, known, explicit=bool(columns))
        self._keep(target, self._conflict(node, target, relation), temporary=False, made=False)

    def _known(self, target: exp.Table) -> Relation:
        kept = self._temporary.get(self._key(target))
        return kept[0] if kept else self._base(self._dataset(target))

    def _placed(
        self, node: exp.Insert, relation: Relation, names: list[str], *, explicit: bool
    ) -> Relation:
        """Return ``relation`` with the columns of the target, by position."""
        if relation.closed and not names:
            return Relation((), relation.rows, opaque=True)
        if not relation.closed or not names:
            return relation
        if explicit and len(names) != len(relation.columns):
            count = len(relation.columns)
            raise WrongSqlError("sql-union-columns", node, left=len(names), right=count)
        if len(names) < len(relation.columns):
            # The contract leaves columns out: their places tell nothing.
            return Relation((), relation.rows, opaque=True)
        return renamed(relation, names[: len(relation.columns)], node)

    def _conflict(self, node: exp.Insert, target: exp.Table, relation: Relation) -> Relation:
        """Add what ON CONFLICT or ON DUPLICATE KEY changes."""
        conflict = node.args.get("conflict")
        if conflict is None or not conflict.expressions:
            return relation
        scope = Scope(self)
        name = self.named(target.this)
        scope.sources.append(Source(name, (name,), self._known(target), self._dataset(target)))
        scope.sources.append(Source("excluded", ("excluded",), relation, hidden=True))
        where = conflict.args.get("where")
        rows = influence("FILTER", self._queries.uses(where.this, scope)) if where else NONE
        changed = self._assigned(conflict.expressions, scope)
        return Relation(
            (*relation.columns, *changed), relation.rows | rows, relation.open, relation.opaque
        )

    def _assigned(self, assignments: list[exp.Expr], scope: Scope) -> list[tuple[str, Uses]]:
        found: list[tuple[str, Uses]] = []
        for assignment in assignments:
            if not isinstance(assignment, exp.EQ) or not isinstance(assignment.this, exp.Column):
                raise WrongSqlError("sql-unsupported", assignment, what="set")
            uses = self._queries.uses(assignment.expression, scope)
            found.append((self.named(assignment.this.this), uses))
        return found

    def _around(self, node: exp.Expr) -> tuple[Scope, DatasetId]:
        """Return the scope of a statement that changes the table ``node``."""
        scope = Scope(self)
        if not isinstance(node, exp.Table):
            raise WrongSqlError("sql-unsupported", node, what=node.key)
        if self._key(node) in self._temporary:
            raise WrongSqlError("sql-unsupported", node, what="temporary")
        dataset = self._dataset(node)
        alias = node.args.get("alias")
        name = self.named(alias.this if alias else node.this)
        parts = (name,) if alias else tuple(self.named(part) for part in node.parts)
        scope.sources.append(Source(name, parts, self._base(dataset), dataset))
        return scope, dataset

    def _merge(self, node: exp.Merge) -> None:
        scope, dataset = self._around(node.this)
        self._with(node, scope)
        rows = self._queries.reads(node.args["using"], scope)
        source = scope.sources[1]
        rows |= influence("JOIN", self._queries.uses(node.args["on"], scope))
        columns: list[tuple[str, Uses]] = []
        opaque = False
        for when in node.args["whens"].expressions:
            condition = when.args.get("condition")
            if condition is not None:
                rows |= influence("FILTER", self._queries.uses(condition, scope))
            made = self._merged(when.args["then"], scope, source)
            opaque |= made is None
            columns += made or []
        relation = Relation(united(columns), rows, opaque=opaque)
        self._write(node.this, dataset, relation)

    def _merged(
        self, then: exp.Expr, scope: Scope, source: Source
    ) -> list[tuple[str, Uses]] | None:
        """Return what one branch of MERGE writes; ``None``: columns that cannot be told."""
        whole = any(isinstance(part, exp.Star) for part in (then.this, *then.expressions))
        if isinstance(then, (exp.Update, exp.Insert)) and whole:
            return list(source.relation.columns) if source.relation.closed else None
        if isinstance(then, exp.Update):
            return self._assigned(then.expressions, scope)
        if isinstance(then, exp.Insert):
            return self._inserted(then, scope)
        if isinstance(then, exp.Var):  # DELETE, DO NOTHING
            return []
        raise WrongSqlError("sql-unsupported", then, what=then.key)

    def _inserted(self, then: exp.Insert, scope: Scope) -> list[tuple[str, Uses]] | None:
        values = then.expression.expressions if then.expression is not None else []
        if then.this is None:
            names = [name for name, _ in scope.sources[0].relation.columns]
            if len(names) != len(values):
                return None
        else:
            names = [self.named(part.this) for part in then.this.expressions]
        if len(names) != len(values):
            counts = (len(names), len(values))
            raise WrongSqlError("sql-union-columns", then, left=counts[0], right=counts[1])
        return [
            (name, self._queries.uses(value, scope))
            for name, value in zip(names, values, strict=True)
        ]

    def _update(self, node: exp.Update) -> None:
        scope, dataset = self._around(node.this)
        self._with(node, scope)
        rows = NONE
        origin = node.args.get("from_")
        if origin is not None:
            rows |= self._queries.reads(origin.this, scope)
        rows |= self._queries.joined(node.this, scope)
        where = node.args.get("where")
        if where is not None:
            rows |= influence("FILTER", self._queries.uses(where.this, scope))
        # What selects the rows influences the changed columns alone.
        changed = [(name, uses | rows) for name, uses in self._assigned(node.expressions, scope)]
        self._write(node.this, dataset, Relation(united(changed)))

    def _delete(self, node: exp.Delete) -> None:
        scope, dataset = self._around(node.this)
        self._with(node, scope)
        rows = NONE
        for part in node.args.get("using") or ():
            rows |= self._queries.reads(part, scope)
        where = node.args.get("where")
        if where is not None:
            rows |= influence("FILTER", self._queries.uses(where.this, scope))
        if node.args.get("tables"):
            raise WrongSqlError("sql-unsupported", node, what="tables")
        self._write(node.this, dataset, Relation((), rows))

    def _with(self, node: exp.Expr, scope: Scope) -> None:
        self._queries.name_queries(node, scope)
