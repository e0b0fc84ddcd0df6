"""The typed core of OpenLineage events and of the facets that lineage is made from.

Facets stay raw until one is asked for, so that nothing of an event is lost or even looked at
without need.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Annotated, Any, TypeVar

import msgspec

# Names enter keys, SQL and reports: never empty, never with a NUL that cuts them short.
Name = Annotated[str, msgspec.Meta(min_length=1, pattern=r"^[^\x00]*$")]
Facets = dict[str, msgspec.Raw]


class DatasetShape(msgspec.Struct, frozen=True):
    """A dataset of an event, whatever its role."""

    namespace: Name
    name: Name
    facets: Facets | None = None
    inputFacets: Facets | None = None  # noqa: N815 - as OpenLineage writes it
    outputFacets: Facets | None = None  # noqa: N815


class JobShape(msgspec.Struct, frozen=True):
    """The job of an event."""

    namespace: Name
    name: Name
    facets: Facets | None = None


class RunShape(msgspec.Struct, frozen=True):
    """The run of an event. Real run ids are not always UUIDs."""

    runId: Name  # noqa: N815
    facets: Facets | None = None


class EventShape(msgspec.Struct, frozen=True):
    """An event of any of the three types.

    ``producer`` and ``schemaURL`` are not asked for: many real events lack them.
    """

    eventTime: str  # noqa: N815
    eventType: str | None = None  # noqa: N815
    run: RunShape | None = None
    job: JobShape | None = None
    dataset: DatasetShape | None = None
    inputs: list[DatasetShape] | None = None
    outputs: list[DatasetShape] | None = None


class Outline(msgspec.Struct, frozen=True):
    """An event with everything raw that a run's other events may repeat."""

    eventType: str | None = None  # noqa: N815
    run: RunShape | None = None
    job: msgspec.Raw = msgspec.Raw(b"")
    dataset: msgspec.Raw = msgspec.Raw(b"")
    inputs: msgspec.Raw = msgspec.Raw(b"")
    outputs: msgspec.Raw = msgspec.Raw(b"")


class Transformation(msgspec.Struct, frozen=True):
    """How an input column enters an output column."""

    type: str
    subtype: str | None = None
    masking: bool | None = None


class InputField(msgspec.Struct, frozen=True):
    """One input column of an output column, or of the whole output."""

    namespace: Name
    name: Name
    field: Name
    transformations: list[Transformation] | None = None


class OutputField(msgspec.Struct, frozen=True):
    """What one output column is made from."""

    inputFields: list[InputField]  # noqa: N815
    transformationType: str | None = None  # noqa: N815 - deprecated, still emitted


class ColumnLineage(msgspec.Struct, frozen=True):
    """The facet ``columnLineage`` (1-2-0 and older)."""

    fields: dict[Name, OutputField]
    dataset: list[InputField] | None = None


class DatasetSource(msgspec.Struct, frozen=True, tag_field="type", tag="DATASET"):
    """A dataset, or a column of one, that feeds a target of explicit lineage."""

    namespace: Name
    name: Name
    field: Name | None = None
    transformations: list[Transformation] | None = None


class JobSource(msgspec.Struct, frozen=True, tag_field="type", tag="JOB"):
    """A job that feeds a target of explicit lineage; without a name it is the event's own."""

    namespace: Name | None = None
    name: Name | None = None
    transformations: list[Transformation] | None = None

    def __post_init__(self) -> None:
        _both_or_neither(self.namespace, self.name)


Source = DatasetSource | JobSource


class FieldEntry(msgspec.Struct, frozen=True):
    """What feeds one column of a target."""

    inputs: list[Source]


class DatasetEntry(msgspec.Struct, frozen=True, tag_field="type", tag="DATASET"):
    """What feeds a dataset. ``inputs: []`` says: nothing that is tracked."""

    namespace: Name
    name: Name
    inputs: list[Source] | None = None
    fields: dict[Name, FieldEntry] | None = None


class JobEntry(msgspec.Struct, frozen=True, tag_field="type", tag="JOB"):
    """What feeds a job; without a name it is the event's own."""

    namespace: Name | None = None
    name: Name | None = None
    inputs: list[Source] | None = None

    def __post_init__(self) -> None:
        _both_or_neither(self.namespace, self.name)


class JobLineage(msgspec.Struct, frozen=True):
    """The facet ``lineage`` of a job (1-0-0)."""

    entries: list[DatasetEntry | JobEntry]


class DatasetLineage(msgspec.Struct, frozen=True):
    """The facet ``lineage`` of a dataset (1-0-0)."""

    inputs: list[Source] | None = None
    fields: dict[Name, FieldEntry] | None = None


