"""The index of a store as rows, for whoever reads all of it at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from headwater.catalog.ids import JobId
from headwater.catalog.position import Position
from headwater.lineage.model import EVIDENCE
from headwater.lineage.sqlite_rows import said
from headwater.lineage.sqlite_schema import KNOWN, PLACES, SAID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.lineage.model import Said

_CHUNK = 50_000
_SIZE = "SELECT (SELECT count(*) FROM edge) + (SELECT count(*) FROM run)"
_NODES = "SELECT id, namespace, name, field FROM node ORDER BY namespace, name, field"
_RUNS = "SELECT key, job_namespace, job_name, first, last, failed, shape FROM run ORDER BY key"
_RANK = " ".join(f"WHEN '{name}' THEN {rank}" for rank, name in enumerate(EVIDENCE))
_EDGES = f"""
    SELECT shape, source, target, kind = 'direct', masked, whole, CASE evidence {_RANK} END,
           purpose, subtypes
    FROM edge ORDER BY shape, source, target, purpose
"""  # noqa: S608 - the names are ours


@dataclass(frozen=True, slots=True)
class RawIndex:
    """The rows of the index; they may be read while the store's transaction lasts.

    Attributes:
        size: How many edges the shapes of runs have, and runs there are.
        nodes: Number, namespace, name and column (or empty), sorted by the three names.
        known: The numbers of the nodes that any run names.
        runs: Key, job (namespace, name), first and last moment, failed, shape; sorted.
        edges: In chunks: shape, source, target, direct, masked, whole, rank of the evidence,
            purpose (or empty), subtypes as JSON (or empty).
        places: Where the latest event of each run stands, for those that stand in a file.
        said: What the runs say beside their edges.
    """

    size: int
    nodes: list[tuple[int, str, str, str]]
    known: list[int]
    runs: list[tuple[str, str, str, str, str, int, int]]
    edges: Iterator[list[tuple[Any, ...]]]
    places: Mapping[str, Position]
    said: tuple[Said, ...]

    def jobs(self) -> dict[JobId, str]:
        """Return every job that an event names now, with the latest moment of its events."""
        found: dict[JobId, str] = {}
        for _, namespace, name, _, last, _, _ in self.runs:
            job = JobId(namespace, name)
            found[job] = max(last, found.get(job, ""))
        return dict(sorted(found.items()))


class Cursor(Protocol):
    """What a query gives."""

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        ...

    def fetchmany(self, size: int, /) -> list[Any]:
        """Return the next rows."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Execute(Protocol):
    """Runs a query."""

    def __call__(self, query: str, values: tuple[object, ...] = (), /) -> Cursor:
        """Return what the query gives."""
        ...


def read_raw(execute: Execute) -> RawIndex:
    """Return the index that ``execute`` reads."""
    return RawIndex(
        size=execute(_SIZE).fetchall()[0][0],
        nodes=execute(_NODES).fetchall(),
        known=[number for (number,) in execute(KNOWN)],
        runs=execute(_RUNS).fetchall(),
        edges=_chunks(execute(_EDGES)),
        places={run: Position(file, line) for run, file, line in execute(PLACES)},
        said=tuple(map(said, execute(SAID))),
    )


def _chunks(rows: Cursor) -> Iterator[list[tuple[Any, ...]]]:
    while chunk := rows.fetchmany(_CHUNK):
        yield chunk


def parents_change_nothing(said: Iterable[Said], implying: set[str]) -> bool:
    """Say whether no run that started others implies edges: then these stay as they are."""
    return not implying & {each.statement.words[0] for each in said}
