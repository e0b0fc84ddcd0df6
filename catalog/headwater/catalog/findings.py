"""What a person must look at, as values: severities, subjects, findings, outcomes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.position import Position
    from headwater.catalog.text import Text
    from headwater.catalog.waivers import Waiver
    from headwater.catalog.witness import Fix, Hop


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Outcome(StrEnum):
    """What a run comes to, from best to worst."""

    PASS = "pass"  # noqa: S105 - not a password
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class FlowSubject:
    """The flow that a finding is about."""

    provider: str
    consumer: str
    source: DatasetId
    target: DatasetId
    columns: tuple[str, ...]
    purposes: tuple[str, ...]
    via: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        found: dict[str, object] = {
            "kind": "flow",
            "provider": self.provider,
            "consumer": self.consumer,
            "from": self.source.document(),
            "to": self.target.document(),
            "columns": list(self.columns),
            "purposes": list(self.purposes),
        }
        if self.via:
            found["via"] = list(self.via)
        return found

    def key(self) -> tuple[str, ...]:
        """Return what identifies the subject across runs."""
        return ("flow", *self.source.key(), *self.target.key())


@dataclass(frozen=True, slots=True)
class DatasetSubject:
    """The dataset that a finding is about."""

    dataset: DatasetId
    columns: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"kind": "dataset", **self.dataset.document(), "columns": list(self.columns)}

    def key(self) -> tuple[str, ...]:
        """Return what identifies the subject across runs."""
        return ("dataset", *self.dataset.key(), *self.columns)


@dataclass(frozen=True, slots=True)
class FileSubject:
    """The file that a finding is about."""

    file: str

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"kind": "file", "name": self.file, "columns": []}

    def key(self) -> tuple[str, ...]:
        """Return what identifies the subject across runs."""
        return ("file", self.file)


@dataclass(frozen=True, slots=True)
class EntrySubject:
    """The entry of a workspace's own file that a finding is about: its kind and its id."""

    kind: str
    name: str
    columns: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"kind": self.kind, "name": self.name, "columns": list(self.columns)}

    def key(self) -> tuple[str, ...]:
        """Return what identifies the subject across runs."""
        return (self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a person must look at.

    ``detail`` tells apart findings of one rule about one subject (a check's key, say); it enters
    the fingerprint, as rule and subject do, and texts and positions do not. A finding with a
    ``waiver`` is accepted: it is reported, and fails no run. ``path`` is the shortest that the
    data took; ``fix`` the smallest change by which the flow would pass.
    """

    rule: str
    severity: Severity
    subject: FlowSubject | DatasetSubject | FileSubject | EntrySubject
    message: Text
    location: Position
    remedy: Text | None = None
    basis: tuple[str, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    detail: str = ""
    waiver: Waiver | None = None
    path: tuple[Hop, ...] = ()
    fix: Fix | None = None

    @property
    def fingerprint(self) -> str:
        """A stable identity across runs: 32 hexadecimal digits of a SHA-256."""
        words = [self.rule, *self.subject.key(), self.detail]
        return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:32]

    def order(self) -> tuple[str, tuple[str, ...], str]:
        """Return the sort key of reports."""
        return (self.rule, self.subject.key(), self.detail)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst outcome; an empty run is an error, never a pass.

    Example:
        >>> worst([Outcome.PASS, Outcome.WARN]).value
        'warn'
        >>> worst([]).value
        'error'
    """
    order = list(Outcome)
    return max(outcomes, key=order.index, default=Outcome.ERROR)
