"""The problems of explaining decisions and writing row filters: code → (message, hint).

Blanks in braces are filled by :func:`headwater.catalog.problems.problem`.
"""

from __future__ import annotations

from headwater.catalog.text import Text

_T = Text

FILTERS: dict[str, tuple[Text, Text | None]] = {
    "no-such-flow": (
        _T("nothing flows from `{source}` to `{target}`", "没有数据从 `{source}` 流向 `{target}`"),
        _T("`headwater lineage flows` lists the flows", "`headwater lineage flows` 可列出数据流动"),
    ),
    "explain-input": (
        _T(
            "`--column` belongs to `--flow`, and `--flow` does not go with `--input`",
            "`--column` 须与 `--flow` 同用，`--flow` 不能与 `--input` 同用",
        ),
        None,
    ),
    "filter-name": (
        _T(
            "`{name}` cannot be a name in {dialect}: it is empty, too long, or holds a "
            "character that it may not",
            "`{name}` 不能作为 {dialect} 中的名称：为空、过长或含有不允许的字符",
        ),
        None,
    ),
    "filter-pattern": (
        _T(
            "{dialect} cannot ask whether `{attribute}` matches a pattern as the policies do",
            "{dialect} 无法像策略那样判断 `{attribute}` 是否符合模式",
        ),
        _T("leave the attribute out of the map, or use duckdb", "请勿映射该属性，或改用 duckdb"),
    ),
    "filter-compare": (
        _T(
            "whether a column for `{attribute}` lies under one for `{other}` has no SQL",
            "无法用 SQL 判断 `{attribute}` 的字段是否属于 `{other}` 的字段",
        ),
        _T("leave one of the two out of the map", "请勿映射其中之一"),
    ),
    "filter-map": (
        _T(
            "`{text}` is not ATTRIBUTE=COLUMN, with an attribute of the resource that has "
            "one value",
            "`{text}` 不是“属性=字段”，且属性须属于 resource 并只有一个值",
        ),
        _T("write resource.region=region_code, say", "例如 resource.region=region_code"),
    ),
    "filter-subject": (
        _T(
            "the subject must be a JSON object with `department`, or a file that holds one",
            "主体须为含有 `department` 的 JSON 对象，或包含它的文件",
        ),
        None,
    ),
    "filter-rows-no-row": (
        _T("`filter_rows` asks nothing of a row", "`filter_rows` 没有对行提出任何条件"),
        _T(
            "ask about an attribute of the resource; what is of the question alone belongs in "
            "`when`",
            "请判断 resource 的某个属性；只与请求有关的条件应写在 `when` 中",
        ),
    ),
    "filter-rows-set": (
        _T(
            "`filter_rows` cannot ask about `{name}`: it is a set, and a row has one value",
            "`filter_rows` 不能判断 `{name}`：它是集合，而一行只有一个值",
        ),
        None,
    ),
    "filter-rows-unmapped": (
        _T(
            "`{rule}` filters rows by `{attribute}`, and no column is known to hold it",
            "`{rule}` 按 `{attribute}` 筛选行，但不知道哪个字段存放它",
        ),
        _T(
            "say it with --columns-map {attribute}=COLUMN",
            "请用 --columns-map {attribute}=字段 指明",
        ),
    ),
}
