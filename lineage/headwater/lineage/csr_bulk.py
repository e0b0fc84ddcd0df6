"""A store's index as arrays for :mod:`headwater.lineage.csr`, without an object for each edge.

It comes to what :func:`~.graph.load_graph` and :mod:`~.csr_build` come to, for stores in which
no run says anything that changes other runs' edges (other names, renamings, drops, jobs passed
through, nested columns); of others it makes nothing.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headwater.catalog.ids import DatasetId
from headwater.lineage.csr import (
    COLUMNLESS,
    DIRECT,
    EVIDENCE_SHIFT,
    FAILED,
    MASKED,
    MIXED,
    NOTHING,
    WHOLE,
)
from headwater.lineage.csr_build import edge_arrays
from headwater.lineage.csr_files import Texts, blob, name_arrays
from headwater.lineage.model import EVIDENCE
from headwater.lineage.raw_index import parents_change_nothing
from headwater.lineage.times import shown

if TYPE_CHECKING:
    from headwater.catalog.position import Position
    from headwater.lineage.csr_files import Arrays
    from headwater.lineage.raw_index import RawIndex

_HARMLESS = {"owners", "tags", "parent"}
_IMPLIED = EVIDENCE.index("implied")


def bulk_arrays(raw: RawIndex) -> Arrays | None:
    """Return every array of the graph that the index comes to, or ``None``: see above."""
    if not {each.statement.kind for each in raw.said} <= _HARMLESS or _has_nested(raw):
        return None
    batches = _Batches(raw)
    edges = _Edges(raw, batches)
    parents = [each for each in raw.said if each.statement.kind == "parent"]
    if parents and not parents_change_nothing(parents, batches.runs_of(edges.implying())):
        return None
    nodes = _Nodes(raw, edges)
    texts = Texts()
    merged = _Merged(nodes, batches, edges)
    found = edge_arrays(merged.source, merged.target, merged.flags(), nodes.count)
    detail = merged.detail(texts)
    return {
        **name_arrays(nodes.datasets, nodes.first, {}),
        **blob("column", nodes.columns),
        **found,
        "detail": detail,
        **blob("text", texts.numbers),
    }


def _has_nested(raw: RawIndex) -> bool:
    dotted = [row[1:] for row in raw.nodes if "." in row[3]]
    if not dotted:
        return False
    present = {row[1:] for row in raw.nodes}
    return any(
        (namespace, name, ".".join(parts[:count])) in present
        for namespace, name, column in dotted
        if (parts := column.split("."))
        for count in range(1, len(parts))
    )


@dataclass(slots=True)
class _Batch:
    """All runs of one job that have one shape."""

    shape: int
    job: tuple[str, str]
    runs: list[str] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    """The first moments of those that did not fail."""
    latest: tuple[str, str] = ("", "")
    """The last moment, and the run that it is of: of several the last by name."""
    key: str = ""
    """The key of that run."""


class _Batches:
    """The runs, by shape and job."""

    def __init__(self, raw: RawIndex) -> None:
        import numpy as np

        found: dict[tuple[int, str, str], _Batch] = {}
        for key, namespace, name, first, last, failed, shape in raw.runs:
            run, batch = key.removeprefix("run:"), found.get((shape, namespace, name))
            if batch is None:
                batch = found[shape, namespace, name] = _Batch(shape, (namespace, name))
            batch.runs.append(run)
            batch.first.append(first)
            if not failed:
                batch.written.append(first)
            if not batch.key or batch.latest < (last, run):
                batch.latest, batch.key = (last, run), key
        self.all = [found[key] for key in sorted(found)]
        self.shapes = np.array(sorted({batch.shape for batch in self.all}), np.int64)
        every = np.array([batch.shape for batch in self.all], np.int64)
        self.begin = np.searchsorted(every, self.shapes)
        self.count = np.searchsorted(every, self.shapes, side="right") - self.begin
        self.jobs = sorted({batch.job for batch in self.all})
        jobs = {job: number for number, job in enumerate(self.jobs)}
        self.job = np.array([jobs[batch.job] for batch in self.all], np.int64)
        moments = {m for b in self.all for m in (*b.first, b.latest[0])}
        self.moments = sorted(moments)
        rank = {moment: place for place, moment in enumerate(self.moments)}
        self.first = np.array([rank[min(batch.first)] for batch in self.all], np.int64)
        self.newest = np.array([rank[max(batch.first)] for batch in self.all], np.int64)
        self.written = np.array(
            [rank[max(b.written)] if b.written else NOTHING for b in self.all], np.int64
        )
        self.last = np.array([rank[batch.latest[0]] for batch in self.all], np.int64)
        order = sorted(range(len(self.all)), key=lambda number: self.all[number].latest)
        self.by_age = np.array(order, np.int64)
        self.age = np.empty(len(order), np.int64)
        self.age[self.by_age] = np.arange(len(order))
        self.places = [raw.places.get(batch.key) for batch in self.all]

    def runs_of(self, shapes: set[int]) -> set[str]:
        """Return the runs of some shapes."""
        return {run for batch in self.all if batch.shape in shapes for run in batch.runs}


class _Edges:
    """The edges of every shape that a run has, as columns."""

    def __init__(self, raw: RawIndex, batches: _Batches) -> None:
        import numpy as np

        self.purposes: dict[str, int] = {}
        self.subtypes: dict[str, int] = {}
        parts = [np.empty((9, 0), np.int64), *(self._columns(chunk) for chunk in raw.edges)]
        table = np.concatenate(parts, axis=1)
        table = table[:, np.isin(table[0], batches.shapes)]
        self.shape, self.source, self.target, self.direct, self.masked, self.whole = table[:6]
        self.evidence, self.purpose, self.subtype = table[6:]

    def _columns(self, chunk: list[tuple[Any, ...]]) -> Any:
        import numpy as np

        *numbers, purposes, subtypes = zip(*chunk, strict=True)
        return np.array(
            [
                *numbers,
                [self.purposes.setdefault(text, len(self.purposes)) for text in purposes],
                [self.subtypes.setdefault(text, len(self.subtypes)) for text in subtypes],
            ],
            np.int64,
        )

    def implying(self) -> set[int]:
        """Return the shapes that imply edges."""
        return set(self.shape[self.evidence == _IMPLIED].tolist())


class _Nodes:
    """The nodes, sorted by name: each dataset before its columns."""

    def __init__(self, raw: RawIndex, edges: _Edges) -> None:
        import numpy as np

        size = max((row[0] for row in raw.nodes), default=0) + 1
        live = np.zeros(size, bool)
        for numbers in (np.array(raw.known, np.int64), edges.source, edges.target):
            live[numbers] = True
        self.number = np.full(size, NOTHING, np.int64)
        self.datasets: list[DatasetId] = []
        self.first: list[int] = []
        self.columns: list[str] = []
        known = live.tolist()
        before = None
        for number, namespace, name, column in raw.nodes:
            if not known[number]:
                continue
            if (namespace, name) != before:
                before = (namespace, name)
                self.datasets.append(DatasetId(namespace, name))
                self.first.append(len(self.columns))
                self.columns.append("")
            if column:
                self.columns.append(column)
            self.number[number] = len(self.columns) - 1
        self.count = len(self.columns)
        self.first.append(self.count)
        self.is_column = np.ones(self.count, bool)
        self.is_column[self.first[:-1]] = False
        self.dataset = np.repeat(np.arange(len(self.datasets)), np.diff(self.first))


class _Merged:
    """The edges, one for all runs that differ only by run: sorted, with what runs have in common.

    ``_row`` and ``_batch`` say of each mention which edge of which shape it is, and of which
    runs; ``_begin`` where the mentions of each merged edge begin.
    """

    def __init__(self, nodes: _Nodes, batches: _Batches, edges: _Edges) -> None:
        import numpy as np

        self._nodes, self._batches, self._edges = nodes, batches, edges
        shape = np.searchsorted(batches.shapes, edges.shape)
        counts = batches.count[shape]
        row = np.repeat(np.arange(len(shape)), counts)
        step = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        batch = batches.begin[shape][row] + step
        purposes = sorted(edges.purposes)
        rank = np.empty(len(purposes), np.int64)
        rank[[edges.purposes[text] for text in purposes]] = np.arange(len(purposes))
        self._purposes = purposes
        keys = np.stack(
            [
                nodes.number[edges.source][row],
                nodes.number[edges.target][row],
                batches.job[batch],
                rank[edges.purpose][row] if len(rank) else edges.purpose[row],
                edges.evidence[row],
            ]
        )
        order = np.lexsort(keys[::-1])
        keys, self._row, self._batch = keys[:, order], row[order], batch[order]
        self._begin, _ = _groups(keys)
        self._keys = keys[:, self._begin]
        self._until = _until(keys, self._batch, nodes, batches)[self._begin]
        self.source, self.target = (self._keys[at].astype(np.int32) for at in (0, 1))

    def _all(self, values: Any) -> Any:
        import numpy as np

        return np.logical_and.reduceat(values, self._begin) if len(self._begin) else values

    def _any(self, values: Any) -> Any:
        import numpy as np

        return np.logical_or.reduceat(values, self._begin) if len(self._begin) else values

    def flags(self) -> Any:
        """Return the byte of flags of each edge."""
        import numpy as np

        edges, nodes, evidence = self._edges, self._nodes, self._keys[4]
        whole = self._any(edges.whole[self._row] == 1)
        from_column, to_column = nodes.is_column[self.source], nodes.is_column[self.target]
        mixed = from_column != to_column
        failed = self._batches.written[self._batch] == NOTHING
        traits = (
            (DIRECT, self._any(edges.direct[self._row] == 1)),
            (MASKED, self._all(edges.masked[self._row] == 1)),
            (COLUMNLESS, mixed | (((evidence == _IMPLIED) | whole) & ~from_column)),
            (MIXED, mixed),
            (WHOLE, whole),
            (FAILED, self._all(failed)),
        )
        found = evidence << EVIDENCE_SHIFT
        for bit, holds in traits:
            found |= np.where(holds, bit, 0)
        return found.astype(np.uint8)

    def detail(self, texts: Texts) -> Any:
        """Return the details of each edge, as numbers of texts."""
        import numpy as np

        batches, begin = self._batches, self._begin
        if not len(begin):
            return np.empty((0, 8), np.int32)
        times = np.array([*(texts.number(shown(m)) for m in batches.moments), NOTHING], np.int64)
        jobs = np.array([texts.all_of(job) for job in batches.jobs], np.int64)
        purposes = np.array([texts.number(text or None) for text in self._purposes], np.int64)
        places = np.array([texts.number(_place_text(place)) for place in batches.places], np.int64)
        latest = batches.by_age[np.maximum.reduceat(batches.age[self._batch], begin)]
        runs, subtypes = self._together(texts)
        columns = [
            jobs[self._keys[2]],
            purposes[self._keys[3]],
            times[np.minimum.reduceat(batches.first[self._batch], begin)],
            times[batches.last[latest]],
            times[self._until],
            runs,
            subtypes,
            places[latest],
        ]
        return np.stack(columns, 1).astype(np.int32)

    def _together(self, texts: Texts) -> tuple[Any, Any]:
        """Return the runs and the subtypes of each edge: of several mentions those of all."""
        import numpy as np

        names = [tuple(sorted(set(batch.runs))) for batch in self._batches.all]
        words = [
            tuple(sorted(set(map(str, json.loads(text))))) if text else ()
            for text in self._edges.subtypes
        ]
        kinds = self._edges.subtype[self._row]
        one_run = np.array([texts.all_of(found) for found in names], np.int64)
        one_kind = np.array([texts.all_of(found) for found in words], np.int64)
        runs, subtypes = one_run[self._batch[self._begin]], one_kind[kinds[self._begin]]
        ends = np.append(self._begin[1:], len(self._batch))
        for number in np.flatnonzero(ends - self._begin > 1).tolist():
            part = slice(self._begin[number], ends[number])
            found = {run for b in set(self._batch[part].tolist()) for run in names[b]}
            runs[number] = texts.all_of(tuple(sorted(found)))
            said = {word for kind in set(kinds[part].tolist()) for word in words[kind]}
            subtypes[number] = texts.all_of(tuple(sorted(said)))
        return runs, subtypes


def _groups(keys: Any) -> tuple[Any, Any]:
    """Return where each group of equal columns begins, and the group of each column."""
    import numpy as np

    new = np.ones(keys.shape[1], bool)
    new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    return np.flatnonzero(new), np.cumsum(new) - 1


def _until(keys: Any, batch: Any, nodes: _Nodes, batches: _Batches) -> Any:
    """Return of each mention the rank of the moment from which its edge holds no longer.

    That is when its job first wrote the target again after the last run that said the edge.
    """
    import numpy as np

    until = np.full(keys.shape[1], NOTHING, np.int64)
    if not keys.shape[1]:
        return until
    begin, group = _groups(keys[:4])
    latest = np.maximum.reduceat(batches.newest[batch], begin)
    target = nodes.dataset[keys[1]]
    _, place = np.unique(keys[2] * len(nodes.datasets) + target, return_inverse=True)
    newest = np.full(int(place.max()) + 1, NOTHING, np.int64)
    np.maximum.at(newest, place, batches.written[batch])
    over = np.flatnonzero(newest[place[begin]] > latest)
    if not len(over):
        return until
    writes = _writes(place, batch, set(place[begin[over]].tolist()), batches)
    rank = {moment: number for number, moment in enumerate(batches.moments)}
    ends = np.full(len(begin), NOTHING, np.int64)
    for number in over.tolist():
        last = batches.moments[latest[number]]
        ends[number] = rank[min(m for m in writes[int(place[begin[number]])] if m > last)]
    return ends[group]


def _writes(place: Any, batch: Any, wanted: set[int], batches: _Batches) -> dict[int, set[str]]:
    """Return when the job of each place wanted wrote there without failing."""
    import numpy as np

    found: dict[int, set[str]] = defaultdict(set)
    some = np.isin(place, list(wanted))
    pairs = np.unique(np.stack([place[some], batch[some]]), axis=1)
    for where, number in zip(*pairs.tolist(), strict=True):
        found[where].update(batches.all[number].written)
    return found


def _place_text(place: Position | None) -> str | None:
    return json.dumps([place.file, place.line, place.column]) if place else None
