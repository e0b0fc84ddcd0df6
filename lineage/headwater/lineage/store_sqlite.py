"""The lineage store in one SQLite file.

Never ANALYZE it: with statistics, SQLite builds a Bloom filter over the whole edge table for
each step of a recursive query (measured: 30 µs become 86 ms).
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from headwater.catalog.errors import StoreCorruptError, StoreError, StoreLockedError
from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.catalog.position import Position
from headwater.catalog.problems import problem
from headwater.lineage.model import Node, RunEdge, Snapshot, StoredEdge, dataset_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from headwater.lineage.model import Event, RunIndex

VERSION = 1
"""Raise it whenever the tables, the reader or the fold change what the same files come to."""

EMITTED = ""
"""The origin of events that stand in no file."""

_TABLES = (
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, run TEXT NOT NULL,"
    " moment TEXT NOT NULL, body TEXT NOT NULL) STRICT",
    "CREATE INDEX event_run ON event (run)",
    "CREATE TABLE origin (file TEXT NOT NULL, line INTEGER NOT NULL, digest TEXT NOT NULL,"
    " PRIMARY KEY (file, line, digest)) STRICT, WITHOUT ROWID",
    "CREATE INDEX origin_digest ON origin (digest)",
    "CREATE TABLE source (file TEXT PRIMARY KEY, digest TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE run (key TEXT PRIMARY KEY, job_namespace TEXT NOT NULL, job_name TEXT NOT NULL,"
    " first TEXT NOT NULL, last TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE node (id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, name TEXT NOT NULL,"
    " field TEXT NOT NULL, UNIQUE (namespace, name, field)) STRICT",
    "CREATE TABLE known (run TEXT NOT NULL, node INTEGER NOT NULL, PRIMARY KEY (run, node))"
    " STRICT, WITHOUT ROWID",
    "CREATE TABLE edge (run TEXT NOT NULL, source INTEGER NOT NULL, target INTEGER NOT NULL,"
    " purpose TEXT NOT NULL, kind TEXT NOT NULL, masked INTEGER NOT NULL, evidence TEXT NOT NULL,"
    " PRIMARY KEY (run, source, target, purpose)) STRICT, WITHOUT ROWID",
)

_LIVE_EVENTS = """
    SELECT moment, digest, body FROM event
    WHERE run = ? AND EXISTS (SELECT 1 FROM origin WHERE origin.digest = event.digest)
"""
_EDGES = """
    SELECT run, source, target, purpose, kind, masked, evidence,
           job_namespace, job_name, first, last
    FROM edge JOIN run ON run.key = edge.run ORDER BY run, source, target, purpose
"""
# The latest event of a run that stands in a file comes last, and of its places the first one.
_PLACES = """
    SELECT run, file, line FROM event JOIN origin USING (digest) WHERE file <> ''
    ORDER BY moment, digest, file DESC, line DESC
