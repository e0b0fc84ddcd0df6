"""Decisions, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from headwater.app.decide import Answered
    from headwater.catalog.text import Language
    from headwater.policies import Decision, Reason

_ALLOWED = Text("{number}: allowed by {rules}", "{number}：允许，依据 {rules}")
_REFUSED = Text("{number}: refused by {rules}", "{number}：拒绝，依据 {rules}")
_NOTHING = Text("{number}: refused, nothing allows it", "{number}：拒绝，没有规则允许")
_WARNED = Text("  warning {rules}", "  警告 {rules}")
_EXCEPTED = Text("  exception {names}", "  例外 {names}")
_REMEDY = Text("what to do: ", "处理办法：")


def decisions_json(answer: Answered) -> str:
    """Return ``headwater/decisions/1``."""
    return json_text(
        {
            "schema": "headwater/decisions/1",
            "as_of": answer.as_of.isoformat(),
            "engine": {
                "name": answer.engine.name,
                "version": answer.engine.version,
                "policy_revision": answer.engine.policy_revision,
            },
            "decisions": [_document(*pair) for pair in answer.decisions],
        }
    )


def _document(decision: Decision, reasons: tuple[Reason, ...]) -> dict[str, object]:
    return {
        "allow": decision.allow,
        "rules": list(decision.rules),
        "unknown": list(decision.unknown),
        "warnings": list(decision.warnings),
        "obligations": [dict(found) for found in decision.obligations],
        "exceptions": list(decision.exceptions),
        "reasons": [reason.document() for reason in reasons],
    }


def decisions_text(answer: Answered, language: Language) -> str:
    """Return one paragraph for each decision."""
    lines: list[str] = []
    for number, (decision, reasons) in enumerate(answer.decisions, 1):
        head = _ALLOWED if decision.allow else _REFUSED if decision.rules else _NOTHING
        values = {"number": number, "rules": list(decision.rules)}
        lines.append(visible(head.fill(values).in_(language)))
        if decision.warnings:
            lines.append(_WARNED.fill({"rules": list(decision.warnings)}).in_(language))
        if decision.exceptions:
            lines.append(_EXCEPTED.fill({"names": list(decision.exceptions)}).in_(language))
        for reason in reasons:
            lines.append(visible(f"  {reason.message.in_(language)}"))
            if reason.remedy:
                lines.append(f"    {_REMEDY.in_(language)}{visible(reason.remedy.in_(language))}")
    return "\n".join(lines)
