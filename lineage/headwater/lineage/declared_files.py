"""Files of a workspace that declare lineage without being events: edge lists, SQL, dbt.

Each is turned into events, as an import turns it, and recorded as an event file is: its events
count as long as the file says them, and each has the place in the file where it is said.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.catalog.errors import DocumentError
from headwater.catalog.position import Position

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Sequence

    from headwater.catalog.problems import Problem
    from headwater.lineage.model import Event
    from headwater.lineage.uses import Declared, Reading

Bytes = tuple[str, bytes]
"""A file and what it holds."""

_PLACE = re.compile(r"(?P<file>.*?)(?::(?P<line>\d+))?(?::(?P<column>\d+))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DeclaringFile:
    """A file that declares lineage.

    Attributes:
        files: The file, and those that it is read with.
        key: All else that its meaning depends on: settings, the columns of contracts.
        read: Reads the files; returns what they declare and since when.
        lenient: Whether a file that is not understood is noted rather than refused.
    """

    files: tuple[str, ...]
    key: str
    read: Callable[[Sequence[Bytes]], tuple[Reading, datetime.date]]
    lenient: bool = False

    @property
    def file(self) -> str:
        """The file."""
        return self.files[0]


def digest_of(declaring: DeclaringFile, data: Sequence[Bytes]) -> str:
    """Return what changes whenever the meaning of the file may have changed."""
    parts = [declaring.key, "lenient" if declaring.lenient else "strict"]
    parts += [hashlib.sha256(each).hexdigest() for _, each in data]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def declared_events(
    declaring: DeclaringFile, data: Sequence[Bytes]
) -> tuple[tuple[Event, ...], tuple[Problem, ...]]:
    """Return the events that the file comes to, and notes of what was taken only in part.

    Raises:
        DocumentError: It is not understood, and reading is strict.
    """
    try:
        reading, since = declaring.read(data)
    except DocumentError as error:
        if not declaring.lenient:
            raise
        return (), error.problems
    return _events(reading.declared, since), reading.notes


def _events(declared: Sequence[Declared], since: datetime.date) -> tuple[Event, ...]:
    from headwater.lineage.events import declared_text
    from headwater.lineage.reader import read_bytes

    if not declared:
        return ()
    text = declared_text(declared, f"{since.isoformat()}T00:00:00Z")
    events = read_bytes(text.encode(), "declared.ndjson")
    return tuple(
        replace(event, position=_position(each.place) or event.position)
        for event, each in zip(events, declared, strict=True)
    )


def _position(place: str) -> Position | None:
    """Return the position that :class:`Position` wrote, or a file's first line."""
    found = _PLACE.fullmatch(place)
    if not found or not found["file"]:
        return None
    return Position(found["file"], int(found["line"] or 1), int(found["column"] or 1))
