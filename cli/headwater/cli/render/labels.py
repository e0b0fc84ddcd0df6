"""Answers to ``labels show``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId
from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.answer import verdict
from headwater.cli.render.view import Sheet, envelope, node_document, sealed, short
from headwater.cli.render.words import EVIDENCE
from headwater.lineage.filters import EVERYTHING
from headwater.lineage.model import EVIDENCE as KINDS
from headwater.lineage.model import dataset_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.label_answers import ColumnLabels, Held, LabelsAnswer
    from headwater.app.stop_points import Tried
    from headwater.catalog.position import Position
    from headwater.catalog.text import Language
    from headwater.cli.render.view import Cell
    from headwater.lineage.labels_model import Source

_HEAD = Text("{node}: {words} ({whole})", "{node}：{words}（{whole}）")
_COLUMN = Text("{column}: {words}; declared: {declared}", "{column}：{words}；声明：{declared}")
_HERE = Text("{label}: declared here ({at})", "{label}：在此声明（{at}）")
_FROM = Text(
    "{label}: from {source} ({at}), {evidence}, steps {hops}: {path}",
    "{label}：来自 {source}（{at}），{evidence}，步数 {hops}：{path}",
)
_UNKNOWN, _NONE = Text("not known", "未知"), Text("none", "无")
_NOWHERE = Text("written nowhere", "未写明")
_STOP = {
    "passing": Text(
        "stop-point {id} at {dataset} is proved: {reason}",
        "{dataset} 处的止步点 {id} 已证明：{reason}",
    ),
    "failing": Text(
        "stop-point {id} at {dataset} fails, labels pass on: {reason}",
        "{dataset} 处的止步点 {id} 不成立，标签继续传递：{reason}",
    ),
    "unproven": Text(
        "stop-point {id} at {dataset} is not proved, labels pass on: {reason}",
        "{dataset} 处的止步点 {id} 未证明，标签继续传递：{reason}",
    ),
}
HEADS = (
    *("namespace", "name", "column", "label_kind", "label_name"),
    *("from_namespace", "from_name", "from_column", "evidence", "hops", "path", "written_at"),
)


@dataclass(frozen=True)
class LabelsView:
    """The labels of a dataset or column, ready to be written."""

    answer: LabelsAnswer

    def document(self) -> dict[str, object]:
        """Return ``headwater/labels/1``."""
        answer = self.answer
        return sealed(
            {
                **envelope("labels", EVERYTHING, answer.log, answer.limits),
                **node_document(answer.node),
                "level": answer.document.get("level"),
                "categories": answer.document.get("categories"),
                "columns": [_column_document(column) for column in answer.columns],
                "stop_points": [_stop_document(each) for each in answer.stop_points],
            }
        )

    def text(self, language: Language) -> str:
        """Return every label with all its sources, one a line."""
        answer = self.answer
        values = {
            "node": short(answer.node),
            "words": _words(answer.document),
            "whole": verdict(answer.limits),
        }
        lines = [_HEAD.fill(values).in_(language)]
        for column in answer.columns:
            lines += [visible(line) for line in _column_lines(column, language)]
        lines += [_stop_line(each).in_(language) for each in answer.stop_points]
        return "\n".join([*lines, *(f"  ... {visible(limit)}" for limit in answer.limits)])

    def sheet(self) -> Sheet:
        """Return one row for each column, label and source."""
        rows = (
            row
            for column in self.answer.columns
            for held in column.held
            for row in _rows(column, held)
        )
        return Sheet(HEADS, tuple(rows))

    def picture(self) -> None:
        """Return nothing: paths are drawn by ``lineage path``."""

    def edges(self) -> None:
        """Return nothing: what carries labels is no lineage of its own."""


def _words(document: dict[str, object]) -> Text | str:
    level, categories = document.get("level"), document.get("categories")
    names = [str(level)] if level else []
    names += [str(name) for name in categories] if isinstance(categories, list) else []
    if names:
        return ", ".join(names)
    return _NONE if document else _UNKNOWN


def _column_document(column: ColumnLabels) -> dict[str, object]:
    return {
        "column": column.node.column if isinstance(column.node, ColumnId) else None,
        "declared": list(column.declared),
        "level": column.document.get("level"),
        "categories": column.document.get("categories"),
        "labels": [
            {
                "label": held.label,
                "kind": "level" if held.is_level else "category",
                "more": held.more,
                "sources": [_source_document(source, at) for source, at in held.sources],
            }
            for held in column.held
        ],
    }


def _source_document(source: Source, at: Position | None) -> dict[str, object]:
    return {
        **node_document(source.node),
        "location": {"file": at.file, "line": at.line, "column": at.column} if at else None,
        "hops": len(source.edges),
        "path": [node_document(node) for node in source.path],
        "edges": [
            {
                "from": node_document(edge.source),
                "to": node_document(edge.target),
                "job": {"namespace": edge.job.namespace, "name": edge.job.name},
                "kind": edge.kind,
                "evidence": edge.evidence,
            }
            for edge in source.edges
        ],
    }


def _stop_document(tried: Tried) -> dict[str, object]:
    proved = tried.proved
    return {
        "id": tried.stop_point.id,
        "kind": tried.stop_point.kind,
        **(tried.dataset.document() if tried.dataset else {}),
        "columns": list(tried.columns),
        "state": proved.state if proved else None,
        "reason": {"en": proved.reason.en, "zh": proved.reason.zh} if proved else None,
    }


def _stop_line(tried: Tried) -> Text:
    proved, dataset = tried.proved, tried.dataset
    text = _STOP[proved.state if proved else "unproven"]
    values = {
        "id": tried.stop_point.id,
        "dataset": dataset.name if dataset else None,
        "reason": proved.reason if proved else None,
    }
    return text.fill(values)


def _column_lines(column: ColumnLabels, language: Language) -> Iterator[str]:
    values = {
        "column": short(column.node).rpartition("#")[2],
        "words": _words(column.document),
        "declared": list(column.declared) or _NONE,
    }
    yield f"  {_COLUMN.fill(values).in_(language)}"
    for held in column.held:
        for source, at in held.sources:
            said: dict[str, object] = {
                "label": held.label,
                "source": short(source.node),
                "at": f"{at.file}:{at.line}" if at else _NOWHERE,
                "evidence": EVIDENCE[_weakest(source)] if source.edges else None,
                "hops": len(source.edges),
                "path": _path(source),
            }
            text = _FROM if source.edges else _HERE
            yield f"    {text.fill(said).in_(language)}"


def _weakest(source: Source) -> str:
    """Return the weakest evidence of a path."""
    return max((edge.evidence for edge in source.edges), key=KINDS.index, default=KINDS[0])


def _path(source: Source) -> str:
    return " -> ".join(short(node) for node in source.path)


def _rows(column: ColumnLabels, held: Held) -> Iterator[tuple[Cell, ...]]:
    dataset = dataset_of(column.node)
    name = column.node.column if isinstance(column.node, ColumnId) else None
    kind = "level" if held.is_level else "category"
    for source, at in held.sources:
        origin = dataset_of(source.node)
        yield (
            *(dataset.namespace, dataset.name, name, kind, held.label),
            *(origin.namespace, origin.name),
            source.node.column if isinstance(source.node, ColumnId) else None,
            _weakest(source) if source.edges else None,
            len(source.edges),
            _path(source),
            f"{at.file}:{at.line}" if at else None,
        )
