"""How a measure is answered: by aggregates of one reading, by a query of its own, or by value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

UNKNOWN = object()
"""What an answer is where only pandas can tell, as the data shows."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One measure that is asked for, in Great Expectations' words."""

    id: tuple[Any, ...]
    name: str
    domain: Mapping[str, Any]
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """What is measured: the name without its last part."""
        return self.name.rpartition(".")[0]

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Computed:
    """Aggregates, and what becomes of them.

    ``rough`` where the last digits depend on the order in which numbers are added.
    """

    terms: tuple[str, ...]
    finish: Callable[..., object]
    rough: bool = False


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A count of rows that RE2 does not find, of which Python may yet find some."""

    sql: str
    where: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """A count of rows whose values stand in another row, too."""

    columns: tuple[str, ...]
    among: str
    provable: bool


@dataclass(frozen=True, slots=True)
class ByValue:
    """What the distinct values of a column tell, with how often each stands there.

    ``condition``: how many rows a condition on single values finds. ``values``: what does not
    depend on how often. ``rows``: what does, though not on their order.
    """

    column: str
    how: Literal["condition", "values", "rows"]


Answer = Computed | Doubtful | Repeated | ByValue
