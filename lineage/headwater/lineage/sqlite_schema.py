"""The tables of the lineage store: the log, what stands where, and the index.

The log (``event``) is only ever added to. The index (``run``, ``shape``, ``node``, ``known``,
``edge``, ``said``) is the fold of those events that stand in a file or were emitted, and can be
rebuilt. Most runs repeat another: a shape is what such runs have in common, kept once.
"""

from __future__ import annotations

VERSION = 3
"""Raise it whenever the tables, the reader or the fold change what the same files come to."""

SETTINGS = ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 8000")
"""How the file is written. What is acknowledged is on disk.

From 8,000 pages on (32 MB) a commit moves what is in the write-ahead log to its place: what is
written again and again, as the index is, moves once for several batches.
"""

EMITTED = ""
"""The origin of events that stand in no file."""

TABLES = (
    # The log: `raw` is the event as it came; `body` what was understood of it, where not all was.
    # Of an event that has a mould, `raw` is its words, one a line, to be filled into the parts.
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, run TEXT NOT NULL,"
    " event_time TEXT NOT NULL, moment TEXT NOT NULL, received TEXT, raw BLOB NOT NULL,"
    " body TEXT, mould INTEGER) STRICT",
    "CREATE TABLE mould (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE,"
    " parts BLOB NOT NULL) STRICT",
    "CREATE INDEX event_run ON event (run)",
    # What stands where.
    "CREATE TABLE origin (file TEXT NOT NULL, line INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY (file, line, seq)) STRICT, WITHOUT ROWID",
    "CREATE INDEX origin_seq ON origin (seq)",
    "CREATE TABLE source (file TEXT PRIMARY KEY, digest TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE note (file TEXT NOT NULL, number INTEGER NOT NULL, problem TEXT NOT NULL,"
    " PRIMARY KEY (file, number)) STRICT, WITHOUT ROWID",
    # The index.
    "CREATE TABLE run (key TEXT PRIMARY KEY, job_namespace TEXT NOT NULL, job_name TEXT NOT NULL,"
    " first TEXT NOT NULL, last TEXT NOT NULL, failed INTEGER NOT NULL, shape INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID",
    "CREATE INDEX run_shape ON run (shape)",
    "CREATE TABLE shape (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE) STRICT",
    "CREATE TABLE node (id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, name TEXT NOT NULL,"
    " field TEXT NOT NULL, UNIQUE (namespace, name, field)) STRICT",
    "CREATE TABLE known (shape INTEGER NOT NULL, node INTEGER NOT NULL,"
    " PRIMARY KEY (shape, node)) STRICT, WITHOUT ROWID",
    "CREATE TABLE edge (shape INTEGER NOT NULL, source INTEGER NOT NULL, target INTEGER NOT NULL,"
    " purpose TEXT NOT NULL, kind TEXT NOT NULL, masked INTEGER NOT NULL, evidence TEXT NOT NULL,"
    " subtypes TEXT NOT NULL, whole INTEGER NOT NULL,"
    " PRIMARY KEY (shape, source, target, purpose)) STRICT, WITHOUT ROWID",
    "CREATE TABLE said (run TEXT NOT NULL, kind TEXT NOT NULL, moment TEXT NOT NULL,"
    " words TEXT NOT NULL, PRIMARY KEY (run, kind, moment, words)) STRICT, WITHOUT ROWID",
    "CREATE INDEX said_words ON said (kind, words)",
    # One more whenever the index may have changed; the mark tells it from those of a store that
    # was made anew, or brought back from a copy.
    "CREATE TABLE generation (number INTEGER PRIMARY KEY, mark INTEGER NOT NULL) STRICT",
    # In which generation a job last gained or lost a run of a shape.
    "CREATE TABLE change (job_namespace TEXT NOT NULL, job_name TEXT NOT NULL,"
    " shape INTEGER NOT NULL, generation INTEGER NOT NULL,"
    " PRIMARY KEY (job_namespace, job_name, shape)) STRICT, WITHOUT ROWID",
    "CREATE INDEX change_generation ON change (generation)",
)

INDEX = ("said", "run", "edge", "known", "shape", "node", "change")
"""The tables of the index."""

NEXT_GENERATION = (
    "INSERT INTO generation SELECT coalesce(max(number), 0) + 1, random() FROM generation"
    " RETURNING number"
)
CHANGE = (
    "INSERT INTO change VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
    " SET generation = excluded.generation"
)

LIVE_EVENTS = """
    SELECT moment, digest, seq FROM event
    WHERE run = ? AND EXISTS (SELECT 1 FROM origin WHERE origin.seq = event.seq)
"""
BODY = "SELECT coalesce(body, raw), mould FROM event WHERE seq = ?"
LIVE_RUNS = "SELECT DISTINCT run FROM event JOIN origin USING (seq) ORDER BY run"
LIVE_DIGESTS = "SELECT digest FROM event WHERE seq IN (SELECT seq FROM origin) ORDER BY digest"
ALL_DIGESTS = "SELECT digest FROM event ORDER BY digest"
"""The same where every event counts: an index alone answers it."""
ALL_COUNT = "SELECT (SELECT count(DISTINCT seq) FROM origin) = (SELECT count(*) FROM event)"
EDGES = """
    SELECT key, source, target, purpose, kind, masked, evidence, subtypes, whole,
           job_namespace, job_name, first, last, failed
    FROM run JOIN edge ON edge.shape = run.shape ORDER BY key, source, target, purpose
"""
KNOWN = """
    SELECT DISTINCT node FROM known
    WHERE EXISTS (SELECT 1 FROM run WHERE run.shape = known.shape) ORDER BY node
"""
# The latest event of a run that stands in a file comes last, and of its places the first one.
PLACES = """
    SELECT run, file, line FROM event JOIN origin USING (seq) WHERE file <> ''
    ORDER BY moment, digest, file DESC, line DESC
"""
SAID = """
    SELECT run, kind, moment, words, job_namespace, job_name, first, last, failed
    FROM said JOIN run ON run.key = said.run ORDER BY run, kind, moment, words
"""
SEEN = """
    SELECT namespace, name, min(first), max(last)
    FROM run JOIN known ON known.shape = run.shape JOIN node ON node.id = known.node
    GROUP BY namespace, name ORDER BY namespace, name
"""
# The index by names, whatever numbers its nodes have.
ROWS = (
    "SELECT key, job_namespace, job_name, first, last, failed, digest"
    " FROM run JOIN shape ON shape.id = run.shape ORDER BY key",
    "SELECT digest, namespace, name, field FROM shape JOIN known ON known.shape = shape.id"
    " JOIN node ON node.id = known.node"
    " WHERE EXISTS (SELECT 1 FROM run WHERE run.shape = shape.id) ORDER BY 1, 2, 3, 4",
    "SELECT digest, s.namespace, s.name, s.field, t.namespace, t.name, t.field, purpose, kind,"
    " masked, evidence, subtypes, whole FROM shape JOIN edge ON edge.shape = shape.id"
    " JOIN node s ON s.id = source JOIN node t ON t.id = target"
    " WHERE EXISTS (SELECT 1 FROM run WHERE run.shape = shape.id)"
    " ORDER BY 1, 2, 3, 4, 5, 6, 7, 8",
    "SELECT run, kind, moment, words FROM said ORDER BY 1, 2, 3, 4",
)
