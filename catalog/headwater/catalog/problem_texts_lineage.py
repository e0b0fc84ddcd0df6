"""The texts of the problems that the lineage room finds: code → (message, hint)."""

from __future__ import annotations

from headwater.catalog.text import Text

_T = Text

_REBUILD = _T(
    "the file may be deleted: all but events recorded straight into it is rebuilt from files",
    "可以删除该文件：除直接写入的事件外，其内容会根据工作区自身的文件重建",
)

LINEAGE: dict[str, tuple[Text, Text | None]] = {
    # --- event files --------------------------------------------------------------------------
    "no-event-files": (
        _T("`{pattern}` matches no file", "`{pattern}` 没有匹配到任何文件"),
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
    "graph-too-large": (
        _T(
            "more than {limit} edges follow from nested columns and from jobs between datasets",
            "由嵌套字段和数据集之间的作业推出的边超过 {limit} 条",
        ),
        _T(
            "name the nested columns that are meant, and fewer jobs between datasets",
            "请写明具体的嵌套字段，并减少数据集之间的作业",
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
    # --- SQL ----------------------------------------------------------------------------------
    "sql-dialect": (
        _T("there is no SQL dialect `{name}`", "没有名为 `{name}` 的 SQL 方言"),
        _T("known are {known}", "已知方言：{known}"),
    ),
    "sql-syntax": (
        _T("this is not SQL of this dialect: {reason}", "不是该方言的有效 SQL：{reason}"),
        _T(
            "name the dialect with --dialect; templates must be filled in first",
            "请用 --dialect 指定方言；模板须先展开",
        ),
    ),
    "sql-deep": (
        _T("the SQL is nested deeper than {limit} levels", "SQL 嵌套超过 {limit} 层"),
        None,
    ),
    "sql-large": (
        _T("the SQL holds more than {limit} words", "SQL 的词数超过 {limit}"),
        _T("import it in several files", "请拆成多个文件导入"),
    ),
    "sql-statement": (
        _T(
            "what `{what}` does to data cannot be told from its text",
            "无法从文本判断 `{what}` 对数据做了什么",
        ),
        _T(
            "take the statement out, and declare its lineage in an edge list",
            "请移出该语句，并用边列表声明其血缘",
        ),
    ),
    "sql-unsupported": (
        _T(
            "the lineage of `{what}` is not understood here",
            "无法理解此处 `{what}` 的血缘",
        ),
        _T(
            "write it in other words, or declare its lineage in an edge list",
            "请换一种写法，或用边列表声明其血缘",
        ),
    ),
    "sql-no-name": (
        _T("nothing says what this query makes", "没有说明该查询生成什么"),
        _T("name its result with --name", "请用 --name 指定结果的名称"),
    ),
    "sql-second-query": (
        _T("a second query would make `{name}` too", "另有一个查询也会生成 `{name}`"),
        _T("write CREATE VIEW before each", "请为每个查询加上 CREATE VIEW"),
    ),
    "sql-template": (
        _T("this is a template, not SQL", "这是模板，不是 SQL"),
        _T("fill it in first, as `dbt compile` does", "请先展开，例如用 `dbt compile`"),
    ),
    "import-nothing": (
        _T("nothing here writes a dataset", "其中没有写入任何数据集的内容"),
        None,
    ),
    "sql-unknown-table": (
        _T("the query reads from nothing called `{name}`", "查询中没有名为 `{name}` 的数据来源"),
        None,
    ),
    "sql-unknown-column": (
        _T("there is no column `{name}`", "没有字段 `{name}`"),
        _T(
            "correct it, or add the column to the contract",
            "请更正，或在合同中补充该字段",
        ),
    ),
    "sql-ambiguous": (
        _T(
            "it cannot be told where the column `{name}` comes from: {known}",
            "无法判断字段 `{name}` 来自何处：{known}",
        ),
        _T(
            "write the table before it, or describe the tables in contracts",
            "请在字段前写明表名，或用合同描述这些表",
        ),
    ),
    "sql-columns-unknown": (
        _T("the columns of `{name}` are not known", "`{name}` 的字段未知"),
        _T(
            "list them instead of `*`, or describe the table in a contract",
            "请列出字段以代替 `*`，或用合同描述该表",
        ),
    ),
    "sql-same-name": (
        _T("two sources of one query are called `{name}`", "同一查询中有两个名为 `{name}` 的来源"),
        None,
    ),
    "sql-union-columns": (
        _T(
            "{left} columns stand against {right}",
            "字段数不一致：{left} 与 {right}",
        ),
        None,
    ),
    "sql-position": (
        _T("there is no column number {number}", "没有第 {number} 个字段"),
        None,
    ),
    "sql-star-unknown": (
        _T(
            "not all columns of `{dataset}` are known: its inputs are taken as a whole",
            "`{dataset}` 的字段不全为已知：其输入按整体处理",
        ),
        _T(
            "describe the tables behind `*`, or the target, in a contract",
            "请用合同描述 `*` 所指的表或目标表",
        ),
    ),
    "sql-undescribed-column": (
        _T(
            "the contract of `{dataset}` does not name the column `{name}`",
            "`{dataset}` 的合同没有列出字段 `{name}`",
        ),
        _T("add it to the contract", "请在合同中补充"),
    ),
    # --- questions ----------------------------------------------------------------------------
    "answer-incomplete": (
        _T("the answer is not complete: {limits}", "答案不完整：{limits}"),
        _T(
            "raise the limit, or leave out `--require-complete`",
            "请放宽限制，或去掉 `--require-complete`",
        ),
    ),
    "path-one-place": (
        _T(
            "`{start}` and `{goal}` are one place: a path leads from one to another",
            "`{start}` 与 `{goal}` 是同一处：路径应连接两处",
        ),
        _T("name two datasets, or two columns", "请写两个数据集，或两个字段"),
    ),
    "days-reversed": (
        _T("the day {earlier} is after the day {later}", "起始日 {earlier} 晚于截止日 {later}"),
        _T("name the earlier day first", "请先写较早的日期"),
    ),
    "unknown-department": (_T("there is no department `{name}`", "没有部门 `{name}`"), None),
    "unknown-purpose": (_T("there is no purpose `{name}`", "没有用途 `{name}`"), None),
    "sql-unnamed-column": (
        _T(
            "nothing names this column of `{dataset}`; it is taken to be `{name}`",
            "`{dataset}` 的这个字段没有命名；按 `{name}` 处理",
        ),
        _T("give it a name with AS", "请用 AS 命名"),
    ),
    # --- dbt ----------------------------------------------------------------------------------
    "dbt-artifact": (
        _T("this is not an artifact of dbt: {reason}", "不是 dbt 的产物：{reason}"),
        _T(
            "`dbt compile` writes target/manifest.json", "`dbt compile` 会写出 target/manifest.json"
        ),
    ),
    "dbt-version": (
        _T(
            "the manifest is of version {found}; version {known} is the oldest that is read",
            "该 manifest 的版本为 {found}；可读取的最早版本为 {known}",
        ),
        _T("compile the project with a newer dbt", "请用更新的 dbt 编译项目"),
    ),
    "dbt-relation": (
        _T("`{node}`: `{name}` is no name of a table", "`{node}`：`{name}` 不是表名"),
        None,
    ),
    "dbt-unknown-node": (
        _T(
            "`{node}` depends on `{name}`, which the manifest does not hold",
            "`{node}` 依赖 `{name}`，但 manifest 中没有它",
        ),
        None,
    ),
    "dbt-purpose": (
        _T("`{node}`: `meta.purpose` is not text", "`{node}`：`meta.purpose` 不是文本"),
        None,
    ),
    "dbt-taken-whole": (
        _T(
            "the SQL of `{node}` is not understood: its inputs are taken as a whole",
            "无法理解 `{node}` 的 SQL：其输入按整体处理",
        ),
        None,
    ),
    "dbt-not-compiled": (
        _T(
            "the manifest holds no SQL of `{node}`: its inputs are taken as a whole",
            "manifest 中没有 `{node}` 的 SQL：其输入按整体处理",
        ),
        _T("run `dbt compile` first", "请先运行 `dbt compile`"),
    ),
    # --- edge lists ---------------------------------------------------------------------------
    "edge-name": (
        _T("`{value}` is not namespace/name", "`{value}` 不是 namespace/name 的形式"),
        _T(
            "write postgres://db:5432/shop.public.orders, and #column after it for a column",
            "请写成 postgres://db:5432/shop.public.orders，字段则在其后加 #字段名",
        ),
    ),
    "edge-no-job": (
        _T("nothing says which job makes this edge", "没有说明这条边由哪个作业产生"),
        _T(
            "write `job: namespace/name` at the edge or at the top",
            "请在边上或文件顶部写 `job: namespace/name`",
        ),
    ),
    "edge-mixed": (
        _T(
            "`{name}` enters this dataset both by columns and as a whole",
            "`{name}` 既按字段又按整体进入该数据集",
        ),
        _T("keep the columns, or the whole", "请只保留字段或整体之一"),
    ),
    "edge-whole-to-column": (
        _T(
            "a whole dataset cannot lead to one column",
            "整个数据集不能指向单个字段",
        ),
        _T("name the columns that it is made from", "请写明来源字段"),
    ),
    "edge-whole": (
        _T(
            "`{key}` says something of columns, but this edge is between datasets",
            "`{key}` 用于字段，但这条边在数据集之间",
        ),
        None,
    ),
    "edge-direct-to-whole": (
        _T(
            "a column enters a whole dataset only indirectly",
            "字段只能间接影响整个数据集",
        ),
        _T("name the column that it becomes", "请写明它成为的字段"),
    ),
    # --- emitting -----------------------------------------------------------------------------
    "transport-setting": (
        _T(
            "the transport's `{key}` is missing or cannot be used",
            "传输设置 `{key}` 缺失或无法使用",
        ),
        _T(
            "`path` names a workspace, `wait` the seconds to wait for another writer",
            "`path` 指明工作区，`wait` 为等待其他写入者的秒数",
        ),
    ),
    "import-json": (
        _T(
            "`{path}` would be read as one document, but events stand one a line",
            "`{path}` 会被当作单个文档读取，但事件是每行一个",
        ),
        _T("call it .ndjson", "请使用 .ndjson 扩展名"),
    ),
}
