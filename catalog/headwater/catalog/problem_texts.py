"""The catalogue of problems, one place for all rooms: code → (message, hint).

Blanks in braces are filled by :func:`headwater.catalog.problems.problem`.
"""

from __future__ import annotations

from headwater.catalog.problem_texts_agreements import AGREEMENTS
from headwater.catalog.problem_texts_bundles import BUNDLES
from headwater.catalog.problem_texts_filters import FILTERS
from headwater.catalog.problem_texts_gate import GATE
from headwater.catalog.problem_texts_labels import LABEL_TEXTS
from headwater.catalog.problem_texts_language import LANGUAGE
from headwater.catalog.problem_texts_lineage import LINEAGE
from headwater.catalog.problem_texts_policies import POLICIES
from headwater.catalog.problem_texts_proofs import PROOFS
from headwater.catalog.problem_texts_retention import RETENTION
from headwater.catalog.problem_texts_starting import STARTING
from headwater.catalog.text import Text

_T = Text

CATALOGUE: dict[str, tuple[Text, Text | None]] = (
    {
        # --- files and YAML ------------------------------------------------------------------
        "file-missing": (_T("there is no file `{path}`", "文件 `{path}` 不存在"), None),
        "file-unreadable": (
            _T("`{path}` cannot be read: {reason}", "无法读取 `{path}`：{reason}"),
            None,
        ),
        "file-outside": (
            _T("`{path}` leads outside the workspace", "`{path}` 指向工作区之外"),
            _T(
                "name a file below the folder of `headwater.yaml`",
                "请使用 `headwater.yaml` 所在目录之下的文件",
            ),
        ),
        "file-too-large": (
            _T("the file is larger than {limit} bytes", "文件超过 {limit} 字节"),
            _T("split it", "请拆分文件"),
        ),
        "encoding": (
            _T("the file is not valid UTF-8", "文件不是有效的 UTF-8 编码"),
            _T("save it as UTF-8", "请以 UTF-8 保存"),
        ),
        "character": (
            _T("the character {character} is not allowed here", "此处不允许字符 {character}"),
            _T("remove it", "请删除该字符"),
        ),
        "yaml-syntax": (_T("this is not YAML: {reason}", "不是有效的 YAML：{reason}"), None),
        "yaml-alias": (
            _T("YAML anchors and aliases are not allowed", "不允许使用 YAML 锚点和别名"),
            _T("write the value out in full", "请完整写出该值"),
        ),
        "yaml-tag": (
            _T("YAML tags are not allowed: `{tag}`", "不允许使用 YAML 标签：`{tag}`"),
            _T("write the plain value", "请直接写出该值"),
        ),
        "yaml-documents": (
            _T(
                "a file holds one YAML document, this is a second",
                "一个文件只能有一个 YAML 文档，这里是第二个",
            ),
            _T("put it into a file of its own", "请放入单独的文件"),
        ),
        "yaml-deep": (_T("nested deeper than {limit} levels", "嵌套超过 {limit} 层"), None),
        "yaml-large": (
            _T("more than {limit} values in one file", "一个文件超过 {limit} 个值"),
            None,
        ),
        "yaml-ambiguous": (
            _T(
                "`{text}` means different things to different YAML readers",
                "`{text}` 在不同的 YAML 读取器中含义不同",
            ),
            _T(
                'quote it ("{text}") or write true or false',
                '请加引号（"{text}"），或写 true、false',
            ),
        ),
        "duplicate-key": (
            _T(
                "the key `{key}` stands twice, first in line {first}",
                "键 `{key}` 重复，第一次在第 {first} 行",
            ),
            _T("keep one of the two", "请只保留其中一个"),
        ),
        "key-not-text": (_T("a key must be text", "键必须是文本"), None),
        # --- documents ---------------------------------------------------------------------------
        "no-kind": (
            _T("the file does not say its `kind`", "文件没有写明 `kind`"),
            _T("add one of: {known}", "请添加其中之一：{known}"),
        ),
        "unknown-kind": (
            _T(
                "`{kind}` is no kind of file that headwater knows",
                "headwater 不认识 `{kind}` 这种文件",
            ),
            _T("known kinds: {known}", "可用的种类：{known}"),
        ),
        "second-document": (
            _T(
                "a second file of kind `{kind}`; the first is {first}",
                "第二个 `{kind}` 文件；第一个是 {first}",
            ),
            _T("merge the two", "请合并这两个文件"),
        ),
        "unknown-key": (
            _T("unknown key `{key}`", "未知的键 `{key}`"),
            _T("known here: {known}", "此处可用：{known}"),
        ),
        "missing-key": (_T("the key `{key}` is missing", "缺少键 `{key}`"), None),
        "wrong-type": (
            _T(
                "`{key}` must be {expected}, this is {found}",
                "`{key}` 必须是{expected}，这里是{found}",
            ),
            None,
        ),
        "quote-it": (
            _T(
                "`{key}` must be text, and `{text}` is read as {found}",
                "`{key}` 必须是文本，而 `{text}` 会被读作{found}",
            ),
            _T('put it in quotes: "{text}"', '请加引号："{text}"'),
        ),
        "empty": (_T("`{key}` is empty", "`{key}` 为空"), None),
        "not-one-of": (
            _T("`{value}` is not a valid `{key}`", "`{value}` 不是有效的 `{key}`"),
            _T("one of: {known}", "可选：{known}"),
        ),
        "bad-date": (
            _T("`{value}` is not a date of the calendar", "`{value}` 不是有效的日期"),
            _T("write YYYY-MM-DD", "请写成 YYYY-MM-DD"),
        ),
        "bad-period": (
            _T(
                "`{value}` is not an ISO 8601 period of at least one day",
                "`{value}` 不是至少一天的 ISO 8601 时段",
            ),
            _T("write for example P2Y, P6M or P90D", "例如 P2Y、P6M 或 P90D"),
        ),
        "bad-range": (
            _T(
                "it ends ({until}) before it begins ({start})", "结束（{until}）早于开始（{start}）"
            ),
            None,
        ),
        "bad-id": (
            _T("`{value}` cannot be an id", "`{value}` 不能用作标识"),
            _T("use letters, digits, `-`, `_` and `.`", "请使用字母、数字、`-`、`_` 和 `.`"),
        ),
        "text-language": (
            _T("the text for `{language}` is missing", "缺少 `{language}` 的文本"),
            _T(
                "give one string, or one for en and one for zh",
                "请给出一个字符串，或 en 与 zh 各一个",
            ),
        ),
        "duplicate-id": (
            _T(
                "the {what} `{id}` stands twice, first at {first}",
                "{what} `{id}` 重复，第一次在 {first}",
            ),
            None,
        ),
        "unknown-reference": (
            _T("there is no {what} `{id}`", "没有{what} `{id}`"),
            None,
        ),
        "matches-no-column": (
            _T(
                "`{pattern}` matches no column of `{contract}`",
                "`{pattern}` 与 `{contract}` 的任何字段都不匹配",
            ),
            None,
        ),
        "not-the-provider": (
            _T(
                "`{contract}` is a contract of {department}, not of the provider {provider}",
                "`{contract}` 是 {department} 的合同，不属于提供方 {provider}",
            ),
            _T("a department can only grant its own data", "部门只能授权自己的数据"),
        ),
        "bad-region": (
            _T("`{value}` is not a region code of six digits", "`{value}` 不是六位行政区划代码"),
            _T(
                'write it in quotes, as in "330100" (GB/T 2260)',
                '请加引号，例如 "330100"（GB/T 2260）',
            ),
        ),
        "cycle": (
            _T("`{id}` lies under itself: {path}", "`{id}` 位于自身之下：{path}"),
            _T("remove one `under`", "请删去其中一个 `under`"),
        ),
        "bad-contract": (
            _T("not a valid ODCS contract: {reason}", "不是有效的 ODCS 合同：{reason}"),
            None,
        ),
        "odcs-version": (
            _T("ODCS `{version}` is not supported", "不支持 ODCS `{version}`"),
            _T("supported: v3.0.x, v3.1.x, v3.2.x", "支持：v3.0.x、v3.1.x、v3.2.x"),
        ),
        "same-dataset": (
            _T(
                "the dataset `{dataset}` is also described at {first}",
                "数据集 `{dataset}` 在 {first} 也有描述",
            ),
            None,
        ),
        "no-dataset-name": (
            _T(
                "the dataset of `{object}` cannot be named: {reason}",
                "无法命名 `{object}` 的数据集：{reason}",
            ),
            _T(
                "add a server, or customProperties: [{property: dataset, value: …}]",
                "请添加 server，或 customProperties： [{property: dataset, value: …}]",
            ),
        ),
        # --- the workspace ----------------------------------------------------------------------
        "no-workspace": (
            _T(
                "no `headwater.yaml` in {path} or above it",
                "{path} 及其上级目录中没有 `headwater.yaml`",
            ),
            _T("go to a workspace, or name one", "请进入一个工作区，或指定其路径"),
        ),
        "nothing-to-judge": (
            _T("nothing was judged: {reason}", "没有任何内容可判定：{reason}"),
            _T("an empty run is never a pass", "空运行绝不算通过"),
        ),
        # --- names ---
        "unknown-dataset": (_T("no dataset `{name}` is known", "没有已知的数据集 `{name}`"), None),
        "unknown-column": (
            _T("`{dataset}` has no known column `{name}`", "`{dataset}` 没有已知的字段 `{name}`"),
            None,
        ),
        "ambiguous-dataset": (
            _T("`{name}` is the ending of several datasets", "`{name}` 是多个数据集名称的结尾"),
            _T("write one of: {known}", "请写其中之一：{known}"),
        ),
        "bad-json": (_T("this is not JSON: {reason}", "不是有效的 JSON：{reason}"), None),
        "nothing-asked": (
            _T("there is no question in the input", "输入中没有问题"),
            _T("give one facts document, or an array of them", "请给出一个事实文档，或其数组"),
        ),
        "internal": (
            _T("internal error: {reason}", "内部错误：{reason}"),
            _T("please report it; --debug shows where", "请报告此问题；--debug 显示位置"),
        ),
        "cannot-write": (_T("cannot write {path}: {reason}", "无法写入 {path}：{reason}"), None),
    }
    | LANGUAGE
    | POLICIES
    | BUNDLES
    | PROOFS
    | LINEAGE
    | FILTERS
    | AGREEMENTS
    | GATE
    | LABEL_TEXTS
    | RETENTION
    | STARTING
)
