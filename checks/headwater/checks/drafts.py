"""What the compilers share: a dataset's place, short titles, and results known without data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from headwater.catalog.nodes import Mapping, Node, Scalar, Sequence
from headwater.catalog.text import Text
from headwater.checks.model import Check, CheckResult
from headwater.checks.views import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Mapping_

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.position import Position
    from headwater.checks.model import Severity

Compiled = Check | CheckResult
"""A check to run, or a result that is known without running anything."""

LONGEST_TITLE = 120

_YES = frozenset({"true", "yes", "y", "on", "t", "1", "1.0"})

_SEVERITIES: dict[str, Severity] = {
    "info": "info",
    "low": "info",
    "minor": "info",
    "warning": "warning",
    "medium": "warning",
    "major": "warning",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a constraint or rule stands: the dataset, and the column where it is of one.

    ``types`` are the logical types of the dataset's columns, ``object`` the contract's name of it.
    """

    dataset: DatasetId
    column: str | None = None
    types: Mapping_[str, str | None] = field(default_factory=dict)
    object: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The column as a tuple, empty for the table."""
        return (self.column,) if self.column else ()


def severity_of(node: Mapping) -> Severity:
    """Return how much a rule weighs; ODCS leaves the word free, so an unknown one is an error."""
    return _SEVERITIES.get((node.text("severity") or "error").lower(), "error")


def unjudged(place: Place, key: str, title: Text, position: Position, reason: Text) -> CheckResult:
    """Return the result of a rule that cannot be evaluated."""
    check = Check(place.dataset, key, place.columns, title, "none", position)
    return CheckResult(check, "not-evaluated", reason=reason)


def manual(place: Place, key: str, title: Text, position: Position) -> CheckResult:
    """Return the result of a statement that people attest to."""
    return CheckResult(Check(place.dataset, key, place.columns, title, "none", position), "manual")


def mappings(node: Node | None) -> Iterator[Mapping]:
    """Yield the mappings of a list; of anything else nothing."""
    if isinstance(node, Sequence):
        yield from (item for item in node if isinstance(item, Mapping))


def is_true(node: Mapping, key: str) -> bool:
    """Say whether ``key`` is written and true.

    Text that means yes counts: the contract's own model takes it for true, and a constraint
    must not vanish between two readings.
    """
    found = node.get(key)
    return isinstance(found, Scalar) and str(found.value).lower() in _YES


def number_of(node: Node | None) -> int | float | None:
    """Return a number, or ``None``."""
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def texts(node: Node | None) -> list[str] | None:
    """Return the values of a list as texts; ``None`` where it is no list of single values.

    A number has two: as written, and in the form that data has. Nothing (``null``) is no value.
    """
    if not isinstance(node, Sequence):
        return None
    found: list[str] = []
    for item in node.items:
        if not isinstance(item, Scalar):
            return None
        if item.value is not None:
            found += [item.text, text_of(item.value)]
    return list(dict.fromkeys(found))


def tagged(found: Compiled, node: Mapping) -> Compiled:
    """Return what was compiled with the tags of ``node`` added, and its schedule if it has one."""
    check = found if isinstance(found, Check) else found.check
    tags = dict.fromkeys((*check.tags, *(texts(node.get("tags")) or ())))
    schedule = check.schedule or node.text("schedule")
    marked = replace(check, tags=tuple(tags), schedule=schedule)
    return marked if isinstance(found, Check) else replace(found, check=marked)


def title_of(said: str) -> Text:
    """Return a title of the author's own words: the first line, not without end."""
    line = next(iter(said.strip().splitlines()), "")
    short = line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1] + "…"
    return Text("{said}", "{said}").fill({"said": short})
