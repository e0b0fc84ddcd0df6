"""Answers to ``retention simulate``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.cli.render.retention_words import STATE, UNCOUNTED, engine_document, iso
from headwater.cli.render.view import Picture, Sheet, envelope, sealed
from headwater.lineage.filters import Filters

if TYPE_CHECKING:
    from headwater.app.retention_simulate import Change, Simulation
    from headwater.catalog.text import Language
    from headwater.lineage.model import Edge

_HEADS = ("day", "department", "namespace", "name", "before", "after", "records")
_HEAD = Text(
    "from {start} to {until}, if nothing new is written: changes {number}",
    "{start} 至 {until}，若不再写入新数据：变化 {number} 项",
)
_LINE = Text(
    "{day}  {dataset}: {before} -> {after}, records {records}",
    "{day}  {dataset}：{before} -> {after}，记录 {records} 条",
)


@dataclass(frozen=True)
class SimulationView:
    """What will change, ready to be written."""

    found: Simulation

    def document(self) -> dict[str, object]:
        """Return ``headwater/retention-simulation/1``."""
        survey = self.found.survey
        return sealed(
            {
                **envelope("retention-simulation", Filters(as_of=survey.as_of), survey.log),
                "engine": engine_document(survey),
                "until": iso(self.found.until),
                "changes": [
                    {
                        "day": iso(change.day),
                        **change.dataset.document(),
                        "department": change.department,
                        "before": change.before.value,
                        "after": change.after.value,
                        "records": change.records,
                    }
                    for change in self.found.changes
                ],
            }
        )

    def text(self, language: Language) -> str:
        """Return one line for each change, by day."""
        values = {
            "start": self.found.survey.as_of,
            "until": self.found.until,
            "number": len(self.found.changes),
        }
        lines = [_HEAD.fill(values), *(_line(change) for change in self.found.changes)]
        return "\n".join(line.in_(language) for line in lines)

    def sheet(self) -> Sheet:
        """Return one row for each change."""
        rows = (
            (
                iso(change.day),
                change.department,
                change.dataset.namespace,
                change.dataset.name,
                change.before.value,
                change.after.value,
                change.records,
            )
            for change in self.found.changes
        )
        return Sheet(_HEADS, tuple(rows))

    def picture(self) -> Picture | None:
        """Return nothing: it is a list."""
        return None

    def edges(self) -> tuple[Edge, ...] | None:
        """Return nothing: it is no lineage."""
        return None


def _line(change: Change) -> Text:
    values = {
        "day": change.day,
        "dataset": change.dataset.name,
        "before": STATE[change.before.value],
        "after": STATE[change.after.value],
        "records": UNCOUNTED if change.records is None else change.records,
    }
    return _LINE.fill(values)
