"""The lineage store in one SQLite file.

Never ANALYZE it: with statistics, SQLite builds a Bloom filter over the whole edge table for
each step of a recursive query (measured: 30 µs become 86 ms).
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from headwater.catalog.errors import StoreCorruptError, StoreError, StoreLockedError
from headwater.catalog.ids import DatasetId
from headwater.catalog.position import Position
from headwater.catalog.problems import problem
from headwater.lineage.identity import EVERYTHING_ALIKE, Keeping
from headwater.lineage.model import IndexState, Reindexed, Snapshot
from headwater.lineage.notes import note_text, read_note
from headwater.lineage.raw_index import RawIndex, read_raw
from headwater.lineage.sqlite_newer import read_newer
from headwater.lineage.sqlite_numbers import Numbers
from headwater.lineage.sqlite_rows import (
    digests_sha256,
    event_row,
    node_of,
    run_row,
    said,
    said_rows,
    sha256,
    stored_edge,
)
from headwater.lineage.sqlite_schema import (
    ALL_COUNT,
    ALL_DIGESTS,
    BODY,
    CHANGE,
    EDGES,
    EMITTED,
    INDEX,
    KNOWN,
    LIVE_DIGESTS,
    LIVE_EVENTS,
    LIVE_RUNS,
    NEXT_GENERATION,
    PLACES,
    ROWS,
    SAID,
    SEEN,
    SETTINGS,
    TABLES,
    VERSION,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from headwater.catalog.problems import Problem
    from headwater.lineage.model import Event, RunIndex
    from headwater.lineage.moulds import Told
    from headwater.lineage.newer import Newer
    from headwater.lineage.repeats import Body


class SqliteStore:
    """See :class:`headwater.lineage.store.LineageStore`."""

    def __init__(
        self,
        path: Path,
        *,
        wait: float = 5.0,
        keeping: Keeping = EVERYTHING_ALIKE,
        received: str | None = None,
    ) -> None:
        self.keeping = keeping
        self._received = received
        self._path = path
        self._generation = -1
        self._changed: set[tuple[str, str, int]] = set()
        self._told: dict[str, Told] = {}
        if path.is_symlink():
            raise StoreError([problem("store-failed", path=path, reason="a symbolic link")])
        with _translated(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=wait, isolation_level=None)
        self._numbers = Numbers(self._db)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def files(self) -> Mapping[str, str]:
        """Return the files recorded, each with the digest of its bytes."""
        with _translated(self._path):
            return dict(self._db.execute("SELECT file, digest FROM source ORDER BY file"))

    def record_file(
        self,
        file: str,
        file_digest: str,
        events: Iterable[Event],
        *,
        notes: Iterable[Problem] = (),
        received: str | None = None,
    ) -> bool:
        """Take ``events`` as all that ``file`` holds now; say whether anything was new."""
        found = list(events)
        with self._writing():
            row = self._db.execute("SELECT digest FROM source WHERE file = ?", (file,)).fetchone()
            if row == (file_digest,):
                return False
            before = self._drop_origins(file)
            self._append(found, file, received)
            self._db.executemany(
                "INSERT INTO note VALUES (?, ?, ?)",
                ((file, number, note_text(note)) for number, note in enumerate(notes)),
            )
            self._refold(self._runs_of(before ^ self._origins(file)), Position(file))
            self._db.execute("REPLACE INTO source VALUES (?, ?)", (file, file_digest))
        return True

    def record_emitted(self, events: Iterable[Event], *, received: str | None = None) -> None:
        """Record events that stand in no file."""
        found = list(events)
        with self._writing():
            self._append(found, EMITTED, received)
            self._refold({event.run for event in found}, None)

    def forget_files(self, except_for: Collection[str]) -> None:
        """Drop what only other files said from the index, not from the log."""
        gone = [file for file in self.files() if file not in except_for]
        if not gone:  # the usual case asks for no lock
            return
        with self._writing():
            for file in gone:
                self._refold(self._runs_of(self._drop_origins(file)), None)
                self._db.execute("DELETE FROM source WHERE file = ?", (file,))

    def notes(self) -> tuple[Problem, ...]:
        """Return what lenient reading did not understand of the files that count now."""
        with _translated(self._path):
            rows = self._db.execute("SELECT file, problem FROM note ORDER BY file, number")
            return tuple(read_note(file, text) for file, text in rows)

    def sequence(self) -> int:
        """Return the number of the log's last event; 0 if it has none."""
        return self._number_of("SELECT coalesce(max(seq), 0) FROM event")

    def generation(self) -> int:
        """Return a number that grows whenever the index may have changed."""
        return self.state().generation

    def state(self) -> IndexState:
        """Return the generation, and what tells it from that of any other store."""
        query = "SELECT number, mark FROM generation ORDER BY number DESC LIMIT 1"
        with _translated(self._path):
            return IndexState(*self._db.execute(query).fetchone())

    def newer(self, since: IndexState) -> Newer | None:
        """Return what an older state of the index lacks, if that can be said in brief."""
        with self.reading():
            return read_newer(self._db.execute, since)

    def digest(self) -> str:
        """Return the SHA-256 of the digests of all events that count now, sorted."""
        with _translated(self._path):
            (every,) = self._db.execute(ALL_COUNT).fetchone()
            return digests_sha256(self._db.execute(ALL_DIGESTS if every else LIVE_DIGESTS))

    def index_digest(self) -> str:
        """Return the SHA-256 of the index, whatever numbers its nodes have."""
        with self.reading():
            return self._index_digest()

    def _index_digest(self) -> str:
        return sha256(row for query in ROWS for row in self._db.execute(query))

    def _number_of(self, query: str) -> int:
        with _translated(self._path):
            return int(self._db.execute(query).fetchone()[0])

    def reindex(self) -> Reindexed:
        """Build the index again from the log, all of it or nothing."""
        with self._writing():
            before = self._index_digest()
            for table in INDEX:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608
            self._numbers.forget()
            runs = [run for (run,) in self._db.execute(LIVE_RUNS)]
            self._fold(runs, None)
            # Everything has other numbers: on no state before this one can be built.
            self._db.execute("UPDATE change SET generation = 0")
            self._db.execute("DELETE FROM generation WHERE number < ?", (self._generation,))
            (events,) = self._db.execute(f"SELECT count(*) FROM ({LIVE_DIGESTS})").fetchone()  # noqa: S608
            return Reindexed(events, len(runs), before, self._index_digest())

    def has_event_of_run(self, run_id: str) -> bool:
        """Say whether an event of the run counts now."""
        query = "SELECT 1 FROM event JOIN origin USING (seq) WHERE run = ? LIMIT 1"
        with _translated(self._path):
            return self._db.execute(query, (f"run:{run_id}",)).fetchone() is not None

    @contextmanager
    def raw(self) -> Iterator[RawIndex]:
        """Yield the index as rows, all of one moment."""
        with self.reading():
            yield read_raw(self._db.execute)

    def snapshot(self) -> Snapshot:
        """Return the index as it is."""
        with self.reading():
            try:
                return self._snapshot()
            except (KeyError, ValueError):
                _refuse(self._path, "its rows do not fit together")

    def _snapshot(self) -> Snapshot:
        query = "SELECT id, namespace, name, field FROM node"
        nodes = {row[0]: node_of(row[1:]) for row in self._db.execute(query)}
        known = self._db.execute(KNOWN)
        places = {run: Position(file, line) for run, file, line in self._db.execute(PLACES)}
        told = tuple(map(said, self._db.execute(SAID)))
        timed = any(each.statement.kind in ("rename", "drop") for each in told)
        seen = self._db.execute(SEEN) if timed else ()
        return Snapshot(
            edges=tuple(
                stored_edge(nodes, places.get(row[0]), row) for row in self._db.execute(EDGES)
            ),
            known=tuple(nodes[number] for (number,) in known),
            said=told,
            seen=tuple((DatasetId(*row[:2]), *row[2:]) for row in seen),
            sequence=self._db.execute("SELECT max(seq) FROM event").fetchone()[0] or 0,
        )

    def close(self) -> None:
        """Let go of the store."""
        self._db.close()

    def _prepare(self) -> None:
        with _translated(self._path):
            # The file may be anybody's: nothing in it may run.
            self._db.execute("PRAGMA trusted_schema = OFF")
            for setting in SETTINGS:
                self._db.execute(f"PRAGMA {setting}")
            fresh = not self._objects()
        if fresh:
            self._create()
        with self.reading():
            (found,) = self._db.execute("PRAGMA user_version").fetchone()
            if found != VERSION:
                values = {"path": self._path.name, "found": found, "known": VERSION}
                raise StoreCorruptError([problem("store-version", **values)])
            if self._objects() != set(TABLES):
                _refuse(self._path, "its tables are others")

    def _create(self) -> None:
        with self._writing():
            if not self._objects():  # another process may have been faster
                for statement in TABLES:
                    self._db.execute(statement)
                self._db.execute(NEXT_GENERATION)
                self._db.execute(f"PRAGMA user_version = {VERSION}")

    def _objects(self) -> set[str]:
        query = "SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_autoindex_%'"
        return {str(statement) for (statement,) in self._db.execute(query)}

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with _translated(self._path), self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let everything asked within be of one moment."""
        if self._db.in_transaction:
            yield
            return
        with _translated(self._path), self._transaction("BEGIN"):
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self._db.execute(begin)
        try:
            yield
        except BaseException:
            self._numbers.forget()
            self._changed.clear()
            self._told.clear()
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _drop_origins(self, file: str) -> set[tuple[int, int]]:
        self._db.execute("DELETE FROM note WHERE file = ?", (file,))
        query = "DELETE FROM origin WHERE file = ? RETURNING seq, line"
        return set(self._db.execute(query, (file,)).fetchall())

    def _origins(self, file: str) -> set[tuple[int, int]]:
        return set(self._db.execute("SELECT seq, line FROM origin WHERE file = ?", (file,)))

    def _runs_of(self, origins: set[tuple[int, int]]) -> set[str]:
        query = "SELECT run FROM event WHERE seq = ?"
        return {run for seq, _ in origins for (run,) in self._db.execute(query, (seq,))}

    def _append(self, events: list[Event], file: str, received: str | None) -> None:
        self._trust_numbers()
        self._told = {event.digest: event.told for event in events if event.told}
        mould, when = self._numbers.mould, received or self._received
        rows = [event_row(e, when, mould(e.cast.mould) if e.cast else None) for e in events]
        self._db.executemany(
            "INSERT OR IGNORE INTO event"
            " (digest, run, event_time, moment, received, raw, body, mould)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO origin SELECT ?, ?, seq FROM event WHERE digest = ?",
            ((file, event.position.line if file else 0, event.digest) for event in events),
        )

    def _refold(self, runs: set[str], at: Position | None) -> None:
        """Fold runs again."""
        if not runs:
            return
        self._db.executemany("DELETE FROM said WHERE run = ?", ((run,) for run in runs))
        query = "DELETE FROM run WHERE key = ? RETURNING job_namespace, job_name, shape"
        for run in runs:
            self._changed.update(self._db.execute(query, (run,)).fetchall())
        self._fold(sorted(runs), at)

    def _fold(self, runs: Iterable[str], at: Position | None) -> None:
        from msgspec import MsgspecError

        from headwater.lineage.fold import fold_run

        self._next_generation()
        for run in runs:
            events = self._db.execute(LIVE_EVENTS, (run,)).fetchall()
            try:
                told = [(when, digest, self._body(digest, seq)) for when, digest, seq in events]
                index = fold_run(run, told, at) if events else None
            except (MsgspecError, ValueError):
                _refuse(self._path, "it holds an event that was never read")
            if index:
                self._insert(run, index)
        self._db.executemany(CHANGE, ((*each, self._generation) for each in sorted(self._changed)))
        self._changed.clear()
        self._told.clear()

    def _body(self, digest: str, seq: int) -> Body:
        known = self._told.get(digest)
        return known or self._numbers.body(*self._db.execute(BODY, (seq,)).fetchone())

    def _next_generation(self) -> None:
        """Count on."""
        self._trust_numbers()
        (self._generation,) = self._db.execute(NEXT_GENERATION).fetchone()

    def _trust_numbers(self) -> None:
        """Forget all numbers if another process wrote: it may have given others to everything."""
        found = self.generation()
        if found != self._generation:
            self._numbers.forget()
            self._generation = found

    def _insert(self, run: str, index: RunIndex) -> None:
        shape = self._numbers.shape(index)
        row = run_row(run, index, shape)
        self._db.execute("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        self._changed.add((index.job.namespace, index.job.name, shape))
        if index.statements:
            self._db.executemany("INSERT INTO said VALUES (?, ?, ?, ?)", said_rows(run, index))


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
