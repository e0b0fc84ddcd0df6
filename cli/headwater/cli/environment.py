"""The only place that reads the clock, the environment and the terminal's language."""

from __future__ import annotations

import datetime
import os
import shutil
from typing import TYPE_CHECKING

from headwater.catalog.errors import InputError

if TYPE_CHECKING:
    from headwater.catalog.text import Language


def today() -> datetime.date:
    """Return the day it is here."""
    return datetime.datetime.now().astimezone().date()


def now() -> str:
    """Return the time it is, in UTC, to the microsecond."""
    return datetime.datetime.now(datetime.UTC).isoformat().replace("+00:00", "Z")


def opa_executable() -> str | None:
    """Return the ``opa`` to use: ``HEADWATER_OPA``, else the one on PATH, else ``None``.

    Raises:
        InputError: ``HEADWATER_OPA`` names something that cannot be run.
    """
    named = os.environ.get("HEADWATER_OPA")
    if named:
        found = shutil.which(named)
        if found is None:
            reason = "it is not an executable file"
            raise InputError.of("file-unreadable", path=named, reason=reason)
        return found
    return shutil.which("opa")


def preferred_language() -> Language:
    """Return ``zh`` where the locale asks for Chinese, else ``en``."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