"""


class SqliteStore:
    """See :class:`headwater.lineage.store.LineageStore`."""

    def __init__(self, path: Path, *, wait: float = 5.0) -> None:
        self._path = path
        if path.is_symlink():
            raise StoreError([problem("store-failed", path=path, reason="a symbolic link")])
        with _translated(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=wait, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def files(self) -> Mapping[str, str]:
        """Return the files recorded, each with the digest of its bytes."""
        with _translated(self._path):
            return dict(self._db.execute("SELECT file, digest FROM source ORDER BY file"))

    def record_file(self, file: str, file_digest: str, events: Iterable[Event]) -> bool:
        """Take ``events`` as all that ``file`` holds now; say whether anything was new."""
        found = list(events)
        with self._writing():
            row = self._db.execute("SELECT digest FROM source WHERE file = ?", (file,)).fetchone()
            if row == (file_digest,):
                return False
            before = self._drop_origins(file)
            self._append(found, file)
            self._refold(before ^ {event.digest for event in found}, Position(file))
            self._db.execute("REPLACE INTO source VALUES (?, ?)", (file, file_digest))
        return True

    def record_emitted(self, events: Iterable[Event]) -> None:
        """Record events that stand in no file."""
        found = list(events)
        with self._writing():
            self._append(found, EMITTED)
            self._refold({event.digest for event in found}, None)

    def forget_files(self, except_for: Collection[str]) -> None:
        """Drop what only other files said from the index, not from the log."""
        with self._writing():
            files = [file for (file,) in self._db.execute("SELECT file FROM source ORDER BY file")]
            for file in files:
                if file not in except_for:
                    self._refold(self._drop_origins(file), None)
                    self._db.execute("DELETE FROM source WHERE file = ?", (file,))

    def has_event_of_run(self, run_id: str) -> bool:
        """Say whether an event of the run counts now."""
        query = "SELECT 1 FROM event JOIN origin USING (digest) WHERE run = ? LIMIT 1"
        with _translated(self._path):
            return self._db.execute(query, (f"run:{run_id}",)).fetchone() is not None

    def snapshot(self) -> Snapshot:
        """Return the index as it is."""
        with self._reading():
            nodes = {
                number: _node(namespace, name, field)
                for number, namespace, name, field in self._db.execute("SELECT * FROM node")
            }
            known = self._db.execute("SELECT DISTINCT node FROM known ORDER BY node")
            places = {run: Position(file, line) for run, file, line in self._db.execute(_PLACES)}
            try:
                edges = tuple(
                    _stored(nodes, places.get(row[0]), row) for row in self._db.execute(_EDGES)
                )
                return Snapshot(edges, tuple(nodes[number] for (number,) in known))
            except KeyError:
                _refuse(self._path, "its rows do not fit together")

    def close(self) -> None:
        """Let go of the store."""
        self._db.close()

    def _prepare(self) -> None:
        with _translated(self._path):
            # The file may be anybody's: nothing in it may run.
            self._db.execute("PRAGMA trusted_schema = OFF")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            fresh = not self._objects()
        if fresh:
            self._create()
        with self._reading():
            (found,) = self._db.execute("PRAGMA user_version").fetchone()
            if found != VERSION:
                values = {"path": self._path.name, "found": found, "known": VERSION}
                raise StoreCorruptError([problem("store-version", **values)])
            if self._objects() != set(_TABLES):
                _refuse(self._path, "its tables are others")

    def _create(self) -> None:
        with self._writing():
            if not self._objects():  # another process may have been faster
                for statement in _TABLES:
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {VERSION}")

    def _objects(self) -> set[str]:
        query = "SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_autoindex_%'"
        return {str(statement) for (statement,) in self._db.execute(query)}

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with _translated(self._path), self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with _translated(self._path), self._transaction("BEGIN"):
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self._db.execute(begin)
        try:
            yield
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _drop_origins(self, file: str) -> set[str]:
        query = "DELETE FROM origin WHERE file = ? RETURNING digest"
        return {digest for (digest,) in self._db.execute(query, (file,)).fetchall()}

    def _append(self, events: list[Event], file: str) -> None:
        self._db.executemany(
            "INSERT OR IGNORE INTO event (digest, run, moment, body) VALUES (?, ?, ?, ?)",
            ((event.digest, event.run, event.moment, event.body) for event in events),
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO origin VALUES (?, ?, ?)",
            ((file, event.position.line if file else 0, event.digest) for event in events),
        )

    def _refold(self, digests: set[str], at: Position | None) -> None:
        """Fold again the runs whose events ``digests`` are."""
        query = "SELECT run FROM event WHERE digest = ?"
        rows = [row for each in digests for row in self._db.execute(query, (each,))]
        if not rows:
            return
        from msgspec import MsgspecError

        from headwater.lineage.fold import fold_run

        for run in sorted({run for (run,) in rows}):
            for table, key in (("edge", "run"), ("known", "run"), ("run", "key")):
                self._db.execute(f"DELETE FROM {table} WHERE {key} = ?", (run,))  # noqa: S608
            events = self._db.execute(_LIVE_EVENTS, (run,)).fetchall()
            try:
                index = fold_run(run, events, at) if events else None
            except MsgspecError:
                _refuse(self._path, "it holds an event that was never read")
            if index:
                self._insert(run, index)

    def _insert(self, run: str, index: RunIndex) -> None:
        row = (run, index.job.namespace, index.job.name, index.first, index.last)
        self._db.execute("INSERT INTO run VALUES (?, ?, ?, ?, ?)", row)
        numbers = {node: self._number(node) for node in index.known}
        self._db.executemany(
            "INSERT INTO known VALUES (?, ?)", ((run, number) for number in numbers.values())
        )
        self._db.executemany(
            "INSERT INTO edge VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    run,
                    numbers[edge.source],
                    numbers[edge.target],
                    edge.purpose or "",
                    edge.kind,
                    int(edge.masked),
                    edge.evidence,
                )
                for edge in index.edges
            ),
        )

    def _number(self, node: Node) -> int:
        dataset = dataset_of(node)
        field = node.column if isinstance(node, ColumnId) else ""
        row = (dataset.namespace, dataset.name, field)
        query = "SELECT id FROM node WHERE namespace = ? AND name = ? AND field = ?"
        found = self._db.execute(query, row).fetchone()
        if found:
            return int(found[0])
        added = self._db.execute("INSERT INTO node (namespace, name, field) VALUES (?, ?, ?)", row)
        return int(added.lastrowid or 0)


def _node(namespace: str, name: str, field: str) -> Node:
    dataset = DatasetId(namespace, name)
    return ColumnId(dataset, field) if field else dataset


def _stored(
    nodes: Mapping[int, Node], position: Position | None, row: tuple[object, ...]
) -> StoredEdge:
    run, source, target, purpose, kind, masked, evidence, namespace, name, first, last = row
    edge = RunEdge(
        source=nodes[source],  # type: ignore[index]
        target=nodes[target],  # type: ignore[index]
        purpose=str(purpose) or None,
        kind="direct" if kind == "direct" else "indirect",
        masked=masked == 1,
        evidence=evidence,  # type: ignore[arg-type]
    )
    job = JobId(str(namespace), str(name))
    return StoredEdge(edge, str(run).removeprefix("run:"), job, str(first), str(last), position)


def _refuse(path: Path, reason: str) -> NoReturn:
    raise StoreCorruptError([problem("store-corrupt", path=path.name, reason=reason)])


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn whatever SQLite or the system raises into an error of ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreLockedError([problem("store-locked", path=path.name)]) from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            _refuse(path, str(error))
        raise StoreError([problem("store-failed", path=path.name, reason=error)]) from error
    except OSError as error:
        raise StoreError(
            [problem("store-failed", path=path.name, reason=error.strerror)]
        ) from error
