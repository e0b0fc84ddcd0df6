"""Reads JSON lines: one object a line, whose members are columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_MOST_COLUMNS = 10_000


class JsonLineError(Exception):
    """A line is not one JSON object; ``line`` says which."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def read_json_lines(path: Path) -> pd.DataFrame:
    """Return a column for each member, in the order in which they first stand.

    A member that a line does not have has no value there, as ``null`` has none. What is an
    object or a list stays one value, written as JSON.

    Raises:
        JsonLineError: A line is no object, not UTF-8, or has too many members.
        OSError: The file cannot be read.
    """
    import pandas as pd

    columns: dict[str, list[Any]] = {}
    rows = 0
    for number, found in enumerate(_objects(path), 1):
        for name, value in found.items():
            column = columns.setdefault(name, [])
            column.extend([None] * (rows - len(column)))
            column.append(value)
        if len(columns) > _MOST_COLUMNS:
            raise JsonLineError(number)
        rows += 1
    for column in columns.values():
        column.extend([None] * (rows - len(column)))
    return pd.DataFrame({name: _typed(values) for name, values in columns.items()})


def _objects(path: Path) -> Any:
    """Yield the object of each line; an empty line is none."""
    import msgspec

    decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
    with path.open("rb") as source:
        for number, line in enumerate(source, 1):
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if not text.strip():
                continue
            try:
                yield {name: _value(raw) for name, raw in decoder.decode(text).items()}
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
                raise JsonLineError(number) from error


def _value(raw: Any) -> Any:
    """Return a single value as itself, and anything else as it is written."""
    import msgspec

    text = bytes(raw).strip()
    return text.decode() if text[:1] in (b"{", b"[") else msgspec.json.decode(text)


def _typed(values: list[Any]) -> pd.Series:
    """Return a column in the type that all its values have, else as they are."""
    import pandas as pd

    column = pd.Series(values, dtype=object)
    kind = pd.api.types.infer_dtype(column, skipna=True)
    wanted = {
        "string": "str",
        "integer": "int64" if column.notna().all() else "Int64",
        "floating": "float64",
        "mixed-integer-float": "float64",
        "boolean": "bool" if column.notna().all() else "boolean",
    }.get(kind)
    if wanted is None:
        return column
    try:
        return column.astype(wanted)
    except (OverflowError, ValueError, TypeError):  # a whole number that no type holds
        return column
