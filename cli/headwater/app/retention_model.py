"""Terms and what they come to, as values: declared terms, cohorts, verdicts."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from headwater.catalog.periods import day_after

if TYPE_CHECKING:
    from headwater.catalog.holds import Hold
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.position import Position
    from headwater.catalog.text import Text
    from headwater.checks.cohorts import Clock, Cohort
    from headwater.lineage.terms import Arrivals, Arrived

Source = Literal["policy", "law", "contract", "agreement"]
NOT_BEGUN = datetime.date.max
"""The day on which a term starts whose event has not happened."""


class State(StrEnum):
    """What is to be done with data now."""

    KEEP = "keep"
    """A maximum ends them, and its last day is not over."""
    OPEN = "open"
    """Not personal, and nothing says when they end."""
    FOLLOWS = "follows"
    """Copies that cannot tell their records' age: made again when their source lets go."""
    FREEZE = "freeze"
    """Past their maximum, and kept by law or a hold: stored, and used for nothing."""
    DELETE = "delete"
    """Past their maximum, and nothing keeps them."""
    UNBOUNDED = "unbounded"
    """Personal, and nothing says when they end."""
    UNKNOWN = "unknown"
    """It cannot be said: never deleted, and never passed over."""


@dataclass(frozen=True, slots=True)
class Start:
    """When a term that counts from an event begins.

    Data are collected from the first day to the last; other events have one day.

    Attributes:
        first: The earliest day that it may have begun; ``None``: not known.
        last: The latest.
        why: What is not known, if something is not.
    """

    first: datetime.date | None
    last: datetime.date | None
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """One term where it is declared.

    Attributes:
        rule: The id of what says so: a policy's rule, or ``contract:ID``, ``agreement:ID``.
        dataset: What it is about.
        period: How long; ``None``: to the day of the event itself.
        column: The column that it counts from.
        event: The event that it counts from, where it is no column.
        start: When that was.
        then: What follows a maximum.
        decides: The department that answers for the term.
        advises: Whether it only advises: then nothing follows from it.
        verified: Whether the law that it rests on was read.
        unknown: What left it open whether the rule is about the dataset at all.
    """

    source: Source
    rule: str
    dataset: DatasetId
    period: str | None
    column: str | None
    event: str | None
    start: Start | None
    zone: str
    then: str | None
    basis: tuple[str, ...]
    decides: str | None
    position: Position
    advises: bool = False
    verified: bool = True
    unknown: tuple[str, ...] = ()

    def first_end(self) -> datetime.date | None:
        """Return the earliest last day that the term may have; ``None``: not known."""
        return self.end(self.start.first) if self.start else None

    def last_end(self) -> datetime.date | None:
        """Return the latest last day that the term may have; ``None``: not known."""
        return self.end(self.start.last) if self.start else None

    def end(self, day: datetime.date | None) -> datetime.date | None:
        """Return the last day of a term that begins on ``day``; ``None``: not known."""
        if day is None or self.unknown:
            return None
        if day == NOT_BEGUN or self.period is None:
            return day
        return day_after(day, self.period)


@dataclass(frozen=True, slots=True)
class Terms:
    """Every term of a workspace on one day: maxima and minima where they are declared."""

    maxima: tuple[Declared, ...]
    minima: tuple[Declared, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Everything that decides how long one dataset is kept.

    Attributes:
        arrivals: Maxima, declared here or inherited.
        minima: Minima, declared here.
        holds: Holds that cover it and last.
        personal: Whether it holds personal data.
    """

    arrivals: Arrivals
    minima: tuple[Declared, ...]
    holds: tuple[Hold, ...]
    personal: bool

    @property
    def clocks(self) -> tuple[Clock, ...]:
        """The columns that terms count from here, sorted."""
        found = {(a.column, a.limit.zone) for a in self.arrivals.columns if a.column}
        found |= {(m.column, m.zone) for m in self.minima if m.column}
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done with one cohort.

    Attributes:
        until: The last day of its tightest maximum that is known.
        maximum: That maximum, as it arrived.
        at_least: The last day of its longest minimum that is known.
        minimum: That minimum.
        frozen_since: The day from which it is kept and used for nothing.
        conflict: Whether its minimum ends after its maximum.
    """

    state: State
    until: datetime.date | None = None
    maximum: Arrived | None = None
    at_least: datetime.date | None = None
    minimum: Declared | None = None
    frozen_since: datetime.date | None = None
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Cohorts of one dataset with the same verdict, together.

    Attributes:
        records: How many; ``None``: not counted.
        oldest: The earliest day of their clocks.
        newest: The latest.
        verdict: That of the cohort that ends first.
    """

    records: int | None
    oldest: datetime.date | None
    newest: datetime.date | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """One dataset, judged on one day.

    Attributes:
        cohorts: Its records by day; none where they were not counted.
        groups: What is to be done, with how many of them.
        why: Why its records could not be counted, where terms count from them.
    """

    dataset: DatasetId
    department: str | None
    bounds: Bounds
    cohorts: tuple[Cohort, ...]
    groups: tuple[Group, ...]
    why: Text | None = None

    def has(self, state: State) -> bool:
        """Say whether some of its records are in ``state``."""
        return any(group.verdict.state is state for group in self.groups)

    @property
    def records(self) -> int | None:
        """How many records there are; ``None``: not counted."""
        numbers = [group.records for group in self.groups]
        return sum(n for n in numbers if n is not None) if None not in numbers else None
