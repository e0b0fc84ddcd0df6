"""The reader of OpenLineage event files: lossless, strict or lenient.

Strict: nothing of a file with a broken event is taken. Lenient: what can be read is read, and
what cannot becomes a note; the event's own bytes are kept either way.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from headwater.catalog.errors import DocumentError
from headwater.catalog.position import Position
from headwater.catalog.problems import Problem, problem
from headwater.catalog.problems import problem as common_problem
from headwater.lineage.event_text import MAX_DEPTH, WrongEventError, values
from headwater.lineage.model import Event
from headwater.lineage.moulds import Cast, Moulds
from headwater.lineage.moulds import told as told_by
from headwater.lineage.repair import repaired
from headwater.lineage.shapes import (
    DATASET_FACETS,
    JOB_FACETS,
    RUN_FACETS,
    Tags,
    deletes,
    event_shape,
    facet_shape,
)
from headwater.lineage.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from headwater.lineage.event_text import Value
    from headwater.lineage.shapes import EventShape, Facets

MAX_FILE = 512 * 2**20
MAX_PROBLEMS = 100


_MOULDS = Moulds()
_QUICK = 2**16
_FAR_RIGHT = b"\n" + b" " * MAX_DEPTH


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: its events, and notes of what is not understood."""

    events: tuple[Event, ...]
    notes: tuple[Problem, ...] = ()


def read_file(path: Path, file: str) -> tuple[Event, ...]:
    """Return the events of the file at ``path``, which positions call ``file``.

    Raises:
        DocumentError: It cannot be read, or an event in it is broken: all problems of the file.
    """
    return read_bytes(load_bytes(path, file), file)


def load_bytes(path: Path, file: str) -> bytes:
    """Return the bytes of an event file.

    Raises:
        DocumentError: It cannot be read, or is too large.
    """
    at = Position(file)
    try:
        with path.open("rb") as handle:
            data = handle.read(MAX_FILE + 1)
    except OSError as error:
        found = common_problem("file-unreadable", at, path=file, reason=error.strerror)
        raise DocumentError([found]) from error
    if len(data) > MAX_FILE:
        raise DocumentError([common_problem("file-too-large", at, limit=MAX_FILE)])
    return data


def read_bytes(data: bytes, file: str) -> tuple[Event, ...]:
    """Return the events in the bytes of an event file.

    Raises:
        DocumentError: An event is broken: all problems of the file.
    """
    problems: list[Problem] = []
    events: list[Event] = []
    for found in values(data, file, _recognised):
        if isinstance(found, Problem):
            problems.append(found)
            continue
        at, raw, value = found
        try:
            events.append(_cast_event(value, raw, at) or _event(value, raw, at))
        except WrongEventError as wrong:
            problems.append(wrong.problem(at))
    if problems:
        raise DocumentError(_counted(problems))
    return tuple(events)


def read_leniently(data: bytes, file: str) -> Reading:
    """Return the events in the bytes of an event file, as far as they are understood.

    Of a broken event the parts that are not understood are left out of ``body`` and noted;
    an event of which nothing can be understood is noted as a whole.
    """
    notes: list[Problem] = []
    events: list[Event] = []
    for found in values(data, file, _recognised):
        if isinstance(found, Problem):
            notes.append(found)
        else:
            event, wrong = _lenient_event(found)
            notes.extend(each.problem(found[0]) for each in wrong)
            events.extend([event] if event else [])
    return Reading(tuple(events), tuple(_counted(notes)))


def _counted(problems: list[Problem]) -> list[Problem]:
    if len(problems) <= MAX_PROBLEMS:
        return problems
    last = problems[MAX_PROBLEMS].position
    more = problem("event-problems", last, count=len(problems) - MAX_PROBLEMS)
    return [*problems[:MAX_PROBLEMS], more]


def _lenient_event(found: Value) -> tuple[Event | None, list[WrongEventError]]:
    at, raw, value = found
    try:
        return _cast_event(value, raw, at) or _event(value, raw, at), []
    except WrongEventError as error:
        first = error
    try:
        digest = hashlib.sha256(_checked(value)).hexdigest()
        understood, notes = repaired(value, digest)
        return _event(understood, raw, at, digest=digest), notes or [first]
    except WrongEventError as error:
        return None, [error]


def _recognised(raw: bytes) -> Cast | None:
    """Return an event that repeats another but for plain words, all of them right."""
    cast = _MOULDS.cast(raw)
    return cast if cast and moment(cast.words[cast.mould.time].decode()) else None


