"""Counts records by the days that several columns hold: the cohorts that terms are counted for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.zones import local_day
from headwater.checks.data import columns_in, find_data, read_columns
from headwater.checks.model import Unreadable
from headwater.checks.views import moment_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    import pandas as pd

    from headwater.catalog.model import Contract, Dataset, Workspace

Clock = tuple[str, str]
"""A column, and the zone in which its days are counted."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Records whose clocks show the same days. ``None``: no value, or none that is a date."""

    days: tuple[datetime.date | None, ...]
    records: int


def count_cohorts(
    workspace: Workspace, contract: Contract, dataset: Dataset, clocks: Sequence[Clock]
) -> tuple[Cohort, ...] | Unreadable:
    """Return the cohorts of a dataset, oldest first, or why they cannot be counted.

    A day is an ISO 8601 date as written; of a timestamp with an offset, the day in the zone.
    """
    data = find_data(workspace, contract, dataset)
    if isinstance(data, Unreadable):
        return data
    names = columns_in(data)
    if isinstance(names, Unreadable):
        return names
    columns = list(dict.fromkeys(column for column, _ in clocks))
    for column in columns:
        if column not in names:
            reason = Text("`{file}` has no column `{column}`", "`{file}` 没有字段 `{column}`")
            return Unreadable(reason.fill({"file": data.file, "column": column}))
    frame = read_columns(data, columns)
    if isinstance(frame, Unreadable):
        return frame
    shown = [_days(frame[column], zone) for column, zone in clocks]
    counted = Counter(zip(*shown, strict=True))
    found = (Cohort(days, number) for days, number in counted.items())
    return tuple(
        sorted(found, key=lambda each: [day.isoformat() if day else "" for day in each.days])
    )


def _days(values: pd.Series, zone: str) -> list[datetime.date | None]:
    """Return the day of each value; equal values are read once."""
    try:
        days = {value: _day(value, zone) for value in values.dropna().unique()}
    except TypeError:  # lists and structures are nobody's day, and cannot be looked up
        return [_day(value, zone) for value in values]
    return [days.get(value) for value in values.array]


def _day(value: object, zone: str) -> datetime.date | None:
    moment = moment_of(value)
    return local_day(moment, zone) if moment else None
