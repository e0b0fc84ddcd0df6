"""Labels as bits: a level and categories in one number, whose join is *or*.

Levels are a thermometer: a level's bit and those of all lower ones. So the join of two levels is
the higher, and keeping no more than a level is *and*. One more bit says that anything is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.levels import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERYTHING = -1
"""What keeps every label."""

_KNOWN = 1
_CATEGORIES = 1 + len(LEVELS)


@dataclass(frozen=True, slots=True)
class Scheme:
    """Which bit stands for what, among these categories.

    Example:
        >>> scheme = Scheme(("health", "personal"))
        >>> low, high = scheme.bits("general-1", ["personal"]), scheme.bits("general-3", [])
        >>> scheme.level(low | high), scheme.categories(low | high)
        ('general-3', ('personal',))
        >>> scheme.level((low | high) & scheme.kept("general-2", ["personal"]))
        'general-2'
    """

    known: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many bits there are."""
        return _CATEGORIES + len(self.known)

    def bits(self, level: str | None, categories: Iterable[str]) -> int:
        """Return a label's bits; without level and categories, only that it was described."""
        found = _KNOWN
        if level is not None:
            found |= _up_to(level)
        for name in categories:
            found |= self.category_bit(name)
        return found

    def level(self, bits: int) -> str | None:
        """Return the level, or ``None`` where none is known."""
        grades = bits >> 1 & (1 << len(LEVELS)) - 1
        return LEVELS[grades.bit_length() - 1] if grades else None

    def categories(self, bits: int) -> tuple[str, ...]:
        """Return the categories, in their order."""
        return tuple(name for name in self.known if bits & self.category_bit(name))

    def says(self, bits: int) -> bool:
        """Say whether there is a level or a category."""
        return bits & ~_KNOWN != 0

    def above(self, bits: int, others: int) -> int:
        """Return the levels and categories of ``bits`` that ``others`` have not."""
        return bits & ~others & ~_KNOWN

    def words(self, bits: int) -> list[str]:
        """Return the level, then the categories."""
        level = self.level(bits)
        return [*([level] if level else []), *self.categories(bits)]

    def level_bit(self, level: str) -> int:
        """Return the bit that a level has and lower ones do not."""
        return 2 << LEVELS.index(level)

    def category_bit(self, name: str) -> int:
        """Return the bit of a category."""
        return 1 << _CATEGORIES + self.known.index(name)

    def kept(self, level: str | None, removed: Iterable[str]) -> int:
        """Return what is left of every label: no more than ``level``, without ``removed``."""
        found = (1 << self.width) - 1
        if level is not None:
            found &= ~(_up_to(LEVELS[-1]) & ~_up_to(level))
        for name in removed:
            found &= ~self.category_bit(name)
        return found


def _up_to(level: str) -> int:
    return (2 << LEVELS.index(level) + 1) - 2
