"""What type each column of a file seems to have: for a contract that is being drafted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.checks.data import columns_in, find_data, read_columns
from headwater.checks.model import Unreadable

if TYPE_CHECKING:
    import pandas as pd

    from headwater.catalog.model import Contract, Dataset, Workspace

ROWS = 100_000
"""How many rows a Parquet or DuckDB file is judged by."""

_FORMS = (
    ("boolean", re.compile(r"true|false")),
    ("integer", re.compile(r"-?(0|[1-9][0-9]{0,17})")),
    ("number", re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")),
    ("date", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    ("timestamp", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?.*")),
)
_KINDS = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "M": "timestamp"}


def guess_types(
    workspace: Workspace, contract: Contract, dataset: Dataset
) -> dict[str, str] | Unreadable:
    """Return the ODCS logical type that each column's values fit, by the column's name.

    A number with a leading zero is text: it is a code. A column without a value is text.
    """
    data = find_data(workspace, contract, dataset)
    if isinstance(data, Unreadable):
        return data
    names = columns_in(data)
    if isinstance(names, Unreadable):
        return names
    frame = read_columns(data, names, rows=ROWS)
    if isinstance(frame, Unreadable):
        return frame
    return {name: _type(frame[name]) for name in names}


def _type(values: pd.Series) -> str:
    known = values.dropna()
    if values.dtype.kind in _KINDS:
        return _KINDS[values.dtype.kind]
    texts = {str(value) for value in known.unique()}
    if not texts:
        return "string"
    return next((name for name, form in _FORMS if all(map(form.fullmatch, texts))), "string")
