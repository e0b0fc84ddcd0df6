"""The table of reconcile: where agreements and lineage differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app.reconciliation import KINDS, RULES
from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.agreement_words import STATES
from headwater.cli.render.grid import Grid, grid_csv, grid_markdown, grid_table, markdown_text
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from headwater.app.reconciliation import Coverage, Difference, Reconciliation
    from headwater.catalog.text import Language

WORDS = {
    "flow-without-agreement": Text("flow without agreement", "有流动，无协议"),
    "expired-but-flowing": Text("expired, but flowing", "协议已到期，仍在流动"),
    "not-in-force": Text("agreement not in force", "协议未生效"),
    "column-not-granted": Text("used, not granted", "已使用，未授权"),
    "purpose-drift": Text("purpose not agreed", "用途未约定"),
    "onward-not-granted": Text("passed on without leave", "擅自转交"),
    "hub-bypass": Text("bypasses the exchange", "绕过交换平台"),
    "agreement-without-flow": Text("agreement without flow", "有协议，无流动"),
    "column-never-used": Text("granted, never used", "已授权，从未使用"),
    "columns-unknown": Text("columns not known", "字段不明"),
    "purpose-unknown": Text("purpose not known", "用途不明"),
}
_NAMES = (
    *("difference", "provider", "consumer", "from_namespace", "from_name"),
    *("to_namespace", "to_name", "columns", "purposes", "via", "hops", "agreements", "state"),
    *("evidence", "first_seen", "last_seen", "rule", "location"),
)
_HEADS = tuple(
    Text(en, zh)
    for en, zh in (
        ("difference", "差异"),
        ("between", "部门"),
        ("data", "数据"),
        ("columns", "字段"),
        ("purposes", "用途"),
        ("agreement", "协议"),
        ("last seen", "最近出现"),
    )
)
_SHORT = ("difference", "between", "data", "columns", "purposes", "agreement", "last_seen")
_WHOLE = Text("(the whole dataset)", "（整个数据集）")
_OF_STATE = Text("{name} ({state})", "{name}（{state}）")
_OUTCOME = {
    "same": Text("agreements and lineage do not differ", "协议与血缘没有差异"),
    "differs": Text("agreements and lineage differ: {counts}", "协议与血缘存在差异：{counts}"),
    "unjudged": Text(
        "no difference is known, and not everything can be told: {counts}",
        "未发现差异，但有内容无法判定：{counts}",
    ),
}
_EACH = Text("{kind} {number}", "{kind} {number} 项")
_BASIS = Text(
    "as of {day}; agreements {agreements}, flows {flows}, log to event {sequence}",
    "截至 {day}；协议 {agreements} 份，流动 {flows} 条，日志至第 {sequence} 个事件",
)
_COMPLETE = Text(
    "lineage is complete: every flow is known by its columns", "血缘完整：每条流动都有字段级血缘"
)
_IMPLIED = Text(
    "lineage is not complete: flows known only as whole datasets: {number}",
    "血缘不完整：仅知整个数据集的流动 {number} 条",
)
_NOBODYS = Text(
    "lineage is not complete: datasets of no department: {number}",
    "血缘不完整：无部门负责的数据集 {number} 个",
)


def reconciliation_text(found: Reconciliation, format_: str, language: Language) -> str:
    """Return the reconciliation in one of the grid's formats."""
    if format_ == "json":
        return json_text(_document(found))
    if format_ == "csv":
        return grid_csv(Grid(_NAMES, (), tuple(map(_whole_row, found.differences))))
    rows = tuple(_short_row(each, language) for each in found.differences)
    grid = Grid(_SHORT, _HEADS, rows)
    ending = [_outcome(found, language), *_basis(found, language)]
    if format_ == "markdown":
        table = [*grid_markdown(grid, language), ""] if rows else []
        return "\n".join([*table, *(f"- {markdown_text(line)}" for line in ending)])
    table = [*grid_table(grid, language), ""] if rows else []
    return "\n".join([*table, *map(visible, ending)])


