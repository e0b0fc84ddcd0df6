"""Check results enter lineage as OpenLineage events."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from headwater.checks import DatasetChecks
    from headwater.lineage import LineageStore

_SPACE = uuid.UUID("5d3a8a1e-6f0b-5b6e-9a53-3f6d0b6f7d11")
JOB_NAMESPACE = "headwater"


def record_checks(
    store: LineageStore, found: Iterable[DatasetChecks], as_of: datetime.date
) -> None:
    """Record what the checks said, once for each distinct result and day.

    The run id is derived from the result and the day, so that a repeated run adds nothing.
    """
    for checks in found:
        assertions = [result for result in checks.results if result.status in _JUDGED]
        run_id = str(uuid.uuid5(_SPACE, f"{as_of}/{checks.dataset}/{checks.digest}"))
        if assertions and not store.has_event_of_run(run_id):
            _emit(store, checks, run_id, as_of)


_JUDGED = ("passed", "failed")


def _emit(store: LineageStore, checks: DatasetChecks, run_id: str, as_of: datetime.date) -> None:
    from headwater.catalog.ids import JobId
    from headwater.lineage import Assertion, CheckRun, emit_check_run

    run = CheckRun(
        dataset=checks.dataset,
        assertions=tuple(
            Assertion(
                assertion=result.check.expectation,
                success=result.status == "passed",
                column=result.check.columns[0] if len(result.check.columns) == 1 else None,
                severity=result.check.severity,
            )
            for result in checks.results
            if result.status in _JUDGED
        ),
        event_time=f"{as_of.isoformat()}T00:00:00Z",
        job=JobId(JOB_NAMESPACE, f"checks.{checks.contract}"),
        run_id=run_id,
    )
    emit_check_run(store, run)
