"""Texts that match a regular expression, one for each way it can begin."""

from __future__ import annotations

import re
from typing import Any

from headwater.policies.patterns import matcher

_CLASSES = {"CATEGORY_DIGIT": "0", "CATEGORY_WORD": "a", "CATEGORY_SPACE": " "}
_TRIED = "x0 -a.A_"


def matching(pattern: str) -> list[str]:
    """Return a few texts that match ``pattern`` as a whole; none where none could be made.

    Example:
        >>> matching("[A-Z]{3}-[0-9]+|none")
        ['AAA-0', 'none']

    Those of digits come filled up to the six of a region too, where that matches.
    """
    try:
        tree = re._parser.parse(pattern)  # type: ignore[attr-defined]  # noqa: SLF001
    except (re.error, RecursionError, OverflowError):
        return []
    matches = matcher(pattern)
    texts = _texts(list(tree))
    texts += [f"{text:0<6}" for text in texts if text.isdigit()]
    return [text for text in dict.fromkeys(texts) if text and matches(text)]


def _texts(nodes: list[tuple[Any, Any]]) -> list[str]:
    """Return texts for a sequence: a branch at its beginning is followed every way."""
    if len(nodes) == 1 and str(nodes[0][0]) == "BRANCH":
        return [text for branch in nodes[0][1][1] for text in _texts(list(branch))]
    if len(nodes) == 1 and str(nodes[0][0]) == "SUBPATTERN":
        return _texts(list(nodes[0][1][3]))
    return ["".join(_text(*node) for node in nodes)]


def _text(kind: object, value: Any) -> str:
    match str(kind):
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return next(char for char in _TRIED if ord(char) != value)
        case "ANY":
            return "x"
        case "IN":
            return _member(value)
        case "MAX_REPEAT" | "MIN_REPEAT":
            low, _, inner = value
            return _texts(list(inner))[0] * int(low)
        case "SUBPATTERN" | "BRANCH":
            return _texts([(kind, value)])[0]
        case _:
            return ""


def _member(members: list[tuple[Any, Any]]) -> str:
    kind, value = members[0]
    match str(kind):
        case "LITERAL":
            return chr(value)
        case "RANGE":
            return chr(value[0])
        case "CATEGORY":
            return _CLASSES.get(str(value), "x")
        case _:  # what is not in a class: the matcher says whether the guess was right
            return "x"
