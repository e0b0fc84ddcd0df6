"""The rules that ``headwater retention plan`` reports beside those of the gate."""

from __future__ import annotations

from headwater.catalog.findings import Severity
from headwater.catalog.rules import Rule
from headwater.catalog.text import Text

_T = Text

RETENTION_RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule(
            "retention/conflict",
            Severity.ERROR,
            _T(
                "`{dataset}`: {maximum} lets it be kept until {until}, "
                "and {minimum} wants it kept until {at_least}",
                "`{dataset}`：{maximum} 允许保存至 {until}，而 {minimum} 要求保存至 {at_least}",
            ),
            _T(
                "{deciders} must decide which of the two is changed; after {until} "
                "it is stored and used for nothing",
                "须由 {deciders} 决定修改其中哪一个；{until} 之后只可存储，不得使用",
            ),
            ("PIPL-47",),
        ),
        Rule(
            "retention/frozen-use",
            Severity.ERROR,
            _T(
                "`{dataset}` is frozen since {since}, and was read on {last} by {jobs}",
                "`{dataset}` 自 {since} 起冻结，但 {jobs} 于 {last} 仍读取了它",
            ),
            _T(
                "stop these jobs: what is kept by law or a hold is stored and used for nothing",
                "请停止这些作业：因法律或冻结令保存的数据只可存储，不得使用",
            ),
            ("PIPL-47",),
        ),
        Rule(
            "retention/hold-overdue",
            Severity.WARNING,
            _T(
                "the hold `{hold}` was to be reviewed by {review}, and still lasts",
                "冻结令 `{hold}` 应于 {review} 前复核，但仍在生效",
            ),
            _T(
                "{owner}: say with a new `review` that it is still needed, or end it (`released`)",
                "{owner}：仍需要则写新的 `review`，否则用 `released` 结束",
            ),
            ("PIPL-19",),
        ),
        Rule(
            "retention/unbounded",
            Severity.WARNING,
            _T(
                "`{dataset}` holds personal data, and nothing says how long they may be kept",
                "`{dataset}` 含个人信息，但没有规定保存期限",
            ),
            _T(
                "write a retention policy for it with `at_most`, or agree on a term",
                "请为它编写含 `at_most` 的保存策略，或在协议中约定期限",
            ),
            ("PIPL-19",),
        ),
    )
}
