"""The problems of the language itself: patterns, versions, vocabularies, exceptions, schemas.

Blanks in braces are filled by :func:`headwater.catalog.problems.problem`.
"""

from __future__ import annotations

from headwater.catalog.text import Text

_T = Text

LANGUAGE: dict[str, tuple[Text, Text | None]] = {
    "bad-pattern": (
        _T(
            "`{pattern}` is not a usable regular expression: {reason}",
            "`{pattern}` 不是可用的正则表达式：{reason}",
        ),
        _T("write it in the syntax of RE2", "请使用 RE2 语法"),
    ),
    "overlapping-dates": (
        _T(
            "the policy `{id}` is in force on days on which {first} is too",
            "策略 `{id}` 的生效日期与 {first} 重叠",
        ),
        _T(
            "end the earlier one before this begins, or choose another id",
            "请让较早的一份在此之前失效，或改用其他标识",
        ),
    ),
    # --- vocabulary and exceptions -------------------------------------------------------
    "bad-attribute-id": (
        _T("`{id}` cannot be the id of an attribute", "`{id}` 不能作为属性标识"),
        _T(
            "write one of {groups}, a dot, and a name of a-z, 0-9 and _ that is no word of Rego",
            "请写成 {groups} 之一，加点号，再加由 a-z、0-9、_ 组成且非 Rego 保留字的名称",
        ),
    ),
    "attribute-taken": (
        _T("every workspace has the attribute `{id}` already", "属性 `{id}` 已内置"),
        _T("choose another id", "请改用其他标识"),
    ),
    "values-misfit": (
        _T(
            "an attribute of kind {kind} does not list its values",
            "类型为{kind}的属性不列出取值",
        ),
        None,
    ),
    "repeated-values": (
        _T("a value stands here more than once", "此处有重复的值"),
        None,
    ),
    "exception-of-allow": (
        _T(
            "`{rule}` allows; an exception is of a rule that denies or warns",
            "`{rule}` 是允许规则；例外只针对拒绝或警告规则",
        ),
        _T("make the rule's own conditions narrower", "请收紧该规则自身的条件"),
    ),
    "exception-too-long": (
        _T("an exception lasts at most {limit} days", "例外最长为 {limit} 天"),
        _T("end it earlier, or change the policy", "请提前结束，或修改策略"),
    ),
    "no-schema": (
        _T("there is no kind of file `{kind}` with a schema", "没有类型为 `{kind}` 的文件模式"),
        _T("known here: {known}", "此处可用：{known}"),
    ),
    "no-such-code": (
        _T("no rule and no error has the code `{name}`", "没有代码为 `{name}` 的规则或错误"),
        _T("`headwater explain` lists all of them", "运行 `headwater explain` 可列出全部代码"),
    ),
}
