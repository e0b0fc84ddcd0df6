"""Named time zones: on which local day a moment falls, and when a local day ends."""

from __future__ import annotations

import datetime  # noqa: TC003 - the examples use it
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headwater.catalog.forms import Problems
    from headwater.catalog.position import Position

UTC = "UTC"


def zone_of(value: str, problems: Problems, position: Position) -> str:
    """Return ``value`` if it names a zone, else UTC after a problem."""
    if is_zone(value):
        return value
    problems.add("unknown-zone", position, value=value)
    return UTC


def is_zone(value: str) -> bool:
    """Say whether ``value`` names a time zone of the IANA database.

    Example:
        >>> is_zone("Asia/Shanghai"), is_zone("Asia/Nowhere"), is_zone("../etc/passwd")
        (True, False, False)
    """
    from whenever import Instant, TimeZoneNotFoundError

    try:
        Instant.from_utc(2026, 1, 1).to_tz(value)
    except (TimeZoneNotFoundError, ValueError, OSError):
        return False
    return True


def local_day(moment: datetime.datetime, zone: str) -> datetime.date | None:
    """Return the day that it is in ``zone`` at ``moment``; a moment without an offset keeps its.

    ``None`` where that day lies outside the calendar.

    Example:
        >>> local_day(datetime.datetime.fromisoformat("2026-01-31T23:30:00Z"), "Asia/Shanghai")
        datetime.date(2026, 2, 1)
    """
    if moment.tzinfo is None:
        return moment.date()
    from whenever import Instant

    try:
        found = Instant(moment).to_tz(zone).date()
    except ValueError:
        return None
    return found.to_stdlib()


def end_of_day(day: datetime.date, zone: str) -> str | None:
    """Return the moment in UTC at which ``day`` is over in ``zone``; ``None`` for the last of all.

    That is when the next day begins there, midnight or, where a clock skips it, later.

    Example:
        >>> end_of_day(datetime.date(2026, 1, 31), "Asia/Shanghai")
        '2026-01-31T16:00:00Z'
        >>> end_of_day(datetime.date(2018, 11, 3), "America/Sao_Paulo")
        '2018-11-04T03:00:00Z'
    """
    from whenever import Date, Time

    try:
        following = Date(day.year, day.month, day.day).next_day()
        begins = following.at(Time()).assume_tz(zone, disambiguation="compatible").start_of("day")
        return begins.to_instant().format_iso()
    except ValueError:
        return None
