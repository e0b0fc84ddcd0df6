"""Answers about lineage, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId, DatasetId
from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.json_text import json_text
from headwater.cli.render.words import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headwater.app.trace import FlowRow
    from headwater.catalog.text import Language
    from headwater.lineage import Answer

    Departments = Callable[[DatasetId], str | None]

_ALONE = {
    "upstream": Text("nothing is known upstream of {root}", "{root} 没有已知的上游"),
    "downstream": Text("nothing is known downstream of {root}", "{root} 没有已知的下游"),
}
_TRACED = {
    "upstream": Text(
        "upstream of {root}: {number} ({whole})", "{root} 的上游：{number} 个（{whole}）"
    ),
    "downstream": Text(
        "downstream of {root}: {number} ({whole})", "{root} 的下游：{number} 个（{whole}）"
    ),
}
_WHOLE_ANSWER = Text("complete", "完整")
_CUT = Text(
    "not complete: lineage leads on without naming columns",
    "不完整：血缘继续延伸，但未写明字段",
)
_FLOWS = Text(
    "flows between departments{limit}: {number} (complete)",
    "跨部门流动{limit}：{number} 条（完整）",
)
_LIMIT = Text(", at most {hops} jobs apart", "（最多跨越 {hops} 个作业）")
_WHOLE = Text("the whole dataset", "整个数据集")
_NOBODY = Text("no department", "无部门")
_PURPOSE = Text("purpose: ", "用途：")
_NO_PURPOSE = Text("purpose not known", "用途未知")


def dataset_of(node: DatasetId | ColumnId) -> DatasetId:
    """Return the dataset that a node is, or is a column of."""
    return node.dataset if isinstance(node, ColumnId) else node


def node_document(node: DatasetId | ColumnId) -> dict[str, object]:
    """Return ``{namespace, name, column}``; ``column`` is ``null`` for a dataset."""
    column = node.column if isinstance(node, ColumnId) else None
    return {**dataset_of(node).document(), "column": column}


def answer_json(answer: Answer, department_of: Departments, _language: Language) -> str:
    """Return ``headwater/lineage/1``."""
    return json_text(
        {
            "schema": "headwater/lineage/1",
            "root": node_document(answer.root),
            "direction": answer.direction,
            "complete": answer.complete,
            "limits": list(answer.limits),
            "nodes": [
                {
                    **node_document(node),
                    "department": department_of(dataset_of(node)),
                    "hops": hops,
                }
                for node, hops in answer.nodes
            ],
            "edges": _edge_documents(answer),
        }
    )


def _edge_documents(answer: Answer) -> list[dict[str, object]]:
    """Return each pair of nodes once for each kind and evidence, whatever job wrote it."""
    found = {(e.source, e.target, e.kind, e.evidence): None for e in answer.edges}
    return [
        {
            "from": node_document(source),
            "to": node_document(target),
            "kind": kind,
            "evidence": evidence,
        }
        for source, target, kind, evidence in found
    ]


def answer_text(answer: Answer, department_of: Departments, language: Language) -> str:
    """Return one line for each node, indented by its distance, and the number of them."""
    whole = _WHOLE_ANSWER if answer.complete else _CUT
    values = {"root": str(answer.root), "number": len(answer.nodes), "whole": whole}
    if not answer.nodes and answer.complete:
        return _ALONE[answer.direction].fill(values).in_(language)
    lines = []
    for node, hops in answer.nodes:
        department = department_of(dataset_of(node)) or _NOBODY.in_(language)
        lines.append(f"{'  ' * hops}{visible(str(node))}  [{visible(department)}]")
    head = _TRACED[answer.direction].fill(values).in_(language)
    return "\n".join([head, *lines, *(f"  ... {visible(limit)}" for limit in answer.limits)])


def flows_json(rows: Sequence[FlowRow], hops: int | None) -> str:
    """Return ``headwater/flows/1``."""
    return json_text(
        {
            "schema": "headwater/flows/1",
            "complete": True,
            "limits": [] if hops is None else [{"hops": hops}],
            "flows": [_flow_document(row) for row in rows],
        }
    )


def _flow_document(row: FlowRow) -> dict[str, object]:
    first = row.first
    return {
        "provider": first.provider,
        "consumer": first.consumer,
        "from": first.source.document(),
        "to": first.target.document(),
        "columns": list(row.columns),
        "purposes": list(row.purposes),
        "via": list(first.via),
        "hops": first.hops,
        "evidence": row.evidence,
        "path": [dataset.document() for dataset in first.path],
    }


def flows_text(rows: Sequence[FlowRow], hops: int | None, language: Language) -> str:
    """Return two lines for each flow, and the number of them."""
    limit = _LIMIT.fill({"hops": hops}) if hops is not None else Text("", "")
    lines = [_FLOWS.fill({"number": len(rows), "limit": limit}).in_(language)]
    for row in rows:
        first = row.first
        way = "".join(f" -> ({name})" for name in first.via)
        columns = ", ".join(row.columns) or _WHOLE.in_(language)
        purposes = ", ".join(row.purposes)
        purpose = (_PURPOSE if purposes else _NO_PURPOSE).in_(language) + purposes
        route = (
            f"{first.provider}: {first.source.name}{way} -> {first.consumer}: {first.target.name}"
        )
        evidence = EVIDENCE[row.evidence].in_(language)
        between = "；" if language == "zh" else "; "
        lines += [visible(route), visible(f"  {between.join([columns, purpose, evidence])}")]
    return "\n".join(lines)
