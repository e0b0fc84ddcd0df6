"""The catalogue of problems: what stops headwater from judging, in both languages.

A problem has a stable code, a message and a hint. ``CATALOGUE`` is the only place where their
texts stand; every code in it is raised somewhere, and every code raised is in it (tested).
"""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.problem_texts import CATALOGUE
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.catalog.position import Position


MOST_NAMES = 12
"""So many known names are listed beside the nearest one."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that stopped a judgement."""

    code: str
    message: Text
    position: Position | None = None
    hint: Text | None = None

    def order(self) -> tuple[str, int, int, str, str]:
        """Return the sort key: by position, then code, then message."""
        at = self.position
        where = (at.file, at.line, at.column) if at else ("", 0, 0)
        return (*where, self.code, self.message.en)


def problem(code: str, position: Position | None = None, **values: object) -> Problem:
    """Return the problem ``code`` with its blanks filled from ``values``.

    ``suggestion`` (a name or names) adds a *did you mean* to the hint.
    """
    message, hint = CATALOGUE[code]
    return Problem(code, message.fill(values), position, _hint(hint, values))


def _hint(hint: Text | None, values: dict[str, object]) -> Text | None:
    suggestion = values.get("suggestion")
    parts = []
    if suggestion:
        parts.append(Text("did you mean `{suggestion}`?", "是否应为 `{suggestion}`？").fill(values))
    if hint and not (suggestion and _is_long(values.get("known"))):
        parts.append(hint.fill(values))
    if not parts:
        return None
    return Text(" ".join(part.en for part in parts), "".join(part.zh for part in parts))


def _is_long(known: object) -> bool:
    """Say whether a list of names would bury the one that was meant."""
    return isinstance(known, Sized) and not isinstance(known, str) and len(known) > MOST_NAMES


def closest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known name nearest to ``name``, or ``None`` where none is near.

    ``cutoff`` is the least likeness, from 0 to 1, by Ratcliff and Obershelp's measure.

    Example:
        >>> closest("provder", ["provider", "consumer"])
        'provider'
        >>> closest("zzz", ["provider"]) is None
        True
    """
    from difflib import get_close_matches

    names = sorted(set(known))
    found = get_close_matches(name, names, n=1, cutoff=cutoff)
    if not found:
        lower = {other.lower(): other for other in reversed(names)}
        near = get_close_matches(name.lower(), sorted(lower), n=1, cutoff=cutoff)
        found = [lower[near[0]]] if near else []
    return found[0] if found else None
