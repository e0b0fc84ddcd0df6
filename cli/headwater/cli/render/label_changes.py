"""Answers to ``labels diff``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId
from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.view import Sheet, envelope, node_document, sealed, short
from headwater.lineage.filters import EVERYTHING
from headwater.lineage.model import dataset_of

if TYPE_CHECKING:
    from headwater.app.label_answers import LabelChange, LabelChanges
    from headwater.catalog.text import Language

_HEAD = Text(
    "columns whose labels differ: {changed} of {compared}",
    "标签有变化的字段：{compared} 个中有 {changed} 个",
)
_LINE = Text("{mark} {node}: {before} -> {after}", "{mark} {node}：{before} -> {after}")
_MARKS = {"raised": "+", "lowered": "-", "changed": "~"}
_NONE = Text("none", "无")


@dataclass(frozen=True)
class LabelChangesView:
    """What differs between the labels of two workspaces, ready to be written."""

    found: LabelChanges

    def document(self) -> dict[str, object]:
        """Return ``headwater/label-changes/1``."""
        return sealed(
            {
                **envelope("label-changes", EVERYTHING, self.found.log, self.found.limits),
                "compared": self.found.compared,
                "changes": [_document(change) for change in self.found.changes],
            }
        )

    def text(self, language: Language) -> str:
        """Return one line for each column: + raised, - lowered, ~ both."""
        found = self.found
        values = {"changed": len(found.changes), "compared": found.compared}
        lines = [_HEAD.fill(values).in_(language)]
        return "\n".join([*lines, *(_line(each, language) for each in found.changes)])

    def sheet(self) -> Sheet:
        """Return one row for each column."""
        rows = (
            (
                change.turn,
                *dataset_of(change.node).key(),
                change.node.column if isinstance(change.node, ColumnId) else None,
                " ".join(change.before or ()) or None,
                " ".join(change.after or ()) or None,
            )
            for change in self.found.changes
        )
        heads = ("change", "namespace", "name", "column", "labels_before", "labels_after")
        return Sheet(heads, tuple(rows))

    def picture(self) -> None:
        """Return nothing: this is no graph."""

    def edges(self) -> None:
        """Return nothing: this is no lineage."""


def _document(change: LabelChange) -> dict[str, object]:
    return {
        **node_document(change.node),
        "change": change.turn,
        "before": None if change.before is None else list(change.before),
        "after": None if change.after is None else list(change.after),
        "added": list(change.added),
        "removed": list(change.removed),
    }


def _line(change: LabelChange, language: Language) -> str:
    values = {
        "mark": _MARKS[change.turn],
        "node": short(change.node),
        "before": list(change.before or ()) or _NONE,
        "after": list(change.after or ()) or _NONE,
    }
    return visible(_LINE.fill(values).in_(language))
