"""What the index of a store holds since an older state of it, read from its tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.catalog.ids import JobId
from headwater.catalog.position import Position
from headwater.lineage.newer import Batch, BatchRun, Newer, edge_key, merge_batches
from headwater.lineage.sqlite_rows import node_of, run_edge, said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.catalog.ids import DatasetId
    from headwater.lineage.model import IndexState, Node, RunEdge
    from headwater.lineage.raw_index import Execute

MOST = 20_000
"""So many runs, and edges of shapes, are worked out at a question; more are not brief."""

_WAS = "SELECT 1 FROM generation WHERE number = ? AND mark = ?"
_OTHERS = "SELECT 1 FROM said WHERE kind IN ('alias', 'drop', 'rename', 'through') LIMIT 1"
_SOME = "SELECT 1 FROM said WHERE kind = ? LIMIT 1"
_JOBS = """
    SELECT DISTINCT job_namespace, job_name FROM change INDEXED BY change_generation
    WHERE generation > ? ORDER BY 1, 2
"""
_SHAPES = "SELECT shape, generation > ? FROM change WHERE job_namespace = ? AND job_name = ?"
_RUNS = """
    SELECT key, first, last, failed FROM run
    WHERE shape = ? AND job_namespace = ? AND job_name = ? ORDER BY key LIMIT ?
"""
_EDGES = """
    SELECT source, target, purpose, kind, masked, evidence, subtypes, whole
    FROM edge WHERE shape = ? LIMIT ?
"""
_KNOWN = """
    SELECT id, namespace, name, field FROM known JOIN node ON id = node WHERE shape = ? LIMIT ?
"""
_PLACE = """
    SELECT file, line FROM event JOIN origin USING (seq) WHERE run = ? AND file <> ''
    ORDER BY moment DESC, digest DESC, file, line LIMIT 1
"""
_PARENT = "SELECT words FROM said WHERE run = ? AND kind = 'parent'"
_CHILD = "SELECT 1 FROM said WHERE kind = 'parent' AND words >= ? AND words < ? LIMIT 1"
_IMPLIES = """
    SELECT 1 FROM run JOIN edge ON edge.shape = run.shape
    WHERE key = ? AND evidence = 'implied' LIMIT 1
"""
_OWNERS = """
    SELECT run, kind, moment, words, job_namespace, job_name, first, last, failed
    FROM said JOIN run ON run.key = said.run WHERE kind = 'owners'
    ORDER BY run, kind, moment, words
"""


class _TooMuchError(Exception):
    """What is newer cannot be said in brief."""


def read_newer(execute: Execute, since: IndexState) -> Newer | None:
    """Return what the state ``since`` lacks, or ``None`` if that cannot be said in brief."""
    if not execute(_WAS, (since.generation, since.mark)).fetchall():
        return None
    if execute(_OTHERS).fetchall():
        return None
    try:
        return _Reading(execute, since.generation).newer()
    except _TooMuchError:
        return None


class _Reading:
    """The changed jobs: their runs in batches, and the shapes that they had since."""

    def __init__(self, execute: Execute, since: int) -> None:
        self._execute = execute
        self._left = MOST
        self._nodes: dict[int, Node] = {}
        self._shapes: dict[int, tuple[RunEdge, ...]] = {}
        self._places: dict[str, Position | None] = {}
        self._now: set[int] = set()
        self._was: set[int] = set()
        self.batches: list[Batch] = []
        self._past: list[tuple[JobId, int]] = []
        for job in execute(_JOBS, (since,)).fetchall():
            for shape, recent in execute(_SHAPES, (since, *job)).fetchall():
                self._read(JobId(*job), shape, recent=recent == 1)

    def _read(self, job: JobId, shape: int, *, recent: bool) -> None:
        rows = self._some(_RUNS, shape, job.namespace, job.name)
        if rows:
            runs = tuple(
                BatchRun(
                    str(key), str(key).removeprefix("run:"), str(first), str(last), failed == 1
                )
                for key, first, last, failed in rows
            )
            self._now.update(self._known(shape))
            self._parents(rows, self._edges(shape))
            self.batches.append(Batch(job, self._edges(shape), runs))
        if recent:
            self._was.update(self._known(shape))
            self._past.append((job, shape))

    def newer(self) -> Newer:
        """Return what there is."""
        if not self._was <= self._now:  # a node that no run names any more is no more
            raise _TooMuchError
        edges = tuple(merge_batches(self.batches, self._place))
        keys = {edge_key(edge, edge.job) for edge in edges}
        past = (edge_key(edge, job) for job, shape in self._past for edge in self._edges(shape))
        known = frozenset(self._nodes[number] for number in self._now)
        return Newer(edges, frozenset(past) - keys, known, self._owners())

    def _some(self, query: str, *words: object) -> list[tuple[object, ...]]:
        found = self._execute(query, (*words, self._left + 1)).fetchall()
        self._left -= len(found)
        if self._left < 0:
            raise _TooMuchError
        return found

    def _edges(self, shape: int) -> tuple[RunEdge, ...]:
        found = self._shapes.get(shape)
        if found is None:
            self._known(shape)
            rows = self._some(_EDGES, shape)
            found = self._shapes[shape] = tuple(run_edge(self._nodes, row) for row in rows)
        return found

    def _known(self, shape: int) -> set[int]:
        rows = self._execute(_KNOWN, (shape, MOST)).fetchall()
        self._nodes.update((row[0], node_of(row[1:])) for row in rows)
        return {row[0] for row in rows}

    def _place(self, key: str) -> Position | None:
        if key not in self._places:
            found = self._execute(_PLACE, (key,)).fetchall()
            self._places[key] = Position(*found[0]) if found else None
        return self._places[key]

    def _parents(self, rows: list[tuple[object, ...]], edges: tuple[RunEdge, ...]) -> None:
        """Refuse what a parent run implies and its children may say themselves."""
        if not self._execute(_SOME, ("parent",)).fetchall():
            return
        implies = any(edge.evidence == "implied" for edge in edges)
        for key, *_ in rows:
            for (words,) in self._execute(_PARENT, (key,)).fetchall():
                if self._execute(_IMPLIES, (f"run:{json.loads(words)[0]}",)).fetchall():
                    raise _TooMuchError
            if implies:
                name = json.dumps([str(key).removeprefix("run:")], ensure_ascii=False)[:-1]
                if self._execute(_CHILD, (f"{name}, ", f"{name},!")).fetchall():
                    raise _TooMuchError

    def _owners(self) -> Mapping[DatasetId, tuple[str, ...]]:
        if not self._execute(_SOME, ("owners",)).fetchall():
            return {}
        from headwater.catalog.ids import DatasetId
        from headwater.lineage.model import Snapshot
        from headwater.lineage.settle import settle

        told = tuple(map(said, self._execute(_OWNERS).fetchall()))
        owners = settle(Snapshot((), (), said=told)).owners
        return {each: names for each, names in owners.items() if isinstance(each, DatasetId)}
