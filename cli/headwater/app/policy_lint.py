"""Use case: what in the policies is likely to surprise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.findings import Severity

if TYPE_CHECKING:
    import datetime

    from headwater.app.loading import Loaded
    from headwater.policies.lint import Lint

ORDER = (Severity.NOTE, Severity.WARNING, Severity.ERROR)
"""How much a finding weighs, least first."""


@dataclass(frozen=True, slots=True)
class Linted:
    """The findings, and how many policies were looked at."""

    as_of: datetime.date
    policies: int
    rules: int
    findings: tuple[Lint, ...]

    def number(self, severity: Severity) -> int:
        """Return how many findings weigh so much."""
        return sum(found.severity is severity for found in self.findings)

    def reaches(self, severity: Severity) -> bool:
        """Say whether a finding weighs so much, or more."""
        least = ORDER.index(severity)
        return any(ORDER.index(found.severity) >= least for found in self.findings)


def lint_policies(loaded: Loaded, *, as_of: datetime.date) -> Linted:
    """Return what is worth a second look in the workspace's own policies."""
    from headwater.policies import Vocabulary
    from headwater.policies.lint import Columns, lint, own_policies

    workspace, policies = loaded.workspace, loaded.policies
    columns = [column for dataset in workspace.datasets.values() for column in dataset.columns]
    findings = lint(
        policies,
        Vocabulary.of(workspace),
        as_of=as_of,
        columns=Columns(len(columns), sum(column.level is None for column in columns)),
        bilingual=len(workspace.languages) != 1,
    )
    every = list(own_policies(policies))
    return Linted(as_of, len(every), sum(len(policy.rules) for policy in every), findings)
