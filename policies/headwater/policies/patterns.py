"""Regular expressions: RE2, the one dialect that the embedded engine and OPA both speak.

A pattern must match the whole value. Both engines evaluate the same anchored source, and what
the two might understand differently is refused when policies are read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

PATTERNS = ("matches", "not_matches")
LONGEST = 1000
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_REASONS = {
    "C": Text("it matches single bytes with `\\C`", "它用 `\\C` 匹配单个字节"),
    "p": Text(
        "`\\p` means other characters in other versions of Unicode",
        "`\\p` 在不同 Unicode 版本中含义不同",
    ),
}
_REASONS["P"] = _REASONS["p"]


def anchored(pattern: str) -> str:
    r"""Return the pattern that matches where ``pattern`` matches the whole value.

    Example:
        >>> anchored("a|b")
        '\\A(?:a|b)\\z'
    """
    return rf"\A(?:{pattern})\z"


def refusal(pattern: str) -> Text | None:
    """Return why ``pattern`` cannot be used, or ``None`` where it can.

    Example:
        >>> refusal("[A-Z]{3}-[0-9]+") is None, refusal("a(b").en
        (True, 'missing ): a(b')
    """
    if len(pattern) > LONGEST:
        return Text(f"it is longer than {LONGEST} characters", f"长度超过 {LONGEST} 个字符")
    try:
        pattern.encode()
    except UnicodeEncodeError:
        return Text("it is not valid Unicode", "它不是有效的 Unicode")
    for escape in _ESCAPE.findall(pattern):
        if escape in _REASONS:
            return _REASONS[escape]
    # By itself too: what only the brackets around it complete was not meant.
    reason = _told(pattern) or _told(anchored(pattern))
    return Text(reason, reason) if reason else None


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return the function that says whether a value matches ``pattern`` as a whole."""
    search = _compiled(anchored(pattern)).search
    return lambda value: search(value) is not None


@lru_cache(maxsize=1024)
def _compiled(source: str) -> re.Pattern[str]:
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.log_errors = False
    found: re.Pattern[str] = re2.compile(source, options)
    return found


def _told(source: str) -> str | None:
    """Return what RE2 has against ``source``."""
    import re2

    try:
        _compiled(source)
    except re2.error as error:
        told = error.args[0] if error.args else ""
        return told.decode(errors="replace") if isinstance(told, bytes) else str(told)
    return None
