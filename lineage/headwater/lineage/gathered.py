"""What the events of one run say, gathered: the job, the datasets, and the facets that hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage import statements
from headwater.lineage.shapes import (
    Lifecycle,
    Ownership,
    Parent,
    Schema,
    Symlinks,
    Tags,
    deletes,
    event_shape,
    understood,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headwater.lineage.model import Node, Statement
    from headwater.lineage.shapes import DatasetShape, EventShape, SchemaField

_Facet = TypeVar("_Facet", bound=msgspec.Struct)

ENDS = ("ABORT", "COMPLETE", "FAIL")
"""The event types that end a run."""


class Facets:
    """The facets of one entity that hold after some events, each with its event's moment."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[msgspec.Raw | None, str]] = {}

    def merge(self, facets: dict[str, msgspec.Raw] | None, moment: str) -> None:
        """Let ``facets`` replace the earlier ones of their names, or delete them."""
        for name, raw in (facets or {}).items():
            self._held[name] = (None if deletes(raw) else raw, moment)

    def typed(self, name: str, shape: type[_Facet]) -> _Facet | None:
        """Return the facet in its typed form, or ``None`` where none holds."""
        return understood(self._held.get(name, (None, ""))[0], shape)

    def moment(self, name: str) -> str | None:
        """Return when the facet was last said or deleted, or ``None`` if never."""
        return self._held[name][1] if name in self._held else None


class Gathered:
    """What the events of a run say. ``failed``: the last that ends it is no ``COMPLETE``."""

    def __init__(self) -> None:
        self.job: JobId | None = None
        self.failed = False
        self.job_facets = Facets()
        self.inputs: dict[DatasetId, Facets] = {}
        self.outputs: dict[DatasetId, Facets] = {}
        self._changes: set[Statement] = set()

    def add(self, event: EventShape, moment: str) -> None:
        """Add the next event in the order of time."""
        if event.job:
            self.job = JobId(event.job.namespace, event.job.name)
            self.job_facets.merge(event.job.facets, moment)
        elif event.dataset:
            # A dataset event has no job: the dataset stands for the one who declared it.
            self.job = JobId(event.dataset.namespace, event.dataset.name)
            self._add_datasets(self.outputs, [event.dataset], moment)
        self._add_datasets(self.inputs, event.inputs or [], moment)
        self._add_datasets(self.outputs, event.outputs or [], moment)
        if (event.eventType or "").upper() in ENDS:
            self.failed = (event.eventType or "").upper() != "COMPLETE"

    def _add_datasets(
        self, known: dict[DatasetId, Facets], datasets: list[DatasetShape], moment: str
    ) -> None:
        for shape in datasets:
            dataset = DatasetId(shape.namespace, shape.name)
            known.setdefault(dataset, Facets()).merge(shape.facets, moment)
            raw = (shape.facets or {}).get("lifecycleStateChange")
            change = understood(raw, Lifecycle)
            if change:
                self._changes.update(_change(dataset, change, moment))

    def columns_of(self, dataset: DatasetId) -> set[str]:
        """Return the columns of a dataset that its schemas name, in whatever role."""
        roles = (role[dataset] for role in (self.inputs, self.outputs) if dataset in role)
        return {column for facets in roles for column in schema_columns(facets)}

    def nodes(self) -> Iterator[Node]:
        """Yield every dataset and every column of its schema."""
        for dataset, facets in (*self.inputs.items(), *self.outputs.items()):
            yield dataset
            yield from (ColumnId(dataset, name) for name in schema_columns(facets))

    def statements(self) -> Iterator[Statement]:
        """Yield what the run says beside lineage. What a failed run changed is not counted.

        What started it is left to whoever knows the run's own facets.
        """
        if not self.failed:
            yield from self._changes
        started = self.job_facets.typed("parent", Parent)
        if started:
            job = JobId(started.job.namespace, started.job.name)
            yield statements.parent(started.run.runId, job)
        if self.job:
            yield from _owners(self.job, self.job_facets)
        for dataset, facets in (*self.inputs.items(), *self.outputs.items()):
            yield from _owners(dataset, facets)
            yield from _tags(dataset, facets)
            links = facets.typed("symlinks", Symlinks)
            for link in (links.identifiers or ()) if links else ():
                other = DatasetId(link.namespace, link.name)
                yield statements.alias(dataset, other, (link.type or "").upper())


def gather(events: Iterable[tuple[str, str, str | bytes]]) -> Gathered:
    """Return what ``events``, as (moment, digest, body) in the order of time, say together."""
    run = Gathered()
    for moment, _, body in events:
        run.add(event_shape(body), moment)
    return run


def schema_columns(facets: Facets) -> Iterator[str]:
    """Yield the columns that the facet ``schema`` names; nested ones with dots."""
    schema = facets.typed("schema", Schema)
    return _columns((schema.fields or ()) if schema else (), "")


def _columns(fields: Iterable[SchemaField], above: str) -> Iterator[str]:
    for field in fields:
        yield above + field.name
        yield from _columns(field.fields or (), f"{above}{field.name}.")


def _change(dataset: DatasetId, change: Lifecycle, moment: str) -> Iterator[Statement]:
    kind = change.lifecycleStateChange.upper()
    previous = change.previousIdentifier
    if kind == "RENAME" and previous:
        yield statements.rename(DatasetId(previous.namespace, previous.name), dataset, moment)
    elif kind == "DROP":
        yield statements.drop(dataset, moment)


def _owners(subject: DatasetId | JobId, facets: Facets) -> Iterator[Statement]:
    moment = facets.moment("ownership")
    if moment is not None:
        found = facets.typed("ownership", Ownership)
        names = [owner.name for owner in (found.owners or ())] if found else []
        yield statements.owners(subject, names, moment)


def _tags(dataset: DatasetId, facets: Facets) -> Iterator[Statement]:
    moment = facets.moment("tags")
    if moment is not None:
        found = facets.typed("tags", Tags)
        tags = (found.tags or ()) if found else ()
        words = ((tag.field or "", tag.key, _value(tag.value)) for tag in tags)
        yield statements.tags(dataset, words, moment)


def _value(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
