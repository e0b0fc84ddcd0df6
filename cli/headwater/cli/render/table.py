"""Tables on a terminal: columns line up, also where characters are two cells wide."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from headwater.catalog.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = "  "


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return one line for each row, every cell as wide as the widest of its column.

    Example:
        >>> table([["策略", "x"], ["ab", "y"]])
        ['策略  x', 'ab    y']
    """
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(cells, column)) for column in zip(*shown, strict=True)]
    return [
        _GAP.join(
            cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in shown
    ]


def cells(text: str) -> int:
    r"""Return how many cells of a terminal ``text`` takes (Unicode Standard Annex 11).

    Example:
        >>> cells("a策"), cells("e\u0301")
        (3, 1)
    """
    return sum(
        0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )
