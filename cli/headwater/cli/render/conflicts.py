"""Conflicts between rules, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.document import text_document
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.policy_conflicts import Contradictions
    from headwater.catalog.text import Language
    from headwater.policies.conflicts import Conflict

_MESSAGES = {
    "never-true": Text(
        "`{rule}` is never true: its conditions contradict each other on {attributes}",
        "`{rule}` 永不成立：其条件在 {attributes} 上相互矛盾",
    ),
    "redundant": Text(
        "`{rule}` is redundant: {others} says all that it says",
        "`{rule}` 是多余的：{others} 已说明其全部内容",
    ),
    "shadowed": Text(
        "`{rule}` allows nothing: all that it allows is refused by {others}",
        "`{rule}` 不允许任何内容：它所允许的均被 {others} 拒绝",
    ),
    "overlap": Text(
        "`{rule}` and {others} can be true at once; the denial wins",
        "`{rule}` 与 {others} 可同时成立；以拒绝为准",
    ),
}
_SEVERITY = {
    True: Text("warning", "警告"),
    False: Text("note", "提示"),
}
_NEAR = Text("facts that come near, as of {day}: {facts}", "最接近的事实，截至 {day}：{facts}")
_SHOWN = Text("facts that show it, as of {day}: {facts}", "可证明的事实，截至 {day}：{facts}")
_APPROXIMATE = Text(
    "not every value of a pattern or of a period was looked at: there may be facts that differ",
    "并未检查模式或时长的所有取值：可能存在不同的事实",
)
_UNDECIDED = Text("too intricate to settle: {rules}", "过于复杂，无法判定：{rules}")
_UNREAD = Text("Rego modules are not looked at: {names}", "未检查 Rego 模块：{names}")
_TOTAL = Text(
    "rules {rules}: never true {never}, redundant {redundant}, shadowed {shadowed}, "
    "overlaps {overlaps} (shown {shown})",
    "规则 {rules}：永不成立 {never}，多余 {redundant}，被遮蔽 {shadowed}，"
    "重叠 {overlaps}（显示 {shown}）",
)


def conflicts_json(found: Contradictions) -> str:
    """Return ``headwater/conflicts/1``."""
    conflicts = found.conflicts
    return json_text(
        {
            "schema": "headwater/conflicts/1",
            "as_of": found.as_of.isoformat(),
            "policy_revision": found.policy_revision,
            "complete": not conflicts.undecided and not found.unread,
            "counts": _counts(found),
            "undecided": list(conflicts.undecided),
            "unread": list(found.unread),
            "conflicts": [_document(each) for each in conflicts.found],
        }
    )


def _counts(found: Contradictions) -> dict[str, int]:
    kinds = [each.clash.value for each in found.conflicts.found]
    return {
        "rules": found.conflicts.rules,
        "never": kinds.count("never-true"),
        "redundant": kinds.count("redundant"),
        "shadowed": kinds.count("shadowed"),
        "overlaps": found.conflicts.overlaps,
        "shown": kinds.count("overlap"),
    }


def _document(found: Conflict) -> dict[str, object]:
    return {
        "kind": found.clash.value,
        "severity": "warning" if found.clash.is_fault else "note",
        "rule": found.rule.id,
        "location": found.rule.position.document(),
        "others": [
            {"rule": other.id, "location": other.position.document()} for other in found.others
        ],
        "attributes": list(found.attributes),
        "message": text_document(_message(found)),
        "approximate": found.approximate,
        "witness": {
            "facts": dict(found.witness.document),
            "as_of": found.witness.as_of.isoformat(),
            "truths": dict(found.witness.truths),
        },
    }


def _message(found: Conflict) -> Text:
    return _MESSAGES[found.clash.value].fill(
        {
            "rule": found.rule.id,
            "others": [f"`{other.id}`" for other in found.others],
            "attributes": [f"`{name}`" for name in found.attributes],
        }
    )


def conflicts_text(found: Contradictions, language: Language) -> str:
    """Return a paragraph for each conflict, what was not settled, and the total."""
    parts = ["\n".join(_lines(each, language)) for each in found.conflicts.found]
    if found.conflicts.undecided:
        parts.append(_UNDECIDED.fill({"rules": found.conflicts.undecided}).in_(language))
    if found.unread:
        parts.append(_UNREAD.fill({"names": found.unread}).in_(language))
    return "\n\n".join([*parts, _TOTAL.fill(dict(_counts(found))).in_(language)])


def _lines(found: Conflict, language: Language) -> Iterator[str]:
    severity = _SEVERITY[found.clash.is_fault].in_(language)
    colon = "：" if language == "zh" else ":"
    yield visible(f"{found.rule.position}: {severity} {found.clash.value}")
    yield f"  {visible(_message(found).in_(language))}"
    for other in found.others:
        yield visible(f"    {other.id}{colon} {other.position}")
    shown = _NEAR if found.clash.value == "never-true" else _SHOWN
    facts = json.dumps(found.witness.document, ensure_ascii=False)
    day = shown.in_(language).replace("{day}", found.witness.as_of.isoformat())
    yield visible(f"  {day.replace('{facts}', facts)}")
    if found.approximate:
        yield f"  {_APPROXIMATE.in_(language)}"
