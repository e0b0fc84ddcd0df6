"""What a dataset's columns look like, as figures: how many, how long, how many different.

No value is among them, save the least and greatest number of a column that its contract declares
open to all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headwater.checks.data import columns_in, find_data
from headwater.checks.model import Unreadable
from headwater.checks.table import Table, UnreadableError

if TYPE_CHECKING:
    from headwater.catalog.model import Contract, Dataset, Workspace
    from headwater.checks.data import DataFile
    from headwater.checks.scan.relation import Column, Relation

OPEN = "general-1"
"""The level of what harms nobody when it is public."""
_VALUES = ("least", "greatest")


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """The figures of one column; ``None`` is what is not known, or not to be shown."""

    name: str
    kind: str
    empty: int
    distinct: int
    shortest: int | None = None
    longest: int | None = None
    least: float | None = None
    greatest: float | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """The figures of a dataset."""

    file: str
    rows: int
    columns: tuple[ColumnProfile, ...]


def profile_dataset(
    workspace: Workspace, contract: Contract, dataset: Dataset
) -> Profile | Unreadable:
    """Return the figures of the dataset's data, or why it cannot be read."""
    data = find_data(workspace, contract, dataset)
    if isinstance(data, Unreadable):
        return data
    names = columns_in(data)
    if isinstance(names, Unreadable):
        return names
    opened = {c.name for c in dataset.columns if c.level == OPEN and not c.categories}
    try:
        return _profile(data, Table(data, names), opened)
    except UnreadableError as error:
        return error.found


def _profile(data: DataFile, table: Table, opened: set[str]) -> Profile | Unreadable:
    from headwater.checks.data import broken
    from headwater.checks.duck import DatabaseError
    from headwater.checks.scan.views import relation_in

    try:
        with data.opened() as database:
            relation = relation_in(database, table, table.names, "plain")
            row = relation.measure(_terms(relation))
            columns = (_column(name, relation, row, name in opened) for name in table.names)
            return Profile(data.file, relation.rows, tuple(columns))
    except DatabaseError as error:
        return broken(data, error.cause)


def _terms(relation: Relation) -> list[str]:
    return [term for column in relation.columns.values() for term in _of(column).values()]


def _of(column: Column) -> dict[str, str]:
    """Return the aggregates of a column, by what they say."""
    found = {"count": f"count({column.sql})", "distinct": f"count(DISTINCT {column.sql})"}
    if column.kind == "text":
        length = f"length({column.sql})"
        return {**found, "shortest": f"min({length})", "longest": f"max({length})"}
    if column.kind in ("whole", "real"):
        return {**found, "least": f"min({column.sql})", "greatest": f"max({column.sql})"}
    return found


def _column(name: str, relation: Relation, row: dict[str, Any], is_open: bool) -> ColumnProfile:
    column = relation.columns.get(name)
    if column is None:
        values = relation.frame([name])[name]
        known = values.dropna()
        distinct = int(known.astype(str).nunique())
        return ColumnProfile(name, "other", len(values) - len(known), distinct)
    found = {what: row[term] for what, term in _of(column).items()}
    empty = relation.rows - found.pop("count")
    shown = {what: value for what, value in found.items() if is_open or what not in _VALUES}
    finite = {k: v for k, v in shown.items() if not isinstance(v, float) or math.isfinite(v)}
    return ColumnProfile(name, column.kind, empty, **finite)
