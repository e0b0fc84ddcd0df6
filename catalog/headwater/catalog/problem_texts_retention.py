"""The problems of zones, holds and declared retention: code → (message, hint).

Blanks in braces are filled by :func:`headwater.catalog.problems.problem`.
"""

from __future__ import annotations

from headwater.catalog.text import Text

_T = Text

RETENTION: dict[str, tuple[Text, Text | None]] = {
    "unknown-zone": (
        _T("`{value}` is no time zone", "`{value}` 不是时区"),
        _T(
            "write a name of the IANA database, such as Asia/Shanghai",
            "请写 IANA 时区数据库中的名称，如 Asia/Shanghai",
        ),
    ),
    "bad-retention": (
        _T(
            "`{value}` is not how long data can be kept: {reason}",
            "`{value}` 不能作为保存期限：{reason}",
        ),
        _T(
            "write a whole number above 0 with `unit` d, w, mo or y, or a period such as P90D",
            "请写大于 0 的整数并注明 `unit`（d、w、mo 或 y），或写期限如 P90D",
        ),
    ),
    "hold-covers-nothing": (
        _T("the hold `{id}` covers no known dataset", "冻结令 `{id}` 未涵盖任何已知数据集"),
        _T("correct the globs under `scope`", "请更正 `scope` 中的通配符"),
    ),
    "unknown-pack": (
        _T("there is no pack `{name}`", "没有规则包 `{name}`"),
        _T("packs that there are: {known}", "现有规则包：{known}"),
    ),
    "sql-needs-a-day": (
        _T(
            "statements that delete are written only for a day that is named",
            "只针对明确指定的日期生成删除语句",
        ),
        _T("say --as-of YYYY-MM-DD", "请用 --as-of YYYY-MM-DD 指定"),
    ),
    "day-before-log": (
        _T(
            "it is {today} by this machine's clock, and the log has an event of {last}",
            "本机时钟为 {today}，而日志中已有 {last} 的事件",
        ),
        _T("set the clock right, or say --as-of", "请校准时钟，或用 --as-of 指定日期"),
    ),
    "no-key": (
        _T("`{dataset}` has no identifier column named", "未指定 `{dataset}` 的标识字段"),
        _T(
            "write DATASET#COLUMN; columns it may be: {known}",
            "请写 DATASET#COLUMN；可用的字段：{known}",
        ),
    ),
}
