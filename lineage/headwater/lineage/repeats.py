"""Runs that repeat others: folded once, and given their own moments and parents.

A pipeline that runs each night sends the same events each night, but for run ids and times.
What they come to is remembered by a digest of everything else.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec

from headwater.catalog.ids import JobId
from headwater.lineage.model import Evidence, Node, RunEdge, RunIndex, Statement, node_key
from headwater.lineage.moulds import Told, told
from headwater.lineage.shapes import Parent, deletes, event_shape, understood
from headwater.lineage.statements import parent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headwater.lineage.shapes import EventShape

REMEMBERED = 4096
"""So many different runs are remembered."""

Body = str | bytes | Told
"""An event: its text, or what it is known to say."""

_known: OrderedDict[bytes, Folded] = OrderedDict()


def place(number: int) -> str:
    """Return the moment that stands for the event of this number in the order of time."""
    return f"{number:08}"


@dataclass(frozen=True, slots=True)
class Folded:
    """What the contents of a run's events come to; moments are places in the order of time."""

    job: JobId
    known: tuple[Node, ...]
    edges: tuple[RunEdge, ...]
    failed: bool
    statements: tuple[Statement, ...]
    started: Statement | None = None
    shape: str = field(default="")

    def at(self, moments: Sequence[str]) -> RunIndex:
        """Return the index of the run whose events have these moments."""
        found = {
            replace(each, moment=moments[int(each.moment)]) if each.moment else each
            for each in self.statements
            if each.kind != "parent" or self.started is None
        }
        if self.started:
            found.add(self.started)
        return RunIndex(
            job=self.job,
            first=moments[0],
            last=moments[-1],
            known=self.known,
            edges=self.edges,
            failed=self.failed,
            statements=tuple(sorted(found)),
            shape=self.shape,
        )


def fold_contents(
    evidence: Evidence,
    bodies: list[Body],
    fold: Callable[[Evidence, list[str | bytes]], Folded],
) -> Folded:
    """Return what ``fold`` makes of ``bodies``, or made of events that differ only by run."""
    events = [_told(body) for body in bodies]
    key = b"".join([evidence.encode(), *[event.contents for event in events]])
    found = _known.get(key)
    if found is None:
        found = fold(evidence, [event.text for event in events])
        found = _known[key] = replace(found, shape=_shape(found))
        if len(_known) > REMEMBERED:
            _known.popitem(last=False)
    started = _started([event.begun for event in events if event.begun])
    return replace(found, started=started) if started else found


def _told(body: Body) -> Told:
    return body if isinstance(body, Told) else told(event_shape(body), body)


def _shape(found: Folded) -> str:
    edges = [
        (
            node_key(edge.source),
            node_key(edge.target),
            edge.purpose,
            edge.kind,
            edge.masked,
            edge.evidence,
            edge.subtypes,
            edge.whole,
        )
        for edge in found.edges
    ]
    words = ([node_key(node) for node in found.known], edges)
    return hashlib.sha256(msgspec.json.encode(words)).hexdigest()


def _started(events: list[EventShape]) -> Statement | None:
    """Return by which run this one was started, as its run's facets say."""
    held: msgspec.Raw | None = None
    for each in events:
        raw = ((each.run.facets or {}) if each.run else {}).get("parent")
        if raw is not None:
            held = None if deletes(raw) else raw
    found = understood(held, Parent)
    if found is None:
        return None
    return parent(found.run.runId, JobId(found.job.namespace, found.job.name))
