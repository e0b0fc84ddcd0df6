"""DuckDB, locked down; the only module that imports it.

A database lives in memory, sees the one file it was opened for and no other, installs and loads
nothing, and its settings cannot be changed by what it is asked.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

_MEMORY = "2GB"
_THREADS = 2
_LOCKED = (
    "SET TimeZone = 'UTC'",  # the machine's own would change the days
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


class DatabaseError(Exception):
    """DuckDB could not answer; ``memory`` where it had too little of it."""

    def __init__(self, error: Exception, *, memory: bool = False) -> None:
        super().__init__(str(error))
        self.cause = error
        self.memory = memory


class Database:
    """One locked database; it remembers what it was asked."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.asked: list[str] = []

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows that ``query`` answers."""
        return self._run(query, values, "fetchall")  # type: ignore[no-any-return]

    def frame(self, query: str, values: Sequence[object] = ()) -> pd.DataFrame:
        """Return the rows that ``query`` answers, as pandas sees them."""
        return self._run(query, values, "df")

    def register(self, name: str, frame: pd.DataFrame) -> None:
        """Let queries see ``frame`` as the table ``name``."""
        self._connection.register(name, frame)

    def types(self, relation: str) -> list[tuple[str, str]]:
        """Return name and type of each column of a table."""
        return [(str(row[0]), str(row[1])) for row in self.rows(f"DESCRIBE {relation}")]

    def _run(self, query: str, values: Sequence[object], method: str) -> Any:
        import duckdb

        self.asked.append(query)
        try:
            return getattr(self._connection.execute(query, list(values)), method)()
        except (duckdb.Error, OSError, ValueError) as error:
            raise DatabaseError(
                error, memory=isinstance(error, duckdb.OutOfMemoryException)
            ) from error


@contextmanager
def opened(
    path: Path | None = None, seconds: float | None = None, *, as_database: bool = False
) -> Iterator[Database]:
    """Yield a database that may read the file at ``path`` and nothing else.

    Args:
        path: The file, if any.
        seconds: After these, if given, whatever it still does is broken off.
        as_database: Whether the file is a DuckDB database, which is opened to be read.

    Raises:
        DatabaseError: DuckDB cannot be opened that way.
    """
    import duckdb

    settings: dict[str, Any] = {
        "memory_limit": _MEMORY,
        "temp_directory": "",  # what does not fit in memory is no reason to write to disk
        "threads": _THREADS,
    }
    try:
        name = str(path) if as_database else ":memory:"
        connection = duckdb.connect(name, read_only=as_database, config=settings)
    except duckdb.Error as error:
        raise DatabaseError(error) from error
    with connection:
        if path is not None and not as_database:
            allowed = ", ".join(literal(each) for each in sorted({str(path), _unglobbed(path)}))
            connection.execute(f"SET allowed_paths = [{allowed}]").fetchall()
        for statement in _LOCKED:
            connection.execute(statement).fetchall()
        timer = threading.Timer(seconds, connection.interrupt) if seconds else None
        if timer:
            timer.daemon = True
            timer.start()
        try:
            yield Database(connection)
        finally:
            if timer:
                timer.cancel()


def quoted(name: str) -> str:
    """Return ``name`` as an SQL identifier.

    Example:
        >>> quoted('a"b')
        '"a""b"'
    """
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def literal(value: object) -> str:
    """Return a text, number or truth as an SQL literal.

    Example:
        >>> literal("it's"), literal(2), literal(True)
        ("'it''s'", '2', 'TRUE')
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"CAST('{value!r}' AS DOUBLE)"
    doubled = str(value).replace("'", "''")
    return f"'{doubled}'"


def parquet(path: Path) -> str:
    """Return what stands for a Parquet file in a query.

    Folders like ``year=2026`` are part of the path, not columns of the file; characters that
    DuckDB would take for a glob are taken as they are.
    """
    return f"read_parquet({literal(_unglobbed(path))}, hive_partitioning=false)"


def _unglobbed(path: Path) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))
