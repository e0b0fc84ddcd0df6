"""Runs the checks of datasets: what can be evaluated is, and what cannot says why."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.checks import kept
from headwater.checks.compile import compile_dataset, states_anything
from headwater.checks.custom import columns_of
from headwater.checks.data import DataFile, columns_in, find_data
from headwater.checks.evaluation import Reference, asks_for_names, evaluate
from headwater.checks.gx import GxRunner
from headwater.checks.model import Check, CheckResult, DatasetChecks, Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from headwater.catalog.model import Contract, Dataset, Workspace
    from headwater.checks.evaluation import CheckRunner
    from headwater.checks.model import State

_NO_COLUMN = Text("the data has no column {columns}", "数据中没有字段 {columns}")
_NO_SUCH_COLUMN = Text("`{file}` has no column `{column}`", "`{file}` 没有字段 `{column}`")
_NO_VERDICT = Text("there is no verdict", "没有结论")
_NO_NUMBERS = Text("values that are no numbers: {number}", "不是数字的值：{number}")
_NO_TIMES = Text(
    "values that are no date or time to compare: {number}", "不能作为日期或时间比较的值：{number}"
)


def run_checks(
    workspace: Workspace,
    datasets: Iterable[Dataset],
    cache: Path | None,
    *,
    runner: CheckRunner | None = None,
    only: Collection[str] = (),
) -> tuple[DatasetChecks, ...]:
    """Return the results of all that the contracts of ``datasets`` ask, in their order.

    Args:
        workspace: Whose contracts and data.
        datasets: What to check.
        cache: The folder where results are kept; equal data and checks are evaluated once.
            Without one they are evaluated, and not kept.
        runner: What judges; the scan engine, where none is given.
        only: Tags, dimensions or keys: no other checks run. A dataset of which none is left has
            no results.
    """
    engine: CheckRunner = runner or GxRunner("scan")
    return tuple(
        _Run(
            workspace,
            workspace.contracts[dataset.contract],
            dataset,
            cache,
            engine,
            frozenset(only),
        ).result()
        for dataset in datasets
    )


@dataclass(frozen=True, slots=True)
class _Run:
    workspace: Workspace
    contract: Contract
    dataset: Dataset
    cache: Path | None
    runner: CheckRunner
    only: frozenset[str]

    def result(self) -> DatasetChecks:
        compiled = compile_dataset(self.workspace, self.contract, self.dataset)
        compiled = tuple(each for each in compiled if self._is_wanted(each))
        checks = [each for each in compiled if isinstance(each, Check)]
        known = [each for each in compiled if isinstance(each, CheckResult)]
        if not checks:
            return self._summed(tuple(known), "")
        data = find_data(self.workspace, self.contract, self.dataset)
        done = data if isinstance(data, Unreadable) else self._evaluated(data, checks)
        if isinstance(done, Unreadable):
            return self._summed((self._no_data(done), *known), "")
        found, key = done
        ordered = (found[e.key] if isinstance(e, Check) else e for e in compiled)
        return self._summed(tuple(ordered), key)

    def _is_wanted(self, found: Check | CheckResult) -> bool:
        check = found if isinstance(found, Check) else found.check
        names = {check.key, check.dimension, *check.tags}
        return not self.only or bool(self.only & names)

    def _no_data(self, data: Unreadable) -> CheckResult:
        title = Text("its data can be read", "数据可读取")
        server = self.contract.server(self.workspace.checks_server or "")
        position = server.position if server else self.dataset.position
        check = Check(self.dataset.id, "data", (), title, "none", position)
        return CheckResult(check, "not-evaluated", reason=data.reason)

    def _evaluated(
        self, data: DataFile, checks: list[Check]
    ) -> tuple[dict[str, CheckResult], str] | Unreadable:
        """Return the result of each check by its key, and what identifies data and checks."""
        names = columns_in(data)
        if isinstance(names, Unreadable):
            return names
        references = {
            str(check.kwargs["reference"]): self._reference(check)
            for check in checks
            if check.reference
        }
        found, ready = {}, []
        for check in checks:
            reason = _obstacle(check, names, references)
            if reason:
                found[check.key] = CheckResult(check, "not-evaluated", reason=reason)
            else:
                ready.append(check)
        used = [each for each in references.values() if isinstance(each, Reference)]
        results, key = self._kept_or_new(data, ready, used)
        if isinstance(results, Unreadable):
            return results
        found |= {check.key: _result(check, results.get(check.key, {})) for check in ready}
        return found, key

    def _reference(self, check: Check) -> Reference | Unreadable:
        assert check.reference is not None  # noqa: S101 - only called with one
        dataset, column = check.reference
        other = self.workspace.datasets[dataset]
        contract = self.workspace.contracts[other.contract]
        data = find_data(self.workspace, contract, other)
        if isinstance(data, Unreadable):
            return data
        names = columns_in(data)
        if isinstance(names, Unreadable):
            return names
        if column not in names:
            return Unreadable(_NO_SUCH_COLUMN.fill({"file": data.file, "column": column}))
        return Reference(str(check.kwargs["reference"]), data, column)

    def _kept_or_new(
        self, data: DataFile, checks: list[Check], references: Sequence[Reference]
    ) -> tuple[kept.Results | Unreadable, str]:
        if not checks:
            return {}, ""
        digests = [data.digest(), *(reference.data.digest() for reference in references)]
        key = kept.key_of(checks, digests, self.runner.version())
        results = kept.load(self.cache, key, checks) if self.cache else None
        if results is not None:
            return results, key
        computed = evaluate(data, checks, references, self.runner)
        if self.cache and not isinstance(computed, Unreadable):
            kept.keep(self.cache, key, self.dataset.id.document(), computed)
        return computed, key

    def _summed(self, results: tuple[CheckResult, ...], key: str) -> DatasetChecks:
        stated = bool(results) or states_anything(self.workspace, self.contract, self.dataset)
        said = [[r.check.key, r.status, r.unexpected, r.total] for r in results]
        text = json.dumps([key, said])
        return DatasetChecks(
            dataset=self.dataset.id,
            contract=self.contract.id,
            results=results,
            state=_state(results) if stated else "missing",
            digest=hashlib.sha256(text.encode()).hexdigest(),
        )


def _state(results: Sequence[CheckResult]) -> State:
    """Return what results come to: a failure is certain, whatever else is unknown."""
    if any(r.status == "failed" and r.check.severity == "error" for r in results):
        return "failing"
    if any(r.status == "not-evaluated" for r in results):
        return "not-evaluated"
    return "passing"


def _obstacle(
    check: Check, names: Sequence[str], references: Mapping[str, Reference | Unreadable]
) -> Text | None:
    """Return why a check cannot be evaluated, if it cannot."""
    missing = [name for name in columns_of(check.kwargs) if name not in names]
    if missing and not asks_for_names(check):
        return _NO_COLUMN.fill({"columns": [f"`{name}`" for name in missing]})
    if check.reference:
        found = references[str(check.kwargs["reference"])]
        if isinstance(found, Unreadable):
            return found.reason
    return None


def _result(check: Check, found: Mapping[str, object]) -> CheckResult:
    """Return our result of a kept one; only a literal true is a pass."""
    success = found.get("success")
    if not isinstance(success, bool):
        return CheckResult(check, "not-evaluated", reason=_reason(found))
    counts = found.get("result")
    counts = counts if isinstance(counts, dict) else {}
    observed = counts.get("observed_value")
    result = CheckResult(
        check,
        "passed" if success is True else "failed",
        unexpected=_whole(counts.get("unexpected_count")),
        total=_whole(counts.get("element_count")),
        observed=observed if isinstance(observed, (int, float)) else None,
    )
    unseen = _whole(found.get("unseen"))
    if not unseen:
        return result
    reason = _NO_NUMBERS if check.view == "number" else _NO_TIMES
    return replace(result, reason=reason.fill({"number": unseen}))


def _reason(found: Mapping[str, object]) -> Text:
    match found.get("reason"):
        case {"en": str(en), "zh": str(zh)}:
            return Text(en, zh)
        case _:
            return _NO_VERDICT


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None
