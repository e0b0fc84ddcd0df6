"""Edges as OpenLineage events, made by openlineage-python: what we read, others can read too.

There is one event for each job, purpose and kind of evidence. What was observed becomes the
event of its latest run, what was declared an event of the job. Both say exactly what is made
from what in the facet ``lineage`` (1-0-0); what is only implied lists inputs and outputs.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from headwater.catalog.ids import ColumnId
from headwater.lineage.model import Edge, dataset_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headwater.catalog.ids import DatasetId

PRODUCER = "https://example.org/headwater"
FACET = "headwater_answer"
"""The job facet that says which answer an event is part of, and whether that is complete."""

_FACET_SCHEMA = "https://example.org/headwater/facets/1-0-0/AnswerJobFacet.json"
_NOWHEN = "1970-01-01T00:00:00Z"


def export_events(edges: Iterable[Edge], answer: dict[str, object]) -> Iterator[str]:
    """Yield the events of ``edges`` as JSON, one a line; the same edges give the same bytes.

    An answer without edges yields one event of a job that made nothing, lest a cut answer be
    taken for a complete one.
    """
    groups: dict[tuple[str, ...], list[Edge]] = defaultdict(list)
    for edge in edges:
        groups[edge.job.namespace, edge.job.name, edge.purpose or "", edge.evidence].append(edge)
    if not groups:
        yield _text(_event([], answer))
    for _, group in sorted(groups.items()):
        yield _text(_event(group, answer))


def _text(event: Any) -> str:
    from openlineage.client.serde import Serde

    return json.dumps(Serde.to_dict(event), ensure_ascii=True, sort_keys=True)


def _event(edges: list[Edge], answer: dict[str, object]) -> Any:
    from openlineage.client import event_v2

    latest = max(edges, key=lambda edge: (edge.last_seen, edge.runs), default=None)
    entries = [] if _implied(edges) else _entries(edges)
    facets = _facets(latest.purpose if latest else None, entries, answer)
    namespace, name = (latest.job.namespace, latest.job.name) if latest else ("headwater", "answer")
    about = {
        "eventTime": latest.last_seen if latest else _NOWHEN,
        "job": event_v2.Job(namespace=namespace, name=name, facets=facets),
        "inputs": [
            event_v2.InputDataset(namespace=found.namespace, name=found.name)
            for found in sorted({dataset_of(edge.source) for edge in edges})
        ],
        "outputs": [
            event_v2.OutputDataset(namespace=found.namespace, name=found.name)
            for found in sorted({dataset_of(edge.target) for edge in edges})
        ],
        "producer": PRODUCER,
    }
    run = latest.runs[-1] if latest and latest.runs and latest.evidence != "declared" else None
    if run is None or not _is_uuid(run):
        return event_v2.JobEvent(**about)
    state = event_v2.RunState.COMPLETE
    return event_v2.RunEvent(**about, eventType=state, run=event_v2.Run(runId=run))


def _implied(edges: list[Edge]) -> bool:
    return all(edge.evidence == "implied" for edge in edges)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _facets(purpose: str | None, entries: list[Any], answer: dict[str, object]) -> dict[str, Any]:
    from openlineage.client.generated import lineage, tags_job

    facets: dict[str, Any] = {
        FACET: {"_producer": PRODUCER, "_schemaURL": _FACET_SCHEMA, **answer},
    }
    if purpose is not None:
        tag = tags_job.TagsJobFacetFields(key="purpose", value=purpose, source="headwater")
        facets["tags"] = tags_job.TagsJobFacet(tags=[tag], producer=PRODUCER)
    if entries:
        facets["lineage"] = lineage.LineageJobFacet(entries=entries, producer=PRODUCER)
    return facets


def _entries(edges: list[Edge]) -> list[Any]:
    """Return one entry for each dataset made, with what it and its columns are made from."""
    from openlineage.client.generated import lineage

    by_target: dict[DatasetId, list[Edge]] = defaultdict(list)
    for edge in edges:
        by_target[dataset_of(edge.target)].append(edge)
    found = []
    for target, group in sorted(by_target.items()):
        fields: dict[str, list[Edge]] = defaultdict(list)
        for edge in group:
            if isinstance(edge.target, ColumnId):
                fields[edge.target.column].append(edge)
        found.append(
            lineage.LineageDatasetEntry(
                namespace=target.namespace,
                name=target.name,
                type="DATASET",
                inputs=[_input(edge) for edge in group if not isinstance(edge.target, ColumnId)],
                fields={
                    column: lineage.LineageFieldEntry(inputs=[_input(edge) for edge in into])
                    for column, into in fields.items()
                },
            )
        )
    return found


def _input(edge: Edge) -> Any:
    from openlineage.client.generated import lineage

    source = dataset_of(edge.source)
    step = lineage.LineageTransformation(
        type="DIRECT" if edge.kind == "direct" else "INDIRECT", masking=edge.masked
    )
    return lineage.LineageDatasetInput(
        namespace=source.namespace,
        name=source.name,
        type="DATASET",
        field=edge.source.column if isinstance(edge.source, ColumnId) else None,
        transformations=[step],
    )
