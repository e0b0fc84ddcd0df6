"""A message in both languages, and the one place that fills its blanks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from headwater.catalog.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

_BLANK = re.compile(r"\{([A-Za-z_][\w.]*)\}")


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """The same sentence in English and in Chinese."""

    en: str
    zh: str

    def in_(self, language: Language) -> str:
        """Return the sentence in ``language``.

        Example:
            >>> Text("yes", "是").in_("zh")
            '是'
        """
        return self.zh if language == "zh" else self.en

    def fill(self, values: Mapping[str, object]) -> Text:
        """Return the text with every ``{name}`` replaced by its visible value.

        A value that is itself a :class:`Text` is shown in each sentence's own language; a blank
        without a value becomes ``?``, so that no brace is ever shown to a reader.

        Example:
            >>> Text("no {what}", "没有{what}").fill({"what": "key"}).en
            'no key'
            >>> Text("no {what}", "没有{what}").fill({}).zh
            '没有?'
        """
        return Text(_filled(self.en, values, "en"), _filled(self.zh, values, "zh"))

    def blanks(self) -> frozenset[str]:
        """Return the names of the blanks that stand in either language."""
        return frozenset((*_pieces(self.en)[1::2], *_pieces(self.zh)[1::2]))


def _filled(template: str, values: Mapping[str, object], language: Language) -> str:
    pieces = list(_pieces(template))
    for at in range(1, len(pieces), 2):
        pieces[at] = _shown(values.get(pieces[at]), language)
    return "".join(pieces)


@lru_cache(maxsize=4096)
def _pieces(template: str) -> tuple[str, ...]:
    """Return what stands between blanks, and the names in the blanks, in turn."""
    return tuple(_BLANK.split(template))


def _shown(value: object, language: Language) -> str:
    if isinstance(value, Text):
        value = value.zh if language == "zh" else value.en
    if isinstance(value, str):
        return _harmless(value)
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        between = ", " if language == "en" else "、"
        return between.join(_shown(item, language) for item in value)
    return _harmless(str(value))


def _harmless(value: str) -> str:
    """Return ``value`` with nothing hidden in it, and no brace that could pass for a blank."""
    plain = value.isascii() and value.isprintable()
    shown = value if plain else visible(value)
    return shown.replace("{", "(").replace("}", ")")
