r"""Python's regular expressions in RE2, which DuckDB runs in time linear in the text.

Only what means the same in both is translated. Python's ``\d``, ``\w`` and ``\s`` know every
script and RE2's only ASCII: they are written as ASCII, so that what RE2 finds Python finds too,
and what it does not find has to be asked of Python again.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from typing import Any

_MOST_REPEATS = 1000  # RE2's own limit
_CLASSES = {
    "CATEGORY_DIGIT": "0-9",
    "CATEGORY_WORD": "0-9A-Za-z_",
    "CATEGORY_SPACE": r"\x09-\x0d\x1c-\x20",
}
_PLACES = {
    "AT_BEGINNING": r"\A",
    "AT_BEGINNING_STRING": r"\A",
    "AT_END": r"(?:\n?\z)",  # Python's `$` stands before a last line feed, too
    "AT_END_STRING": r"\z",
}
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Translated:
    """A pattern for RE2; unless ``exact`` it may miss what Python finds, and finds nothing else."""

    pattern: str
    exact: bool


class _UnknownError(Exception):
    """The pattern says something that the two understand differently."""


def translate(pattern: str) -> Translated | None:
    r"""Return ``pattern`` for RE2, or ``None`` where Python has to run it.

    Example:
        >>> translate("^[1-9][0-9]{5}$").pattern
        '\\A[1-9][0-9]{5,5}(?:\\n?\\z)'
        >>> translate(r"^\d+").exact, translate("(?=a)b") is None
        (False, True)
    """
    parser: Any = importlib.import_module("re._parser")
    try:
        tree = parser.parse(pattern)
    except (re.error, RecursionError, OverflowError, TypeError):
        return None
    if tree.state.flags & ~re.UNICODE:
        return None
    writer = _Writer()
    try:
        written = writer.sequence(tree, 0)
    except _UnknownError:
        return None
    return Translated(written, writer.exact)


class _Writer:
    """Writes one parsed pattern."""

    def __init__(self) -> None:
        self.exact = True

    def sequence(self, items: Any, depth: int) -> str:
        if depth > _DEEPEST:
            raise _UnknownError
        return "".join(self._item(str(kind), value, depth) for kind, value in items)

    def _item(self, kind: str, value: Any, depth: int) -> str:
        match kind:
            case "LITERAL":
                return _one(value)
            case "NOT_LITERAL":
                return f"[^{_one(value)}]"
            case "ANY":
                return r"[^\n]"
            case "AT" if str(value) in _PLACES:
                return _PLACES[str(value)]
            case "IN":
                return self._set(value)
        return self._nested(kind, value, depth)

    def _nested(self, kind: str, value: Any, depth: int) -> str:
        if kind == "BRANCH":
            return self._branch(value, depth)
        if kind == "SUBPATTERN":
            return self._group(value, depth)
        if kind in ("MAX_REPEAT", "MIN_REPEAT"):
            return self._repeat(value, depth)
        raise _UnknownError

    def _set(self, items: Any) -> str:
        negated = str(items[0][0]) == "NEGATE"
        written = "".join(self._member(str(kind), value) for kind, value in items[negated:])
        if negated and not self.exact:
            raise _UnknownError  # all but ASCII digits is more, not less, than all but digits
        return f"[{'^' if negated else ''}{written}]"

    def _member(self, kind: str, value: Any) -> str:
        if kind == "LITERAL":
            return _one(value)
        if kind == "RANGE":
            return f"{_one(value[0])}-{_one(value[1])}"
        if kind == "CATEGORY" and str(value) in _CLASSES:
            self.exact = False
            return _CLASSES[str(value)]
        raise _UnknownError

    def _branch(self, value: Any, depth: int) -> str:
        parts = (self.sequence(part, depth + 1) for part in value[1])
        return f"(?:{'|'.join(parts)})"

    def _group(self, value: Any, depth: int) -> str:
        _, added, removed, items = value
        if added or removed:
            raise _UnknownError
        return f"(?:{self.sequence(items, depth + 1)})"

    def _repeat(self, value: Any, depth: int) -> str:
        least, most, items = value
        bounded = str(most) != "MAXREPEAT"
        if least > _MOST_REPEATS or (bounded and most > _MOST_REPEATS):
            raise _UnknownError
        inner = self.sequence(items, depth + 1)
        body = inner if _is_single(items) else f"(?:{inner})"
        return f"{body}{{{least},{most if bounded else ''}}}"


def _is_single(items: Any) -> bool:
    return len(items) == 1 and str(items[0][0]) in ("LITERAL", "NOT_LITERAL", "ANY", "IN")


def _one(code: int) -> str:
    """Return one character so that it means itself, within a set or not."""
    character = chr(code)
    if 0xD800 <= code <= 0xDFFF:  # half a character is none
        raise _UnknownError
    return character if character.isascii() and character.isalnum() else f"\\x{{{code:x}}}"
