"""Words for agreements that several renderers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text

if TYPE_CHECKING:
    from headwater.catalog.model import Agreement

STATES = {
    "active": Text("active", "有效"),
    "expiring": Text("active, expiring", "有效，即将到期"),
    "pending": Text("pending", "尚未生效"),
    "expired": Text("expired", "已到期"),
    "terminated": Text("terminated", "已终止"),
    "superseded": Text("superseded", "已被取代"),
    "draft": Text("draft", "草案"),
    "none": Text("none", "无"),
}
MODES = {
    "provide": Text("provide", "提供"),
    "entrust": Text("entrust", "委托处理"),
    "joint": Text("joint", "共同处理"),
}
GROUNDS = {
    "consent": Text("consent", "同意"),
    "contract": Text("contract", "合同"),
    "statutory-duty": Text("statutory duty", "法定职责"),
    "public-health-emergency": Text("public health emergency", "突发公共卫生事件"),
    "public-interest-news": Text("news in the public interest", "公共利益新闻报道"),
    "disclosed-by-subject": Text("disclosed by the subject", "个人自行公开"),
    "other-law": Text("other law", "其他法律规定"),
}
ENDINGS = {
    "delete": Text("delete", "删除"),
    "anonymise": Text("anonymise", "匿名化"),
    "return": Text("return", "返还"),
}
ENVELOPES = {
    "none": Text("not signed", "未签名"),
    "too-large": Text("the file of signatures is too large", "签名文件过大"),
    "unreadable": Text("the file beside it holds no envelope", "旁边的文件不是签名信封"),
    "other-type": Text("what is signed is no agreement", "所签内容不是协议"),
    "other-text": Text(
        "the signatures are of another text: it was changed after signing",
        "签名对应的是另一文本：协议在签名后被更改",
    ),
    "sound": Text("the text as it is now is signed", "签名对应当前文本"),
}
VERDICTS = {
    "valid": Text("valid", "有效"),
    "repeated": Text("the department has signed already", "该部门已签名，重复"),
    "other-party": Text("the department is no party", "该部门不是当事方"),
    "not-in-force": Text("the key is not valid on that day", "密钥当日无效"),
    "unknown-key": Text("no registered key made it", "不是任何已登记密钥所签"),
}
OPERATORS = {
    "eq": "=",
    "not": "≠",
    "in": "∈",
    "not_in": "∉",
    "at_least": "≥",
    "at_most": "≤",
    "above": ">",
    "below": "<",
    "between": "..",
}


def onward_text(agreement: Agreement) -> Text:
    """Return to whom the consumer may pass data on."""
    if agreement.onward is None:
        return Text("any department", "任何部门")
    if not agreement.onward:
        return Text("nobody", "无")
    return Text(", ".join(sorted(agreement.onward)), "、".join(sorted(agreement.onward)))


def row_limits(agreement: Agreement) -> list[str]:
    """Return what must hold of the rows, one text for each condition."""
    return [
        f"{limit.column} {OPERATORS[limit.operator]} {', '.join(map(str, limit.values))}"
        for limit in agreement.terms.rows
    ]
