"""Answers to ``lineage impact``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.answer import verdict
from headwater.cli.render.view import (
    Picture,
    Sheet,
    edge_picture,
    envelope,
    node_document,
    sealed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.text import Language
    from headwater.lineage.impact import Affected, Impact
    from headwater.lineage.model import Edge

_HEAD = Text(
    "a change to {root} affects datasets: {number}, departments: {departments} ({whole})",
    "{root} 的变更影响数据集 {number} 个、部门 {departments} 个（{whole}）",
)
_NOTHING = Text("nothing known depends on {root} ({whole})", "没有已知的内容依赖 {root}（{whole}）")
_OWNER = Text("owner {owner}", "负责人 {owner}")
_NO_OWNER = Text("no owner", "无负责人")
_NOBODY = Text("no department", "无部门")
_INDIRECT = Text("only rows chosen or ordered by it", "仅用于筛选或排序")
_COLUMNS = Text("columns: {columns}", "字段：{columns}")
_JOBS = Text("by: {jobs}", "作业：{jobs}")
_HEADS = (*("department", "owner", "namespace", "name", "columns", "hops", "influence", "jobs"),)


@dataclass(frozen=True)
class ImpactView:
    """What a change would affect, ready to be written."""

    impact: Impact
    department_of: Callable[[DatasetId], str | None]

    def document(self) -> dict[str, object]:
        """Return ``headwater/impact/1``."""
        impact = self.impact
        return sealed(
            {
                **envelope("impact", impact.filters, impact.log, impact.limits),
                "root": node_document(impact.root),
                "departments": list(impact.departments),
                "affected": [
                    {
                        **found.dataset.document(),
                        "department": found.department,
                        "owner": found.owner,
                        "columns": list(found.columns),
                        "hops": found.hops,
                        "influence": found.influence,
                        "jobs": [
                            {"namespace": job.namespace, "name": job.name} for job in found.jobs
                        ],
                    }
                    for found in impact.affected
                ],
            }
        )

    def text(self, language: Language) -> str:
        """Return the datasets affected under their departments and owners."""
        impact = self.impact
        values = {
            "root": str(impact.root),
            "number": len(impact.affected),
            "departments": len(impact.departments),
            "whole": verdict(impact.limits),
        }
        head = _HEAD if impact.affected else _NOTHING
        lines = [head.fill(values).in_(language)]
        before = None
        for found in impact.affected:
            heading = self._heading(found, language)
            if heading != before:
                lines.append(visible(heading))
                before = heading
            lines.append(visible("  " + _sentence(found, language)))
        return "\n".join([*lines, *(f"  ... {visible(limit)}" for limit in impact.limits)])

    def _heading(self, found: Affected, language: Language) -> str:
        department = found.department or _NOBODY.in_(language)
        owner = _OWNER.fill({"owner": found.owner}) if found.owner else _NO_OWNER
        said = owner.in_(language)
        return f"{department}（{said}）" if language == "zh" else f"{department} ({said})"

    def sheet(self) -> Sheet:
        """Return one row for each dataset affected."""
        rows = (
            (
                found.department,
                found.owner,
                found.dataset.namespace,
                found.dataset.name,
                " ".join(found.columns) or None,
                found.hops,
                found.influence,
                " ".join(str(job) for job in found.jobs) or None,
            )
            for found in self.impact.affected
        )
        return Sheet(_HEADS, tuple(rows))

    def picture(self) -> Picture:
        """Return the edges below; the root is set off."""
        root = self.impact.root
        return edge_picture(self.edges(), self.department_of, nodes=[root], marked=[root])

    def edges(self) -> tuple[Edge, ...]:
        """Return the edges below."""
        return self.impact.edges


def _sentence(found: Affected, language: Language) -> str:
    parts = [str(found.dataset)]
    if found.columns:
        parts.append(_COLUMNS.fill({"columns": list(found.columns)}).in_(language))
    if found.influence == "indirect":
        parts.append(_INDIRECT.in_(language))
    if found.jobs:
        parts.append(_JOBS.fill({"jobs": [job.name for job in found.jobs]}).in_(language))
    return ("；" if language == "zh" else "; ").join(parts)
