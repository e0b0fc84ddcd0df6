"""The findings of style: name → how much it weighs, and what it says."""

from __future__ import annotations

from headwater.catalog.findings import Severity
from headwater.catalog.text import Text

_T = Text
_W, _N = Severity.WARNING, Severity.NOTE

LINT: dict[str, tuple[Severity, Text]] = {
    "no-remedy": (
        _W,
        _T(
            "`{id}` does not say what to do about it: add `remedy`",
            "`{id}` 没有写明处理办法：请补充 `remedy`",
        ),
    ),
    "no-basis": (
        _W,
        _T(
            "`{id}` names no law that it rests on: add `basis`",
            "`{id}` 没有写明法律依据：请补充 `basis`",
        ),
    ),
    "untranslated": (
        _W,
        _T(
            "the {key} of `{id}` is the same in both languages: write en and zh",
            "`{id}` 的 {key} 在两种语言中相同：请分别写明 en 与 zh",
        ),
    ),
    "policy-ended": (
        _W,
        _T("the policy `{id}` ended on {day}", "策略 `{id}` 已于 {day} 失效"),
    ),
    "policy-pending": (
        _N,
        _T("the policy `{id}` begins on {day}", "策略 `{id}` 自 {day} 起生效"),
    ),
    "exception-ended": (
        _W,
        _T(
            "the exception `{id}` from `{rule}` ended on {day}: renew it or remove it",
            "`{rule}` 的例外 `{id}` 已于 {day} 失效：请续期或删除",
        ),
    ),
    "exception-pending": (
        _N,
        _T(
            "the exception `{id}` from `{rule}` begins on {day}",
            "`{rule}` 的例外 `{id}` 自 {day} 起生效",
        ),
    ),
    "unknown-level": (
        _W,
        _T(
            "`{id}` refuses wherever `{name}` is absent: {number} of {total} columns in contracts "
            "have no level",
            "只要缺少 `{name}`，`{id}` 就会拒绝：合同中的 {total} 个字段有 {number} 个没有级别",
        ),
    ),
    "unknown-always": (
        _W,
        _T(
            "`{id}` refuses wherever `{name}` is absent, and no flow states it: "
            "ask `present` first",
            "只要缺少 `{name}`，`{id}` 就会拒绝，而数据流动从不写明它：请先用 `present` 判断",
        ),
    ),
    "unknown-prone": (
        _N,
        _T(
            "`{id}` refuses wherever `{name}` is absent: if that is not meant, ask `present` first",
            "只要缺少 `{name}`，`{id}` 就会拒绝：如非本意，请先用 `present` 判断",
        ),
    ),
    "purpose-ignored": (
        _W,
        _T(
            "`{id}` allows whatever the purpose is: ask `context.purpose` or "
            "`context.purpose_agreed`",
            "`{id}` 不论用途都予以允许：请判断 `context.purpose` 或 `context.purpose_agreed`",
        ),
    ),
    "blank-absent": (
        _N,
        _T(
            "a text of `{id}` shows `{name}`, which may be absent when the rule holds",
            "`{id}` 的文本会显示 `{name}`，而规则成立时它可能缺失",
        ),
    ),
    "unused-attribute": (
        _W,
        _T("no policy asks about `{name}`", "没有策略使用 `{name}`"),
    ),
}
"""What it says has the same blanks in both languages (tested)."""
