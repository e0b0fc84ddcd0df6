"""The rules on labels: what a dataset holds and does not say, and stop-points that do not hold."""

from __future__ import annotations

from headwater.catalog.findings import Severity
from headwater.catalog.rule import Rule
from headwater.catalog.text import Text

_T = Text

LABEL_RULES = (
    Rule(
        "labels/declared-too-low",
        Severity.ERROR,
        _T(
            "`{dataset}` holds more than its contract declares: {columns}",
            "`{dataset}` 实际所含高于其合同声明：{columns}",
        ),
        _T(
            "declare what it holds, or lower it at a stop-point that its data proves; "
            "`headwater labels show` says where it comes from",
            "请如实声明，或在数据可证明的止步点降低标签；`headwater labels show` 会说明来源",
        ),
        ("GB/T 43697-2024", "DSL-21"),
    ),
    Rule(
        "labels/maybe-too-low",
        Severity.WARNING,
        _T(
            "`{dataset}` may hold more than its contract declares; "
            "events name only the datasets, no columns: {columns}",
            "`{dataset}` 所含可能高于其合同声明；事件只写明数据集，未写明字段：{columns}",
        ),
        _T(
            "let the job say which columns it reads (`columnLineage`), "
            "or declare what may be there",
            "请让作业写明读取的字段（`columnLineage`），或按可能的内容声明",
        ),
        ("GB/T 43697-2024",),
    ),
    Rule(
        "labels/unlabelled",
        Severity.WARNING,
        _T(
            "`{dataset}` receives labelled data in columns that nobody labelled: {columns}",
            "`{dataset}` 中未标注的字段接收了已标注的数据：{columns}",
        ),
        _T(
            "give these columns a `classification` and the `tags` of their categories",
            "请为这些字段写明 `classification`，并用 `tags` 写明类别",
        ),
        ("GB/T 43697-2024", "DSL-21"),
    ),
    Rule(
        "labels/without-source",
        Severity.NOTE,
        _T(
            "`{dataset}` declares labels that nothing it is made from has: {columns}",
            "`{dataset}` 声明的标签在其任何来源中都不存在：{columns}",
        ),
        _T(
            "label the source, record the input that is missing, or declare less",
            "请为来源标注，补充缺失的输入血缘，或降低声明",
        ),
        ("GB/T 43697-2024",),
    ),
    Rule(
        "labels/stop-point-failing",
        Severity.ERROR,
        _T(
            "`{dataset}` is not what the stop-point `{stop_point}` claims, "
            "so labels pass on: {reason}",
            "`{dataset}` 与止步点 `{stop_point}` 的声明不符，因此标签继续传递：{reason}",
        ),
        _T(
            "correct the job that writes it, or withdraw the stop-point",
            "请改正写出该数据的作业，或撤回此止步点",
        ),
        ("PIPL-73",),
    ),
    Rule(
        "labels/stop-point-unproven",
        Severity.WARNING,
        _T(
            "nothing proves the stop-point `{stop_point}` at `{dataset}`, "
            "so labels pass on: {reason}",
            "没有证据证明 `{dataset}` 处的止步点 `{stop_point}`，因此标签继续传递：{reason}",
        ),
        _T(
            "let the data of the output be read where `checks.server` says",
            "请使输出的数据可从 `checks.server` 所指的位置读取",
        ),
        ("PIPL-73",),
    ),
    Rule(
        "labels/stop-point-unused",
        Severity.WARNING,
        _T(
            "the stop-point `{stop_point}` matches nothing that flows",
            "止步点 `{stop_point}` 不匹配任何流动",
        ),
        _T(
            "correct its `job`, `dataset` or `columns`, or remove it",
            "请更正其 `job`、`dataset` 或 `columns`，或将其删除",
        ),
    ),
)
