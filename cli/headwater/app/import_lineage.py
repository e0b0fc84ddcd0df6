"""Use case: lineage from SQL, dbt and edge lists, written as events that a workspace reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.app.writing import write_whole
from headwater.catalog.errors import DocumentError, InputError
from headwater.catalog.position import Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from headwater.catalog.problems import Problem
    from headwater.lineage.dbt_source import DbtProject
    from headwater.lineage.sql_source import SqlJob
    from headwater.lineage.uses import Reading

MAX_FILE = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to.

    Attributes:
        text: The events, one a line.
        datasets: How many datasets they write.
        notes: What was taken only in part.
    """

    text: str
    datasets: int
    notes: tuple[Problem, ...]


def import_sql(files: Iterable[Path], job: SqlJob, event_time: str) -> Imported:
    """Return what SQL files declare.

    Raises:
        DocumentError: They cannot be read, or their lineage cannot be told.
    """
    from headwater.lineage.sql_source import read_sql

    return _imported(read_sql([_file(path) for path in files], job), event_time)


def import_dbt(
    manifest: Path, catalog: Path | None, project: DbtProject, event_time: str
) -> Imported:
    """Return what dbt's artifacts declare.

    Raises:
        DocumentError: They cannot be read, or a model's lineage cannot be told.
    """
    from headwater.lineage.dbt_source import read_dbt

    tables = _file(catalog) if catalog else None
    return _imported(read_dbt(_file(manifest), tables, project), event_time)


def import_edges(files: Iterable[Path], event_time: str) -> Imported:
    """Return what edge lists declare.

    Raises:
        DocumentError: They cannot be read, or are none.
    """
    from headwater.lineage.edge_list import read_edges
    from headwater.lineage.uses import together

    return _imported(together(_each(files, read_edges)), event_time)


def _each(files: Iterable[Path], read: Callable[[bytes, str], Reading]) -> list[Reading]:
    """Read every file, so that the problems of all come together."""
    found: list[Reading] = []
    problems: list[Problem] = []
    for path in files:
        try:
            name, data = _file(path)
            found.append(read(data, name))
        except DocumentError as error:
            problems.extend(error.problems)
    if problems:
        raise DocumentError(problems)
    return found


def _imported(reading: Reading, event_time: str) -> Imported:
    from headwater.lineage.events import declared_text

    if not reading.declared:
        raise InputError.of("import-nothing")
    text = declared_text(reading.declared, event_time)
    return Imported(text, len({each.output for each in reading.declared}), reading.notes)


def _file(path: Path) -> tuple[str, bytes]:
    """Return a file's name in positions (never a path of this machine) and its bytes."""
    try:
        here = path.resolve().relative_to(Path.cwd())
        name = here.as_posix()
    except ValueError:
        name = path.name
    try:
        with path.open("rb") as handle:
            return name, handle.read(MAX_FILE + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentError.of(
            "file-unreadable", Position(name), path=name, reason=reason
        ) from error


def write_events(imported: Imported, target: Path) -> None:
    """Write the events to ``target``, whole or not at all.

    Raises:
        InputError: It cannot be written, or would not be read as events.
    """
    if target.suffix.lower() == ".json":
        raise InputError.of("import-json", path=target.name)
    write_whole(target, imported.text.encode())
