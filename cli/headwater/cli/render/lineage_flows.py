"""Answers to ``lineage flows``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.answer import verdict
from headwater.cli.render.view import Arrow, Picture, Sheet, envelope, place_of, sealed
from headwater.cli.render.words import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.app.trace import FlowRow, FlowRows
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.text import Language

_FLOWS = Text(
    "flows between departments{limit}: {number} ({whole})",
    "跨部门流动{limit}：{number} 条（{whole}）",
)
_LIMIT = Text(", at most {hops} jobs apart", "（最多跨越 {hops} 个作业）")
_WHOLE = Text("the whole dataset", "整个数据集")
_PURPOSE = Text("purpose: ", "用途：")
_NO_PURPOSE = Text("purpose not known", "用途未知")
_HEADS = (
    *("provider", "consumer", "from_namespace", "from_name", "from_column"),
    *("to_namespace", "to_name", "purposes", "via", "hops", "evidence", "masked"),
    *("first_seen", "last_seen"),
)


@dataclass(frozen=True)
class FlowsView:
    """The flows between departments, ready to be written."""

    found: FlowRows
    department_of: Callable[[DatasetId], str | None]

    def document(self) -> dict[str, object]:
        """Return ``headwater/flows/1``."""
        found = self.found
        head = envelope("flows", found.filters, found.log, found.limits)
        asked = {**found.filters.document(), **found.wanted.document()}
        flows = [_flow_document(row) for row in found.rows]
        return sealed({**head, "filters": asked, "flows": flows})

    def text(self, language: Language) -> str:
        """Return two lines for each flow, and the number of them."""
        hops = self.found.filters.hops
        limit = _LIMIT.fill({"hops": hops}) if hops is not None else Text("", "")
        whole = verdict(self.found.limits)
        values = {"number": len(self.found.rows), "limit": limit, "whole": whole}
        lines = [_FLOWS.fill(values).in_(language)]
        for row in self.found.rows:
            lines += _lines(row, language)
        return "\n".join(lines)

    def sheet(self) -> Sheet:
        """Return one row for each column that leaves, or for the whole dataset."""
        rows = (
            (
                *(flow.provider, flow.consumer, flow.source.namespace, flow.source.name),
                *(flow.column, flow.target.namespace, flow.target.name, _purpose(row, flow)),
                *(" ".join(flow.via) or None, flow.hops, flow.evidence, flow.masked),
                *(flow.first_seen, flow.last_seen),
            )
            for row in self.found.rows
            for flow in row.flows
        )
        return Sheet(_HEADS, tuple(rows))

    def picture(self) -> Picture:
        """Return the datasets on the shortest paths; a dashed arrow is only implied."""
        ways: dict[tuple[DatasetId, DatasetId], list[FlowRow]] = {}
        for row in self.found.rows:
            ways.setdefault((row.first.source, row.first.target), []).append(row)
        datasets = sorted({dataset for way in ways for dataset in way})
        keys = {dataset: str(number) for number, dataset in enumerate(datasets)}
        return Picture(
            tuple(place_of(d, keys[d], self.department_of) for d in datasets),
            tuple(
                Arrow(
                    keys[source],
                    keys[target],
                    ", ".join(sorted({p for row in rows for p in row.purposes})),
                    all(row.evidence == "implied" for row in rows),
                )
                for (source, target), rows in sorted(ways.items())
            ),
        )

    def edges(self) -> None:
        """Return nothing: a flow may be made of many edges."""


def _purpose(row: FlowRow, flow: object) -> str | None:
    tagged = getattr(flow, "tagged_purpose", None)
    return tagged or " ".join(row.purposes) or None


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


def _lines(row: FlowRow, language: Language) -> list[str]:
    first = row.first
    way = "".join(f" -> ({name})" for name in first.via)
    columns = ", ".join(row.columns) or _WHOLE.in_(language)
    purposes = ", ".join(row.purposes)
    purpose = (_PURPOSE if purposes else _NO_PURPOSE).in_(language) + purposes
    route = f"{first.provider}: {first.source.name}{way} -> {first.consumer}: {first.target.name}"
    evidence = EVIDENCE[row.evidence].in_(language)
    between = "；" if language == "zh" else "; "
    return [visible(route), visible(f"  {between.join([columns, purpose, evidence])}")]
