"""A table as DuckDB sees it: what to read from, and how each column is written in a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from headwater.checks.duck import Database

Kind = Literal["text", "whole", "real", "moment", "truth"]
"""What a column holds, where DuckDB and pandas agree on it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be measured: its kind, its expression, and its type in pandas."""

    kind: Kind
    sql: str
    dtype: str


@dataclass(frozen=True, slots=True)
class Relation:
    """One table that measures are taken of.

    Attributes:
        database: Where it is.
        source: What stands after ``FROM``.
        columns: Those that can be measured; of any other only pandas can tell.
        names: All columns, in their order.
        rows: How many rows there are.
        frame: Returns columns as pandas sees them, all where none is named.
    """

    database: Database
    source: str
    columns: Mapping[str, Column]
    names: tuple[str, ...]
    rows: int
    frame: Callable[[Sequence[str] | None], pd.DataFrame]

    def measure(self, expressions: Sequence[str], where: str = "") -> dict[str, object]:
        """Return the value of each aggregate, all from one reading."""
        if not expressions:
            return {}
        row = self.database.rows(self.query(expressions, where))[0]
        return dict(zip(expressions, row, strict=True))

    def query(self, expressions: Sequence[str], where: str = "") -> str:
        """Return the query for aggregates; every part of it is written by us and quoted."""
        limited = f" WHERE {where}" if where else ""
        return f"SELECT {', '.join(expressions)} FROM {self.source}{limited}"  # noqa: S608
