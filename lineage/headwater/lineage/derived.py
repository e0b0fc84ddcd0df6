"""Edges that no run states but that follow: through jobs, and into and out of nested columns."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.catalog.problems import problem
from headwater.lineage.model import EVIDENCE, Evidence, Node, RunEdge, StoredEdge
from headwater.lineage.statements import read_through

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.lineage.model import Said
    from headwater.lineage.statements import Through

DERIVED_EDGES = 1_000_000
"""More edges than this are refused: hostile names could multiply them without bound."""

_Feeds = dict[JobId, list["Through"]]


def through_edges(said: Iterable[Said]) -> list[StoredEdge]:
    """Return the edges between datasets that explicit lineage draws through jobs.

    What feeds a job reaches what the job feeds, through other jobs too. Whether a step between
    jobs masks is not counted: the unmasked value is assumed to pass.

    Raises:
        DocumentError: There are too many.
    """
    feeds: _Feeds = defaultdict(list)
    leaving: list[tuple[Through, Said]] = []
    for each in said:
        edge = read_through(each.statement.words)
        if isinstance(edge.target, JobId):
            feeds[edge.target].append(edge)
        else:
            leaving.append((edge, each))
    return list(_capped(edge for last, each in leaving for edge in _into(last, each, feeds)))


def _into(last: Through, each: Said, feeds: _Feeds) -> Iterator[StoredEdge]:
    target = last.target
    if isinstance(target, JobId):
        return
    for source, first, evidence in _sources(last, feeds):
        whole = first.manner.whole and last.manner.whole
        # What only sums up columns is said between datasets, and nowhere else.
        summing = isinstance(source, DatasetId) and isinstance(target, DatasetId)
        if source != target and (whole or summing):
            edge = RunEdge(
                source=source,
                target=target,
                purpose=last.purpose,
                kind="direct" if first.manner.direct and last.manner.direct else "indirect",
                masked=first.manner.masked or last.manner.masked,
                evidence=evidence,
                subtypes=tuple(sorted({*first.manner.subtypes, *last.manner.subtypes})),
                whole=whole,
            )
            yield StoredEdge(edge, each.run, each.job, each.first, each.last, None, each.failed)


def _sources(last: Through, feeds: _Feeds) -> Iterator[tuple[Node, Through, Evidence]]:
    """Yield what feeds the job that ``last`` leaves, with the weakest evidence of the way."""
    if not isinstance(last.source, JobId):
        return
    found = {last.source: last.manner.evidence}
    queue = deque([last.source])
    while queue:
        job = queue.popleft()
        for feed in feeds.get(job, ()):
            evidence = max(found[job], feed.manner.evidence, key=EVIDENCE.index)
            if not isinstance(feed.source, JobId):
                yield feed.source, feed, evidence
            elif feed.source not in found:
                found[feed.source] = evidence
                queue.append(feed.source)


def nested_edges(edges: Iterable[StoredEdge], known: Iterable[Node]) -> list[StoredEdge]:
    """Return the edges that follow because one column lies within another.

    What enters a column may lie in any column nested in it; what leaves a column may come from
    any of those.

    Raises:
        DocumentError: There are too many.
    """
    nested = _nested(known)
    return list(_capped(edge for stored in edges if nested for edge in _follow(stored, nested)))


def _nested(known: Iterable[Node]) -> dict[ColumnId, list[ColumnId]]:
    columns = [node for node in known if isinstance(node, ColumnId)]
    present = set(columns)
    found: dict[ColumnId, list[ColumnId]] = defaultdict(list)
    for column in columns:
        parts = column.column.split(".")
        for count in range(1, len(parts)):
            above = ColumnId(column.dataset, ".".join(parts[:count]))
            if above in present:
                found[above].append(column)
    return dict(found)


def _follow(stored: StoredEdge, nested: Mapping[ColumnId, list[ColumnId]]) -> Iterator[StoredEdge]:
    edge = stored.edge
    sources = [edge.source, *_within(edge.source, nested)]
    targets = [edge.target, *_within(edge.target, nested)]
    if len(sources) == len(targets) == 1:
        return
    for source in sources:
        for target in targets:
            if source != target and not _is_apart(edge, source, target):
                yield replace(stored, edge=replace(edge, source=source, target=target))


def _is_apart(edge: RunEdge, source: Node, target: Node) -> bool:
    """Say whether the edge itself says these two, or a copy cannot join them."""
    if (source, target) == (edge.source, edge.target):
        return True
    if source == edge.source or target == edge.target or edge.subtypes != ("IDENTITY",):
        return False
    return _below(edge.source, source) != _below(edge.target, target)


def _below(above: Node, column: Node) -> str:
    if not isinstance(above, ColumnId) or not isinstance(column, ColumnId):
        return ""
    return column.column[len(above.column) :]


def _within(node: Node, nested: Mapping[ColumnId, list[ColumnId]]) -> list[ColumnId]:
    return nested.get(node, []) if isinstance(node, ColumnId) else []


def _capped(edges: Iterable[StoredEdge]) -> Iterator[StoredEdge]:
    for count, stored in enumerate(edges):
        if count >= DERIVED_EDGES:
            raise DocumentError([problem("graph-too-large", stored.position, limit=DERIVED_EDGES)])
        yield stored
