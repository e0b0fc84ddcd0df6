"""What can be wrong with beginning a workspace, or a file in one."""

from __future__ import annotations

from headwater.catalog.text import Text

_T = Text

STARTING: dict[str, tuple[Text, Text | None]] = {
    "folder-not-empty": (
        _T("`{path}` is not an empty folder", "`{path}` 不是空文件夹"),
        _T("name a new folder: nothing is overwritten", "请另选文件夹：不会覆盖已有文件"),
    ),
    "example-packages": (
        _T(
            "the data of the example `{example}` is made with packages that are not installed: "
            "{missing}",
            "示例 `{example}` 的数据由尚未安装的软件包生成：{missing}",
        ),
        _T("pip install 'headwater[examples]'", "请执行 pip install 'headwater[examples]'"),
    ),
    "cannot-insert": (
        _T(
            "`{key}` is written in a form that is not changed safely",
            "`{key}` 的写法无法安全修改",
        ),
        _T("put this at its end yourself: {item}", "请自行在其末尾加入：{item}"),
    ),
    "bad-condition-words": (
        _T("`{text}` is not a condition", "`{text}` 不是条件"),
        _T(
            "write ATTRIBUTE OPERATOR VALUE: context.purpose under public-health",
            "请写成“属性 运算符 值”：context.purpose under public-health",
        ),
    ),
    "contract-needs-columns": (
        _T("a contract needs columns", "合同需要字段"),
        _T("name them, or the file that has them", "请列出字段，或给出数据文件"),
    ),
    "data-unreadable": (
        _T("the data in `{path}` cannot be read: {reason}", "无法读取 `{path}` 中的数据：{reason}"),
        None,
    ),
    "which-object": (
        _T(
            "the contract `{contract}` has several objects: {objects}",
            "合同 `{contract}` 有多个对象：{objects}",
        ),
        _T("say which", "请指明其一"),
    ),
}
