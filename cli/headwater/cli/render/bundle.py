"""What a bundle is, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from headwater.catalog.text import Language
    from headwater.policies import BundleContents

_LINES = (
    Text("revision: {revision}", "修订版本：{revision}"),
    Text("sequence: {sequence}", "序号：{sequence}"),
    Text("roots: {roots}", "根：{roots}"),
    Text("files: {files}", "文件数：{files}"),
    Text("signature: {signature}", "签名：{signature}"),
)
_VERIFIED = Text("verified, and covers every file", "已验证，覆盖所有文件")
_UNCHECKED = Text("there, not verified (give --key)", "存在，未验证（请给出 --key）")
_UNSIGNED = Text("none", "无")


def bundle_json(found: BundleContents) -> str:
    """Return ``headwater/bundle/1``."""
    return json_text(
        {
            "schema": "headwater/bundle/1",
            "revision": found.revision,
            "sequence": found.sequence,
            "roots": list(found.roots),
            "files": list(found.files),
            "signed": found.signed,
            "verified": found.verified,
        }
    )


def bundle_text(found: BundleContents, language: Language) -> str:
    """Return one line for each thing that a bundle says of itself."""
    signature = _VERIFIED if found.verified else _UNCHECKED if found.signed else _UNSIGNED
    values = {
        "revision": found.revision,
        "sequence": "-" if found.sequence is None else found.sequence,
        "roots": ", ".join(found.roots),
        "files": len(found.files),
        "signature": signature,
    }
    return "\n".join(line.fill(values).in_(language) for line in _LINES)
