"""Comparisons of policies, for a person to read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.comparison_json import counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.policy_diff import Comparison, FlowChange
    from headwater.catalog.text import Language
    from headwater.policies import Decision
    from headwater.policies.comparison import Aspect, RuleEdit
    from headwater.policies.differences import Difference

_EDITS = {
    "added": Text("added", "新增"),
    "removed": Text("removed", "删除"),
    "changed": Text("changed", "修改"),
    "reworded": Text("reworded", "措辞修改"),
}
_TURNS = {
    "newly-allowed": Text("newly allowed", "新增允许"),
    "newly-refused": Text("newly refused", "新增拒绝"),
    "changed-obligations": Text("obligations changed", "义务有变"),
    "changed-warnings": Text("warnings changed", "警告有变"),
}
_ASPECTS = {
    "effect": Text("effect", "效果"),
    "when": Text("when", "条件"),
    "mode": Text("mode", "模式"),
    "from": Text("from", "生效"),
    "until": Text("until", "截止"),
    "obligations": Text("obligations", "义务"),
    "exceptions": Text("exceptions", "例外"),
    "at_most": Text("at most", "最长"),
    "at_least": Text("at least", "最短"),
    "since": Text("since", "起算"),
    "then": Text("then", "到期后"),
    "message": Text("message", "消息"),
    "remedy": Text("remedy", "处理办法"),
    "basis": Text("basis", "依据"),
}
_RULE = Text("{position}: {edit} `{rule}`", "{position}：{edit} `{rule}`")
_ROUTE = Text(
    "{turn}: {provider}: {source} -> {consumer}: {target}",
    "{turn}：{provider}：{source} -> {consumer}：{target}",
)
_BY = Text("by {rules}", "依据 {rules}")
_COLUMNS = Text("columns: {columns}", "字段：{columns}")
_WHOLE = Text("the whole dataset", "整个数据集")
_PURPOSES = Text("purposes: {purposes}", "用途：{purposes}")
_ELSEWHERE = Text("{turn}, where nothing flows yet, as of {day}", "{turn}，尚无流动，截至 {day}")
_WAS, _IS = Text("was: {decision}", "原为：{decision}"), Text("is: {decision}", "现为：{decision}")
_ALLOWED = Text("allowed by {rules}", "允许，依据 {rules}")
_REFUSED = Text("refused by {rules}", "拒绝，依据 {rules}")
_NOTHING = Text("refused, nothing allows it", "拒绝，没有规则允许")
_WARNED = Text("; warned of by {rules}", "；警告依据 {rules}")
_DUTY = Text("; to be done: {duties}", "；须履行：{duties}")
_MODULE = Text("{file}: {edit} Rego module", "{file}：{edit} Rego 模块")
_SAME = Text("no rule differs", "没有规则不同")
_REGO = Text(
    "Rego modules decide: where nothing flows yet has not been looked into",
    "由 Rego 模块判定：未检查尚无流动之处",
)
_MORE = Text(
    "there may be more differences than are shown: raise --most, or see the patterns, periods and "
    "intricate rules",
    "差异可能多于所示：请提高 --most，或检查模式、时长与过于复杂的规则",
)
_TOTAL = Text(
    "rules: added {added}, removed {removed}, changed {changed}, reworded {reworded}; questions "
    "{questions}: newly allowed {allowed}, newly refused {refused}, obligations changed {duties}, "
    "warnings changed {warnings}; elsewhere: newly allowed {further_allowed}, newly refused "
    "{further_refused}, obligations changed {further_duties}, warnings changed "
    "{further_warnings}",
    "规则：新增 {added}，删除 {removed}，修改 {changed}，措辞修改 {reworded}；问题 {questions}："
    "新增允许 {allowed}，新增拒绝 {refused}，义务有变 {duties}，警告有变 {warnings}；其他："
    "新增允许 {further_allowed}，新增拒绝 {further_refused}，义务有变 {further_duties}，"
    "警告有变 {further_warnings}",
)


def comparison_text(found: Comparison, language: Language) -> str:
    """Return the rules, the flows and what else differs, and the total as the last line."""
    parts = ["\n".join(_rule(each, language)) for each in found.edits]
    parts += [_module(file, edit, language) for file, edit in found.rego]
    parts = parts or [_SAME.in_(language)]
    parts += ["\n".join(_flow(each, language)) for each in found.flows]
    if found.elsewhere is None:
        parts.append(_REGO.in_(language))
    else:
        parts += ["\n".join(_difference(each, language)) for each in found.elsewhere.found]
        if not found.complete:
            parts.append(_MORE.in_(language))
    return "\n\n".join([*parts, _total(found, language)])


def _module(file: str, edit: str, language: Language) -> str:
    return visible(_MODULE.fill({"file": file, "edit": _EDITS[edit]}).in_(language))


def _total(found: Comparison, language: Language) -> str:
    numbers = counts(found)
    values: dict[str, object] = {"questions": found.replayed.questions}
    for prefix, key in (("", "recorded"), ("further_", "elsewhere")):
        turns = numbers[key]
        assert isinstance(turns, dict)  # noqa: S101 - as it was made
        values |= {
            f"{prefix}allowed": turns["newly-allowed"],
            f"{prefix}refused": turns["newly-refused"],
            f"{prefix}duties": turns["changed-obligations"],
            f"{prefix}warnings": turns["changed-warnings"],
        }
    rules = numbers["rules"]
    assert isinstance(rules, dict)  # noqa: S101 - as it was made
    return _TOTAL.fill(values | rules).in_(language)


def _rule(found: RuleEdit, language: Language) -> Iterator[str]:
    values = {
        "position": str(found.rule.position),
        "edit": _EDITS[found.edit.value],
        "rule": found.id,
    }
    yield visible(_RULE.fill(values).in_(language))
    for aspect in found.aspects:
        yield visible(f"  {_aspect(aspect, found.edit.value, language)}")


def _aspect(found: Aspect, edit: str, language: Language) -> str:
    name = _ASPECTS[found.name].in_(language)
    colon = "：" if language == "zh" else ": "
    old, new = _shown(found.old, language), _shown(found.new, language)
    if edit in ("changed", "reworded"):
        return f"{name}{colon}{old} -> {new}"
    return f"{name}{colon}{old if edit == 'removed' else new}"


def _shown(value: object, language: Language) -> str:
    if isinstance(value, Text):
        return value.in_(language)
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(
            _shown(each, language) for each in value
        ) or "-"
    return "-" if value is None else str(value)


def _flow(found: FlowChange, language: Language) -> Iterator[str]:
    values = {
        "turn": _TURNS[found.turn.value],
        "provider": found.provider,
        "source": found.source.name,
        "consumer": found.consumer,
        "target": found.target.name,
    }
    yield visible(_ROUTE.fill(values).in_(language))
    columns = _COLUMNS.fill({"columns": found.columns}) if found.columns else _WHOLE
    yield visible(f"  {columns.in_(language)}")
    if found.purposes:
        yield visible(f"  {_PURPOSES.fill({'purposes': found.purposes}).in_(language)}")
    yield visible(f"  {_BY.fill({'rules': _quoted(found.rules)}).in_(language)}")
    yield from _both(found.change.old, found.change.new, language)


def _difference(found: Difference, language: Language) -> Iterator[str]:
    values = {"turn": _TURNS[found.change.turn.value], "day": found.as_of}
    yield _ELSEWHERE.fill(values).in_(language)
    yield visible(f"  {_BY.fill({'rules': _quoted(found.change.rules())}).in_(language)}")
    yield visible(f"  {json.dumps(found.document, ensure_ascii=False)}")
    yield from _both(found.change.old, found.change.new, language)


def _both(old: Decision, new: Decision, language: Language) -> Iterator[str]:
    for said, decision in ((_WAS, old), (_IS, new)):
        yield visible(f"  {said.fill({'decision': _decision(decision)}).in_(language)}")


def _decision(found: Decision) -> Text:
    head = _ALLOWED if found.allow else _REFUSED if found.rules else _NOTHING
    said = head.fill({"rules": _quoted(found.rules)})
    if found.warnings:
        more = _WARNED.fill({"rules": _quoted(found.warnings)})
        said = Text(said.en + more.en, said.zh + more.zh)
    if not found.obligations:
        return said
    duties = [json.dumps(dict(each), ensure_ascii=False).strip("{}") for each in found.obligations]
    duty = _DUTY.fill({"duties": duties})
    return Text(said.en + duty.en, said.zh + duty.zh)


def _quoted(rules: tuple[str, ...]) -> list[str]:
    return [f"`{rule}`" for rule in rules]
