"""One agreement for a person to read, with everything that rests on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.agreement_list import listed_document, signature_lines
from headwater.cli.render.agreement_words import (
    ENDINGS,
    ENVELOPES,
    GROUNDS,
    MODES,
    STATES,
    onward_text,
    row_limits,
)
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.agreement_list import Listed, Shown, Use
    from headwater.catalog.model import Agreement
    from headwater.catalog.text import Language

_T = Text
_HEAD = _T("`{id}`: {title}", "`{id}`：{title}")
_PARTIES = _T(
    "{provider} gives to {consumer}, mode: {mode}", "{provider} 提供给 {consumer}，方式：{mode}"
)
_STATE = _T("state on {day}: {state}{more}", "{day} 的状态：{state}{more}")
_LEFT = _T(", days left: {days}", "，剩余 {days} 天")
_BY = _T(", by `{id}`", "，由 `{id}` 取代")
_VALID = _T("valid: {start} to {until}", "有效期：{start} 至 {until}")
_NO_END = _T("no end", "长期")
_PURPOSES = _T("purposes: {names}", "用途：{names}")
_BASIS = _T("legal basis: {ground}{mandate}", "法律依据：{ground}{mandate}")
_MANDATE = _T(" ({mandate})", "（{mandate}）")
_ASSESSMENT = _T("impact assessment: {reference}", "影响评估：{reference}")
_NO_ASSESSMENT = _T("none stated (PIPL 55)", "未写明（《个人信息保护法》第 55 条）")
_ONWARD = _T("may pass it on to: {names}", "可转交给：{names}")
_KEEPS = _T("keeps it at most {period}, then: {then}", "最长保存 {period}，届时：{then}")
_KEEPS_UNSAID = _T("how long it may be kept is not said", "未写明保存期限")
_NOT_SAID = _T("not said", "未写明")
_SUPERSEDES = _T("supersedes `{id}`", "取代 `{id}`")
_GIVES = _T("gives:", "授权：")
_COLUMNS = _T("{dataset}: {columns}", "{dataset}：{columns}")
_NO_DATASET = _T("nothing that a contract describes", "没有合同描述的内容")
_CONDITIONS = _T("conditions:", "条件：")
_MAX = _T("no higher level than {level}", "级别不高于 {level}")
_MASKED = _T("masked only: {columns}", "仅限脱敏后：{columns}")
_MIN_K = _T("groups of at least {k} people", "人群规模不少于 {k} 人")
_LOCATION = _T("only in the regions: {regions}", "仅限地域：{regions}")
_ROWS = _T("only rows where: {rows}", "仅限满足条件的行：{rows}")
_SIGNED = _T("signatures: {state}", "签名：{state}")
_USED = _T("used by:", "使用情况：")
_USE = _T(
    "{source} → {target}: {columns}; for {purposes}; last seen {day}",
    "{source} → {target}：{columns}；用途 {purposes}；最近出现 {day}",
)
_DRIFT = _T(", which was not agreed", "（未约定）")
_UNKNOWN = _T("an unknown purpose", "不明")
_WHOLE = _T("the whole dataset", "整个数据集")
_UNUSED = _T("nobody is seen to use it", "未见任何使用")
_NEVER = _T("granted, never used:", "已授权，从未使用：")


def shown_text(shown: Shown, format_: str, language: Language) -> str:
    """Return the agreement for people, or as ``headwater/agreement/1``."""
    if format_ == "json":
        return json_text(_document(shown))
    return "\n".join(visible(text.in_(language)) for text in _lines(shown, language))


def _lines(shown: Shown, language: Language) -> Iterator[Text]:
    agreement, listed = shown.listed.agreement, shown.listed
    yield _HEAD.fill({"id": agreement.id, "title": agreement.title})
    for text in (*_about(listed, shown), *_what(agreement)):
        yield _indented(text)
    yield _indented(_GIVES)
    for dataset, columns in shown.given:
        values = {"dataset": dataset.id.name, "columns": list(columns)}
        yield _indented(_COLUMNS.fill(values), 4)
    if not shown.given:
        yield _indented(_NO_DATASET, 4)
    conditions = list(_conditions(agreement))
    if conditions:
        yield _indented(_CONDITIONS)
        yield from (_indented(text, 4) for text in conditions)
    yield _indented(_SIGNED.fill({"state": ENVELOPES[listed.signatures.state]}))
    if listed.signatures.state != "none":
        for line in signature_lines(listed.signatures, language):
            yield _indented(Text(line, line))
    yield from _used(shown)


def _indented(text: Text, by: int = 2) -> Text:
    return Text(" " * by + text.en, " " * by + text.zh)


def _about(listed: Listed, shown: Shown) -> Iterator[Text]:
    agreement = listed.agreement
    values = {
        "provider": agreement.provider,
        "consumer": agreement.consumer,
        "mode": MODES[agreement.terms.mode],
    }
    yield _PARTIES.fill(values)
    more = _BY.fill({"id": listed.successor}) if listed.state == "superseded" else Text("", "")
    if listed.days_left is not None:
        more = _LEFT.fill({"days": listed.days_left})
    state = STATES["expiring" if listed.expiring else listed.state]
    yield _STATE.fill({"day": shown.as_of, "state": state, "more": more})
    yield _VALID.fill({"start": agreement.start, "until": agreement.until or _NO_END})


def _what(agreement: Agreement) -> Iterator[Text]:
    terms = agreement.terms
    mandate = _MANDATE.fill({"mandate": agreement.mandate}) if agreement.mandate else Text("", "")
    yield _PURPOSES.fill({"names": list(agreement.purposes)})
    yield _BASIS.fill({"ground": GROUNDS[agreement.ground], "mandate": mandate})
    yield _ASSESSMENT.fill({"reference": terms.assessment or _NO_ASSESSMENT})
    yield _ONWARD.fill({"names": onward_text(agreement)})
    if terms.retention:
        then = ENDINGS[terms.retention.then] if terms.retention.then else _NOT_SAID
        yield _KEEPS.fill({"period": terms.retention.at_most, "then": then})
    else:
        yield _KEEPS_UNSAID
    if terms.supersedes:
        yield _SUPERSEDES.fill({"id": terms.supersedes})


def _conditions(agreement: Agreement) -> Iterator[Text]:
    terms = agreement.terms
    if agreement.max_level:
        yield _MAX.fill({"level": agreement.max_level})
    if terms.masked:
        yield _MASKED.fill({"columns": [glob.pattern for glob in terms.masked]})
    if terms.min_k is not None:
        yield _MIN_K.fill({"k": terms.min_k})
    if terms.location:
        yield _LOCATION.fill({"regions": list(terms.location)})
    if terms.rows:
        yield _ROWS.fill({"rows": row_limits(agreement)})


def _used(shown: Shown) -> Iterator[Text]:
    yield _indented(_USED)
    for use in shown.uses:
        yield _indented(_use(use), 4)
    if not shown.uses:
        yield _indented(_UNUSED, 4)
        return
    if shown.never:
        yield _indented(_NEVER)
    for dataset, columns in shown.never:
        yield _indented(_COLUMNS.fill({"dataset": dataset.name, "columns": list(columns)}), 4)


def _use(use: Use) -> Text:
    names: object = list(use.purposes) or _UNKNOWN
    said = Text("{names}{drift}", "{names}{drift}").fill(
        {"names": names, "drift": Text("", "") if use.agreed else _DRIFT}
    )
    return _USE.fill(
        {
            "source": use.source.name,
            "target": use.target.name,
            "columns": list(use.columns) or _WHOLE,
            "purposes": said if use.purposes else _UNKNOWN,
            "day": use.last_seen[:10],
        }
    )


def _document(shown: Shown) -> dict[str, object]:
    agreement, terms = shown.listed.agreement, shown.listed.agreement.terms
    retention = terms.retention
    return {
        "schema": "headwater/agreement/1",
        "as_of": shown.as_of.isoformat(),
        **listed_document(shown.listed),
        "mode": terms.mode,
        "legal_basis": {"ground": agreement.ground, "mandate": agreement.mandate},
        "impact_assessment": terms.assessment,
        "onward": "any" if agreement.onward is None else sorted(agreement.onward),
        "retention": {"at_most": retention.at_most, "then": retention.then} if retention else None,
        "supersedes": terms.supersedes,
        "conditions": _conditions_document(agreement),
        "gives": [
            {**dataset.id.document(), "columns": list(columns)} for dataset, columns in shown.given
        ],
        "used_by": [
            {
                "from": use.source.document(),
                "to": use.target.document(),
                "columns": list(use.columns),
                "purposes": list(use.purposes),
                "purpose_agreed": use.agreed,
                "last_seen": use.last_seen,
            }
            for use in shown.uses
        ],
        "never_used": [
            {**dataset.document(), "columns": list(columns)} for dataset, columns in shown.never
        ],
    }


def _conditions_document(agreement: Agreement) -> dict[str, object]:
    terms = agreement.terms
    return {
        "max_level": agreement.max_level,
        "masked": [glob.pattern for glob in terms.masked],
        "min_k": terms.min_k,
        "location": list(terms.location),
        "rows": [
            {"column": row.column, "operator": row.operator, "values": list(row.values)}
            for row in terms.rows
        ],
    }
