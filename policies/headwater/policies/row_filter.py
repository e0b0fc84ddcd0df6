"""Which rows and columns of one dataset one subject may read, as SQL.

Each column is a question of its own. A row is returned where at least one column of it may be
read; a column that may not be read in a row is NULL there. What an allow obliges to mask is
masked, and a row that it obliges to leave out is no row that may be read.

Values are bound as parameters, or, for a view, kept in a table beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headwater.catalog.errors import InputError
from headwater.policies.model import canonical
from headwater.policies.obligations import FILTER, filters_of, row_attributes
from headwater.policies.partial import any_of, leave
from headwater.policies.sql_conditions import Conditions
from headwater.policies.sql_dialects import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from headwater.policies.facts import Facts
    from headwater.policies.model import Condition, PolicySet, Rule
    from headwater.policies.partial import Leave
    from headwater.policies.sql_dialects import Dialect
    from headwater.policies.vocabulary import Vocabulary

_STRICTEST = ("generalise", "hash", "redact")


@dataclass(frozen=True, slots=True)
class Asked:
    """One column and what is asked of it; ``name`` is ``None`` where no columns are known."""

    name: str | None
    kind: str | None
    categories: tuple[str, ...]
    facts: Facts


@dataclass(frozen=True, slots=True)
class Table:
    """The table, and which of its columns hold attributes of a row."""

    parts: tuple[str, ...]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with placeholders, and the values for them, in order."""

    sql: str
    parameters: tuple[object, ...]

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"sql": self.sql, "parameters": list(self.parameters)}


@dataclass(frozen=True, slots=True)
class ColumnFilter:
    """How one column is shown.

    Attributes:
        shown: ``always``, ``never``, or ``rows`` where it depends on the row.
        mask: How it is masked; ``None``: not at all.
        allowing: The rules that may allow it.
        refusing: The rules that refuse it in every row.
    """

    name: str
    shown: str
    mask: str | None
    allowing: tuple[str, ...]
    refusing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowFilter:
    """The filter of one dataset for one subject.

    Attributes:
        dialect: Whose SQL it is.
        where: Which rows may be read.
        query: A query of what may be read.
        view: Statements that make a view of it, for good.
        columns: How each column is shown.
        obligations: What else an allow obliges to, as canonical JSON.
        filters: The row filters that are part of it, each with the rule that obliges to it.
    """

    dialect: str
    where: Statement
    query: Statement
    view: tuple[Statement, ...]
    columns: tuple[ColumnFilter, ...]
    obligations: tuple[str, ...]
    filters: tuple[tuple[str, Condition], ...] = ()


