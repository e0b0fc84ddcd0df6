"""What the index holds since an older state of it, as edges: all that changed jobs now say.

An edge belongs to one job, and what it comes to follows from that job's runs alone, as long as
no run says anything of other runs' edges. So the edges of changed jobs are worked out anew, from
batches of runs that share a shape, and come to what :func:`~.graph.load_graph` comes to.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from headwater.lineage.model import EVIDENCE, Edge, dataset_of
from headwater.lineage.times import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from headwater.catalog.ids import DatasetId, JobId
    from headwater.catalog.position import Position
    from headwater.lineage.model import Node, RunEdge

Key = tuple[object, ...]
"""What tells edges apart: source, target, job, purpose, rank of the evidence."""


@dataclass(frozen=True, slots=True)
class BatchRun:
    """One run of a batch: its key in the index and its id; ``first`` and ``last`` are moments."""

    key: str
    run: str
    first: str
    last: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """All runs of one job that have one shape."""

    job: JobId
    edges: tuple[RunEdge, ...]
    runs: tuple[BatchRun, ...]

    @property
    def written(self) -> set[str]:
        """The first moments of those that did not fail."""
        return {run.first for run in self.runs if not run.failed}

    @property
    def latest(self) -> BatchRun:
        """The run of the last moment: of several the last by name."""
        return max(self.runs, key=_age)


def _key(run: BatchRun) -> str:
    return run.key


def _age(run: BatchRun) -> tuple[str, str]:
    return (run.last, run.run)


@dataclass(frozen=True, slots=True)
class Newer:
    """What an older state of the index lacks.

    Attributes:
        edges: Every edge of the jobs that changed: these replace those of the same key.
        gone: The keys of edges that are no more.
        known: Nodes that these jobs name.
        owners: Who owns datasets now, all of them.
    """

    edges: tuple[Edge, ...]
    gone: frozenset[Key]
    known: frozenset[Node]
    owners: Mapping[DatasetId, tuple[str, ...]]


class PlaceOf(Protocol):
    """Says where the latest event of a run stands."""

    def __call__(self, key: str, /) -> Position | None:
        """Return its place, if it stands in a file."""
        ...


def edge_key(edge: RunEdge | Edge, job: JobId) -> Key:
    """Return what tells an edge from others."""
    return (edge.source, edge.target, job, edge.purpose, EVIDENCE.index(edge.evidence))


def merge_batches(batches: Collection[Batch], place_of: PlaceOf) -> Iterator[Edge]:
    """Yield one edge for all runs that differ only by run.

    Args:
        batches: All of the jobs that are asked about.
        place_of: Where the latest event of a run stands.
    """
    ends = _Ends(batches)
    groups: dict[Key, list[tuple[RunEdge, Batch]]] = defaultdict(list)
    for batch in batches:
        for edge in batch.edges:
            groups[edge_key(edge, batch.job)].append((edge, batch))
    runs: dict[tuple[int, ...], tuple[str, ...]] = {}
    for group in groups.values():
        together = tuple(sorted({id(batch) for _, batch in group}))
        if together not in runs:
            found = (run.run for _, batch in group for run in batch.runs)
            runs[together] = tuple(sorted(set(found)))
        yield _merged(group, runs[together], ends, place_of)


def _merged(
    group: list[tuple[RunEdge, Batch]], runs: tuple[str, ...], ends: _Ends, place_of: PlaceOf
) -> Edge:
    edge, batch = group[0]
    latest = max(sorted((batch.latest for _, batch in group), key=_key), key=_age)
    until = ends.until(edge, batch.job)
    return Edge(
        source=edge.source,
        target=edge.target,
        job=batch.job,
        purpose=edge.purpose,
        kind="direct" if any(each.kind == "direct" for each, _ in group) else "indirect",
        masked=all(each.masked for each, _ in group),
        evidence=edge.evidence,
        first_seen=shown(min(run.first for _, batch in group for run in batch.runs)),
        last_seen=shown(latest.last),
        runs=runs,
        position=place_of(latest.key),
        subtypes=tuple(sorted({word for each, _ in group for word in each.subtypes})),
        whole=any(each.whole for each, _ in group),
        failed=all(not batch.written for _, batch in group),
        until=shown(until) if until else None,
    )


class _Ends:
    """When edges end: see :mod:`~.validity`."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._writes: dict[Key, set[str]] = defaultdict(set)
        self._latest: dict[Key, str] = {}
        for batch in batches:
            newest, written = max(run.first for run in batch.runs), batch.written
            targets = set()
            for edge in batch.edges:
                key = (edge.source, edge.target, batch.job, edge.purpose)
                self._latest[key] = max(newest, self._latest.get(key, ""))
                targets.add(dataset_of(edge.target))
            for target in targets if written else ():
                self._writes[batch.job, target] |= written

    def until(self, edge: RunEdge, job: JobId) -> str | None:
        """Return the moment from which an edge holds no longer."""
        latest = self._latest[edge.source, edge.target, job, edge.purpose]
        writes = self._writes.get((job, dataset_of(edge.target)), ())
        return min((moment for moment in writes if moment > latest), default=None)