def _cast_event(cast: object, raw: bytes, at: Position) -> Event | None:
    if not isinstance(cast, Cast):
        return None
    body, mould = cast.canonical(), cast.mould
    time, run = cast.words[mould.time].decode(), f"run:{cast.words[mould.run].decode()}"
    digest = hashlib.sha256(body).hexdigest()
    return Event(
        digest,
        body.decode(),
        raw,
        time,
        moment(time) or "",
        run,
        at,
        cast=cast,
        told=cast.told(raw),
    )


def _event(value: object, raw: bytes, at: Position, *, digest: str = "") -> Event:
    body = _checked(value, b"" if digest else raw)
    try:
        shape = event_shape(body)
    except msgspec.ValidationError as error:
        raise WrongEventError("event-shape", reason=str(error)) from error
    when = moment(shape.eventTime)
    if when is None:
        raise WrongEventError("event-time", value=shape.eventTime)
    run = _run_key(shape)
    _check_facets(shape)
    known = digest or hashlib.sha256(body).hexdigest()
    if shape.run and not digest:
        _MOULDS.meet(raw, body)
    text = body.decode()
    if digest:
        return Event(known, text, raw, shape.eventTime, when, run, at, partial=True)
    said = told_by(shape, text)
    return Event(known, text, raw, shape.eventTime, when, run, at, told=said)


def _checked(value: object, raw: bytes = b"") -> bytes:
    if not isinstance(value, dict):
        raise WrongEventError("event-shape", reason="it is not an object")
    if not _looks_shallow(raw) and not _is_shallow(value):
        raise WrongEventError("event-deep", limit=MAX_DEPTH)
    return _canonical(value)


def _looks_shallow(raw: bytes) -> bool:
    """Say whether an event is surely not nested too deeply: a quick look at most events.

    Written with an indentation of one for each level, no line may begin far to the right; a
    text cannot deceive it, for no text holds a line break.
    """
    if not raw or len(raw) > _QUICK:
        return False
    try:
        return _FAR_RIGHT not in msgspec.json.format(raw, indent=1)
    except (msgspec.MsgspecError, RecursionError):
        return False


def _is_shallow(value: object) -> bool:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for above in level
            for child in (above.values() if type(above) is dict else above)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return True
    return False


def _canonical(value: object) -> bytes:
    try:
        return msgspec.json.encode(value, order="sorted")
    except UnicodeEncodeError as error:
        raise WrongEventError("event-syntax", reason="half of a surrogate pair") from error


def _run_key(shape: EventShape) -> str:
    """Return what the event belongs to; the key is unambiguous whatever the names hold."""
    named = shape.job or shape.dataset
    if named is None or (shape.dataset and (shape.job or shape.run)):
        raise WrongEventError("event-kind")
    if shape.run:
        return f"run:{shape.run.runId}"
    words = json.dumps([named.namespace, named.name], ensure_ascii=False)
    return f"{'job' if shape.job else 'dataset'}:{words}"


def _check_facets(shape: EventShape) -> None:
    for facets, known in _groups(shape):
        for name, raw in facets.items():
            text = bytes(raw)
            if not text.startswith(b"{"):
                raise WrongEventError("event-facet", facet=name, reason="it is not an object")
            if name in known:
                _check_facet(name, text, known[name])
    for raw in _facets_named("tags", shape):
        for value in facet_shape(raw, Tags).purposes():
            if not isinstance(value, str) or not value:
                reason = "the value of `purpose` is not text"
                raise WrongEventError("event-facet", facet="tags", reason=reason)


def _facets_named(name: str, shape: EventShape) -> Iterator[msgspec.Raw]:
    """Yield the job's facet, if it has one that is not a deletion."""
    raw = (shape.job.facets or {}).get(name) if shape.job else None
    if raw is not None and not deletes(raw):
        yield raw


def _groups(shape: EventShape) -> Iterator[tuple[Facets, Mapping[str, type[msgspec.Struct]]]]:
    """Yield the facets of every entity, with those that must be understood."""
    if shape.run:
        yield shape.run.facets or {}, RUN_FACETS
    if shape.job:
        yield shape.job.facets or {}, JOB_FACETS
    datasets = chain([shape.dataset], shape.inputs or (), shape.outputs or ())
    for dataset in filter(None, datasets):
        yield dataset.facets or {}, DATASET_FACETS
        yield dataset.inputFacets or {}, {}
        yield dataset.outputFacets or {}, {}


# Producers repeat the same facets with every event: see :func:`~.shapes.facet_shape`.
@lru_cache(maxsize=4096)
def _check_facet(name: str, text: bytes, shape: type[msgspec.Struct]) -> None:
    raw = msgspec.Raw(text)
    try:
        if not deletes(raw):
            facet_shape(raw, shape)
    except msgspec.ValidationError as error:
        raise WrongEventError("event-facet", facet=name, reason=str(error)) from error
