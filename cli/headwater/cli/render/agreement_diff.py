"""What one agreement grants that another did not, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.grid import markdown_text
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from headwater.app.agreement_diff import Change, Comparison
    from headwater.catalog.text import Language

_NOUNS = {
    "columns": Text("columns", "字段"),
    "purposes": Text("purposes", "用途"),
    "valid.from": Text("first day", "起始日"),
    "valid.until": Text("last day", "截止日"),
    "state": Text("state", "状态"),
    "onward": Text("may be passed on to", "可转交给"),
    "conditions.max_level": Text("highest level", "最高级别"),
    "conditions.masked": Text("masked only", "仅限脱敏后"),
    "conditions.min_k": Text("smallest group of people", "最小人群规模"),
    "conditions.location": Text("regions", "地域"),
    "conditions.rows": Text("only rows where", "仅限满足条件的行"),
    "retention.at_most": Text("kept at most", "最长保存"),
    "retention.then": Text("at the end", "届时"),
    "provider": Text("provider", "提供方"),
    "consumer": Text("consumer", "使用方"),
    "mode": Text("mode", "方式"),
    "legal_basis.ground": Text("legal basis", "法律依据"),
    "legal_basis.mandate": Text("mandate", "授权依据"),
    "impact_assessment": Text("impact assessment", "影响评估"),
    "supersedes": Text("supersedes", "取代"),
}
_HEADS = {
    "granted": Text("newly granted", "新增授权"),
    "withdrawn": Text("withdrawn", "收回授权"),
    "changed": Text("changed", "变更"),
}
_RESTRICTIONS = ("conditions.masked", "conditions.rows")
_LISTS = ("columns", "purposes", "onward", *_RESTRICTIONS)
_ADDED = Text("{noun}: {after}", "{noun}：{after}")
_NO_LONGER = Text("no longer {noun}: {before}", "不再要求 {noun}：{before}")
_FROM_TO = Text("{noun}: {after} (before: {before})", "{noun}：{after}（原为 {before}）")
_UNSAID = Text("not said", "未写明")
_TITLE = Text("`{old}` → `{new}`", "`{old}` → `{new}`")
_SAME = Text("they grant the same", "两者授权相同")
_TOTAL = Text(
    "newly granted: {granted}; withdrawn: {withdrawn}; changed: {changed}",
    "新增授权 {granted} 项；收回授权 {withdrawn} 项；变更 {changed} 项",
)


def comparison_text(found: Comparison, format_: str, language: Language) -> str:
    """Return the comparison as text, Markdown or ``headwater/agreement-diff/1``."""
    if format_ == "json":
        return json_text(_document(found))
    mark = markdown_text if format_ == "markdown" else visible
    title = _TITLE.fill({"old": found.old.id, "new": found.new.id}).in_(language)
    lines = [f"### {mark(title)}" if format_ == "markdown" else mark(title)]
    for direction, head in _HEADS.items():
        changes = [each for each in found.changes if each.direction == direction]
        if changes:
            colon = "：" if language == "zh" else ":"
            lines += ["", f"{head.in_(language)}{colon}"]
            lines += [""] if format_ == "markdown" else []
            lines += [f"- {mark(_said(each).in_(language))}" for each in changes]
    return "\n".join([*lines, "", _total(found).in_(language)])


def _said(change: Change) -> Text:
    noun = _NOUNS[change.key]
    values = {
        "noun": noun,
        "before": list(change.before) or _UNSAID,
        "after": list(change.after) or _UNSAID,
    }
    if change.direction == "granted" and change.key in _RESTRICTIONS:
        return _NO_LONGER.fill(values)
    if change.key in _LISTS and not (change.before and change.after):
        return _ADDED.fill(values | {"after": list(change.after or change.before)})
    return _FROM_TO.fill(values)


def _total(found: Comparison) -> Text:
    if not found.changes:
        return _SAME
    return _TOTAL.fill(
        {name: sum(each.direction == name for each in found.changes) for name in _HEADS}
    )


def _document(found: Comparison) -> dict[str, object]:
    return {
        "schema": "headwater/agreement-diff/1",
        "old": found.old.id,
        "new": found.new.id,
        "changes": [
            {
                "direction": each.direction,
                "key": each.key,
                "before": list(each.before),
                "after": list(each.after),
                "message": {"en": _said(each).en, "zh": _said(each).zh},
            }
            for each in found.changes
        ],
    }
