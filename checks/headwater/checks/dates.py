"""Counts the values of a column by calendar day, for terms that begin with a record's own date."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.checks.data import columns_in, find_data, read_columns
from headwater.checks.model import DateCounts, Unreadable
from headwater.checks.views import moment_of

if TYPE_CHECKING:
    from headwater.catalog.model import Contract, Dataset, Workspace


def count_dates(
    workspace: Workspace, contract: Contract, dataset: Dataset, column: str
) -> DateCounts | Unreadable:
    """Return how many records have each day in ``column``, or why that cannot be said.

    A day is an ISO 8601 date, or the date of a timestamp as written; Parquet's own date and
    timestamp types count too.
    """
    data = find_data(workspace, contract, dataset)
    if isinstance(data, Unreadable):
        return data
    names = columns_in(data)
    if isinstance(names, Unreadable):
        return names
    if column not in names:
        reason = Text("`{file}` has no column `{column}`", "`{file}` 没有字段 `{column}`")
        return Unreadable(reason.fill({"file": data.file, "column": column}))
    frame = read_columns(data, [column])
    if isinstance(frame, Unreadable):
        return frame
    values = frame[column].dropna()
    days = Counter(values.map(day_of))
    unreadable = sum(number for day, number in days.items() if not isinstance(day, datetime.date))
    counts = sorted((day, n) for day, n in days.items() if isinstance(day, datetime.date))
    return DateCounts(tuple(counts), len(frame) - len(values), unreadable)


def day_of(value: object) -> datetime.date | None:
    """Return the calendar day of a value, or ``None``.

    Example:
        >>> day_of("2026-01-31T23:59:59+08:00").isoformat()
        '2026-01-31'
        >>> day_of("2026-02-30") is None
        True
    """
    moment = moment_of(value)
    return moment.date() if moment else None
