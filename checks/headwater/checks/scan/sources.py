"""Relations over Parquet files and over pandas frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.checks.duck import quoted
from headwater.checks.scan.relation import Column, Relation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from headwater.checks.duck import Database

_WHOLE = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
)
_MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
_WIDTHS = {"TINYINT": "int8", "SMALLINT": "int16", "INTEGER": "int32", "BIGINT": "int64"}


def over_file(
    database: Database,
    source: str,
    read: Callable[[Sequence[str] | None], pd.DataFrame],
) -> Relation:
    """Return the relation of a file that DuckDB reads by itself."""
    types = database.types(f"SELECT * FROM {source}")  # noqa: S608 - the source is quoted
    columns = {name: column for name, kind in types if (column := _of_file(name, kind))}
    rows = database.rows(f"SELECT count(*) FROM {source}")[0][0]  # noqa: S608
    return Relation(database, source, columns, tuple(name for name, _ in types), rows, read)


def _of_file(name: str, kind: str) -> Column | None:
    sql = quoted(name)
    if kind == "VARCHAR":
        return Column("text", sql, "str")
    if kind in _WHOLE:
        width = kind.removeprefix("U")
        return Column("whole", sql, _WIDTHS[width] if width == kind else f"u{_WIDTHS[width]}")
    if kind == "DOUBLE":  # pandas takes what is not a number for no value
        return Column("real", f"nullif({sql}, CAST('nan' AS DOUBLE))", "float64")
    if kind in _MOMENTS:
        return Column("moment", sql, "datetime64[us]")
    if kind == "BOOLEAN":
        return Column("truth", sql, "bool")
    return None


def over_frame(database: Database, frame: pd.DataFrame, name: str = "shown") -> Relation:
    """Return the relation of a frame; its columns get names that no data has chosen."""
    import pandas as pd

    seen: dict[str, Column] = {}
    parts: dict[str, Any] = {}
    labels = list(frame.columns)
    for number, label in enumerate(labels):
        if not isinstance(label, str) or labels.count(label) > 1:
            continue
        found = _of_series(frame.iloc[:, number], f"c{number}")
        if found is not None:
            seen[label], parts[f"c{number}"] = found
    shown = pd.DataFrame(parts, index=frame.index).reset_index(drop=True)
    if parts:
        database.register(name, shown)

    def read(names: Sequence[str] | None) -> pd.DataFrame:
        return frame if names is None else frame[list(dict.fromkeys(names))]

    return Relation(database, name, seen, tuple(map(str, frame.columns)), len(frame), read)


def _of_series(series: pd.Series, sql: str) -> tuple[Column, pd.Series] | None:
    """Return a column and its values, where DuckDB takes them for what pandas does."""
    dtype = str(series.dtype)
    if dtype in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"):
        return Column("whole", sql, dtype), series
    if dtype == "float64":
        return Column("real", sql, dtype), series
    if dtype == "bool":
        return Column("truth", sql, dtype), series
    if dtype.startswith("datetime64[") and dtype.endswith("s]"):
        return Column("moment", sql, dtype), series
    return _text(series, sql)


def _text(series: pd.Series, sql: str) -> tuple[Column, pd.Series] | None:
    import pandas as pd

    if series.dtype != object and str(series.dtype) != "str":
        return None
    if pd.api.types.infer_dtype(series, skipna=True) != "string":
        return None
    return Column("text", sql, str(series.dtype)), series.astype("str")
