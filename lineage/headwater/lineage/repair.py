"""Lenient reading: an event without the parts of it that are not understood."""

from __future__ import annotations

from typing import Any

import msgspec

from headwater.lineage.event_text import WrongEventError
from headwater.lineage.shapes import DATASET_FACETS, JOB_FACETS, RUN_FACETS, JobShape, Tags
from headwater.lineage.times import moment

UNTIMED = "0001-01-01T00:00:00Z"
"""The time of an event whose own cannot be read: it counts as seen whenever one asks."""

_Notes = list[WrongEventError]
_Known = dict[str, type[msgspec.Struct]]


def repaired(value: Any, digest: str) -> tuple[dict[str, Any], _Notes]:
    """Return the event without what is not understood, and a note for each part left out.

    Args:
        value: The event, a JSON object.
        digest: Its digest: the id of a run that has none of its own.

    Raises:
        WrongEventError: It has neither a job nor a dataset that can be named.
    """
    notes: _Notes = []
    found = dict(value)
    found["eventTime"] = _time(value.get("eventTime"), notes)
    if not isinstance(found.get("eventType"), str | None):
        notes.append(_shape("`eventType` is not text"))
        del found["eventType"]
    if found.get("run") is not None:
        found["run"] = _run(found["run"], digest, notes)
    if found.get("job") is not None:
        found["job"] = _entity(found["job"], JOB_FACETS, notes)
    _one_subject(found, notes)
    for role in ("inputs", "outputs"):
        if found.get(role) is not None:
            found[role] = _datasets(found[role], role, notes)
    return found, notes


def _shape(reason: str) -> WrongEventError:
    return WrongEventError("event-shape", reason=reason)


def _time(value: object, notes: _Notes) -> str:
    if isinstance(value, str) and moment(value):
        return value
    notes.append(WrongEventError("event-time", value=value))
    local = f"{value}Z"
    return local if moment(local) else UNTIMED


def _run(value: object, digest: str, notes: _Notes) -> dict[str, Any]:
    run = dict(value) if isinstance(value, dict) else {}
    if not _is_name(run.get("runId")):
        # Without an id nothing says which other events belong to it: it is a run of its own.
        notes.append(_shape("the run has no `runId`"))
        run["runId"] = f"unknown:{digest}"
    return _with_facets(run, RUN_FACETS, notes)


def _one_subject(found: dict[str, Any], notes: _Notes) -> None:
    """Keep either a job or a dataset; refuse an event of neither."""
    if found.get("dataset") is not None and (found.get("job") or found.get("run")):
        notes.append(WrongEventError("event-kind"))
        del found["dataset"]
    if found.get("dataset") is not None:
        found["dataset"] = _entity(found["dataset"], DATASET_FACETS, notes)
    elif not found.get("job"):
        raise WrongEventError("event-kind")


def _datasets(value: object, role: str, notes: _Notes) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        notes.append(_shape(f"`{role}` is not a list"))
        return []
    found: list[dict[str, Any]] = []
    for item in value:
        try:
            found.append(_entity(item, DATASET_FACETS, notes))
        except WrongEventError as wrong:
            notes.append(wrong)
    return found


def _entity(value: object, known: _Known, notes: _Notes) -> dict[str, Any]:
    """Return a job or a dataset with the facets that are understood.

    Raises:
        WrongEventError: It cannot be named.
    """
    try:
        msgspec.convert(_named(value), JobShape)
    except msgspec.ValidationError as error:
        raise _shape(str(error)) from error
    return _with_facets(dict(value), known, notes)  # type: ignore[call-overload]


def _named(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {key: value[key] for key in ("namespace", "name") if key in value}


def _with_facets(holder: dict[str, Any], known: _Known, notes: _Notes) -> dict[str, Any]:
    for group, shapes in (("facets", known), ("inputFacets", {}), ("outputFacets", {})):
        facets = holder.get(group)
        if facets is None:
            continue
        if not isinstance(facets, dict):
            notes.append(_shape(f"`{group}` is not an object"))
            del holder[group]
            continue
        kept = dict(facets)
        for name, facet in facets.items():
            reason = _misunderstood(facet, shapes.get(name), purposes=known is JOB_FACETS)
            if reason:
                notes.append(WrongEventError("event-facet", facet=name, reason=reason))
                del kept[name]
        holder[group] = kept
    return holder


def _misunderstood(
    facet: object, shape: type[msgspec.Struct] | None, *, purposes: bool
) -> str | None:
    """Return why a facet is not understood, or ``None`` if it is."""
    if not isinstance(facet, dict):
        return "it is not an object"
    if shape is None or facet.get("_deleted") is True:
        return None
    try:
        found = msgspec.convert(facet, shape)
    except msgspec.ValidationError as error:
        return str(error)
    if purposes and isinstance(found, Tags) and not all(map(_is_name, found.purposes())):
        return "the value of `purpose` is not text"
    return None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value) and "\0" not in value
