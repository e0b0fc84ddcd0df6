"""The relation that a group of checks sees: the file itself, where that is what they see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.checks.scan.relation import Column
from headwater.checks.scan.sources import over_file, over_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from headwater.checks.duck import Database
    from headwater.checks.model import View
    from headwater.checks.scan.relation import Relation
    from headwater.checks.table import Table


def relation_in(database: Database, table: Table, names: Sequence[str], view: View) -> Relation:
    """Return the relation of some columns of a table as one view shows them.

    Raises:
        DatabaseError: DuckDB cannot read the data.
        UnreadableError: Pandas cannot, either.
    """
    if not table.data.is_scanned:
        return over_frame(database, table.shown(names, view), f"shown_{view}")

    def read(wanted: Sequence[str] | None) -> pd.DataFrame:
        return table.shown(names if wanted is None else list(dict.fromkeys(wanted)), view)

    found = over_file(database, table.data.source, read)
    seen = {name: column for name in names if (column := found.columns.get(name))}
    shown = {name: each for name, column in seen.items() if (each := _as_seen(column, view))}
    if view != "plain" and set(shown) != set(names):
        return over_frame(database, table.shown(names, view), f"shown_{view}")
    if view == "number":
        _count_unseen(found, table, shown)
    return replace(found, columns=shown)


def _as_seen(column: Column, view: View) -> Column | None:
    """Return a column as :func:`headwater.checks.views.seen` shows it, where SQL can say that."""
    if view == "plain":
        return column
    if view == "text" and column.kind in ("text", "whole", "truth"):
        return Column("text", f"CAST({column.sql} AS VARCHAR)", "object")
    if view == "number" and column.kind == "whole":
        return column
    if view == "number" and column.kind == "real":
        finite = f"CASE WHEN isfinite({column.sql}) THEN {column.sql} END"
        return replace(column, sql=finite)
    return column if view == "moment" and column.kind == "moment" else None


def _count_unseen(relation: Relation, table: Table, shown: dict[str, Column]) -> None:
    """Note how many values of each column are infinite, which as numbers are none."""
    for name, column in shown.items():
        before = relation.columns[name].sql
        if column.kind == "real":
            terms = [f"count({before})", f"count({column.sql})"]
            there, finite = relation.measure(terms).values()
            table.unseen[name, "number"] = int(str(there)) - int(str(finite))
