"""The reader of OpenLineage event files: lossless, strict about what lineage is made from.

Nothing of a file with a broken event is taken.
"""

from __future__ import annotations

import hashlib
import json
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from headwater.catalog.errors import DocumentError
from headwater.catalog.position import Position
from headwater.catalog.problems import Problem, problem
from headwater.catalog.problems import problem as common_problem
from headwater.lineage.event_text import MAX_DEPTH, WrongEventError, values
from headwater.lineage.model import Event
from headwater.lineage.shapes import ColumnLineage, Schema, Tags, deletes, event_shape, facet_shape
from headwater.lineage.times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.lineage.shapes import EventShape, Facets

MAX_FILE = 512 * 2**20
MAX_PROBLEMS = 100


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
    for found in values(data, file):
        if isinstance(found, Problem):
            problems.append(found)
            continue
        at, value = found
        try:
            events.append(_event(value, at))
        except WrongEventError as wrong:
            problems.append(wrong.problem(at))
    if len(problems) > MAX_PROBLEMS:
        more = len(problems) - MAX_PROBLEMS
        last = problems[MAX_PROBLEMS].position
        problems[MAX_PROBLEMS:] = [problem("event-problems", last, count=more)]
    if problems:
        raise DocumentError(problems)
    return tuple(events)


def _event(value: object, at: Position) -> Event:
    if not isinstance(value, dict):
        raise WrongEventError("event-shape", reason="it is not an object")
    if not _shallow(value, MAX_DEPTH):
        raise WrongEventError("event-deep", limit=MAX_DEPTH)
    body = _canonical(value)
    try:
        shape = event_shape(body)
    except msgspec.ValidationError as error:
        raise WrongEventError("event-shape", reason=str(error)) from error
    when = moment(shape.eventTime)
    if when is None:
        raise WrongEventError("event-time", value=shape.eventTime)
    _check_facets(shape)
    digest = hashlib.sha256(body.encode()).hexdigest()
    return Event(digest, body, shape.eventTime, when, _run_key(shape), at)


def _shallow(value: object, left: int) -> bool:
    if isinstance(value, dict):
        return left > 0 and all(_shallow(item, left - 1) for item in value.values())
    if isinstance(value, list):
        return left > 0 and all(_shallow(item, left - 1) for item in value)
    return True


def _canonical(value: object) -> str:
    try:
        body = json.dumps(
            value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        body.encode()
    except UnicodeEncodeError as error:
        raise WrongEventError("event-syntax", reason="half of a surrogate pair") from error
    except ValueError as error:
        raise WrongEventError("event-syntax", reason="a number out of range") from error
    return body


def _run_key(shape: EventShape) -> str:
    """Return what the event belongs to; the key is unambiguous whatever the names hold."""
    if shape.run and shape.job:
        return f"run:{shape.run.runId}"
    named = shape.job or shape.dataset
    if shape.run or named is None or (shape.job and shape.dataset):
        raise WrongEventError("event-kind")
    words = json.dumps([named.namespace, named.name], ensure_ascii=False)
    return f"{'job' if shape.job else 'dataset'}:{words}"


def _check_facets(shape: EventShape) -> None:
    for name, raw in _all_facets(shape):
        if not bytes(raw).startswith(b"{"):
            raise WrongEventError("event-facet", facet=name, reason="it is not an object")
    if shape.job:
        _check_job(shape.job.facets or {})
    for dataset in (shape.dataset, *(shape.inputs or ()), *(shape.outputs or ())):
        if dataset:
            _check_dataset(dataset.facets or {})


def _all_facets(shape: EventShape) -> Iterator[tuple[str, msgspec.Raw]]:
    datasets = [shape.dataset, *(shape.inputs or ()), *(shape.outputs or ())]
    groups: list[Facets | None] = [holder.facets for holder in (shape.run, shape.job) if holder]
    for dataset in datasets:
        if dataset:
            groups += [dataset.facets, dataset.inputFacets, dataset.outputFacets]
    return chain.from_iterable(facets.items() for facets in groups if facets)


def _check_job(facets: Facets) -> None:
    _refuse_lineage(facets)
    raw = facets.get("tags")
    if raw is None or deletes(raw):
        return
    for value in _typed("tags", raw, Tags).purposes():
        if not isinstance(value, str) or not value:
            reason = "the value of `purpose` is not text"
            raise WrongEventError("event-facet", facet="tags", reason=reason)


def _check_dataset(facets: Facets) -> None:
    _refuse_lineage(facets)
    for name, shape in (("columnLineage", ColumnLineage), ("schema", Schema)):
        raw = facets.get(name)
        if raw is not None and not deletes(raw):
            _typed(name, raw, shape)


def _refuse_lineage(facets: Facets) -> None:
    """Refuse what would otherwise be lineage left out in silence."""
    if "lineage" in facets and not deletes(facets["lineage"]):
        raise WrongEventError("event-lineage-facet")


def _typed(name: str, raw: msgspec.Raw, shape: Any) -> Any:
    try:
        return facet_shape(raw, shape)
    except msgspec.ValidationError as error:
        raise WrongEventError("event-facet", facet=name, reason=str(error)) from error
