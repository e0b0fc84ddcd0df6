"""``headwater/report/1``, ``headwater/error/1`` and their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.findings import Severity
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.app.report import Report
    from headwater.catalog.findings import Finding
    from headwater.catalog.problems import Problem
    from headwater.catalog.text import Language, Text


def render(report: Report, _language: Language) -> str:
    """Return the report as ``headwater/report/1``; it carries both languages."""
    return json_text(report_document(report))


def report_document(report: Report) -> dict[str, object]:
    """Return the JSON form of a report."""
    counts = report.counts
    return {
        "schema": "headwater/report/1",
        "outcome": report.outcome.value,
        "as_of": report.as_of.isoformat(),
        "complete": True,
        "engine": {
            "name": report.engine.name,
            "version": report.engine.version,
            "policy_revision": report.engine.policy_revision,
        },
        "counts": {
            "departments": counts.departments,
            "datasets": counts.datasets,
            "flows": counts.flows,
            "decisions": counts.decisions,
            "checks": counts.checks,
            "terms": counts.terms,
            "findings": {
                **{severity.value: report.number(severity) for severity in Severity},
                **({"waived": report.waived} if report.waived else {}),
            },
        },
        "findings": [finding_document(finding) for finding in report.findings],
    }


def finding_document(finding: Finding) -> dict[str, object]:
    """Return the JSON form of a finding."""
    found: dict[str, object] = {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "subject": finding.subject.document(),
        "message": text_document(finding.message),
    }
    if finding.remedy:
        found["remedy"] = text_document(finding.remedy)
    found["basis"] = list(finding.basis)
    found["location"] = finding.location.document()
    found["evidence"] = dict(finding.evidence)
    if finding.unknown:
        found["unknown"] = list(finding.unknown)
    if finding.path:
        found["path"] = [hop.document() for hop in finding.path]
    if finding.fix:
        found["fix"] = finding.fix.document()
    if finding.waiver:
        found["waiver"] = finding.waiver.document()
    found["fingerprint"] = finding.fingerprint
    return found


def text_document(text: Text) -> dict[str, str]:
    """Return the JSON form of a text in both languages."""
    return {"en": text.en, "zh": text.zh}


def error_document(problems: Iterable[Problem]) -> dict[str, object]:
    """Return ``headwater/error/1``."""
    return {
        "schema": "headwater/error/1",
        "errors": [
            {
                "code": problem.code,
                "message": text_document(problem.message),
                "location": problem.position.document() if problem.position else None,
                "hint": text_document(problem.hint) if problem.hint else None,
            }
            for problem in problems
        ],
    }
