"""Globs over names: ``*`` any run of characters, ``?`` one character, nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headwater.catalog.position import Position


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern over names, with the place where it was written."""

    pattern: str
    position: Position | None = None

    def matches(self, name: str) -> bool:
        """Say whether the whole of ``name`` fits the pattern.

        Example:
            >>> Glob("postgres://db:*").matches("postgres://db:5432")
            True
            >>> Glob("a[b]").matches("ab")
            False
        """
        return _compiled(self.pattern).fullmatch(name) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Runs of stars collapse, so that matching stays linear in practice.
    parts = re.split(r"(\*+|\?)", pattern)
    source = "".join(
        ".*" if part.startswith("*") else "." if part == "?" else re.escape(part) for part in parts
    )
    return re.compile(source, re.DOTALL)
