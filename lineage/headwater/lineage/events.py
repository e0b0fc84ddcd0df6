"""Events that headwater itself emits, made and sent by openlineage-python.

It takes about a second to import: only when something is to be emitted, and within functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.catalog.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.catalog.ids import DatasetId
    from headwater.lineage.model import CheckRun
    from headwater.lineage.store import LineageStore
    from headwater.lineage.uses import Declared, Uses

PRODUCER = "https://example.org/headwater"


def emit_check_run(recorder: LineageStore, run: CheckRun) -> None:
    """Record a run of data checks as an OpenLineage event with the results of its assertions.

    The same run is recorded once. To spare the import, ask
    :meth:`~headwater.lineage.store.LineageStore.has_event_of_run` first.

    Raises:
        DocumentError: The event would not be one that we read (a time without a zone, say).
        StoreError: The store cannot be used.
    """
    if recorder.has_event_of_run(run.run_id):
        return
    client = _client(recorder)
    client.emit(_event(run))
    client.close()


def _event(run: CheckRun) -> Any:
    from openlineage.client import event_v2
    from openlineage.client.facet_v2 import data_quality_assertions_dataset as quality

    facet = quality.DataQualityAssertionsDatasetFacet(
        assertions=[
            quality.Assertion(
                assertion=found.assertion,
                success=found.success,
                column=found.column,
                severity=found.severity,
            )
            for found in run.assertions
        ],
        producer=PRODUCER,
    )
    return event_v2.RunEvent(
        eventTime=run.event_time,
        eventType=event_v2.RunState.COMPLETE,
        run=event_v2.Run(runId=run.run_id),
        job=event_v2.Job(namespace=run.job.namespace, name=run.job.name),
        inputs=[
            event_v2.InputDataset(
                namespace=run.dataset.namespace,
                name=run.dataset.name,
                inputFacets={"dataQualityAssertions": facet},
            )
        ],
        producer=PRODUCER,
    )


def declared_text(declared: Iterable[Declared], event_time: str) -> str:
    """Return what a source declares as OpenLineage events, one a line: the same bytes each time.

    Each becomes a ``JobEvent``: a job that is known to do this, whether or not it ever ran.

    Args:
        declared: What the source declares.
        event_time: When it was declared, with its zone.

    Raises:
        DocumentError: An event would not be one that we read.
    """
    from headwater.lineage.reader import read_bytes
    from headwater.lineage.times import moment, shown

    when = moment(event_time)
    if when is None:
        raise DocumentError.of("event-time", value=event_time)
    from openlineage.client.serde import Serde

    lines = [Serde.to_json(_job_event(each, shown(when))) for each in declared]
    text = "".join(f"{line}\n" for line in lines)
    read_bytes(text.encode(), "declared.ndjson")
    return text


def _job_event(declared: Declared, event_time: str) -> Any:
    from openlineage.client import event_v2
    from openlineage.client.facet_v2 import documentation_job, tags_job

    facets: dict[str, Any] = {}
    if declared.place:
        facets["documentation"] = documentation_job.DocumentationJobFacet(
            description=declared.place, producer=PRODUCER
        )
    if declared.purpose:
        tag = tags_job.TagsJobFacetFields(key="purpose", value=declared.purpose, source="USER")
        facets["tags"] = tags_job.TagsJobFacet(tags=[tag], producer=PRODUCER)
    return event_v2.JobEvent(
        eventTime=event_time,
        job=event_v2.Job(declared.job.namespace, declared.job.name, facets=facets),
        inputs=[event_v2.InputDataset(*dataset.key()) for dataset in declared.inputs],
        outputs=[event_v2.OutputDataset(*declared.output.key(), facets=_output_facets(declared))],
        producer=PRODUCER,
    )


def _output_facets(declared: Declared) -> dict[str, Any]:
    from openlineage.client.facet_v2 import column_lineage_dataset as lineage
    from openlineage.client.facet_v2 import schema_dataset as schema

    facets: dict[str, Any] = {}
    if declared.columns:
        facets["schema"] = schema.SchemaDatasetFacet(
            fields=[schema.SchemaDatasetFacetFields(name) for name in declared.columns],
            producer=PRODUCER,
        )
    if declared.made_from is not None:
        facets["columnLineage"] = lineage.ColumnLineageDatasetFacet(
            fields={
                column: lineage.Fields(_input_fields(uses))
                for column, uses in sorted(declared.made_from.items())
            },
            dataset=_input_fields(declared.influences),
            producer=PRODUCER,
        )
    return facets


def _input_fields(uses: Uses) -> list[Any]:
    from openlineage.client.facet_v2 import column_lineage_dataset as lineage

    ways: dict[tuple[DatasetId, str], list[Any]] = {}
    for use in sorted(uses):
        way = lineage.Transformation(
            type="DIRECT" if use.direct else "INDIRECT", subtype=use.subtype, masking=use.masked
        )
        ways.setdefault((use.source.dataset, use.source.column), []).append(way)
    return [
        lineage.InputField(*dataset.key(), column, found)
        for (dataset, column), found in ways.items()
    ]


def _client(recorder: LineageStore) -> Any:
    """Return a client that sends to ``recorder``, whatever the environment and files say.

    The official one takes filters, tags and a switch that turns it off from environment
    variables and from ``openlineage.yml`` in the current folder, even if given its transport.
    """
    from openlineage.client import OpenLineageClient
    from openlineage.client.client import OpenLineageConfig
    from openlineage.client.serde import Serde
    from openlineage.client.transport import Transport

    from headwater.lineage.reader import read_bytes

    class StoreTransport(Transport):  # type: ignore[misc]
        """Hands every event to the store."""

        kind = "headwater-store"

        def emit(self, event: Any) -> None:
            recorder.record_emitted(read_bytes(Serde.to_json(event).encode(), "emitted.json"))

    class Client(OpenLineageClient):  # type: ignore[misc]
        """The official client, deaf to its surroundings."""

        @property
        def config(self) -> Any:
            return OpenLineageConfig()

        def _alias_env_vars(self) -> None:
            pass

        def _resolve_transport(self, **given: Any) -> Any:
            return given["transport"]

    return Client(transport=StoreTransport())
