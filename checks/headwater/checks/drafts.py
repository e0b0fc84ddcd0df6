"""What the compilers share: a dataset's place, short titles, and results known without data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.nodes import Mapping, Node, Scalar, Sequence
from headwater.checks.model import Check, CheckResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.position import Position
    from headwater.catalog.text import Text
    from headwater.checks.model import Severity

Compiled = Check | CheckResult
"""A check to run, or a result that is known without running anything."""

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
    """Where a constraint or rule stands: the dataset, and the column where it is of one."""

    dataset: DatasetId
    column: str | None = None
    numeric: bool = False

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
    """Say whether ``key`` is written and true."""
    found = node.get(key)
    return isinstance(found, Scalar) and found.value is True


def number_of(node: Node | None) -> int | float | None:
    """Return a number, or ``None``."""
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def scalars(node: Node | None) -> list[object]:
    """Return the values of a list of scalars."""
    items = node.items if isinstance(node, Sequence) else ()
    return [item.value for item in items if isinstance(item, Scalar)]
