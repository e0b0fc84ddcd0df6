"""Waivers are laid on findings, and those that are over, for nothing or self-approved are found.

A waiver never accepts a finding about a waiver, nor one that means *could not judge*.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.catalog.findings import DatasetSubject, EntrySubject, Finding, FlowSubject
from headwater.catalog.rules import BUILT_IN

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from headwater.catalog.globs import Glob
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Workspace
    from headwater.catalog.rules import Rule
    from headwater.catalog.waivers import Match, Waiver


def waived(
    workspace: Workspace,
    findings: Sequence[Finding],
    rules: Mapping[str, Rule],
    as_of: datetime.date,
) -> list[Finding]:
    """Return ``findings``, each with the waiver that accepts it, and what waivers are amiss.

    Of several waivers the one that lasts longest is named.

    Args:
        workspace: Whose waivers, and whose departments.
        findings: What was found.
        rules: The catalogue: rule id → rule.
        as_of: The day.
    """
    known = sorted(workspace.waivers, key=lambda each: (each.until, each.id), reverse=True)
    if not known:
        return list(findings)
    matched: Counter[str] = Counter()
    found = []
    for finding in findings:
        about = _Subject(finding, workspace)
        fitting = [each for each in known if rules[finding.rule].judged and about.fits(each.match)]
        matched.update(each.id for each in fitting)
        counting = next((each for each in fitting if each.counts(as_of)), None)
        found.append(replace(finding, waiver=counting) if counting else finding)
    return [*found, *_amiss(known, matched, as_of)]


def _amiss(
    waivers: Iterable[Waiver], matched: Mapping[str, int], as_of: datetime.date
) -> Iterator[Finding]:
    for waiver in waivers:
        if waiver.self_approved:
            yield _finding("waivers/self-approved", waiver, matched)
        if waiver.expired(as_of):
            yield _finding("waivers/expired", waiver, matched)
        elif not waiver.pending(as_of) and not matched[waiver.id]:
            yield _finding("waivers/orphan", waiver, matched)


def _finding(name: str, waiver: Waiver, matched: Mapping[str, int]) -> Finding:
    rule = BUILT_IN[name]
    values = {
        "waiver": waiver.id,
        "owner": waiver.owner,
        "until": waiver.until.isoformat(),
        "matches": matched[waiver.id],
    }
    return Finding(
        rule=name,
        severity=rule.severity,
        subject=EntrySubject("waiver", waiver.id),
        message=rule.message.fill(values),
        remedy=rule.remedy,
        basis=rule.basis,
        location=waiver.position,
        evidence={"kind": "waiver", "until": values["until"], "findings": matched[waiver.id]},
    )


class _Subject:
    """What a finding is about, as the globs of waivers see it."""

    def __init__(self, finding: Finding, workspace: Workspace) -> None:
        self._finding = finding
        subject = finding.subject
        self._names: list[str] = []
        self._provider: list[str] = []
        self._consumer: list[str] = []
        self._departments: list[str] = []
        if isinstance(subject, FlowSubject):
            self._names = [*_names(subject.source), *_names(subject.target)]
            self._provider, self._consumer = [subject.provider], [subject.consumer]
            self._departments = [subject.provider, subject.consumer]
        elif isinstance(subject, DatasetSubject):
            self._names = _names(subject.dataset)
            owner = workspace.department_of(subject.dataset)
            self._departments = [owner] if owner else []

    def fits(self, match: Match) -> bool:
        """Say whether all that ``match`` says is so."""
        if match.fingerprint is not None and match.fingerprint != self._finding.fingerprint:
            return False
        asked = (
            (match.rule, [self._finding.rule]),
            (match.dataset, self._names),
            (match.provider, self._provider),
            (match.consumer, self._consumer),
            (match.department, self._departments),
        )
        return all(_any(glob, names) for glob, names in asked if glob is not None)


def _names(dataset: DatasetId) -> list[str]:
    return [str(dataset), dataset.name]


def _any(glob: Glob, names: Iterable[str]) -> bool:
    return any(glob.matches(name) for name in names)
