"""Problems for a person to read: where, what is wrong, its code, the line, and a hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.catalog.problems import Problem
    from headwater.catalog.text import Language
    from headwater.cli.render.source import Sources

_HINT = Text("hint: ", "提示：")
_ERROR = Text("error: ", "错误：")


def problem_text(
    problems: Iterable[Problem], language: Language, sources: Sources | None = None
) -> str:
    """Return the problems, each with its code (for ``headwater explain``) and what to do.

    Args:
        problems: What to tell.
        language: In which language.
        sources: Where the lines stand that the problems are about; ``None``: show none.
    """
    lines = []
    for problem in problems:
        at = problem.position
        where = f"{at}: " if at else _ERROR.in_(language)
        lines.append(visible(f"{where}{problem.message.in_(language)} [{problem.code}]"))
        excerpt = sources.excerpt(at) if sources and at else None
        if excerpt:
            lines.extend(f"    {line}" for line in excerpt)
        if problem.hint:
            lines.append(visible(f"  {_HINT.in_(language)}{problem.hint.in_(language)}"))
    return "\n".join(lines)
