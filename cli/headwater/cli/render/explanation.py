"""Explanations of decisions for a person to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.nearest import (
    PROVED,
    absence_text,
    assumed_text,
    change_text,
    joined,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.policy_explain import Cause, Explained, Explanation, Unmet
    from headwater.app.questions import Question
    from headwater.catalog.text import Language
    from headwater.policies import Decision
    from headwater.policies.nearest import Search

_ALLOWED = Text("{what}: allowed by {rules}", "{what}：允许，依据 {rules}")
_REFUSED = Text("{what}: refused by {rules}", "{what}：拒绝，依据 {rules}")
_NOTHING = Text("{what}: refused, nothing allows it", "{what}：拒绝，没有规则允许")
_QUESTION = Text("question {number}", "问题 {number}")
_FLOW = Text(
    "{provider}: {source} -> {consumer}: {target}; {column}; {purpose}",
    "{provider}：{source} -> {consumer}：{target}；{column}；{purpose}",
)
_WHOLE = Text("the whole dataset", "整个数据集")
_COLUMN = Text("column `{column}`", "字段 `{column}`")
_PURPOSE = Text("for {purpose}", "用于{purpose}")
_NO_PURPOSE = Text("for what is not known", "用途未知")
_EFFECTS = {
    ("allow", False): Text("`{rule}` allows: {message}", "`{rule}` 允许：{message}"),
    ("deny", False): Text("`{rule}` denies: {message}", "`{rule}` 拒绝：{message}"),
    ("deny", True): Text("`{rule}` might deny: {message}", "`{rule}` 可能拒绝：{message}"),
    ("warn", False): Text("`{rule}` warns: {message}", "`{rule}` 警告：{message}"),
    ("warn", True): Text("`{rule}` might warn: {message}", "`{rule}` 可能警告：{message}"),
}
_BECAUSE = Text("because {fact}", "因为{fact}")
_OPEN = Text("it is not known whether {fact}", "不能确定是否{fact}")
_REMEDY = Text("what to do: {remedy}", "处理办法：{remedy}")
_BASIS = Text("basis: {basis}", "依据：{basis}")
_OWNER = Text("owner: {owner}; {position}", "负责部门：{owner}；{position}")
_REGO = Text("Rego of the workspace; {position}", "工作区自有 Rego；{position}")
_BUILT_IN = Text("built in; {position}", "内置；{position}")
_LACKS = Text("`{rule}` would allow it, but {facts}", "`{rule}` 本可允许，但{facts}")
_NOT_IN_FORCE = Text("its policy is not in force on this day", "其策略当日未生效")
_REGO_UNASKED = Text(
    "the workspace's own Rego was not asked, and may still refuse",
    "未询问工作区自有的 Rego，它仍可能拒绝",
)
_IF = Text("it would be allowed, by {rules}, if", "若作以下改变，即可依据 {rules} 得到允许：")
_EXCUSED = Text("exceptions that apply: {exceptions}", "适用的例外：{exceptions}")
_DUTY = Text("to be done: {duties}", "须履行：{duties}")


def explanation_text(told: Explanation, language: Language) -> str:
    """Return one paragraph for each decision."""
    return "\n\n".join(
        "\n".join(
            f"{'  ' * depth}{visible(text.in_(language))}"
            for depth, text in _lines(answer, number, told)
        )
        for number, answer in enumerate(told.answers, 1)
    )


def _lines(answer: Explained, number: int, told: Explanation) -> Iterator[tuple[int, Text]]:
    decision = answer.decision
    head = _ALLOWED if decision.allow else _REFUSED if decision.rules else _NOTHING
    rules = [f"`{rule}`" for rule in decision.rules]
    yield 0, head.fill({"what": _what(answer.question, number, told), "rules": rules})
    for cause in answer.causes:
        yield from _cause_lines(cause, told)
    if decision.exceptions:
        yield 1, _EXCUSED.fill({"exceptions": [f"`{each}`" for each in decision.exceptions]})
    if decision.obligations:
        yield 1, _DUTY.fill({"duties": _duties(decision, told)})
    if not decision.allow and not decision.rules:
        for unmet in answer.unmet:
            yield 1, _unmet(unmet)
    if answer.search:
        yield from _search_lines(answer.search, told)


def _what(question: Question | None, number: int, told: Explanation) -> Text:
    from headwater.policies.words import value_words

    if question is None:
        return _QUESTION.fill({"number": number})
    flow, purpose = question.flow, question.purpose
    words = told.vocabulary
    column = _COLUMN.fill({"column": flow.column}) if flow.column else _WHOLE
    aim = (
        _PURPOSE.fill({"purpose": value_words("context.purpose", purpose, words)})
        if purpose
        else _NO_PURPOSE
    )
    return _FLOW.fill(
        {
            "provider": value_words("resource.department", flow.provider, words),
            "source": flow.source.name,
            "consumer": value_words("subject.department", flow.consumer, words),
            "target": flow.target.name,
            "column": column,
            "purpose": aim,
        }
    )


def _cause_lines(cause: Cause, told: Explanation) -> Iterator[tuple[int, Text]]:
    reason = cause.reason
    told_of = cause.answers
    template = _EFFECTS[reason.effect.value, bool(reason.unknown)]
    yield 1, template.fill({"rule": reason.rule, "message": reason.message})
    for said in told_of.true if told_of else ():
        yield 2, _BECAUSE.fill({"fact": said.text})
    for said in told_of.unknown if told_of else ():
        yield 2, _OPEN.fill({"fact": said.text})
    if reason.remedy:
        yield 2, _REMEDY.fill({"remedy": reason.remedy})
    if reason.basis:
        yield 2, _BASIS.fill({"basis": list(reason.basis)})
    yield 2, _place(cause, told)


def _place(cause: Cause, told: Explanation) -> Text:
    from headwater.policies.words import value_words

    position = str(cause.reason.position)
    if cause.policy is None:
        return _REGO.fill({"position": position})
    if cause.policy.owner is None:
        return _BUILT_IN.fill({"position": position})
    named = value_words("subject.department", cause.policy.owner, told.vocabulary)
    return _OWNER.fill({"owner": named, "position": position})


def _unmet(unmet: Unmet) -> Text:
    lacking = [said.text for said in unmet.answers.false]
    lacking += [_OPEN.fill({"fact": said.text}) for said in unmet.answers.unknown]
    if not unmet.in_force:
        lacking.insert(0, _NOT_IN_FORCE)
    return _LACKS.fill({"rule": unmet.rule, "facts": joined(lacking)})


def _search_lines(search: Search, told: Explanation) -> Iterator[tuple[int, Text]]:
    nearest = search.nearest
    if nearest is None:
        yield 1, absence_text(search)
        return
    yield 1, _IF.fill({"rules": [f"`{rule}`" for rule in nearest.rules]})
    for change in nearest.changes:
        yield 2, change_text(change, told.vocabulary)
    yield 2, PROVED
    if told.own_rego:
        yield 2, _REGO_UNASKED
    assumed = assumed_text(nearest, told.vocabulary)
    if assumed:
        yield 2, assumed


def _duties(decision: Decision, told: Explanation) -> Text:
    from headwater.policies.obligation_words import obligation_text

    said = [obligation_text(each, told.vocabulary) for each in decision.obligations]
    return Text("; ".join(each.en for each in said), "；".join(each.zh for each in said))
