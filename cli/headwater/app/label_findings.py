"""What labels show: datasets that hold more than they say, and stop-points that do not hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.findings import DatasetSubject, EntrySubject, Finding
from headwater.catalog.ids import ColumnId
from headwater.catalog.rules import BUILT_IN
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.labels import WorkspaceLabels
    from headwater.app.stop_points import Tried
    from headwater.catalog.model import Column, Dataset, Workspace
    from headwater.catalog.position import Position

_SHOWN = 5
_HELD = Text(
    "`{column}` declares {declared} and receives {received}",
    "`{column}` 声明为 {declared}，所接收为 {received}",
)
_UNDECLARED = Text("`{column}` receives {received}", "`{column}` 所接收为 {received}")
_NOTHING = Text("no label", "无标签")
_MORE = Text("and {number} more", "另有 {number} 个")


def label_findings(workspace: Workspace, labels: WorkspaceLabels) -> Iterator[Finding]:
    """Yield what contracts say wrongly of labels, and every stop-point that lowers nothing."""
    for identity in sorted(workspace.datasets):
        yield from _Comparison(labels, workspace.datasets[identity]).findings()
    for tried in labels.tried:
        if not tried.passes:
            yield _stop_point(tried)


@dataclass(frozen=True, slots=True)
class _Gap:
    """One column, what its contract declares and what it receives."""

    name: str
    declared: int
    received: int
    position: Position


@dataclass(frozen=True, slots=True)
class _Comparison:
    """What one contract declares of a dataset, beside what the dataset receives."""

    labels: WorkspaceLabels
    dataset: Dataset

    def findings(self) -> Iterator[Finding]:
        groups: dict[str, list[_Gap]] = {}
        described = {column.name: column for column in self.dataset.columns}
        known = self.labels.effective.columns_of(self.dataset.id)
        for name in sorted({*described, *known}):
            for rule, gap in self._gaps(name, described.get(name)):
                groups.setdefault(rule, []).append(gap)
        for rule, gaps in groups.items():
            yield self._finding(rule, gaps)

    def _gaps(self, name: str, column: Column | None) -> Iterator[tuple[str, _Gap]]:
        node = ColumnId(self.dataset.id, name)
        scheme, labels = self.labels.scheme, self.labels
        declared = labels.declared.labels.get(node, 0)
        received = labels.effective.inputs(node)
        position = column.position if column else self.dataset.position
        gap = _Gap(name, declared, received, position)
        unsaid = scheme.above(received, declared)
        if unsaid:
            if not unsaid & labels.certain.inputs(node):
                yield "labels/maybe-too-low", gap
            elif scheme.says(declared):
                yield "labels/declared-too-low", gap
            else:
                yield "labels/unlabelled", gap
        if scheme.above(declared, received) and labels.effective.all_known(node):
            yield "labels/without-source", gap

    def _finding(self, name: str, gaps: list[_Gap]) -> Finding:
        rule = BUILT_IN[name]
        words = [self._words(gap) for gap in gaps[:_SHOWN]]
        if len(gaps) > _SHOWN:
            words.append(_MORE.fill({"number": len(gaps) - _SHOWN}))
        columns = Text("; ".join(each.en for each in words), "；".join(each.zh for each in words))
        return Finding(
            rule=name,
            severity=rule.severity,
            subject=DatasetSubject(self.dataset.id, tuple(gap.name for gap in gaps)),
            message=rule.message.fill({"dataset": self.dataset.id.name, "columns": columns}),
            remedy=rule.remedy,
            basis=rule.basis,
            location=gaps[0].position,
            evidence={
                "kind": "implied" if name == "labels/maybe-too-low" else "lineage",
                "columns": [self._document(gap) for gap in gaps],
            },
        )

    def _words(self, gap: _Gap) -> Text:
        scheme = self.labels.scheme
        text = _HELD if scheme.says(gap.declared) else _UNDECLARED
        values = {
            "column": gap.name,
            "declared": scheme.words(gap.declared) or _NOTHING,
            "received": scheme.words(gap.received) or _NOTHING,
        }
        return text.fill(values)

    def _document(self, gap: _Gap) -> dict[str, object]:
        unsaid = self.labels.scheme.above(gap.received, gap.declared)
        givers = self.labels.effective.givers(ColumnId(self.dataset.id, gap.name), unsaid)
        return {
            "column": gap.name,
            "declared": self.labels.document(gap.declared),
            "received": self.labels.document(gap.received),
            "from": [str(node) for node in givers],
        }


def _stop_point(tried: Tried) -> Finding:
    point = tried.stop_point
    state = tried.proved.state if tried.proved else "unused"
    rule = BUILT_IN[f"labels/stop-point-{state}"]
    subject = (
        DatasetSubject(tried.dataset, tried.columns)
        if tried.dataset
        else EntrySubject("stop-point", point.id)
    )
    values = {
        "stop_point": point.id,
        "dataset": tried.dataset.name if tried.dataset else None,
        "reason": tried.proved.reason if tried.proved else None,
    }
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        subject=subject,
        message=rule.message.fill(values),
        remedy=rule.remedy,
        basis=rule.basis,
        location=point.position,
        evidence={"kind": "data", "stop_point": point.id},
        detail=point.id,
    )