def _outcome(found: Reconciliation, language: Language) -> str:
    between = "；" if language == "zh" else "; "
    counted = [
        _EACH.fill({"kind": WORDS[kind], "number": number}).in_(language)
        for kind in KINDS
        if (number := found.number(kind))
    ]
    return _OUTCOME[found.outcome].fill({"counts": between.join(counted)}).in_(language)


def _basis(found: Reconciliation, language: Language) -> list[str]:
    coverage = found.coverage
    values = {
        "day": found.as_of,
        "agreements": found.agreements,
        "flows": coverage.flows,
        "sequence": coverage.log.sequence,
    }
    texts = [_BASIS.fill(values), *(_limits(coverage) or [_COMPLETE])]
    return [text.in_(language) for text in texts]


def _limits(coverage: Coverage) -> list[Text]:
    found = ((_IMPLIED, coverage.implied), (_NOBODYS, coverage.nobodys))
    return [text.fill({"number": number}) for text, number in found if number]


def _short_row(each: Difference, language: Language) -> tuple[str | None, ...]:
    way = " → ".join(each.way or (each.provider, each.consumer))
    names = [end.name for end in (each.source, each.target) if end]
    between = "、" if language == "zh" else ", "
    columns = between.join(each.columns)
    if not columns and each.source:
        columns = _WHOLE.in_(language)
    return (
        WORDS[each.kind].in_(language),
        way,
        " → ".join(names) or None,
        columns or None,
        between.join(each.purposes) or None,
        _agreement(each, language),
        each.last_seen[:10] if each.last_seen else None,
    )


def _agreement(each: Difference, language: Language) -> str | None:
    if not each.agreements:
        return None
    name = ", ".join(each.agreements)
    if each.state in (None, "active"):
        return name
    state = STATES[each.state or "none"]
    return _OF_STATE.fill({"name": name, "state": state}).in_(language)


def _whole_row(each: Difference) -> tuple[str | None, ...]:
    source, target = each.source, each.target
    return (
        each.kind,
        each.provider,
        each.consumer,
        source.namespace if source else None,
        source.name if source else None,
        target.namespace if target else None,
        target.name if target else None,
        " ".join(each.columns) or None,
        " ".join(each.purposes) or None,
        " ".join(each.via) or None,
        str(len(each.path) - 1) if each.path else None,
        " ".join(each.agreements) or None,
        each.state,
        each.evidence,
        each.first_seen,
        each.last_seen,
        RULES.get(each.kind),
        str(each.position) if each.position else None,
    )


def _document(found: Reconciliation) -> dict[str, object]:
    coverage = found.coverage
    return {
        "schema": "headwater/reconciliation/1",
        "outcome": found.outcome,
        "as_of": found.as_of.isoformat(),
        "complete": coverage.complete,
        "limits": [text.en for text in _limits(coverage)],
        "log": {"sequence": coverage.log.sequence, "digest": f"sha256:{coverage.log.digest}"},
        "counts": {
            "agreements": found.agreements,
            "flows": coverage.flows,
            "differences": {kind: found.number(kind) for kind in KINDS},
        },
        "differences": [_difference(each) for each in found.differences],
    }


def _difference(each: Difference) -> dict[str, object]:
    return {
        "kind": each.kind,
        "judged": each.judged,
        "rule": RULES.get(each.kind),
        "provider": each.provider,
        "consumer": each.consumer,
        "agreements": list(each.agreements),
        "state": each.state,
        "from": each.source.document() if each.source else None,
        "to": each.target.document() if each.target else None,
        "columns": list(each.columns),
        "purposes": list(each.purposes),
        "via": list(each.via),
        "way": list(each.way),
        "path": [dataset.document() for dataset in each.path],
        "evidence": {
            "kind": each.evidence,
            "first_seen": each.first_seen,
            "last_seen": each.last_seen,
        },
        "location": each.position.document() if each.position else None,
    }
