"""Which versions of OPA we trust."""

from __future__ import annotations

import re

MINIMUM = "1.21.3"
"""Before it, the signature of a bundle could be side-stepped (GHSA-g2pf-6v5v-qcc8)."""

_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})([-+].*)?")


def too_old(version: str) -> bool:
    """Say whether ``version`` is before the oldest we trust; what is no version is, too.

    Example:
        >>> too_old("1.9.0"), too_old("1.21.3"), too_old("2.0.0-dev"), too_old("new")
        (True, False, False, True)
    """
    match = _VERSION.fullmatch(version)
    return match is None or _numbers(match) < tuple(int(part) for part in MINIMUM.split("."))


def _numbers(match: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(part) for part in match.groups()[:3])
