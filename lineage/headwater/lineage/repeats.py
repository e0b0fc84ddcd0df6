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
from headwater.lineage.shapes import Parent, deletes, outline, understood
from headwater.lineage.statements import parent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headwater.lineage.shapes import Outline

REMEMBERED = 4096
"""So many different runs are remembered."""

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
    bodies: list[str | bytes],
    fold: Callable[[Evidence, list[str | bytes]], Folded],
) -> Folded:
    """Return what ``fold`` makes of ``bodies``, or made of events that differ only by run."""
    outlines = [outline(body) for body in bodies]
    key = _digest(evidence, outlines)
    found = _known.get(key)
    if found is None:
        found = fold(evidence, bodies)
        found = _known[key] = replace(found, shape=_shape(found))
        if len(_known) > REMEMBERED:
            _known.popitem(last=False)
    started = _started(outlines)
    return replace(found, started=started) if started else found


def _digest(evidence: Evidence, outlines: list[Outline]) -> bytes:
    digest = hashlib.blake2b(evidence.encode(), digest_size=32)
    for each in outlines:
        parts = (each.job, each.dataset, each.inputs, each.outputs)
        texts = [(each.eventType or "").encode(), *map(bytes, parts)]
        # Lengths first: no text can pretend to be two.
        digest.update(repr([len(text) for text in texts]).encode())
        for text in texts:
            digest.update(text)
    return digest.digest()


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


def _started(outlines: list[Outline]) -> Statement | None:
    """Return by which run this one was started, as its run's facets say."""
    held: msgspec.Raw | None = None
    for each in outlines:
        raw = ((each.run.facets or {}) if each.run else {}).get("parent")
        if raw is not None:
            held = None if deletes(raw) else raw
    found = understood(held, Parent)
    if found is None:
        return None
    return parent(found.run.runId, JobId(found.job.namespace, found.job.name))
