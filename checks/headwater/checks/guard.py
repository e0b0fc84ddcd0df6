"""Regular expressions that may take for ever: tried on the data in a process that can be stopped.

Python's engine tries every way to divide a text among nested or neighbouring repeats. Whether a
pattern does so on this data cannot be told by looking at it, so it is tried, with a time limit.
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SECONDS = 5.0
TOO_SLOW = Text(
    "the regular expression takes longer than {seconds} seconds on this data",
    "正则表达式在该数据上运行超过 {seconds} 秒",
)
_PROGRAM = (
    "import json, re, sys\n"
    "patterns, values = json.load(sys.stdin)\n"
    "for pattern in patterns:\n"
    "    search = re.compile(pattern).search\n"
    "    for value in values:\n"
    "        search(value)\n"
)
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_ALSO = {"BRANCH": 1, "GROUPREF": 2}
"""What else multiplies the ways: one of several parts within a repeat, a part said once more."""
_SMALL = 20
"""A repeat of so few cannot take long."""


def may_explode(pattern: str) -> bool:
    """Say whether a pattern has repeats or choices in, or more than one beside, each other.

    Example:
        >>> may_explode("^(a+)+$"), may_explode("a*a*b"), may_explode("^[0-9]{17}[0-9X]$")
        (True, True, False)
    """
    parser: Any = importlib.import_module("re._parser")
    try:
        tree = parser.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return True
    return _repeats(tree) > 1


def _repeats(items: Any) -> int:
    """Return how many open repeats there are, one within another counted as two."""
    number = 0
    for kind, value in items:
        inner = sum(_repeats(part) for part in _parts(value))
        if str(kind) in _REPEATS:
            least, most, _ = value
            opened = str(most) == "MAXREPEAT" or most - least > _SMALL
            number += inner + 1 if opened else inner * (2 if most > 1 else 1)
        else:
            number += inner + _ALSO.get(str(kind), 0)
    return number


def _parts(value: Any) -> Iterable[Any]:
    """Yield the sequences of items within an item's value, at whatever place they stand."""
    if hasattr(value, "data") and hasattr(value, "state"):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _parts(each)


def patterns_of(kwargs: Mapping[str, object]) -> list[str]:
    """Return the regular expressions among an expectation's arguments."""
    found: list[str] = []
    for name in ("regex", "regex_list", "pattern"):
        value = kwargs.get(name)
        found += [e for e in (value if isinstance(value, list) else [value]) if isinstance(e, str)]
    return found


def ends_in_time(patterns: list[str], values: Iterable[str], seconds: float = SECONDS) -> bool:
    """Say whether Python has searched for each pattern in each value before the time is up."""
    text = json.dumps([patterns, list(values)])
    try:
        done = subprocess.run(  # noqa: S603 - our own program, which only reads its input
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            input=text.encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
