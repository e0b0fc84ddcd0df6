"""Makes a problem of this room's catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.problems import Problem
from headwater.catalog.text import Text
from headwater.policies.problem_texts import TEXTS

if TYPE_CHECKING:
    from headwater.catalog.position import Position

_DID_YOU_MEAN = Text("did you mean `{suggestion}`?", "是否应为 `{suggestion}`？")


def refusal(code: str, position: Position | None = None, **values: object) -> Problem:
    """Return the problem ``code`` with its blanks filled; ``suggestion`` asks *did you mean*."""
    message, hint = TEXTS[code]
    parts = [_DID_YOU_MEAN] if values.get("suggestion") else []
    parts += [hint] if hint else []
    filled = [part.fill(values) for part in parts]
    whole = Text(" ".join(part.en for part in filled), "".join(part.zh for part in filled))
    return Problem(code, message.fill(values), position, whole if filled else None)
