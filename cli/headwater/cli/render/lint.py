"""Findings of style, as text and as ``headwater/lint/1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.findings import Severity
from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from headwater.app.policy_lint import Linted
    from headwater.catalog.text import Language

_SEVERITY = {
    Severity.ERROR: Text("error", "错误"),
    Severity.WARNING: Text("warning", "警告"),
    Severity.NOTE: Text("note", "提示"),
}
_TOTAL = Text(
    "warnings {warnings}, notes {notes} (policies {policies}, rules {rules}, as of {day})",
    "警告 {warnings}，提示 {notes}（策略 {policies}，规则 {rules}，截至 {day}）",
)


def lint_json(found: Linted) -> str:
    """Return ``headwater/lint/1``."""
    return json_text(
        {
            "schema": "headwater/lint/1",
            "as_of": found.as_of.isoformat(),
            "counts": {
                "policies": found.policies,
                "rules": found.rules,
                "findings": {each.value: found.number(each) for each in Severity},
            },
            "findings": [each.document() for each in found.findings],
        }
    )


def lint_text(found: Linted, language: Language) -> str:
    """Return two lines for each finding, and the total as the last line."""
    lines: list[str] = []
    for each in found.findings:
        severity = _SEVERITY[each.severity].in_(language)
        lines.append(visible(f"{each.position}: {severity} {each.rule}"))
        lines.append(f"  {visible(each.message.in_(language))}")
    values = {
        "warnings": found.number(Severity.WARNING),
        "notes": found.number(Severity.NOTE),
        "policies": found.policies,
        "rules": found.rules,
        "day": found.as_of,
    }
    return "\n".join([*lines, _TOTAL.fill(values).in_(language)])
