"""The problems of bundles and of a workspace's own Rego: code → (message, hint).

Blanks in braces are filled by :func:`headwater.catalog.problems.problem`.
"""

from __future__ import annotations

from headwater.catalog.text import Text

_T = Text

BUNDLES: dict[str, tuple[Text, Text | None]] = {
    # --- Rego of a workspace's own -------------------------------------------------------
    "rego-package": (
        _T(
            "a workspace's Rego cannot stand in the package `{package}`",
            "工作区的 Rego 不能放在包 `{package}` 中",
        ),
        _T(
            "begin with `package custom.headwater.NAME`; in files `*_test.rego`, and only there, "
            "the name ends in `_test`",
            "请以 `package custom.headwater.NAME` 开头；仅在 `*_test.rego` 文件中，"
            "名称以 `_test` 结尾",
        ),
    ),
    "rego-refused": (
        _T("OPA refuses this: {reason}", "OPA 拒绝此处：{reason}"),
        None,
    ),
    "rego-needs-opa": (
        _T(
            "only OPA can evaluate this module, and it is not OPA that decides here",
            "只有 OPA 能执行此模块，而此处不由 OPA 判定",
        ),
        _T(
            "take the engine `opa`; where there is none, install opa {minimum} or later, or let "
            "HEADWATER_OPA name one",
            "请使用引擎 `opa`；若没有，请安装 opa {minimum} 或更高版本，或用 HEADWATER_OPA 指定",
        ),
    ),
    # --- bundles -------------------------------------------------------------------------
    "bad-key": (
        _T("this is not a key that signs bundles", "这不是可用于签名策略包的密钥"),
        _T(
            "give an RSA key of 2048 bits or more, or an EC key (P-256, P-384, P-521), as PEM "
            "without a passphrase",
            "请提供无口令的 PEM 密钥：2048 位以上的 RSA，或 EC（P-256、P-384、P-521）",
        ),
    ),
    "bundle-unreadable": (
        _T("this is not a bundle: {reason}", "这不是策略包：{reason}"),
        None,
    ),
    "bundle-too-large": (
        _T("the bundle exceeds a limit: {limit}", "策略包超出限制：{limit}"),
        None,
    ),
    "bundle-member": (
        _T("the bundle holds `{name}`, which is {what}", "策略包中的 `{name}` 是{what}"),
        None,
    ),
    "bundle-delta": (
        _T(
            "this is a delta bundle, and those carry no signature",
            "这是增量策略包，无法带有签名",
        ),
        _T("give the whole bundle", "请提供完整的策略包"),
    ),
    "bundle-manifest": (
        _T("the manifest is not one of headwater: {reason}", "清单不是 headwater 的：{reason}"),
        None,
    ),
    "bundle-signature": (
        _T("the signature is not by this key", "签名与该密钥不符"),
        _T("do not use this bundle", "请勿使用此策略包"),
    ),
    "bundle-unsigned": (
        _T("the bundle is not signed", "策略包没有签名"),
        _T("do not use this bundle", "请勿使用此策略包"),
    ),
    "bundle-files": (
        _T(
            "the files are not those that were signed: changed {changed}, extra {extra}, "
            "missing {missing}",
            "文件与签名时不同：被改动 {changed}，多出 {extra}，缺少 {missing}",
        ),
        _T("do not use this bundle", "请勿使用此策略包"),
    ),
    "bundle-older": (
        _T(
            "the bundle's sequence {sequence} is not after {known}",
            "策略包的序号 {sequence} 不大于 {known}",
        ),
        _T("an older bundle was put in place of a newer one", "较新的策略包被较旧的替换"),
    ),
}
