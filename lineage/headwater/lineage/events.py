"""Events that headwater itself emits, made and sent by openlineage-python.

It takes about a second to import: only when something is to be emitted, and within functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headwater.lineage.model import CheckRun
    from headwater.lineage.store import LineageStore

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