def _both_or_neither(namespace: str | None, name: str | None) -> None:
    if (namespace is None) != (name is None):
        raise ValueError("a job has both a `namespace` and a `name`, or neither")


class SchemaField(msgspec.Struct, frozen=True):
    """A column of the facet ``schema``, with what is nested in it."""

    name: Name
    fields: list[SchemaField] | None = None


class Schema(msgspec.Struct, frozen=True):
    """The facet ``schema``."""

    fields: list[SchemaField] | None = None


class Identifier(msgspec.Struct, frozen=True):
    """Another name of a dataset."""

    namespace: Name
    name: Name
    type: str | None = None


class Symlinks(msgspec.Struct, frozen=True):
    """The facet ``symlinks`` (1-0-1)."""

    identifiers: list[Identifier] | None = None


class Lifecycle(msgspec.Struct, frozen=True):
    """The facet ``lifecycleStateChange`` (1-0-1)."""

    lifecycleStateChange: str  # noqa: N815 - as OpenLineage writes it
    previousIdentifier: Identifier | None = None  # noqa: N815


class ParentRun(msgspec.Struct, frozen=True):
    """The run that started this one."""

    runId: Name  # noqa: N815


class ParentJob(msgspec.Struct, frozen=True):
    """The job that started this one."""

    namespace: Name
    name: Name


class Parent(msgspec.Struct, frozen=True):
    """The facet ``parent`` of a run (1-2-0 and older)."""

    run: ParentRun
    job: ParentJob


class Owner(msgspec.Struct, frozen=True):
    """Who owns a dataset or a job."""

    name: str


class Ownership(msgspec.Struct, frozen=True):
    """The facet ``ownership``."""

    owners: list[Owner] | None = None


class Tag(msgspec.Struct, frozen=True):
    """A tag of a job, a dataset, or the column ``field`` of a dataset."""

    key: str
    value: Any
    field: str | None = None


class Tags(msgspec.Struct, frozen=True):
    """The facet ``tags``."""

    tags: list[Tag] | None = None

    def purposes(self) -> list[object]:
        """Return the values of every tag ``purpose``."""
        return [tag.value for tag in self.tags or () if tag.key == "purpose"]


RUN_FACETS: dict[str, type[msgspec.Struct]] = {"parent": Parent}
JOB_FACETS: dict[str, type[msgspec.Struct]] = {
    "lineage": JobLineage,
    "ownership": Ownership,
    "parent": Parent,
    "tags": Tags,
}
DATASET_FACETS: dict[str, type[msgspec.Struct]] = {
    "columnLineage": ColumnLineage,
    "lifecycleStateChange": Lifecycle,
    "lineage": DatasetLineage,
    "ownership": Ownership,
    "schema": Schema,
    "symlinks": Symlinks,
    "tags": Tags,
}

_Facet = TypeVar("_Facet", bound=msgspec.Struct)
_EVENT = msgspec.json.Decoder(EventShape)
_OUTLINE = msgspec.json.Decoder(Outline)


def event_shape(body: str | bytes) -> EventShape:
    """Return the typed core of an event.

    Raises:
        msgspec.ValidationError: It is not an event.
    """
    return _EVENT.decode(body)


def outline(body: str | bytes) -> Outline:
    """Return the outline of an event.

    Raises:
        msgspec.ValidationError: It is not an event.
    """
    return _OUTLINE.decode(body)


def facet_shape(raw: msgspec.Raw, shape: type[_Facet]) -> _Facet:
    """Return a raw facet in its typed form.

    Raises:
        msgspec.ValidationError: It has another form.
    """
    found: _Facet = _decoded(bytes(raw), shape)
    return found


# Producers repeat the same facets with every event: each is decoded once while it is remembered.
@lru_cache(maxsize=4096)
def _decoded(raw: bytes, shape: type[Any]) -> Any:
    return _decoder(shape).decode(raw)  # type: ignore[arg-type]


@cache
def _decoder(shape: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


def understood(raw: msgspec.Raw | None, shape: type[_Facet]) -> _Facet | None:
    """Return a facet in its typed form, or ``None`` where there is none or it is not understood.

    The reader has refused or noted what is not understood.
    """
    if raw is None:
        return None
    try:
        return facet_shape(raw, shape)
    except msgspec.ValidationError:
        return None


def deletes(raw: msgspec.Raw) -> bool:
    """Say whether a facet is a request to delete the earlier one (``_deleted: true``)."""
    text = bytes(raw)
    if b"_deleted" not in text and b"\\u" not in text:
        return False
    facet = msgspec.json.decode(raw)
    return isinstance(facet, dict) and facet.get("_deleted") is True
