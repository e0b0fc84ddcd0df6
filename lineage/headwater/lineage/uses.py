"""How columns use columns, as sources other than events declare it.

What every such source (SQL, dbt, an edge list) comes to before it becomes events.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.catalog.ids import ColumnId, DatasetId, JobId
    from headwater.catalog.problems import Problem

Subtype = Literal[
    "IDENTITY",
    "TRANSFORMATION",
    "AGGREGATION",
    "CONDITIONAL",
    "FILTER",
    "GROUP_BY",
    "JOIN",
    "SORT",
    "WINDOW",
]
DIRECT: tuple[Subtype, ...] = ("IDENTITY", "TRANSFORMATION", "AGGREGATION")
"""Subtypes by which the value itself goes on, weakest change first."""
INDIRECT: tuple[Subtype, ...] = ("CONDITIONAL", "FILTER", "GROUP_BY", "JOIN", "SORT", "WINDOW")


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """One way in which a column is used."""

    source: ColumnId
    subtype: Subtype
    masked: bool = False

    @property
    def direct(self) -> bool:
        """Whether the value itself goes on."""
        return self.subtype in DIRECT


Uses = frozenset[Use]
NONE: Uses = frozenset()


@dataclass(frozen=True, slots=True)
class Manner:
    """What an expression does with whatever stands in it."""

    subtype: Subtype = "IDENTITY"
    masked: bool = False

    def within(self, subtype: Subtype, *, masked: bool = False) -> Manner:
        """Return the manner of what stands one step further in.

        An influence stays the influence that it is; of direct steps the strongest change counts.
        """
        if self.subtype not in DIRECT:
            return replace(self, masked=self.masked or masked)
        if subtype not in DIRECT:
            return Manner(subtype, masked)
        return Manner(_stronger(self.subtype, subtype), self.masked or masked)

    def of(self, use: Use) -> Use:
        """Return ``use`` as it is after this step."""
        if self.subtype not in DIRECT:
            return Use(use.source, self.subtype, use.masked or self.masked)
        if not use.direct:
            return use
        return Use(use.source, _stronger(self.subtype, use.subtype), use.masked or self.masked)

    def all_of(self, uses: Iterable[Use]) -> Uses:
        """Return every one of ``uses`` as it is after this step."""
        return frozenset(self.of(use) for use in uses)


def _stronger(one: Subtype, other: Subtype) -> Subtype:
    return max(one, other, key=DIRECT.index)


def influence(subtype: Subtype, uses: Iterable[Use]) -> Uses:
    """Return ``uses`` turned into influences."""
    return Manner(subtype).all_of(uses)


@dataclass(frozen=True, slots=True)
class Relation:
    """What a query or a table gives.

    Attributes:
        columns: Each named column with what it is made from, in order.
        rows: What decides which rows there are: it influences every column.
        open: Datasets of which all columns come along, though it is not known which these are.
        opaque: Whether there are columns of which nothing at all is known.
    """

    columns: tuple[tuple[str, Uses], ...] = ()
    rows: Uses = NONE
    open: tuple[DatasetId, ...] = ()
    opaque: bool = False

    @property
    def closed(self) -> bool:
        """Whether all its columns are known, and so their positions."""
        return not self.open and not self.opaque

    def every(self) -> Uses:
        """Return the uses of all named columns together."""
        return NONE.union(*(uses for _, uses in self.columns))


@dataclass(frozen=True, slots=True)
class Declared:
    """What one job makes of one dataset.

    Attributes:
        job: The job.
        purpose: What it is for, if that was said.
        output: The dataset that it writes.
        inputs: Every dataset that it reads, sorted.
        columns: The output's columns in order, as far as they are known.
        made_from: Of each column what it is made from; ``None``: that is not known.
        influences: What influences the output as a whole.
        place: Where it is said, for people to find.
    """

    job: JobId
    purpose: str | None
    output: DatasetId
    inputs: tuple[DatasetId, ...]
    columns: tuple[str, ...]
    made_from: Mapping[str, Uses] | None
    influences: Uses
    place: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source came to.

    Attributes:
        declared: What it declares, sorted by output.
        notes: What could be read only in part, and how it was then taken.
    """

    declared: tuple[Declared, ...]
    notes: tuple[Problem, ...] = field(default=())


def together(readings: Iterable[Reading]) -> Reading:
    """Return what several sources came to."""
    found = list(readings)
    declared = [each for reading in found for each in reading.declared]
    declared.sort(key=lambda each: (each.output, each.job))
    return Reading(tuple(declared), tuple(note for reading in found for note in reading.notes))
