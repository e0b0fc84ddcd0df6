"""The problems that proving policies finds, by tests and by mutants: code → (message, hint).

Blanks in braces are filled by :func:`headwater.catalog.problems.problem`.
"""

from __future__ import annotations

from headwater.catalog.text import Text

_T = Text

PROOFS: dict[str, tuple[Text, Text | None]] = {
    "no-policy-tests": (
        _T("there are no policy tests in `{path}`", "`{path}` 中没有策略测试"),
        _T(
            "write a file of kind policy-test, or name another folder",
            "请编写 kind 为 policy-test 的文件，或指定其他目录",
        ),
    ),
    "case-twice": (
        _T("this combination already stands at {first}", "此组合已在 {first} 列出"),
        _T("change it with `with`, or leave one out", "请用 `with` 加以区别，或删去其一"),
    ),
    "matrix-too-large": (
        _T(
            "the matrix has {count} combinations, and at most {limit} are run",
            "矩阵有 {count} 个组合，最多运行 {limit} 个",
        ),
        _T("split the file, or leave out `matrix`", "请拆分文件，或删去 `matrix`"),
    ),
    "rego-inside": (
        _T(
            "the workspace would read `{path}` as Rego of its own",
            "工作区会把 `{path}` 当作自己的 Rego 读取",
        ),
        _T(
            "name a folder outside it, or one that begins with a dot",
            "请指定工作区之外的目录，或以点开头的目录",
        ),
    ),
    "tests-fail": (
        _T(
            "{count} policy tests fail on the policies as they are, "
            "so nothing can be said of mutants",
            "现有策略下有 {count} 个策略测试未通过，因此无法评价变异",
        ),
        _T("see `headwater policy test`", "请参阅 `headwater policy test`"),
    ),
}
