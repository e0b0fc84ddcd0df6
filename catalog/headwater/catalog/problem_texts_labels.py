"""The problems of labels and stop-points: code → (message, hint).

Blanks in braces are filled by :func:`headwater.catalog.problems.problem`.
"""

from __future__ import annotations

from headwater.catalog.text import Text

_T = Text

LABEL_TEXTS: dict[str, tuple[Text, Text | None]] = {
    "label-rule-empty": (
        _T("this rule gives neither a level nor categories", "此规则既未给出级别，也未给出类别"),
        _T("write `level`, `categories` or both", "请写明 `level`、`categories` 或两者"),
    ),
    "stop-point-nowhere": (
        _T(
            "the stop-point `{id}` names neither a job nor a dataset",
            "止步点 `{id}` 既未指明作业，也未指明数据集",
        ),
        _T("write `job`, `dataset` or both", "请写明 `job`、`dataset` 或两者"),
    ),
    "stop-point-lowers-nothing": (
        _T("this stop-point lowers no label", "此止步点不降低任何标签"),
        _T(
            "write the `level` that is left, or the categories to `remove`",
            "请写明剩余的 `level`，或要移除（`remove`）的类别",
        ),
    ),
    "not-anonymised": (
        _T(
            "`{kind}` de-identifies and does not anonymise: the data stays personal (PIPL Art. 73)",
            "`{kind}` 属于去标识化而非匿名化：数据仍是个人信息（《个人信息保护法》第 73 条）",
        ),
        _T(
            "leave `personal` out of `remove`, or anonymise: `aggregate` or `k-anonymise`",
            "请从 `remove` 中去掉 `personal`，或改为匿名化：`aggregate` 或 `k-anonymise`",
        ),
    ),
    "stop-point-proof": (
        _T("`{kind}` is not proved by this: {keys} is needed", "这不能证明 `{kind}`：需要 {keys}"),
        _T(
            "write what must hold of the output's data, one of: {keys}",
            "请写明输出数据必须满足的条件，其中之一：{keys}",
        ),
    ),
    "proof-needs": (
        _T("`{key}` says nothing without `{needed}`", "缺少 `{needed}` 时 `{key}` 没有意义"),
        None,
    ),
    "proof-too-small": (
        _T(
            "`{key}` is {value}: a group of one hides nobody",
            "`{key}` 为 {value}：单独一人无法隐藏",
        ),
        _T("write 2 or more", "请写 2 或更大的数"),
    ),
    "bad-label": (
        _T("`{property}` must be {expected}", "`{property}` 必须为{expected}"),
        None,
    ),
}
