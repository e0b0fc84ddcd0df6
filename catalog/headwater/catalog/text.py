"""A message in both languages, and the one place that fills its blanks."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
        return frozenset(_BLANK.findall(self.en)) | frozenset(_BLANK.findall(self.zh))


def _filled(template: str, values: Mapping[str, object], language: Language) -> str:
    return _BLANK.sub(lambda match: _shown(values.get(match[1]), language), template)


def _shown(value: object, language: Language) -> str:
    if value is None:
        return "?"
    if isinstance(value, Text):
        return _shown(value.in_(language), language)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        between = ", " if language == "en" else "、"
        return between.join(_shown(item, language) for item in value)
    return visible(str(value)).replace("{", "(").replace("}", ")")
