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


TAKEN_IN_PART = frozenset(
    {
        *("dbt-not-compiled", "dbt-taken-whole"),
        *("sql-star-unknown", "sql-undescribed-column", "sql-unnamed-column"),
    }
)
"""Notes of what was taken as a whole, or by a likely name: nothing is left out."""


def lacks(note: Problem) -> bool:
    """Say whether something may be missing because of what is noted."""
    return note.code not in TAKEN_IN_PART


def limits_of(notes: Collection[Problem]) -> tuple[str, ...]:
    """Return what notes take from the completeness of every answer."""
    number = sum(lacks(note) for note in notes)
    return (f"{NOT_UNDERSTOOD}{number}",) if number else ()


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
