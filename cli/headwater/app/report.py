"""What a run of the gate comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.findings import Finding, Outcome, Severity

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping

    from headwater.catalog.rules import Rule


@dataclass(frozen=True, slots=True)
class EngineLabel:
    """Which engine decided, and by which policies."""

    name: str
    version: str
    policy_revision: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was looked at: an empty run is never a pass."""

    departments: int
    datasets: int
    flows: int
    decisions: int
    checks: int
    terms: int


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one run, sorted, and what they come to."""

    outcome: Outcome
    as_of: datetime.date
    engine: EngineLabel
    counts: Counts
    findings: tuple[Finding, ...]
    rules: Mapping[str, Rule]

    def number(self, severity: Severity) -> int:
        """Return how many findings have this severity and are not waived."""
        return sum(each.severity is severity and not each.waiver for each in self.findings)

    @property
    def waived(self) -> int:
        """How many findings are accepted by a waiver."""
        return sum(finding.waiver is not None for finding in self.findings)


def outcome_of(findings: Iterable[Finding], rules: Mapping[str, Rule]) -> Outcome:
    """Return what the findings of a run that judged something come to, but for waived ones."""
    found = [finding for finding in findings if finding.waiver is None]
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    if any(not rules[finding.rule].judged for finding in errors):
        return Outcome.ERROR
    severities = {finding.severity for finding in found}
    if errors:
        return Outcome.FAIL
    return Outcome.WARN if Severity.WARNING in severities else Outcome.PASS
