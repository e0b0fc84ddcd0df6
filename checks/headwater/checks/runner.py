"""Runs the checks of datasets: what can be evaluated is, and what cannot says why."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.checks import kept
from headwater.checks.compile import compile_dataset
from headwater.checks.data import DataFile, columns_in, find_data, read_columns
from headwater.checks.model import Check, CheckResult, DatasetChecks, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd

    from headwater.catalog.model import Contract, Dataset, Workspace
    from headwater.checks.model import State


def run_checks(
    workspace: Workspace, datasets: Iterable[Dataset], cache: Path
) -> tuple[DatasetChecks, ...]:
    """Return the results of all that the contracts of ``datasets`` ask, in their order.

    Args:
        workspace: Whose contracts and data.
        datasets: What to check.
        cache: The folder where results are kept; equal data and checks are evaluated once.
    """
    return tuple(
        _Run(workspace, workspace.contracts[dataset.contract], dataset, cache).result()
        for dataset in datasets
    )


@dataclass(frozen=True, slots=True)
class _Run:
    workspace: Workspace
    contract: Contract
    dataset: Dataset
    cache: Path

    def result(self) -> DatasetChecks:
        compiled = compile_dataset(self.workspace, self.contract, self.dataset)
        checks = [each for each in compiled if isinstance(each, Check)]
        known = [each for each in compiled if isinstance(each, CheckResult)]
        if not compiled:
            return self._summed((), "")
        if not checks:
            return self._summed(tuple(known), "")
        data = find_data(self.workspace, self.contract, self.dataset)
        if isinstance(data, Unreadable):
            return self._summed((self._no_data(data), *known), "")
        found, digest = self._evaluated(data, checks)
        return self._summed((*found, *known), digest)

    def _no_data(self, data: Unreadable) -> CheckResult:
        title = Text("its data can be read", "数据可读取")
        server = self.contract.server(self.workspace.checks_server or "")
        position = server.position if server else self.dataset.position
        check = Check(self.dataset.id, "data", (), title, "none", position)
        return CheckResult(check, "not-evaluated", reason=data.reason)

    def _evaluated(
        self, data: DataFile, checks: list[Check]
    ) -> tuple[tuple[CheckResult, ...], str]:
        names = columns_in(data)
        if isinstance(names, Unreadable):
            return (self._no_data(names),), ""
        references = {
            str(check.kwargs["reference"]): self._reference(check)
            for check in checks
            if check.reference
        }
        ready, results = [], []
        for check in checks:
            reason = _obstacle(check, names, references)
            if reason:
                results.append(CheckResult(check, "not-evaluated", reason=reason))
            else:
                ready.append(check)
        used = [found for found in references.values() if isinstance(found, _Reference)]
        done = self._validated(data, ready, used)
        if isinstance(done, Unreadable):
            return (self._no_data(done),), ""
        return (*results, *done[0]), done[1]

    def _reference(self, check: Check) -> _Reference | Unreadable:
        assert check.reference is not None  # noqa: S101 - only called with one
        dataset, column = check.reference
        other = self.workspace.datasets[dataset]
        contract = self.workspace.contracts[other.contract]
        data = find_data(self.workspace, contract, other)
        if isinstance(data, Unreadable):
            return data
        return _Reference(str(check.kwargs["reference"]), data, column)

    def _validated(
        self, data: DataFile, checks: list[Check], references: Sequence[_Reference]
    ) -> tuple[tuple[CheckResult, ...], str] | Unreadable:
        from headwater.checks import gx

        digests = [data.digest(), *(reference.data.digest() for reference in references)]
        key = kept.key_of(checks, digests, gx.version())
        results = kept.load(self.cache, key, checks)
        if results is None:
            computed = _computed(data, checks, references)
            if isinstance(computed, Unreadable):
                return computed
            kept.keep(self.cache, key, self.dataset.id.document(), computed)
            results = computed
        return tuple(_result(check, results[check.key]) for check in checks), key

    def _summed(self, results: tuple[CheckResult, ...], key: str) -> DatasetChecks:
        said = [[r.check.key, r.status, r.unexpected, r.total] for r in results]
        text = json.dumps([key, said])
        return DatasetChecks(
            dataset=self.dataset.id,
            contract=self.contract.id,
            results=results,
            state=_state(results),
            digest=hashlib.sha256(text.encode()).hexdigest(),
        )


@dataclass(frozen=True, slots=True)
class _Reference:
    name: str
    data: DataFile
    column: str


def _state(results: Sequence[CheckResult]) -> State:
    """Return what results come to: a failure is certain, whatever else is unknown."""
    if not results:
        return "missing"
    if any(r.status == "failed" and r.check.severity == "error" for r in results):
        return "failing"
    if any(r.status == "not-evaluated" for r in results):
        return "not-evaluated"
    return "passing"


def _obstacle(
    check: Check, names: Sequence[str], references: dict[str, _Reference | Unreadable]
) -> Text | None:
    """Return why a check cannot be evaluated, if it cannot."""
    missing = [name for name in _columns(check) if name not in names]
    if missing:
        reason = Text("the data has no column {columns}", "数据中没有字段 {columns}")
        return reason.fill({"columns": [f"`{name}`" for name in missing]})
    if check.reference:
        found = references[str(check.kwargs["reference"])]
        if isinstance(found, Unreadable):
            return found.reason
    return None


def _columns(check: Check) -> list[str]:
    """Return the columns that an expectation's arguments name."""
    found: list[str] = []
    for key, value in check.kwargs.items():
        if key.startswith("column") and key != "column_set":
            found += [str(v) for v in (value if isinstance(value, list) else [value])]
    return found


