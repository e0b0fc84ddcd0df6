"""Answers to ``lineage upstream`` and ``lineage downstream``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.view import (
    EDGE_HEADS,
    Picture,
    Sheet,
    dataset_of,
    edge_cells,
    edge_picture,
    envelope,
    node_document,
    sealed,
)
from headwater.lineage.notes import NOT_UNDERSTOOD

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.text import Language
    from headwater.lineage import Answer
    from headwater.lineage.model import Edge, Node

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
_NOT_WHOLE = Text("not complete: {reasons}", "不完整：{reasons}")
_CUT = Text("cut by {limits}", "受限于 {limits}")
_COLUMNLESS = Text("lineage leads on without naming columns", "血缘继续延伸，但未写明字段")
_NOTED = Text("parts of files not understood: {number}", "文件中无法理解之处：{number}")
_NOBODY = Text("no department", "无部门")


@dataclass(frozen=True)
class AnswerView:
    """What lies upstream or downstream, ready to be written."""

    answer: Answer
    department_of: Callable[[DatasetId], str | None]

    def document(self) -> dict[str, object]:
        """Return ``headwater/lineage/1``."""
        answer = self.answer
        return sealed(
            {
                **envelope("lineage", answer.filters, answer.log, answer.limits),
                "root": node_document(answer.root),
                "direction": answer.direction,
                "nodes": [
                    {
                        **node_document(node),
                        "department": self.department_of(dataset_of(node)),
                        "hops": hops,
                    }
                    for node, hops in answer.nodes
                ],
                "edges": self._edges(),
            }
        )

    def _edges(self) -> list[dict[str, object]]:
        """Return each pair of nodes once for each kind, masking and evidence, whatever the job."""
        found = {(e.source, e.target, e.kind, e.evidence, e.masked): None for e in self.edges()}
        return [
            {
                "from": node_document(source),
                "to": node_document(target),
                "kind": kind,
                "evidence": evidence,
                "masked": masked,
            }
            for source, target, kind, evidence, masked in found
        ]

    def text(self, language: Language) -> str:
        """Return a tree: each node under the nearest one that leads to it."""
        answer = self.answer
        values = {
            "root": str(answer.root),
            "number": len(answer.nodes),
            "whole": verdict(answer.limits),
        }
        if not answer.nodes and answer.complete:
            return _ALONE[answer.direction].fill(values).in_(language)
        head = _TRACED[answer.direction].fill(values).in_(language)
        lines = [self._line(node, depth, language) for node, depth in tree(answer)]
        return "\n".join([head, *lines, *(f"  ... {visible(limit)}" for limit in answer.limits)])

    def _line(self, node: Node, depth: int, language: Language) -> str:
        department = self.department_of(dataset_of(node)) or _NOBODY.in_(language)
        return f"{'  ' * depth}{visible(str(node))}  [{visible(department)}]"

    def sheet(self) -> Sheet:
        """Return one row for each edge, with its job and times."""
        rows = (edge_cells(edge, self.department_of) for edge in self.edges())
        return Sheet(EDGE_HEADS, tuple(rows))

    def picture(self) -> Picture:
        """Return the nodes and edges; the root is set off."""
        root = self.answer.root
        nodes = (root, *(node for node, _ in self.answer.nodes))
        return edge_picture(self.edges(), self.department_of, nodes=nodes, marked=[root])

    def edges(self) -> tuple[Edge, ...]:
        """Return the edges."""
        return self.answer.edges


def verdict(limits: tuple[str, ...]) -> Text:
    """Return whether an answer is complete, and if not, why."""
    if not limits:
        return _WHOLE_ANSWER
    options = [limit for limit in limits if limit.startswith("--")]
    noted = [limit for limit in limits if limit.startswith(NOT_UNDERSTOOD)]
    reasons = [_CUT.fill({"limits": options})] if options else []
    reasons += [_NOTED.fill({"number": each.removeprefix(NOT_UNDERSTOOD)}) for each in noted]
    if not reasons:
        reasons = [_COLUMNLESS]
    en, zh = ("; ".join(r.en for r in reasons), "；".join(r.zh for r in reasons))
    return _NOT_WHOLE.fill({"reasons": Text(en, zh)})


def tree(answer: Answer) -> list[tuple[Node, int]]:
    """Return the nodes in the order of a tree: under the first of the nodes one hop nearer."""
    hops = {answer.root: 0, **dict(answer.nodes)}
    down = answer.direction == "downstream"
    order = {node: number for number, node in enumerate(hops)}
    parent: dict[Node, Node] = {}
    for edge in answer.edges:
        near, far = (edge.source, edge.target) if down else (edge.target, edge.source)
        if hops[far] == hops[near] + 1:
            parent[far] = min(near, parent.get(far, near), key=order.__getitem__)
    children: dict[Node, list[Node]] = {}
    for node, _ in answer.nodes:
        children.setdefault(parent.get(node, answer.root), []).append(node)
    found: list[tuple[Node, int]] = []
    stack = list(reversed(children.get(answer.root, [])))
    while stack:
        node = stack.pop()
        found.append((node, hops[node]))
        stack.extend(reversed(children.get(node, [])))
    return found
