"""Great Expectations judges; only this package imports it, when something is judged.

Two engines measure for it: its own on pandas, and ours on DuckDB (:mod:`headwater.checks.scan`).
Either way GX decides and shapes every result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from headwater.checks.kept import Results
    from headwater.checks.model import Check, View
    from headwater.checks.table import Table

ChecksEngine = Literal["scan", "gx-pandas"]


@dataclass(frozen=True, slots=True)
class Outline:
    """How the checks of one file that see it in one way would be measured.

    ``how`` says by check key: ``scan``, one of the aggregates of the one reading; ``values``,
    from the distinct values that it counts; ``key``, by a reading of its own; ``gx-pandas``, by
    Great Expectations' own code.
    """

    file: str
    view: str
    queries: tuple[str, ...]
    how: Mapping[str, str]


class Planner:
    """Judges nothing, and notes how the scan engine would."""

    def __init__(self) -> None:
        self.outlines: list[Outline] = []

    def version(self) -> str:
        """Return that nothing is judged."""
        return "plan"

    def judge(
        self,
        table: Table,
        groups: Mapping[View, Sequence[Check]],
        references: Mapping[str, Set[object]],
    ) -> Results:
        """Note how each check would be measured; none gets a verdict.

        Raises:
            UnreadableError: The data as a whole cannot be read.
        """
        from headwater.checks.gx.stock import quiet

        with quiet():
            from headwater.checks.gx.expectations import registered
            from headwater.checks.gx.judging import outline_groups

            registered(references)
            self.outlines += outline_groups(table, groups)
        return {check.key: {} for checks in groups.values() for check in checks}


@dataclass(frozen=True, slots=True)
class GxRunner:
    """Judges checks with Great Expectations; ``engine`` measures."""

    engine: ChecksEngine

    def version(self) -> str:
        """Return engine and versions, without importing anything of theirs."""
        from importlib.metadata import version

        parts = [self.engine, version("great-expectations"), version("pandas")]
        return " ".join([*parts, version("duckdb")] if self.engine == "scan" else parts)

    def judge(
        self,
        table: Table,
        groups: Mapping[View, Sequence[Check]],
        references: Mapping[str, Set[object]],
    ) -> Results:
        """Return a verdict, or a reason why there is none, for each check by its key.

        Raises:
            UnreadableError: The data as a whole cannot be read.
        """
        from headwater.checks.gx.stock import quiet

        with quiet():
            from headwater.checks.gx.expectations import registered
            from headwater.checks.gx.judging import judge_scanned, judge_stock

            registered(references)
            judge = judge_scanned if self.engine == "scan" else judge_stock
            return judge(table, groups)
