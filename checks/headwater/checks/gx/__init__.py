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
