"""The problems of agreements, their keys and signatures: code → (message, hint).

Blanks in braces are filled by :func:`headwater.catalog.problems.problem`.
"""

from __future__ import annotations

from headwater.catalog.text import Text

_T = Text

AGREEMENTS: dict[str, tuple[Text, Text | None]] = {
    "bad-public-key": (
        _T("this is not an Ed25519 public key", "这不是 Ed25519 公钥"),
        _T(
            "`openssl pkey -in key.pem -pubout` writes it; the line between BEGIN and END will do",
            "可用 `openssl pkey -in key.pem -pubout` 生成；也可只写 BEGIN 与 END 之间的一行",
        ),
    ),
    "bad-signing-key": (
        _T(
            "this is not an Ed25519 private key in PEM form, without a password",
            "这不是不带密码的 PEM 格式 Ed25519 私钥",
        ),
        _T(
            "`openssl genpkey -algorithm ed25519` makes one",
            "可用 `openssl genpkey -algorithm ed25519` 生成",
        ),
    ),
    "unknown-agreement": (
        _T("there is no agreement `{name}`", "没有协议 `{name}`"),
        _T("`headwater agreement list` lists them", "`headwater agreement list` 可列出全部协议"),
    ),
    "not-a-party": (
        _T(
            "`{department}` is no party to `{id}`: they are `{provider}` and `{consumer}`",
            "`{department}` 不是 `{id}` 的当事方：当事方为 `{provider}` 与 `{consumer}`",
        ),
        None,
    ),
    "key-not-registered": (
        _T(
            "the key is none that `{department}` vouches for on {day}",
            "该密钥不是 `{department}` 在 {day} 有效的已登记密钥",
        ),
        _T(
            "add its public half to the department's `keys` in departments.yaml",
            "请将其公钥加入 departments.yaml 中该部门的 `keys`",
        ),
    ),
    "file-exists": (
        _T("`{path}` is already there", "`{path}` 已存在"),
        _T("choose another name: nothing is overwritten", "请另选名称：不会覆盖已有文件"),
    ),
    "not-yaml-name": (
        _T("`{path}` does not end in .yaml", "`{path}` 不以 .yaml 结尾"),
        None,
    ),
    "key-twice": (
        _T(
            "the key `{id}` or its id already stands at {first}",
            "密钥 `{id}` 或其标识已在 {first} 出现",
        ),
        _T(
            "give each department keys of its own: one key must not sign for two",
            "请为每个部门使用各自的密钥：一个密钥不得代表两个部门签名",
        ),
    ),
    "entrusted-data-stays": (
        _T(
            "an entrusted department returns or deletes the data at the end; it keeps none of it",
            "受托部门应在结束时返还或删除数据，不得保留",
        ),
        _T(
            "write `then: return` or `then: delete` (PIPL 21)",
            "请写 `then: return` 或 `then: delete`（《个人信息保护法》第 21 条）",
        ),
    ),
    "number-outside": (
        _T("`{key}` must be from {least} to {most}", "`{key}` 必须在 {least} 与 {most} 之间"),
        None,
    ),
    "not-two": (_T("`{key}` needs a list of two values", "`{key}` 需要两个值的列表"), None),
    "no-such-row-column": (
        _T(
            "`rows` speaks of the column `{column}`, which nothing that is granted has",
            "`rows` 提到字段 `{column}`，但所授权的数据集中都没有该字段",
        ),
        None,
    ),
    "masked-not-granted": (
        _T(
            "`masked` names `{pattern}`, and no such column is granted",
            "`masked` 写明了 `{pattern}`，但没有授权这样的字段",
        ),
        None,
    ),
    "supersedes-other-parties": (
        _T(
            "`{id}` is not an agreement of {provider} with {consumer}",
            "`{id}` 不是 {provider} 与 {consumer} 之间的协议",
        ),
        _T(
            "an agreement replaces one of the same two departments",
            "协议只能取代同样两个部门之间的协议",
        ),
    ),
}
