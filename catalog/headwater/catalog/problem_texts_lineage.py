"""The texts of the problems that the lineage room finds: code → (message, hint)."""

from __future__ import annotations

from headwater.catalog.text import Text

_T = Text

_REBUILD = _T(
    "the file may be deleted: everything in it is rebuilt from the workspace's own files",
    "可以删除该文件：其内容会根据工作区自身的文件重建",
)

LINEAGE: dict[str, tuple[Text, Text | None]] = {
    # --- event files --------------------------------------------------------------------------
    "no-event-files": (
        _T("`{pattern}` matches no event file", "`{pattern}` 没有匹配到任何事件文件"),
        _T(
            "correct it under `lineage` in headwater.yaml, or add the file",
            "请在 headwater.yaml 的 `lineage` 中更正，或添加该文件",
        ),
    ),
    "event-folder-link": (
        _T(
            "the folder `{path}` is a symbolic link; event files are not looked for behind it",
            "文件夹 `{path}` 是符号链接；不会在其中查找事件文件",
        ),
        _T("use a real folder", "请使用真实的文件夹"),
    ),
    "event-problems": (
        _T(
            "{count} more problems of this file are not listed",
            "该文件还有 {count} 个问题没有列出",
        ),
        None,
    ),
    # --- one event ----------------------------------------------------------------------------
    "event-syntax": (
        _T("this is not JSON: {reason}", "不是有效的 JSON：{reason}"),
        _T(
            "a .json file holds one document, other event files one event a line",
            ".json 文件只含一个文档，其他事件文件每行一个事件",
        ),
    ),
    "event-duplicate-key": (
        _T("the key `{key}` stands twice in one object", "同一对象中键 `{key}` 重复"),
        _T("keep one of the two", "请只保留其中一个"),
    ),
    "event-too-large": (
        _T("the event is larger than {limit} bytes", "事件超过 {limit} 字节"),
        None,
    ),
    "event-deep": (
        _T("the event is nested deeper than {limit} levels", "事件嵌套超过 {limit} 层"),
        None,
    ),
    "event-shape": (
        _T("this is not an OpenLineage event: {reason}", "不是有效的 OpenLineage 事件：{reason}"),
        _T(
            "see the OpenLineage specification, version 2-0-2",
            "请参阅 OpenLineage 规范 2-0-2 版",
        ),
    ),
    "event-kind": (
        _T(
            "an event has a `job` (with a `run`, or without), or a `dataset` alone",
            "事件须含 `job`（可带 `run`，也可不带），或仅含 `dataset`",
        ),
        None,
    ),
    "event-time": (
        _T(
            "`eventTime` is `{value}`, not a time with its zone",
            "`eventTime` 为 `{value}`，不是带时区的时间",
        ),
        _T("write it as in 2026-10-01T01:05:00Z", "请写成 2026-10-01T01:05:00Z"),
    ),
    "event-facet": (
        _T("the facet `{facet}` is malformed: {reason}", "facet `{facet}` 格式错误：{reason}"),
        None,
    ),
    "event-lineage-facet": (
        _T(
            "the explicit `lineage` facet is not read by this version",
            "本版本还不能读取显式的 `lineage` facet",
        ),
        _T("emit the facet `columnLineage` instead", "请改为发出 `columnLineage` facet"),
    ),
    "run-too-large": (
        _T(
            "the run `{run}` draws more than {limit} edges",
            "运行 `{run}` 产生的边超过 {limit} 条",
        ),
        _T(
            "name columns in `fields`, not every column in `dataset`",
            "请在 `fields` 中写明字段，不要在 `dataset` 中列出所有字段",
        ),
    ),
    # --- the store ----------------------------------------------------------------------------
    "store-corrupt": (
        _T("`{path}` is not a lineage store: {reason}", "`{path}` 不是血缘存储：{reason}"),
        _REBUILD,
    ),
    "store-version": (
        _T(
            "`{path}` is of another version of headwater (store version {found}, not {known})",
            "`{path}` 属于其他版本的 headwater（存储版本 {found}，而非 {known}）",
        ),
        _REBUILD,
    ),
    "store-locked": (
        _T("another process is using `{path}`", "另一个进程正在使用 `{path}`"),
        _T("wait until it has finished", "请等待其结束"),
    ),
    "store-failed": (_T("`{path}` cannot be used: {reason}", "无法使用 `{path}`：{reason}"), None),
}
