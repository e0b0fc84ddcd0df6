"""Answers to ``lineage diff``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.answer import verdict
from headwater.cli.render.view import (
    EDGE_HEADS,
    Picture,
    Sheet,
    edge_cells,
    edge_document,
    edge_picture,
    envelope,
    sealed,
    short,
)
from headwater.cli.render.words import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.text import Language
    from headwater.lineage.comparison import Comparison
    from headwater.lineage.model import Edge

_HEAD = Text(
    "from {earlier} to {later}: added {added}, ceased {ceased}, changed {changed} ({whole})",
    "{earlier} 至 {later}：新增 {added}，停止 {ceased}，变化 {changed}（{whole}）",
)
_KIND = {"direct": Text("direct", "直接"), "indirect": Text("indirect", "间接")}
_MASKED = {True: Text("masked", "已脱敏"), False: Text("unmasked", "未脱敏")}


@dataclass(frozen=True)
class ComparisonView:
    """What changed between two days, ready to be written."""

    found: Comparison
    department_of: Callable[[DatasetId], str | None]

    def document(self) -> dict[str, object]:
        """Return ``headwater/diff/1``."""
        found = self.found
        return sealed(
            {
                **envelope("diff", found.filters, found.log, found.limits),
                "as_of": found.later.isoformat(),
                "filters": {
                    **found.filters.document(),
                    **({"column": found.column} if found.column else {}),
                },
                "from": found.earlier.isoformat(),
                "to": found.later.isoformat(),
                "added": [edge_document(edge) for edge in found.added],
                "ceased": [edge_document(edge) for edge in found.ceased],
                "changed": [
                    {
                        "before": edge_document(change.before),
                        "after": edge_document(change.after),
                    }
                    for change in found.changed
                ],
            }
        )

    def text(self, language: Language) -> str:
        """Return one line for each step: + added, - ceased, ~ changed."""
        found = self.found
        values = {
            "earlier": found.earlier,
            "later": found.later,
            "added": len(found.added),
            "ceased": len(found.ceased),
            "changed": len(found.changed),
            "whole": verdict(found.limits),
        }
        lines = [_HEAD.fill(values).in_(language)]
        lines += [_line("+", edge, language) for edge in found.added]
        lines += [_line("-", edge, language) for edge in found.ceased]
        for change in found.changed:
            now = _traits(change.after, language)
            lines.append(f"{_line('~', change.before, language)} -> {now}")
        return "\n".join(lines)

    def sheet(self) -> Sheet:
        """Return one row for each step; of a changed one as it is now."""
        groups = (
            ("added", self.found.added),
            ("ceased", self.found.ceased),
            ("changed", tuple(change.after for change in self.found.changed)),
        )
        rows = (
            (name, *edge_cells(edge, self.department_of))
            for name, edges in groups
            for edge in edges
        )
        return Sheet(("change", *EDGE_HEADS), tuple(rows))

    def picture(self) -> Picture:
        """Return the steps; each says what became of it."""
        groups = (("+", self.found.added), ("-", self.found.ceased), ("~", self._changed()))
        marks = {
            (edge.source, edge.target): mark for mark, edges in groups for edge in reversed(edges)
        }
        whole = edge_picture([e for _, edges in groups for e in edges], self.department_of)
        names = {place.key: place.name for place in whole.places}
        said = {(str(source), str(target)): mark for (source, target), mark in marks.items()}
        arrows = (
            replace(arrow, label=f"{said[names[arrow.source], names[arrow.target]]} {arrow.label}")
            for arrow in whole.arrows
        )
        return Picture(whole.places, tuple(arrows))

    def _changed(self) -> tuple[Edge, ...]:
        return tuple(change.after for change in self.found.changed)

    def edges(self) -> None:
        """Return nothing: what ceased is no lineage."""


def _line(mark: str, edge: Edge, language: Language) -> str:
    way = f"{short(edge.source)} -> {short(edge.target)}"
    return visible(f"{mark} {way}  [{edge.job.name}: {_traits(edge, language)}]")


def _traits(edge: Edge, language: Language) -> str:
    found = (_KIND[edge.kind], _MASKED[edge.masked], EVIDENCE[edge.evidence])
    return ("，" if language == "zh" else ", ").join(text.in_(language) for text in found)
