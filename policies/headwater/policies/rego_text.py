"""Writes Rego source: literals, metadata, rules; formatted as ``opa fmt`` would.

Names from files enter the source in two ways only: as JSON string literals, and in metadata as
JSON strings inside comments. Identifiers are numbers that we give.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from headwater.catalog.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_LINE = 100
_RISKY = re.compile(r"[^\x20-\x7e\u3001-\u3011\u4e00-\u9fff\uff01-\uff5e]")


def literal(value: object) -> str:
    r"""Return ``value`` as a Rego scalar; unusual characters are escaped.

    Example:
        >>> literal('a"b\n'), literal(True), literal("户籍")
        ('"a\\"b\\n"', 'true', '"户籍"')
    """
    return _RISKY.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def metadata(title: str, description: str, *more: str) -> list[str]:
    """Return the annotation that stands before a package or a rule; ``more`` are further lines."""
    return [
        "# METADATA",
        f"# title: {_quoted(title)}",
        f"# description: {_quoted(description)}",
        *(f"# {line}" for line in more),
    ]


def _quoted(text: str) -> str:
    return json.dumps(visible(text), ensure_ascii=False)


def rule(head: str, body: Sequence[str]) -> list[str]:
    """Return a rule with one body; without expressions it always holds."""
    lines = list(dict.fromkeys(body))
    if not lines:
        return [head]
    if len(lines) == 1 and "\n" not in lines[0]:
        return [f"{head} if {lines[0]}"]
    inner = [f"\t{part}" for line in lines for part in line.split("\n")]
    return [f"{head} if {{", *inner, "}"]


def set_of(values: Iterable[object]) -> str:
    """Return a set literal, one value a line where it would be long."""
    texts = [literal(value) for value in values]
    if not texts:
        return "set()"
    short = "{" + ", ".join(texts) + "}"
    if len(short) <= MAX_LINE:
        return short
    return "\n".join(["{", *(f"\t{text}," for text in texts), "}"])


def source(blocks: Iterable[Sequence[str]]) -> str:
    """Return a module: the blocks with one empty line between them."""
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"
