r"""The one function that makes a hostile name harmless and readable at every sink.

Names come from files and events that anyone may have written. Control characters can move a
terminal's cursor, bidirectional marks can reorder what is read, and zero-width characters can
hide a difference. All of them are shown as ``\uXXXX``; everything else stays as it is.
"""

from __future__ import annotations

import re

# C0, DEL, C1; soft hyphen; Arabic letter mark; Mongolian vowel separator; zero-width and
# bidirectional marks; line and paragraph separators; word joiner and invisible operators;
# byte-order mark; interlinear anchors; lone surrogates; tags; variation selectors supplement.
HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)


def visible(name: str) -> str:
    r"""Return ``name`` with every invisible or commanding character as ``\uXXXX``.

    Example:
        >>> visible("a\x1b[31mb")
        'a\\u001b[31mb'
        >>> visible("户籍表")
        '户籍表'
    """
    return HIDDEN.sub(_escaped, name)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
