"""How a check looks at a column: as it is, as text, as numbers, or as points in time.

CSV knows only text, Parquet has types; a check must say the same of both. Values that cannot be
seen that way are counted, and the check fails for them.
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from headwater.checks.model import View

_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_TIME = re.compile(r"\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?")
_FINER = re.compile(r"(\.\d{6})\d+")  # Python counts microseconds


def view_of_limits(limits: Iterable[object]) -> View | None:
    """Return how values must be seen to be compared with ``limits``; ``None``: it cannot be said.

    Example:
        >>> view_of_limits([0, 9.5]), view_of_limits(["2026-01-01"]), view_of_limits(["08:00"])
        ('number', 'moment', 'time')
        >>> view_of_limits([0, "2026-01-01"]) is None
        True
    """
    found = {_view_of_limit(limit) for limit in limits if limit is not None}
    return found.pop() if len(found) == 1 else None


def _view_of_limit(limit: object) -> View | None:
    if isinstance(limit, (int, float)) and not isinstance(limit, bool):
        return "number"
    if _time(limit) is not None:
        return "time"
    moment = moment_of(limit)
    if moment is None:
        return None
    return "instant" if moment.tzinfo else "moment"


def limit_in(view: View, limit: object) -> object:
    """Return a limit in the form that :func:`seen` gives the values."""
    moment = _MOMENTS[view](limit) if view in _MOMENTS else None
    return moment.isoformat() if moment else limit


def moment_of(value: object) -> datetime.datetime | None:
    """Return the point in time of an ISO 8601 date or timestamp, or ``None``.

    Example:
        >>> moment_of("2026-01-31T23:59:59+08:00").isoformat()
        '2026-01-31T23:59:59+08:00'
        >>> moment_of("2026-02-30") is None
        True
    """
    if isinstance(value, datetime.datetime):  # pandas' Timestamp is one; the nanoseconds go
        return datetime.datetime.fromisoformat(_FINER.sub(r"\1", value.isoformat()))
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - as written
    if not isinstance(value, str) or not _MOMENT.fullmatch(value.strip()):
        return None
    try:
        return datetime.datetime.fromisoformat(_FINER.sub(r"\1", value.strip()))
    except ValueError:
        return None


def seen(column: pd.Series, view: View) -> tuple[pd.Series, int]:
    """Return the column in ``view``, and how many of its values cannot be seen that way.

    Those are empty in what is returned, so that nothing compares them.
    """
    if view == "plain":
        return column, 0
    if view == "number":
        return _numbers(column)
    if view == "text":
        return column.astype(object).map(text_of, na_action="ignore"), 0
    return _moments(column, _MOMENTS[view])


def _moments(
    column: pd.Series, moment: Callable[[object], datetime.datetime | None]
) -> tuple[pd.Series, int]:
    import pandas as pd

    found = column.astype(object).map(moment, na_action="ignore")
    shown = pd.Series(
        [value if isinstance(value, datetime.datetime) else None for value in found],
        index=column.index,
        dtype="datetime64[us]",  # nanoseconds would end in the year 2262
    )
    return shown, int((shown.isna() & column.notna()).sum())


def _numbers(column: pd.Series) -> tuple[pd.Series, int]:
    import pandas as pd

    if column.dtype.kind in "bmM":  # pandas would count nanoseconds
        found = pd.Series(float("nan"), index=column.index)
    else:
        found = pd.to_numeric(column, errors="coerce")
        found = found.mask(found.isin([float("inf"), float("-inf")]))
    return found, int((found.isna() & column.notna()).sum())


def text_of(value: object) -> str:
    """Return a value as a contract would write it.

    Example:
        >>> text_of(2.0), text_of(True), text_of("02")
        ('2', 'true', '02')
    """
    item: Any = value.item() if hasattr(value, "item") else value
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, float) and item.is_integer():
        return str(int(item))
    if isinstance(item, datetime.datetime) and not any((item.hour, item.minute, item.second)):
        return item.date().isoformat()
    return item.isoformat() if isinstance(item, datetime.date) else str(item)


def _wall(value: object) -> datetime.datetime | None:
    """Return date and time as written, whatever the zone."""
    moment = moment_of(value)
    return moment.replace(tzinfo=None) if moment else None


def _instant(value: object) -> datetime.datetime | None:
    """Return the point in time in UTC; without a zone it is none."""
    moment = moment_of(value)
    if moment is None or moment.tzinfo is None:
        return None
    try:
        return moment.astimezone(datetime.UTC).replace(tzinfo=None)
    except OverflowError:
        return None


def _time(value: object) -> datetime.datetime | None:
    """Return a time of day, as a point in time of one same day."""
    if isinstance(value, str) and _TIME.fullmatch(value.strip()):
        try:
            value = datetime.time.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime.time):
        return None
    return datetime.datetime.combine(_SOME_DAY, value.replace(tzinfo=None))


_SOME_DAY = datetime.date(1970, 1, 1)
_MOMENTS: dict[View, Callable[[object], datetime.datetime | None]] = {
    "moment": _wall,
    "instant": _instant,
    "time": _time,
}
