"""What is true, as values: checks, their results, and what a dataset's results come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.position import Position
    from headwater.catalog.text import Text

Severity = Literal["error", "warning", "info"]
Status = Literal["passed", "failed", "not-evaluated", "manual"]
State = Literal["passing", "failing", "missing", "not-evaluated"]
View = Literal["plain", "text", "number", "moment", "instant", "time"]
"""How values are seen: as they are, as text, as numbers, as dates and times as written, as points
in time with a zone, as times of day."""


@dataclass(frozen=True, slots=True)
class Check:
    """One question to the data of one dataset.

    Attributes:
        dataset: Whose data.
        key: What identifies it within the dataset across runs.
        columns: The columns it asks of; none where it asks of the table.
        title: What must hold, in words.
        expectation: The Great Expectations type, or what stands for it where there is none.
        kwargs: Its arguments, without the data's own values.
        severity: How much a failure weighs.
        dimension: The ODCS dimension, where the contract names one.
        tags: Those of the rule and of the property it stands at.
        schedule: When the contract wants it to run, as written.
        position: Where the contract states it.
        view: How it sees the columns.
        reference: For a reference check: the dataset and column that must hold the values.
    """

    dataset: DatasetId
    key: str
    columns: tuple[str, ...]
    title: Text
    expectation: str
    position: Position
    kwargs: Mapping[str, object] = field(default_factory=dict)
    severity: Severity = "error"
    dimension: str | None = None
    tags: tuple[str, ...] = ()
    schedule: str | None = None
    view: View = "plain"
    reference: tuple[DatasetId, str] | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the data answered.

    ``unexpected`` and ``total`` count rows; ``observed`` is a number and never a value of the
    data. A ``manual`` result is a statement that people attest to, not a machine.
    """

    check: Check
    status: Status
    unexpected: int | None = None
    total: int | None = None
    observed: float | None = None
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class DatasetChecks:
    """All results of one dataset.

    Attributes:
        state: ``missing`` where the contract states nothing to check; ``failing`` where a check
            of severity error failed; ``not-evaluated`` where one could not be evaluated.
        digest: Identifies data, checks and results: equal for equal runs.
    """

    dataset: DatasetId
    contract: str
    results: tuple[CheckResult, ...]
    state: State
    digest: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why data cannot be read."""

    reason: Text
