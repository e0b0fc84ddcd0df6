"""What a finding about a flow shows: the path that data took, and what would have to change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.catalog.ids import DatasetId, JobId
    from headwater.catalog.position import Position
    from headwater.catalog.text import Text


@dataclass(frozen=True, slots=True)
class Hop:
    """One edge of the path that a finding shows.

    Attributes:
        source: From where: a column, or a dataset as a whole.
        target: To where.
        job: The job that wrote it.
        purpose: What the job is for, where that is known.
        evidence: Whether it was observed, declared or only implied.
        kind: Whether the value itself goes on (direct), or only bears on what is written.
        masked: Whether the job masks it.
    """

    source: ColumnId | DatasetId
    target: ColumnId | DatasetId
    job: JobId
    purpose: str | None
    evidence: str
    kind: str
    masked: bool

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "from": _end(self.source),
            "to": _end(self.target),
            "job": {"namespace": self.job.namespace, "name": self.job.name},
            "purpose": self.purpose,
            "evidence": self.evidence,
            "kind": self.kind,
            "masked": self.masked,
        }


def _end(node: ColumnId | DatasetId) -> dict[str, object]:
    if isinstance(node, ColumnId):
        return {**node.dataset.document(), "column": node.column}
    return {**node.document(), "column": None}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a workspace, or of a job, that a person could make.

    Attributes:
        kind: What kind of change: ``grant-columns``, ``new-agreement``, ``mask`` and so on.
        text: What to do, in words.
        location: Where, if in a file that there is.
        values: What it is about, for machines.
        draft: The file to write, where it is a new one.
    """

    kind: str
    text: Text
    location: Position | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    draft: str | None = None

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        found: dict[str, object] = {
            "kind": self.kind,
            "text": {"en": self.text.en, "zh": self.text.zh},
            **self.values,
        }
        if self.location:
            found["location"] = self.location.document()
        if self.draft:
            found["draft"] = self.draft
        return found


@dataclass(frozen=True, slots=True)
class Fix:
    """The smallest change by which the flow of a finding would pass.

    Attributes:
        changes: What would have to change; none where nothing was found that would do.
        proved: Whether the engine allowed all of the flow with these changes made in memory.
        sought: Whether it was looked for; a run looks only for so many.
    """

    changes: tuple[Change, ...]
    proved: bool
    sought: bool = True

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "proved": self.proved,
            "sought": self.sought,
            "changes": [change.document() for change in self.changes],
        }
