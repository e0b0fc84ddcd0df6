"""ISO 8601 periods and the days they end on.

A term runs to the end of a local day: a record of day *d* with period *p* is kept through the
day *d + p* and is past its term on the day after. Months and years are counted on the calendar
from the record's own day (29 February plus one year is 28 February), never added up step by step.
"""

from __future__ import annotations

import datetime
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headwater.catalog.forms import Problems
    from headwater.catalog.position import Position

_PERIOD = re.compile(r"P(?=\d)(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?")


_MOST = 999_999


def period_of(value: str, problems: Problems, position: Position) -> str | None:
    """Return ``value`` if it is a period of at least one day, else ``None`` after a problem."""
    if is_period(value):
        return value
    problems.add("bad-period", position, value=value)
    return None


def is_period(value: str) -> bool:
    """Say whether ``value`` is an ISO 8601 period of years, months, weeks, days; not zero.

    Example:
        >>> is_period("P2Y"), is_period("PT5M"), is_period("P0D"), is_period("P-1Y")
        (True, False, False, False)
    """
    match = _PERIOD.fullmatch(value)
    return match is not None and any(int(part) for part in match.groups("0"))


@lru_cache(maxsize=65_536)
def day_after(day: datetime.date, period: str) -> datetime.date | None:
    """Return the last day of the term that begins on ``day``; ``None`` beyond the year 9999.

    Example:
        >>> day_after(datetime.date(2024, 2, 29), "P1Y").isoformat()
        '2025-02-28'
        >>> day_after(datetime.date(2026, 1, 31), "P1M").isoformat()
        '2026-02-28'
    """
    from whenever import Date

    match = _PERIOD.fullmatch(period)
    if match is None:
        raise ValueError(period)
    years, months, weeks, days = (int(part) for part in match.groups("0"))
    start = Date(day.year, day.month, day.day)
    try:
        end = start.add(years=years, months=months, weeks=weeks, days=days)
    except ValueError:
        return None
    return datetime.date(end.year, end.month, end.day)


def times(period: str, number: int) -> str | None:
    """Return the period that is ``number`` times as long; ``None`` where it can be none.

    It is counted from the anchor in one step: three months from 31 January are 30 April, and
    never a month added to a month.

    Example:
        >>> times("P1Y2M", 3), times("P1D", 0), times("P1D", -1)
        ('P3Y6M', None, None)
    """
    match = _PERIOD.fullmatch(period)
    if match is None or not 1 <= number <= _MOST:
        return None
    parts = zip(match.groups("0"), "YMWD", strict=True)
    found = "P" + "".join(f"{int(part) * number}{unit}" for part, unit in parts if int(part))
    return found if is_period(found) else None


@lru_cache(maxsize=4_096)
def reach(as_of: datetime.date, period: str) -> datetime.date | None:
    """Return the last day whose term of ``period`` is over on ``as_of``; ``None`` where none is.

    Example:
        >>> reach(datetime.date(2026, 3, 1), "P1M").isoformat()
        '2026-01-31'
        >>> reach(datetime.date(2026, 3, 1), "P9999Y") is None
        True
    """
    day = _back(as_of, period)
    one = datetime.timedelta(days=1)
    # Months differ in length, so the day counted back is only near: step to the exact one.
    while day is not None and not _over(day, period, as_of):
        day = day - one if day > datetime.date.min else None
    while day is not None and day < as_of and _over(day + one, period, as_of):
        day += one
    return day


def _over(day: datetime.date, period: str, as_of: datetime.date) -> bool:
    end = day_after(day, period)
    return end is not None and end < as_of


def _back(day: datetime.date, period: str) -> datetime.date | None:
    from whenever import Date

    match = _PERIOD.fullmatch(period)
    if match is None:
        raise ValueError(period)
    years, months, weeks, days = (int(part) for part in match.groups("0"))
    try:
        found = Date(day.year, day.month, day.day).subtract(
            years=years, months=months, weeks=weeks, days=days
        )
    except ValueError:
        # Before the year 1. A clipped month may bring one of its first days within reach.
        return datetime.date(1, 1, 4)
    return datetime.date(found.year, found.month, found.day)
