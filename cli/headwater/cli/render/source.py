"""The line of a file that a problem is about, with a caret under the place."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.catalog.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from headwater.catalog.position import Position

WIDEST = 100
"""From so many columns on, a line is shown from near the place only."""
MAX_BYTES = 16 * 1024 * 1024
BEFORE = 40


class Sources:
    """The files that positions name, below the folders that a command was called with."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._lines: dict[str, Sequence[str]] = {}

    def excerpt(self, position: Position) -> tuple[str, str] | None:
        """Return the line and the line with the caret, or ``None`` where there is none to show."""
        lines = self._read(position.file)
        if not 1 <= position.line <= len(lines):
            return None
        line = lines[position.line - 1]
        at = min(max(position.column - 1, 0), len(line))
        start = at - BEFORE if len(line) > WIDEST and at > BEFORE else 0
        head, tail = visible(line[start:at]), visible(line[at : start + WIDEST])
        lead = "…" if start else ""
        more = "…" if start + WIDEST < len(line) else ""
        return f"{lead}{head}{tail}{more}", f"{' ' * width(lead + head)}^"

    def _read(self, file: str) -> Sequence[str]:
        if file not in self._lines:
            self._lines[file] = self._found(file)
        return self._lines[file]

    def _found(self, file: str) -> Sequence[str]:
        for folder in self._folders:
            path = folder / file
            try:
                if path.is_file() and path.stat().st_size <= MAX_BYTES:
                    return path.read_text(encoding="utf-8-sig").split("\n")
            except (OSError, ValueError):
                continue
        return ()


def width(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes.

    Example:
        >>> width("a户籍")
        5
    """
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    marks = sum(bool(unicodedata.combining(letter)) for letter in text)
    return len(text) + wide - marks


def folders_of(words: Iterable[str]) -> list[Path]:
    """Return the folders that positions may be relative to: those named, and all above them."""
    named = [Path(word.partition("=")[2] or word) for word in words if word]
    found: dict[Path, None] = {}
    for path in [*named, Path()]:
        try:
            real = path.resolve()
            if real.exists():
                found |= dict.fromkeys([real, *real.parents])
        except (OSError, RuntimeError, ValueError):
            continue
    return list(found)
