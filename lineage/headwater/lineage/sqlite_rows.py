"""Rows of the lineage store, as values and back."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.model import Node, RunEdge, Said, Statement, StoredEdge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.catalog.position import Position
    from headwater.lineage.model import Event, RunIndex


def node_of(row: tuple[str, str, str]) -> Node:
    """Return the node of a namespace, a name and a column (or empty)."""
    dataset = DatasetId(row[0], row[1])
    return ColumnId(dataset, row[2]) if row[2] else dataset


def event_row(event: Event, received: str | None, mould: int | None) -> tuple[object, ...]:
    """Return an event for the log; what was understood of it only where that is not all."""
    words = b"\n".join(event.cast.words) if event.cast and mould is not None else event.raw
    return (
        event.digest,
        event.run,
        event.event_time,
        event.moment,
        received,
        words,
        event.body if event.partial else None,
        mould,
    )


def run_row(run: str, index: RunIndex, shape: int) -> tuple[object, ...]:
    """Return a run."""
    job = index.job
    return (run, job.namespace, job.name, index.first, index.last, index.failed, shape)


def edge_rows(
    shape: int, index: RunIndex, numbers: Mapping[Node, int]
) -> Iterator[tuple[object, ...]]:
    """Yield the edges of a shape."""
    for edge in index.edges:
        yield (
            shape,
            numbers[edge.source],
            numbers[edge.target],
            edge.purpose or "",
            edge.kind,
            edge.masked,
            edge.evidence,
            _words(edge.subtypes) if edge.subtypes else "",
            edge.whole,
        )


def said_rows(run: str, index: RunIndex) -> Iterator[tuple[object, ...]]:
    """Yield what a run says beside its edges."""
    for each in index.statements:
        yield (run, each.kind, each.moment, _words(each.words))


def run_edge(nodes: Mapping[int, Node], row: tuple[object, ...]) -> RunEdge:
    """Return what a shape's row says; ``KeyError`` if it joins what is no node."""
    source, target, purpose, kind, masked, evidence, subtypes, whole = row
    return RunEdge(
        source=nodes[source],  # type: ignore[index]
        target=nodes[target],  # type: ignore[index]
        purpose=str(purpose) or None,
        kind="direct" if kind == "direct" else "indirect",
        masked=masked == 1,
        evidence=evidence,  # type: ignore[arg-type]
        subtypes=_read_words(str(subtypes)),
        whole=whole == 1,
    )


def stored_edge(
    nodes: Mapping[int, Node], position: Position | None, row: tuple[object, ...]
) -> StoredEdge:
    """Return the edge of a row; ``KeyError`` if it joins what is no node."""
    run, edge = row[0], run_edge(nodes, row[1:9])
    namespace, name, first, last, failed = row[9:]
    return StoredEdge(
        edge=edge,
        run=str(run).removeprefix("run:"),
        job=JobId(str(namespace), str(name)),
        first=str(first),
        last=str(last),
        position=position,
        failed=failed == 1,
    )


def said(row: tuple[object, ...]) -> Said:
    """Return what a run says beside its edges."""
    run, kind, moment, words, namespace, name, first, last, failed = row
    return Said(
        statement=Statement(kind, str(moment), _read_words(str(words))),  # type: ignore[arg-type]
        run=str(run).removeprefix("run:"),
        job=JobId(str(namespace), str(name)),
        first=str(first),
        last=str(last),
        failed=failed == 1,
    )


@lru_cache(maxsize=4096)
def _words(words: tuple[str, ...]) -> str:
    return json.dumps(words, ensure_ascii=False)


@lru_cache(maxsize=4096)
def _read_words(text: str) -> tuple[str, ...]:
    return tuple(map(str, json.loads(text))) if text else ()


def sha256(rows: Iterable[tuple[object, ...]]) -> str:
    """Return the SHA-256 of rows, in hexadecimal."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


def digests_sha256(rows: Iterable[tuple[str]]) -> str:
    """Return what :func:`sha256` does of rows of hexadecimal digits, which need no escape."""
    text = "".join([f'["{digest}"]\n' for (digest,) in rows])
    return hashlib.sha256(text.encode()).hexdigest()
