"""The fold: all events of one run, in whatever order they came, to nodes and edges.

All metadata of a run adds up over its events; a facet replaces the earlier one of its name on
the same entity, and ``_deleted`` removes it. Events count in the order of their times, equal
times in that of their digests, so that neither order nor repetition of arrival matters.

Source: OpenLineage 2-0-2; ColumnLineageDatasetFacet 1-2-0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.catalog.problems import problem
from headwater.lineage.model import Evidence, Node, RunEdge, RunIndex, dataset_of, node_key
from headwater.lineage.shapes import (
    ColumnLineage,
    InputField,
    OutputField,
    Schema,
    Tags,
    deletes,
    event_shape,
    facet_shape,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import msgspec

    from headwater.catalog.position import Position
    from headwater.lineage.shapes import DatasetShape, EventShape

RUN_EDGES = 200_000
"""More edges than this from one run are refused: inputs times columns grows without bound."""


@dataclass(slots=True)
class _Run:
    """What the events of a run say so far."""

    job: JobId | None = None
    job_facets: dict[str, msgspec.Raw] = field(default_factory=dict)
    inputs: dict[DatasetId, dict[str, msgspec.Raw]] = field(default_factory=dict)
    outputs: dict[DatasetId, dict[str, msgspec.Raw]] = field(default_factory=dict)


def fold_run(
    key: str, events: Iterable[tuple[str, str, str]], at: Position | None = None
) -> RunIndex:
    """Return what ``events``, as (moment, digest, body), of the run ``key`` come to.

    Args:
        key: The run's key; anything but ``run:…`` is declared, not observed.
        events: At least one event.
        at: Named where the run is refused.

    Raises:
        DocumentError: The run draws too many edges.
    """
    ordered = sorted(set(events))
    run = _Run()
    for _, _, body in ordered:
        _add(run, event_shape(body))
    evidence: Evidence = "observed" if key.startswith("run:") else "declared"
    draft = _Draft(key, at)
    draft.know(run)
    for output in run.outputs:
        _draw_output(draft, run, output, evidence)
    for other in run.inputs:
        # An input may say how it was itself made; that is what it declares, not what this run did.
        _draw_lineage(draft, other, run.inputs[other], evidence="declared")
    return RunIndex(
        job=run.job or JobId("", ""),
        first=ordered[0][0],
        last=ordered[-1][0],
        known=tuple(sorted(draft.known, key=node_key)),
        edges=draft.edges(_purposes(run)),
    )


def _add(run: _Run, event: EventShape) -> None:
    if event.job:
        run.job = JobId(event.job.namespace, event.job.name)
        _merge(run.job_facets, event.job.facets)
    elif event.dataset:
        # A dataset event has no job: the dataset stands for the one who declared it.
        run.job = JobId(event.dataset.namespace, event.dataset.name)
        _add_datasets(run.outputs, [event.dataset])
    _add_datasets(run.inputs, event.inputs or [])
    _add_datasets(run.outputs, event.outputs or [])


def _add_datasets(
    known: dict[DatasetId, dict[str, msgspec.Raw]], datasets: list[DatasetShape]
) -> None:
    for dataset in datasets:
        facets = known.setdefault(DatasetId(dataset.namespace, dataset.name), {})
        _merge(facets, dataset.facets)


def _merge(known: dict[str, msgspec.Raw], facets: dict[str, msgspec.Raw] | None) -> None:
    for name, raw in (facets or {}).items():
        if deletes(raw):
            known.pop(name, None)
        else:
            known[name] = raw


def _purposes(run: _Run) -> tuple[str | None, ...]:
    raw = run.job_facets.get("tags")
    found = {str(value) for value in facet_shape(raw, Tags).purposes()} if raw else set()
    return tuple(sorted(found)) or (None,)


class _Draft:
    """Edges of one run, several mentions of one edge made one."""

    def __init__(self, key: str, at: Position | None) -> None:
        self._key = key
        self._at = at
        self._edges: dict[tuple[Node, Node], tuple[bool, bool, Evidence]] = {}
        self.known: set[Node] = set()

    def know(self, run: _Run) -> None:
        for dataset, facets in (*run.inputs.items(), *run.outputs.items()):
            self.known.add(dataset)
            self.known.update(ColumnId(dataset, name) for name in _schema_columns(facets))

    def draw(
        self, source: Node, target: Node, *, direct: bool, masked: bool, evidence: Evidence
    ) -> None:
        """Add an edge; of several mentions any direct, all masked, and the first evidence count.

        What the run did is drawn before what its inputs declare of themselves.
        """
        self.known.update((source, target))
        if source == target:
            return
        before = self._edges.get((source, target), (False, True, evidence))
        self._edges[source, target] = (before[0] or direct, before[1] and masked, before[2])
        if len(self._edges) > RUN_EDGES:
            run = self._key.removeprefix("run:")
            raise DocumentError([problem("run-too-large", self._at, run=run, limit=RUN_EDGES)])

    def enter(
        self,
        entering: InputField,
        targets: list[Node],
        manner: tuple[bool, bool],
        *,
        evidence: Evidence,
    ) -> DatasetId:
        """Draw a column into ``targets`` of one dataset, and its dataset into theirs."""
        direct, masked = manner
        source = ColumnId(DatasetId(entering.namespace, entering.name), entering.field)
        for target in targets:
            self.draw(source, target, direct=direct, masked=masked, evidence=evidence)
        whole = dataset_of(targets[0])
        self.draw(source.dataset, whole, direct=direct, masked=masked, evidence=evidence)
        return source.dataset

    def edges(self, purposes: tuple[str | None, ...]) -> tuple[RunEdge, ...]:
        """Return the edges, sorted; a job of several purposes has each edge for each of them."""
        return tuple(
            RunEdge(source, target, purpose, "direct" if direct else "indirect", masked, evidence)
            for (source, target), (direct, masked, evidence) in sorted(
                self._edges.items(), key=lambda item: (node_key(item[0][0]), node_key(item[0][1]))
            )
            for purpose in purposes
        )


def _draw_output(draft: _Draft, run: _Run, output: DatasetId, evidence: Evidence) -> None:
    facets = run.outputs[output]
    others = _schema_columns(run.inputs.get(output, {}))
    mentioned = _draw_lineage(draft, output, facets, evidence=evidence, others=others)
    for other in run.inputs:
        if other not in mentioned:
            # Nothing is known of how it entered: count it as use of the unmasked value.
            draft.draw(other, output, direct=True, masked=False, evidence="implied")


def _draw_lineage(
    draft: _Draft,
    output: DatasetId,
    facets: dict[str, msgspec.Raw],
    *,
    evidence: Evidence,
    others: Iterable[str] = (),
) -> set[DatasetId]:
    """Draw what the facet ``columnLineage`` says; return the datasets that it mentions.

    ``others`` are columns of the output that its own facets need not name.
    """
    raw = facets.get("columnLineage")
    if raw is None:
        return set()
    lineage = facet_shape(raw, ColumnLineage)
    columns = {*lineage.fields, *_schema_columns(facets), *others}
    every: list[Node] = [ColumnId(output, column) for column in sorted(columns)] or [output]
    mentioned: set[DatasetId] = set()
    for column, made in lineage.fields.items():
        draft.known.add(ColumnId(output, column))
        for entering in made.inputFields:
            manner = _manner(entering, made)
            mentioned.add(
                draft.enter(entering, [ColumnId(output, column)], manner, evidence=evidence)
            )
    for entering in lineage.dataset or ():
        mentioned.add(draft.enter(entering, every, _manner(entering, None), evidence=evidence))
    return mentioned


def _manner(entering: InputField, made: OutputField | None) -> tuple[bool, bool]:
    """Return whether the column enters directly, and whether it is masked throughout.

    A type that the specification does not know counts as direct: the stronger use. What
    influences the whole output (``made`` is ``None``) does so indirectly whatever it says.
    """
    steps = entering.transformations
    if steps:
        direct = any(step.type.upper() != "INDIRECT" for step in steps)
        return (direct and made is not None, all(step.masking is True for step in steps))
    if made is None:
        return (False, False)
    return (True, (made.transformationType or "").upper() == "MASKED")


def _schema_columns(facets: dict[str, msgspec.Raw]) -> set[str]:
    raw = facets.get("schema")
    if raw is None:
        return set()
    return {column.name for column in facet_shape(raw, Schema).fields or ()}