def _computed(
    data: DataFile, checks: list[Check], references: Sequence[_Reference]
) -> kept.Results | Unreadable:
    from headwater.checks import gx

    frame = _frame(data, checks)
    existing = _existing(references)
    if isinstance(frame, Unreadable):
        return frame
    if isinstance(existing, Unreadable):
        return existing
    bad = {c.key: found for c in checks if c.numeric and (found := _not_numbers(frame, c))}
    ready = [check for check in checks if check.key not in bad]
    plain = [check for check in ready if not check.numeric]
    limits = [check for check in ready if check.numeric]
    results: kept.Results = dict(bad)
    if plain:
        results |= gx.validate(frame, plain, existing, frozenset())
    if limits:
        columns = frozenset(str(check.kwargs["column"]) for check in limits)
        results |= gx.validate(frame, limits, existing, columns)
    return results


def _frame(data: DataFile, checks: list[Check]) -> pd.DataFrame | Unreadable:
    columns = sorted({name for check in checks for name in _columns(check)})
    if not columns:  # only the rows are counted: any one column will do
        names = columns_in(data)
        columns = [] if isinstance(names, Unreadable) else list(names[:1])
    return read_columns(data, columns)


def _existing(references: Sequence[_Reference]) -> dict[str, frozenset[object]] | Unreadable:
    """Return the values that exist, by reference, or why one cannot be read."""
    found: dict[str, frozenset[object]] = {}
    for reference in references:
        other = read_columns(reference.data, [reference.column])
        if isinstance(other, Unreadable):
            return other
        found[reference.name] = frozenset(other[reference.column].dropna().unique())
    return found


def _not_numbers(frame: pd.DataFrame, check: Check) -> dict[str, object] | None:
    """Return a failed result where values that must be numbers are none; else ``None``."""
    import pandas as pd

    column = frame[str(check.kwargs["column"])]
    bad = int((pd.to_numeric(column, errors="coerce").isna() & column.notna()).sum())
    if not bad:
        return None
    counts = {"element_count": len(column), "unexpected_count": bad}
    return {"success": False, "result": counts, "not_numbers": bad}


def _result(check: Check, found: dict[str, object]) -> CheckResult:
    """Return our result of a kept one; only a literal true is a pass."""
    exception = found.get("exception")
    if exception is not None or not isinstance(found.get("success"), bool):
        reason = Text("Great Expectations: {error}", "Great Expectations：{error}")
        filled = reason.fill({"error": exception or "no verdict"})
        return CheckResult(check, "not-evaluated", reason=filled)
    counts = found.get("result")
    counts = counts if isinstance(counts, dict) else {}
    observed = counts.get("observed_value")
    result = CheckResult(
        check,
        "passed" if found["success"] is True else "failed",
        unexpected=_whole(counts.get("unexpected_count")),
        total=_whole(counts.get("element_count")),
        observed=observed if isinstance(observed, (int, float)) else None,
    )
    if found.get("not_numbers"):
        reason = Text("{number} values are not numbers", "{number} 个值不是数字")
        return replace(result, reason=reason.fill({"number": found["not_numbers"]}))
    return result


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None
