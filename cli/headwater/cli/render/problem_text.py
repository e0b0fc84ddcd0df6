"""Problems for a person to read: where, what is wrong, and a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.catalog.problems import Problem
    from headwater.catalog.text import Language

_HINT = Text("hint: ", "提示：")
_ERROR = Text("error: ", "错误：")


def problem_text(problems: Iterable[Problem], language: Language) -> str:
    """Return one line for each problem, and a second where there is a hint."""
    lines = []
    for problem in problems:
        where = f"{problem.position}: " if problem.position else _ERROR.in_(language)
        lines.append(visible(f"{where}{problem.message.in_(language)}"))
        if problem.hint:
            lines.append(visible(f"  {_HINT.in_(language)}{problem.hint.in_(language)}"))
    return "\n".join(lines)
