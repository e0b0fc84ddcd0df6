"""Notes of lenient reading, as the store keeps them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.catalog.position import Position
from headwater.catalog.problems import Problem
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


NOT_UNDERSTOOD = "not understood: "
"""How the limit begins that notes set to every answer."""


def limits_of(notes: Collection[Problem]) -> tuple[str, ...]:
    """Return what notes take from the completeness of every answer."""
    return (f"{NOT_UNDERSTOOD}{len(notes)}",) if notes else ()


def note_text(note: Problem) -> str:
    """Return a note as text; its file is kept beside it."""
    at = note.position
    where = (at.line, at.column) if at else (0, 0)
    words = (note.code, *where, *_words(note.message), *_words(note.hint))
    return json.dumps(words, ensure_ascii=False)


def read_note(file: str, text: str) -> Problem:
    """Return the note that ``text`` is."""
    code, line, column, *words = json.loads(text)
    message, hint = Text(*words[:2]), Text(*words[2:])
    return Problem(code, message, Position(file, line, column), hint if hint.en else None)


def _words(text: Text | None) -> Iterable[str]:
    return (text.en, text.zh) if text else ("", "")
