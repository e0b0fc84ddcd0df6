"""A report for a person to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.findings import FlowSubject, Severity
from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.words import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.report import Report
    from headwater.catalog.findings import Finding
    from headwater.catalog.text import Language
    from headwater.catalog.waivers import Waiver

_SEVERITY = {
    Severity.ERROR: Text("error", "错误"),
    Severity.WARNING: Text("warning", "警告"),
    Severity.NOTE: Text("note", "提示"),
}
_OUTCOME = {
    "pass": Text("pass", "通过"),
    "warn": Text("pass, with warnings", "通过，有警告"),
    "fail": Text("fail", "未通过"),
    "error": Text("could not judge everything", "未能全部判定"),
}
_WORDS = {
    "remedy": Text("what to do", "处理办法"),
    "basis": Text("basis", "依据"),
    "columns": Text("columns", "字段"),
    "purposes": Text("purposes", "用途"),
    "evidence": Text("evidence", "证据"),
    "via": Text("by way of", "经由"),
    "whole": Text("the whole dataset", "整个数据集"),
    "waiver": Text("waived", "豁免"),
}
WAIVED = Text(
    "`{waiver}`, until {until}; {reason} (owner {owner}, approved by {approver})",
    "`{waiver}`，至 {until}；{reason}（所有者 {owner}，批准人 {approver}）",
)
_WAIVED = Text("; waived {waived}", "；豁免 {waived}")
_TOTAL = Text(
    "{outcome}: errors {errors}, warnings {warnings} (flows {flows}, decisions {decisions}, "
    "checks {checks}, retention terms {terms}; engine {engine} {version}, as of {as_of})",
    "{outcome}：错误 {errors}，警告 {warnings}（流动 {flows}，判定 {decisions}，检查 {checks}，"
    "保存期限 {terms}；引擎 {engine} {version}，截至 {as_of}）",
)


def render(report: Report, language: Language) -> str:
    """Return one paragraph for each finding, and the total as the last line."""
    parts = ["\n".join(_lines(finding, language)) for finding in report.findings]
    return "\n\n".join([*parts, total(report, language)])


def total(report: Report, language: Language) -> str:
    """Return what the run came to, in one line."""
    values = {
        "outcome": _OUTCOME[report.outcome.value].in_(language),
        "errors": report.number(Severity.ERROR),
        "warnings": report.number(Severity.WARNING),
        "flows": report.counts.flows,
        "decisions": report.counts.decisions,
        "checks": report.counts.checks,
        "terms": report.counts.terms,
        "engine": report.engine.name,
        "version": report.engine.version,
        "as_of": report.as_of,
    }
    waived = _WAIVED.fill({"waived": report.waived}) if report.waived else Text("", "")
    return _TOTAL.fill(values).in_(language) + waived.in_(language)


def waiver_text(waiver: Waiver) -> Text:
    """Return by what waiver a finding is accepted."""
    return WAIVED.fill(
        {
            "waiver": waiver.id,
            "until": waiver.until,
            "reason": waiver.reason,
            "owner": waiver.owner,
            "approver": waiver.approver,
        }
    )


def _lines(finding: Finding, language: Language) -> Iterator[str]:
    severity = _SEVERITY[finding.severity].in_(language)
    yield visible(f"{finding.location}: {severity} {finding.rule}")
    yield f"  {visible(finding.message.in_(language))}"
    yield from _subject_lines(finding, language)
    if finding.remedy:
        yield _line("remedy", finding.remedy.in_(language), language)
    if finding.basis:
        yield _line("basis", ", ".join(finding.basis), language)
    if finding.path or finding.fix:
        from headwater.cli.render.witness import witness_lines

        yield from (f"  {visible(line)}" for line in witness_lines(finding, language))
    if finding.waiver:
        yield _line("waiver", waiver_text(finding.waiver).in_(language), language)


def _subject_lines(finding: Finding, language: Language) -> Iterator[str]:
    subject = finding.subject
    if not isinstance(subject, FlowSubject):
        return
    route = (
        f"{subject.provider}: {subject.source.name} -> {subject.consumer}: {subject.target.name}"
    )
    yield f"  {visible(route)}"
    columns = ", ".join(subject.columns) or _WORDS["whole"].in_(language)
    yield _line("columns", columns, language)
    if subject.via:
        yield _line("via", ", ".join(subject.via), language)
    if subject.purposes:
        yield _line("purposes", ", ".join(subject.purposes), language)
    yield _line("evidence", _evidence(finding, language), language)


def _evidence(finding: Finding, language: Language) -> str:
    kind = EVIDENCE[str(finding.evidence.get("kind"))].in_(language)
    first, last = finding.evidence.get("first_seen"), finding.evidence.get("last_seen")
    seen = f"{first}" if first == last else f"{first} .. {last}"
    return f"{kind}, {seen}" if first else kind


def _line(word: str, value: str, language: Language) -> str:
    colon = "：" if language == "zh" else ": "
    return f"  {_WORDS[word].in_(language)}{colon}{visible(value)}"
