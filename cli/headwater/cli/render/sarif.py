"""SARIF 2.1.0 (OASIS), for code-scanning pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from headwater.catalog.findings import Severity
from headwater.catalog.visible import visible
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.catalog.findings import Finding
    from headwater.catalog.rules import Rule
    from headwater.catalog.text import Language, Text
    from headwater.catalog.waivers import Waiver

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


class Reported(Protocol):
    """What has findings, and the rules that they are of."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, sorted."""
        ...

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by id."""
        ...


def render(report: Reported, language: Language) -> str:
    """Return the report as one SARIF run; messages in ``language``."""
    used = sorted({finding.rule for finding in report.findings})
    index = {rule: number for number, rule in enumerate(used)}
    run = {
        "tool": {
            "driver": {
                "name": "headwater",
                "version": _version(),
                "language": language,
                "rules": [_rule(report.rules[rule], language) for rule in used],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index, language) for finding in report.findings],
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("headwater")
    except PackageNotFoundError:  # run from its sources, not installed
        return "0"


def _rule(rule: Rule, language: Language) -> dict[str, object]:
    return {
        "id": rule.id,
        "shortDescription": {"text": _general(rule.message).in_(language)},
        "help": {"text": _general(rule.remedy).in_(language)},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": {"basis": list(rule.basis)},
    }


def _general(text: Text) -> Text:
    """Return a text of the catalogue as it reads without a case: its blanks as dots."""
    return text.fill(dict.fromkeys(text.blanks(), "…"))


def _result(finding: Finding, index: dict[str, int], language: Language) -> dict[str, object]:
    at = finding.location
    suppressed = {"suppressions": [_suppression(finding.waiver)]} if finding.waiver else {}
    return {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVEL[finding.severity],
        "message": {"text": visible(finding.message.in_(language))},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(at.file)},
                    "region": {"startLine": at.line, "startColumn": at.column},
                }
            }
        ],
        "partialFingerprints": {"headwater/1": finding.fingerprint},
        "properties": _properties(finding),
        **suppressed,
    }


def _properties(finding: Finding) -> dict[str, object]:
    found: dict[str, object] = {"subject": finding.subject.document()}
    found["evidence"] = dict(finding.evidence)
    if finding.path:
        found["path"] = [hop.document() for hop in finding.path]
    if finding.fix:
        found["fix"] = finding.fix.document()
    return found


def _suppression(waiver: Waiver) -> dict[str, object]:
    """Return what SARIF calls an external suppression: results so marked fail nothing."""
    return {
        "kind": "external",
        "status": "accepted",
        "justification": visible(waiver.reason.en),
        "properties": waiver.document(),
    }
