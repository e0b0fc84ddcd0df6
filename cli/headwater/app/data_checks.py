"""Use case: the data checks of a workspace by themselves, and how they are measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.findings import check_findings
from headwater.app.report import outcome_of
from headwater.app.store import folder_of
from headwater.catalog.errors import InputError, UnknownNameError
from headwater.catalog.problems import closest
from headwater.catalog.rules import BUILT_IN
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from headwater.catalog.findings import Finding, Outcome, Severity
    from headwater.catalog.model import Dataset, Workspace
    from headwater.catalog.rules import Rule
    from headwater.checks import ChecksEngine, DatasetChecks, Outline, Profile

_NO_CHECKS = Text("no contract asks anything of any data", "没有任何合同对数据提出要求")
_NO_SUCH = Text(
    "no check has the tag, dimension or key {names}", "没有检查带有标签、维度或键 {names}"
)


@dataclass(frozen=True, slots=True)
class DataReport:
    """The results of all datasets, what is to be looked at, and what they come to."""

    outcome: Outcome
    engine: str
    version: str
    datasets: tuple[DatasetChecks, ...]
    findings: tuple[Finding, ...]
    rules: Mapping[str, Rule]

    def number(self, severity: Severity) -> int:
        """Return how many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def results(self, status: str) -> int:
        """Return how many checks came to this."""
        return sum(r.status == status for found in self.datasets for r in found.results)


@dataclass(frozen=True, slots=True)
class DataPlan:
    """What the checks are, with what is known of each without its verdict, and how measured."""

    datasets: tuple[DatasetChecks, ...]
    outlines: tuple[Outline, ...]


def check_data(
    workspace: Workspace,
    *,
    engine: ChecksEngine = "scan",
    only: Collection[str] = (),
    dataset: str | None = None,
) -> DataReport:
    """Return what the data of the workspace says to its contracts.

    Args:
        workspace: Whose data and contracts.
        engine: What measures.
        only: Tags, dimensions or keys of checks; none: all.
        dataset: The dataset to check; none: all.

    Raises:
        InputError: There is nothing to check.
        UnknownNameError: No such dataset.
    """
    from headwater.checks import GxRunner, run_checks

    runner = GxRunner(engine)
    cache = folder_of(workspace) / "checks"
    found = run_checks(workspace, _chosen(workspace, dataset), cache, runner=runner, only=only)
    found = tuple(each for each in found if each.results)
    _refuse_empty(found, only)
    findings = sorted(check_findings(found), key=lambda finding: finding.order())
    return DataReport(
        outcome=outcome_of(findings, BUILT_IN),
        engine=engine,
        version=runner.version(),
        datasets=found,
        findings=tuple(findings),
        rules=BUILT_IN,
    )


def plan_data(
    workspace: Workspace, *, only: Collection[str] = (), dataset: str | None = None
) -> DataPlan:
    """Return how the checks would be measured; the data is opened, and nothing is judged.

    Raises:
        InputError: There is nothing to check.
        UnknownNameError: No such dataset.
    """
    from headwater.checks import Planner, run_checks

    planner = Planner()
    found = run_checks(workspace, _chosen(workspace, dataset), None, runner=planner, only=only)
    found = tuple(each for each in found if each.results)
    _refuse_empty(found, only)
    return DataPlan(found, tuple(planner.outlines))


def profile_data(workspace: Workspace, name: str) -> tuple[Dataset, Profile]:
    """Return the figures of a dataset's columns.

    Raises:
        InputError: Its data cannot be read.
        UnknownNameError: No such dataset.
    """
    from headwater.checks import Unreadable, profile_dataset

    (dataset,) = _chosen(workspace, name)
    found = profile_dataset(workspace, workspace.contracts[dataset.contract], dataset)
    if isinstance(found, Unreadable):
        raise InputError.of("nothing-to-judge", dataset.position, reason=found.reason)
    return dataset, found


def _chosen(workspace: Workspace, name: str | None) -> list[Dataset]:
    known = workspace.datasets
    if name is None:
        return [known[identity] for identity in sorted(known)]
    found = [each for each in sorted(known) if each.answers_to(name)]
    found = [each for each in found if str(each) == name] or found
    if not found:
        near = closest(name.rsplit(".", 1)[-1], {each.name.rsplit(".", 1)[-1] for each in known})
        raise UnknownNameError.of("unknown-dataset", name=name, suggestion=near)
    if len(found) > 1:
        names = [f"`{each}`" for each in found]
        raise UnknownNameError.of("ambiguous-dataset", name=name, known=names)
    return [known[found[0]]]


def _refuse_empty(found: Collection[DatasetChecks], only: Collection[str]) -> None:
    if not found:
        names = [f"`{name}`" for name in sorted(only)]
        reason = _NO_SUCH.fill({"names": names}) if only else _NO_CHECKS
        raise InputError.of("nothing-to-judge", reason=reason)
