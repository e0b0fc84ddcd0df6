"""The typed core of OpenLineage events and of the facets that lineage is made from.

Facets stay raw until one is asked for, so that nothing of an event is lost or even looked at
without need.
"""

from __future__ import annotations

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


class Transformation(msgspec.Struct, frozen=True):
    """How an input column enters an output column."""

    type: str
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


class SchemaField(msgspec.Struct, frozen=True):
    """A column of the facet ``schema``."""

    name: Name


class Schema(msgspec.Struct, frozen=True):
    """The facet ``schema``."""

    fields: list[SchemaField] | None = None


class Tag(msgspec.Struct, frozen=True):
    """A tag; only the value of ``purpose`` must be text."""

    key: str
    value: Any


class Tags(msgspec.Struct, frozen=True):
    """The facet ``tags`` of a job."""

    tags: list[Tag] | None = None

    def purposes(self) -> list[object]:
        """Return the values of every tag ``purpose``."""
        return [tag.value for tag in self.tags or () if tag.key == "purpose"]


_Facet = TypeVar("_Facet", ColumnLineage, Schema, Tags)
_EVENT = msgspec.json.Decoder(EventShape)


def event_shape(body: str) -> EventShape:
    """Return the typed core of a canonical event.

    Raises:
        msgspec.ValidationError: It is not an event.
    """
    return _EVENT.decode(body)


def facet_shape(raw: msgspec.Raw, shape: type[_Facet]) -> _Facet:
    """Return a raw facet in its typed form.

    Raises:
        msgspec.ValidationError: It has another form.
    """
    return msgspec.json.decode(raw, type=shape)


def deletes(raw: msgspec.Raw) -> bool:
    """Say whether a facet is a request to delete the earlier one (``_deleted: true``)."""
    if b'"_deleted"' not in bytes(raw):
        return False
    facet = msgspec.json.decode(raw)
    return isinstance(facet, dict) and facet.get("_deleted") is True