class _Marks:
    """Binds values as parameters, in the order in which they are said."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.values: list[object] = []

    def bind(self, value: str | int | float) -> str:
        self.values.append(value)
        return self._dialect.placeholder(len(self.values))


class _Kept:
    """Keeps values in a table, since no database takes parameters in a view."""

    def __init__(self, table: str) -> None:
        self._table = table
        self.values: dict[str | int | float, int] = {}

    def bind(self, value: str | int | float) -> str:
        number = self.values.setdefault(value, len(self.values) + 1)
        column = "said" if isinstance(value, str) else "amount"
        return f"(SELECT {column} FROM {self._table} WHERE number = {number})"  # noqa: S608 - names


def filter_rows(
    policies: PolicySet,
    vocabulary: Vocabulary,
    dialect: Dialect,
    table: Table,
    asked: Sequence[Asked],
) -> RowFilter:
    """Return the filter.

    Args:
        policies: What decides.
        vocabulary: The attributes.
        dialect: The database.
        table: Where the data is.
        asked: One question for each column, or one for the whole.

    Names are quoted, values are bound: nothing else enters a statement.

    Raises:
        InputError: A name cannot be written, a condition has no SQL in this dialect, or an
            obligation filters rows by what no column is known to hold.
    """
    free = frozenset(table.columns)
    leaves = [leave(policies, each.facts.values, free) for each in asked]
    filters = _filters(policies, leaves, free)
    return _Writer(vocabulary, dialect, table, asked, leaves).written(filters)


def _filters(
    policies: PolicySet, leaves: Iterable[Leave], free: frozenset[str]
) -> tuple[tuple[str, Condition], ...]:
    """Return the row filters of the rules that may allow; all they ask of a row has a column.

    What the question itself says of the resource must never stand for what its rows hold.
    """
    rules = {rule.id: rule for leaf in leaves if not leaf.refusing for rule in leaf.allowing}
    found = [
        (name, each)
        for name, rule in sorted(rules.items())
        for each in filters_of(rule, policies.attributes)
    ]
    for name, each in found:
        for attribute in row_attributes(each):
            if attribute not in free:
                at = rules[name].position
                raise InputError.of("filter-rows-unmapped", at, rule=name, attribute=attribute)
    return tuple(found)


class _Writer:
    def __init__(
        self,
        vocabulary: Vocabulary,
        dialect: Dialect,
        table: Table,
        asked: Sequence[Asked],
        leaves: Sequence[Leave],
    ) -> None:
        self._vocabulary = vocabulary
        self._dialect = dialect
        self._table = table
        self._asked = asked
        self._leaves = leaves
        self._rows = any_of(leaf.when for leaf in leaves)

    def written(self, filters: tuple[tuple[str, Condition], ...]) -> RowFilter:
        marks = _Marks(self._dialect)
        where = self._where(marks)
        rules = {rule.id: rule for leaf in self._leaves for rule in leaf.allowing}
        shown = self._rows is not False
        return RowFilter(
            dialect=self._dialect.name,
            where=Statement(where, tuple(marks.values)),
            query=self._query(),
            view=self._view(),
            columns=tuple(self._columns()),
            obligations=_other_obligations(rules.values()) if shown else (),
            filters=filters,
        )

    def _columns(self) -> list[ColumnFilter]:
        return [
            ColumnFilter(
                each.name,
                "rows" if not isinstance(leaf.when, bool) else "always" if leaf.when else "never",
                _mask_of(each, leaf),
                tuple(sorted(rule.id for rule in leaf.allowing)),
                leaf.refusing,
            )
            for each, leaf in zip(self._asked, self._leaves, strict=True)
            if each.name is not None
        ]

    def _query(self) -> Statement:
        marks = _Marks(self._dialect)
        sql = self._select(marks)
        return Statement(sql, tuple(marks.values))

    def _view(self) -> tuple[Statement, ...]:
        """Return what makes the values' table, fills it, and makes the view."""
        *schema, name = self._table.parts
        kept_at = self._dialect.identifier(*schema, f"{name}_filter_values")
        kept = _Kept(kept_at)
        view = self._dialect.identifier(*schema, f"{name}_filtered")
        made = Statement(f"CREATE VIEW {view} AS {self._select(kept)}", ())
        if not kept.values:
            return (made,)
        text = self._dialect.text_type
        table = (
            f"CREATE TABLE {kept_at} "
            f"(number INTEGER PRIMARY KEY, said {text}, amount {self._dialect.amount_type})"
        )
        marks = ", ".join(self._dialect.placeholder(number) for number in (1, 2, 3))
        filled = f"INSERT INTO {kept_at} (number, said, amount) VALUES ({marks})"  # noqa: S608
        rows = [
            Statement(
                filled,
                (number, value, None) if isinstance(value, str) else (number, None, value),
            )
            for value, number in kept.values.items()
        ]
        return (Statement(table, ()), *rows, made)

    def _select(self, binder: _Marks | _Kept) -> str:
        shown = [
            self._shown(each, leaf, binder)
            for each, leaf in zip(self._asked, self._leaves, strict=True)
        ]
        table = self._dialect.identifier(*self._table.parts)
        return f"SELECT {', '.join(shown)} FROM {table} WHERE {self._where(binder)}"  # noqa: S608

    def _where(self, binder: _Marks | _Kept) -> str:
        return self._conditions(binder).guarded(self._rows)

    def _shown(self, asked: Asked, leaf: Leave, binder: _Marks | _Kept) -> str:
        """Return a column as the subject may see it: NULL wherever it may not be read."""
        if asked.name is None:
            return "*"
        column = self._dialect.identifier(asked.name)
        how = _mask_of(asked, leaf)
        said = masked(self._dialect, column, asked.kind, how) if how else column
        if leaf.when is False:
            said = "NULL"
        elif leaf.when is not True and leaf.when != self._rows:
            said = f"CASE WHEN {self._conditions(binder).guarded(leaf.when)} THEN {said} END"
        return said if said == column else f"{said} AS {column}"

    def _conditions(self, binder: _Marks | _Kept) -> Conditions:
        columns = {name: self._dialect.identifier(c) for name, c in self._table.columns.items()}
        return Conditions(self._dialect, self._vocabulary, columns, binder=binder)


def _mask_of(asked: Asked, leaf: Leave) -> str | None:
    """Return the strictest mask that an allow may oblige to; none where it is never shown."""
    if leaf.when is False:
        return None
    found = [
        mask["with"]
        for obligation in _obligations(leaf.allowing)
        if (mask := obligation.get("mask")) and mask["category"] in asked.categories
    ]
    return max(found, key=_STRICTEST.index, default=None)


def _other_obligations(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return what an allow obliges to that no statement does, as canonical JSON, sorted."""
    rests = (
        {key: value for key, value in obligation.items() if key not in ("mask", FILTER)}
        for obligation in _obligations(rules)
    )
    return tuple(sorted({canonical(rest) for rest in rests if rest}))


def _obligations(rules: Iterable[Rule]) -> Iterator[dict[str, Any]]:
    for rule in rules:
        for obligation in rule.obligation_documents():
            assert isinstance(obligation, dict)  # noqa: S101 - the loader has seen to it
            yield obligation
