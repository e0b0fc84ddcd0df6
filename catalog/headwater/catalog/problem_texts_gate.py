"""What can be wrong with waivers, and with what two workspaces are compared by."""

from __future__ import annotations

from headwater.catalog.text import Text

_T = Text

GATE: dict[str, tuple[Text, Text | None]] = {
    "waiver-too-long": (
        _T(
            "the waiver lasts {found} days, and none may last more than {limit}",
            "豁免为期 {found} 天，而最长不得超过 {limit} 天",
        ),
        _T(
            "let it end sooner; who still needs it then must ask again",
            "请提前其截止日期；届时仍有需要的，须重新申请",
        ),
    ),
    "waiver-of-what": (
        _T(
            "the waiver names neither a `fingerprint` nor a `rule`",
            "该豁免既未写明 `fingerprint`，也未写明 `rule`",
        ),
        _T(
            "`headwater check --format json` gives the fingerprint of each finding",
            "`headwater check --format json` 会给出每条发现的指纹",
        ),
    ),
    "waiver-of-everything": (
        _T(
            "`{rule}` alone would accept every finding there is",
            "仅写 `{rule}` 会接受所有发现",
        ),
        _T(
            "name a rule, or narrow it by `dataset`, `provider`, `consumer` or `department`",
            "请写明规则，或用 `dataset`、`provider`、`consumer`、`department` 加以限定",
        ),
    ),
    "waiver-nobody": (
        _T("`{value}` under `{key}` is nobody's name", "`{key}` 下的 `{value}` 不是任何人的名字"),
        _T("name a person or an office", "请写明人员或机构"),
    ),
    "bad-fingerprint": (
        _T("`{value}` is not a fingerprint", "`{value}` 不是指纹"),
        _T(
            "copy the 32 hexadecimal digits from `headwater check --format json`",
            "请从 `headwater check --format json` 复制 32 位十六进制数",
        ),
    ),
}
