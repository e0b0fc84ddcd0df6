"""Results of data checks, as text, as ``headwater/data-report/1`` and as SARIF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.findings import Severity
from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.document import finding_document, text_document
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from headwater.app.data_checks import DataReport
    from headwater.catalog.text import Language
    from headwater.checks import Check, CheckResult, DatasetChecks

_STATUS = {
    "passed": Text("holds", "成立"),
    "failed": Text("fails", "不成立"),
    "not-evaluated": Text("not judged", "未能判定"),
    "manual": Text("for people", "由人确认"),
}
_TOTAL = Text(
    "checks {checks}: hold {passed}, fail {failed}, not judged {unjudged}, for people {manual} "
    "(engine {engine})",
    "检查 {checks}：成立 {passed}，不成立 {failed}，未能判定 {unjudged}，由人确认 {manual}"
    "（引擎 {engine}）",
)
_ROWS = Text("in {unexpected} of {total} rows", "{total} 行中有 {unexpected} 行")


def render(report: DataReport, format_: str, language: Language) -> str:
    """Return the report in a format."""
    if format_ == "sarif":
        from headwater.cli.render.sarif import render as sarif

        return sarif(report, language)
    return json_text(_document(report)) if format_ == "json" else _text(report, language)


def _document(report: DataReport) -> dict[str, object]:
    statuses = ("passed", "failed", "not-evaluated", "manual")
    return {
        "schema": "headwater/data-report/1",
        "outcome": report.outcome.value,
        "engine": {"name": report.engine, "version": report.version},
        "counts": {
            "datasets": len(report.datasets),
            "checks": {status: report.results(status) for status in statuses},
            "findings": {severity.value: report.number(severity) for severity in Severity},
        },
        "datasets": [_dataset(found) for found in report.datasets],
        "findings": [finding_document(finding) for finding in report.findings],
    }


def _dataset(found: DatasetChecks) -> dict[str, object]:
    return {
        **found.dataset.document(),
        "contract": found.contract,
        "state": found.state,
        "digest": found.digest,
        "results": [_result(result) for result in found.results],
    }


def _result(result: CheckResult) -> dict[str, object]:
    counted = {
        "unexpected": result.unexpected,
        "total": result.total,
        "observed": result.observed,
    }
    found = {
        **check_document(result.check),
        "status": result.status,
        **{name: value for name, value in counted.items() if value is not None},
    }
    return {**found, "reason": text_document(result.reason)} if result.reason else found


def check_document(check: Check) -> dict[str, object]:
    """Return the JSON form of a check, without the values that a contract lists."""
    carried = {
        "dimension": check.dimension,
        "tags": list(check.tags),
        "schedule": check.schedule,
    }
    return {
        "key": check.key,
        "columns": list(check.columns),
        "title": text_document(check.title),
        "expectation": check.expectation,
        "severity": check.severity,
        **{name: value for name, value in carried.items() if value},
        "location": check.position.document(),
    }


def _text(report: DataReport, language: Language) -> str:
    lines: list[str] = []
    for found in report.datasets:
        lines.append(visible(str(found.dataset)))
        lines += [_line(result, language) for result in found.results]
    values = {
        "checks": sum(len(found.results) for found in report.datasets),
        "passed": report.results("passed"),
        "failed": report.results("failed"),
        "unjudged": report.results("not-evaluated"),
        "manual": report.results("manual"),
        "engine": report.engine,
    }
    return "\n".join([*lines, _TOTAL.fill(values).in_(language)])


def _line(result: CheckResult, language: Language) -> str:
    check = result.check
    said = [f"  {_STATUS[result.status].in_(language)}", check.title.in_(language)]
    if result.status == "failed" and result.unexpected is not None:
        values = {"unexpected": result.unexpected, "total": result.total}
        said.append(_ROWS.fill(values).in_(language))
    if result.reason:
        said.append(result.reason.in_(language))
    if result.status != "passed":
        said.append(f"({check.position})")
    return visible(" · ".join(said))
