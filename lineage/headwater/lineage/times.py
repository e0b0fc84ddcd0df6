"""Event times: text with a zone, made comparable to the nanosecond."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

_TIME = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?P<hours>[0-9]{2}:[0-9]{2})"
    r"(?::(?P<seconds>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)"
)


@lru_cache(maxsize=1024)
def moment(text: str) -> str | None:
    """Return ``text`` in UTC with nine digits of fraction, or ``None`` if it is no zoned time.

    Moments sort as text in the order of time. ``datetime`` alone would not do: it drops
    nanoseconds, which Java producers write.

    Example:
        >>> moment("2026-10-01T09:05:00.5+08:00")
        '2026-10-01T01:05:00.500000000Z'
        >>> moment("2026-10-01T01:05:00") is None
        True
    """
    found = _TIME.fullmatch(text)
    if not found:
        return None
    date, hours, seconds, fraction, zone = found.groups()
    written = f"{date}T{hours}:{seconds or '00'}"
    try:
        if zone in "Zz":
            datetime.datetime.fromisoformat(written)
        else:
            when = datetime.datetime.fromisoformat(written + zone)
            written = when.astimezone(datetime.UTC).replace(tzinfo=None).isoformat()
    except (ValueError, OverflowError):
        return None
    return f"{written}.{(fraction or '').ljust(9, '0')}Z"


def shown(of: str) -> str:
    """Return a moment as people read it: without a fraction of nothing but zeros.

    Example:
        >>> shown("2026-10-01T01:05:00.500000000Z")
        '2026-10-01T01:05:00.5Z'
    """
    return of.removesuffix("Z").rstrip("0").rstrip(".") + "Z" if "." in of else of
