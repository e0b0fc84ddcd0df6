"""Rows under heads, as a table, as CSV and as Markdown."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.visible import visible
from headwater.cli.render.rows import cell_text
from headwater.cli.render.table import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.catalog.text import Language, Text

GRID_FORMATS = ("text", "json", "csv", "markdown")

_SPEAKING = re.compile(r"([\\`*_\[\]<>|~#!(){}])")
"""What Markdown would take for a command."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of texts.

    Attributes:
        names: What the columns are called in CSV, in every language.
        heads: What they are called for people.
        rows: The cells; ``None`` is empty.
    """

    names: tuple[str, ...]
    heads: tuple[Text, ...]
    rows: tuple[tuple[str | None, ...], ...]


def grid_table(grid: Grid, language: Language) -> list[str]:
    """Return the lines of an aligned table; columns that are empty throughout are left out."""
    kept = [n for n in range(len(grid.names)) if any(row[n] for row in grid.rows)]
    heads = [grid.heads[n].in_(language) for n in kept]
    return table([heads, *([row[n] or "" for n in kept] for row in grid.rows)])


def grid_csv(grid: Grid) -> str:
    """Return CSV that a spreadsheet may safely open."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(grid.names)
    writer.writerows([cell_text(cell) for cell in row] for row in grid.rows)
    return out.getvalue().removesuffix("\n")


def grid_markdown(grid: Grid, language: Language) -> list[str]:
    """Return the lines of a table in Markdown; columns that are empty throughout are left out."""
    kept = [n for n in range(len(grid.names)) if any(row[n] for row in grid.rows)]
    heads = [grid.heads[n].in_(language) for n in kept]
    rows = [[row[n] or "" for n in kept] for row in grid.rows]
    return [
        _line([markdown_text(head) for head in heads]),
        _line(["---"] * len(kept)),
        *(_line([markdown_text(cell) for cell in row]) for row in rows),
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def markdown_text(text: str) -> str:
    r"""Return ``text`` as Markdown shows it: no markup, no link, no mention of a person.

    Example:
        >>> markdown_text("a|b @c https://d")
        'a\\|b &#64;c https&#58;//d'
    """
    escaped = _SPEAKING.sub(r"\\\1", visible(text).replace("&", "&amp;"))
    return escaped.replace("@", "&#64;").replace("://", "&#58;//").replace("www.", "www&#46;")
