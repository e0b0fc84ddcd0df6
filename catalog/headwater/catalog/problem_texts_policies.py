"""The problems that policies and engines find: code → (message, hint).

Blanks in braces are filled by :func:`headwater.catalog.problems.problem`.
"""

from __future__ import annotations

from headwater.catalog.text import Text

_T = Text

POLICIES: dict[str, tuple[Text, Text | None]] = {
    # --- policies ------------------------------------------------------------------------
    "unknown-attribute": (
        _T("there is no attribute `{name}`", "没有属性 `{name}`"),
        _T("known here: {known}", "此处可用：{known}"),
    ),
    "unknown-operator": (
        _T("there is no operator `{op}`", "没有运算符 `{op}`"),
        _T("`{attribute}` takes: {known}", "`{attribute}` 可用：{known}"),
    ),
    "operator-misfit": (
        _T(
            "`{op}` does not fit `{attribute}`, which is of kind {kind}",
            "`{op}` 不适用于 `{attribute}`，后者的类型是{kind}",
        ),
        _T("`{attribute}` takes: {known}", "`{attribute}` 可用：{known}"),
    ),
    "operand-misfit": (
        _T(
            "`{attribute}` {op} takes {expected}, this is {found}",
            "`{attribute}` {op} 需要{expected}，这里是{found}",
        ),
        None,
    ),
    "attribute-misfit": (
        _T(
            "`{other}` (kind: {kind}) cannot stand after `{attribute}` {op}",
            "`{other}`（类型：{kind}）不能放在 `{attribute}` {op} 之后",
        ),
        _T("it would have to be of kind {expected}", "它的类型应为{expected}"),
    ),
    "condition-shape": (
        _T("this is not a condition", "这不是条件"),
        _T(
            "write `attribute: {op: value}`, or all, any, not",
            "请写成 `attribute: {op: value}`，或使用 all、any、not",
        ),
    ),
    "one-effect": (
        _T(
            "a rule has exactly one of allow, deny and warn; this one has {count}",
            "一条规则只能有 allow、deny、warn 之一；这一条有 {count} 个",
        ),
        None,
    ),
    "allow-without-condition": (
        _T(
            "the rule allows everything: it has neither `when` nor `applies_to`",
            "该规则允许一切：既没有 `when`，也没有 `applies_to`",
        ),
        _T("say when it allows", "请写明何时允许"),
    ),
    "must-be-true": (
        _T("`{key}` can only be true", "`{key}` 只能是 true"),
        _T("leave it out instead", "不需要时请删去"),
    ),
    "reserved-policy": (
        _T(
            "the id `{id}` belongs to headwater itself",
            "标识 `{id}` 属于 headwater 自身",
        ),
        _T("choose another id", "请改用其他标识"),
    ),
    "bad-blank": (
        _T("a brace in this text is not a blank", "此文本中的花括号不是占位符"),
        _T(
            "a blank is the name of an attribute in braces, as in resource.level",
            "占位符是花括号中的属性名，例如 resource.level",
        ),
    ),
    "one-term": (
        _T(
            "a retention rule has exactly one of at_most and at_least; this one has {count}",
            "一条保存规则只能有 at_most、at_least 之一；这一条有 {count} 个",
        ),
        None,
    ),
    # --- facts ---------------------------------------------------------------------------
    "bad-fact": (
        _T(
            "`{name}` must be {expected}, this is {found}",
            "`{name}` 必须是{expected}，这里是{found}",
        ),
        None,
    ),
    # --- engines -------------------------------------------------------------------------
    "no-opa": (
        _T("the engine `opa` was asked for, and there is none", "要求使用引擎 `opa`，但没有找到"),
        _T(
            "install opa {minimum} or later, or let HEADWATER_OPA name one",
            "请安装 opa {minimum} 或更高版本，或用 HEADWATER_OPA 指定",
        ),
    ),
    "opa-unusable": (
        _T(
            "`{executable}` is not a usable OPA: {reason}",
            "`{executable}` 不是可用的 OPA：{reason}",
        ),
        _T(
            "install opa {minimum} or later, or let HEADWATER_OPA name one",
            "请安装 opa {minimum} 或更高版本，或用 HEADWATER_OPA 指定",
        ),
    ),
    "opa-url": (
        _T("`{url}` is not the address of an OPA", "`{url}` 不是 OPA 的地址"),
        _T(
            "write http://HOST:PORT, https://HOST:PORT or unix:///PATH, and nothing more",
            "请写成 http://HOST:PORT、https://HOST:PORT 或 unix:///PATH，不带其他内容",
        ),
    ),
    "opa-unreachable": (
        _T("OPA did not answer: {reason}", "OPA 没有应答：{reason}"),
        _T("see whether it runs and serves the bundle", "请检查它是否运行并已加载策略包"),
    ),
    "opa-timeout": (
        _T("OPA did not answer within {seconds} seconds", "OPA 未在 {seconds} 秒内应答"),
        None,
    ),
    "opa-undefined": (
        _T("OPA answered, and no rule defined a decision", "OPA 有应答，但没有规则给出决定"),
        _T(
            "load the bundle of `headwater policy build`",
            "请加载 `headwater policy build` 生成的策略包",
        ),
    ),
    "opa-answer": (
        _T("OPA's answer is not a decision: {reason}", "OPA 的应答不是决定：{reason}"),
        None,
    ),
    "opa-revision": (
        _T(
            "OPA serves the policies {found}, this workspace has {expected}",
            "OPA 使用的策略版本是 {found}，本工作区是 {expected}",
        ),
        _T(
            "load the bundle of `headwater policy build` into it",
            "请把 `headwater policy build` 生成的策略包加载到 OPA",
        ),
    ),
    "opa-cert-and-key": (
        _T("`cert` and `key` go together", "`cert` 与 `key` 必须同时给出"),
        None,
    ),
    "opa-file": (
        _T(
            "`{path}`, which `opa.{key}` names, cannot be used: {reason}",
            "`opa.{key}` 所指的 `{path}` 无法使用：{reason}",
        ),
        None,
    ),
    "opa-clear": (
        _T(
            "a token would travel unprotected to `{url}`",
            "令牌会以明文发送到 `{url}`",
        ),
        _T("use https or a local socket", "请使用 https 或本地套接字"),
    ),
    # --- comparing policies ----------------------------------------------------------------
    "attribute-changed": (
        _T(
            "`{name}` was of kind {old} and is of kind {new}: policies on it cannot be compared",
            "`{name}` 的类型由{old}变为{new}：无法比较有关策略",
        ),
        _T("give the new attribute another id", "请给新属性另起标识"),
    ),
    "no-git": (
        _T(
            "`{name}` is not a folder, and there is no git to ask for a revision",
            "`{name}` 不是文件夹，也没有 git 可查询该版本",
        ),
        _T("name a folder, or install git", "请指定文件夹，或安装 git"),
    ),
    "no-revision": (
        _T(
            "`{name}` is neither a folder nor a revision that git can give: {reason}",
            "`{name}` 既不是文件夹，也不是 git 能给出的版本：{reason}",
        ),
        _T("name a folder, a branch, a tag or a commit", "请指定文件夹、分支、标签或提交"),
    ),
    "no-workspace-then": (
        _T(
            "there was no workspace in this folder at `{name}`",
            "在 `{name}` 中此文件夹还不是工作区",
        ),
        None,
    ),
}
