"""The list of agreements, and whose signatures stand beside one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.agreement_words import ENVELOPES, STATES, VERDICTS
from headwater.cli.render.grid import Grid, grid_csv, grid_markdown, grid_table
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from headwater.app.agreement_list import Agreed, Listed
    from headwater.app.agreement_sign import Verified
    from headwater.app.signatures import Signatures
    from headwater.catalog.text import Language

_NAMES = ("id", "provider", "consumer", "state", "from", "until", "days_left", "signed", "purposes")
_HEADS = (
    Text("agreement", "协议"),
    Text("provider", "提供方"),
    Text("consumer", "使用方"),
    Text("state", "状态"),
    Text("from", "起"),
    Text("until", "止"),
    Text("days left", "剩余天数"),
    Text("signed by", "签名方"),
    Text("purposes", "用途"),
)
_TOTAL = Text(
    "agreements on {day}: {number} ({states})",
    "{day} 的协议：{number} 份（{states}）",
)
_EACH = Text("{state} {number}", "{state} {number} 份")
_SOON = Text(
    "ending within {soon} days: {names}",
    "{soon} 天内到期：{names}",
)
_VERIFIED = Text("`{id}`: {state} ({file})", "`{id}`：{state}（{file}）")
_BY = Text("{key} of {department}: {verdict}", "{department} 的 {key}：{verdict}")
_BY_NOBODY = Text("{key}: {verdict}", "{key}：{verdict}")
_COMPLETE = Text("signed by both sides", "双方均已签名")
_MISSING = Text("not signed by: {names}", "尚未签名：{names}")


def list_text(agreed: Agreed, format_: str, language: Language) -> str:
    """Return the list in one of the grid's formats."""
    if format_ == "json":
        return json_text(_document(agreed))
    grid = Grid(_NAMES, _HEADS, tuple(_row(each, format_, language) for each in agreed.rows))
    if format_ == "csv":
        return grid_csv(grid)
    lines = (grid_table if format_ == "text" else grid_markdown)(grid, language)
    return "\n".join([*lines, "", *_totals(agreed, language)])


def _row(listed: Listed, format_: str, language: Language) -> tuple[str | None, ...]:
    agreement = listed.agreement
    label = "expiring" if listed.expiring else listed.state
    return (
        agreement.id,
        agreement.provider,
        agreement.consumer,
        listed.state if format_ == "csv" else STATES[label].in_(language),
        agreement.start.isoformat(),
        agreement.until.isoformat() if agreement.until else None,
        str(listed.days_left) if listed.days_left is not None else None,
        ", ".join(sorted(listed.signatures.signed)) or None,
        ", ".join(agreement.purposes),
    )


def _totals(agreed: Agreed, language: Language) -> list[str]:
    counted = [
        _EACH.fill({"state": word, "number": number}).in_(language)
        for state, word in STATES.items()
        if (number := sum(row.state == state for row in agreed.rows))
    ]
    between = "、" if language == "zh" else ", "
    values = {"number": len(agreed.rows), "day": agreed.as_of, "states": between.join(counted)}
    lines = [_TOTAL.fill(values).in_(language)]
    if soon := [row.agreement.id for row in agreed.rows if row.expiring]:
        lines.append(_SOON.fill({"soon": agreed.soon, "names": soon}).in_(language))
    return lines


def _document(agreed: Agreed) -> dict[str, object]:
    return {
        "schema": "headwater/agreements/1",
        "as_of": agreed.as_of.isoformat(),
        "expiring_within": agreed.soon,
        "signatures_required": agreed.required,
        "agreements": [listed_document(row) for row in agreed.rows],
    }


def listed_document(listed: Listed) -> dict[str, object]:
    """Return the JSON form of one agreement's standing."""
    agreement = listed.agreement
    return {
        "id": agreement.id,
        "title": {"en": agreement.title.en, "zh": agreement.title.zh},
        "provider": agreement.provider,
        "consumer": agreement.consumer,
        "purposes": list(agreement.purposes),
        "state": listed.state,
        "expiring": listed.expiring,
        "days_left": listed.days_left,
        "superseded_by": listed.successor,
        "valid": {
            "from": agreement.start.isoformat(),
            "until": agreement.until.isoformat() if agreement.until else None,
        },
        "signatures": signatures_document(listed.signatures),
        "location": agreement.position.document(),
    }


def signatures_document(signatures: Signatures) -> dict[str, object]:
    """Return the JSON form of what signatures are worth."""
    return {
        "envelope": signatures.state,
        "complete": signatures.complete,
        "signed": sorted(signatures.signed),
        "missing": list(signatures.missing),
        "signatures": [
            {"key": each.key_id, "department": each.department, "verdict": each.verdict}
            for each in signatures.judged
        ],
    }


def verified_text(verified: Verified, format_: str, language: Language) -> str:
    """Return whose signatures stand, for people or as ``headwater/agreement-signatures/1``."""
    found = verified.signatures
    if format_ == "json":
        return json_text(
            {
                "schema": "headwater/agreement-signatures/1",
                "as_of": verified.as_of.isoformat(),
                "id": verified.agreement.id,
                "file": verified.file,
                **signatures_document(found),
            }
        )
    values = {
        "id": verified.agreement.id,
        "state": ENVELOPES[found.state],
        "file": verified.file,
    }
    lines = [_VERIFIED.fill(values).in_(language), *signature_lines(found, language)]
    return "\n".join(visible(line) for line in lines)


def signature_lines(found: Signatures, language: Language) -> list[str]:
    """Return a line for each signature and one for what is missing."""
    lines = []
    for each in found.judged:
        values = {"key": each.key_id or "?", "department": each.department}
        text = (_BY if each.department else _BY_NOBODY).fill(
            values | {"verdict": VERDICTS[each.verdict]}
        )
        lines.append(f"  {text.in_(language)}")
    last = _COMPLETE if found.complete else _MISSING.fill({"names": list(found.missing)})
    return [*lines, f"  {last.in_(language)}"]
