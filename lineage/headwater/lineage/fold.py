"""The fold: all events of one run, in whatever order they came, to nodes and edges.

All metadata of a run adds up over its events; a facet replaces the earlier one of its name on
the same entity, and ``_deleted`` removes it. Events count in the order of their times, equal
times in that of their digests, so that neither order nor repetition of arrival matters.

What a target is made from is said by the facet ``lineage`` of the job or of the dataset; where
it is silent, by ``columnLineage``; what both leave open is implied: every input enters.

Source: OpenLineage 2-0-2; ColumnLineageDatasetFacet 1-2-0; LineageFacet 1-0-0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.catalog.problems import problem
from headwater.lineage.draft import Draft, TooManyEdgesError
from headwater.lineage.explicit import draw_entries, draw_explicit
from headwater.lineage.gathered import Gathered, gather, schema_columns
from headwater.lineage.manner import Manner, manner_of
from headwater.lineage.model import Evidence, Node, RunIndex, node_key
from headwater.lineage.repeats import Body, Folded, fold_contents, place
from headwater.lineage.shapes import ColumnLineage, Tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.catalog.position import Position
    from headwater.lineage.gathered import Facets
    from headwater.lineage.shapes import InputField, OutputField


def fold_run(
    key: str, events: Iterable[tuple[str, str, Body]], at: Position | None = None
) -> RunIndex:
    """Return what ``events``, as (moment, digest, body), of the run ``key`` come to.

    Args:
        key: The run's key; anything but ``run:…`` is declared, not observed.
        events: At least one event.
        at: Named where the run is refused.

    Raises:
        DocumentError: The run draws too many edges.
    """
    ordered = sorted({each[:2]: each for each in events}.values(), key=_moment)
    evidence: Evidence = "observed" if key.startswith("run:") else "declared"
    try:
        folded = fold_contents(evidence, [body for _, _, body in ordered], _fold)
    except TooManyEdgesError as error:
        run = key.removeprefix("run:")
        raise DocumentError([problem("run-too-large", at, run=run, limit=error.limit)]) from error
    return folded.at([moment for moment, _, _ in ordered])


def _moment(event: tuple[str, str, Body]) -> tuple[str, str]:
    return event[:2]


def _fold(evidence: Evidence, bodies: list[str | bytes]) -> Folded:
    """Return what events come to; their moments are their places in the order of time."""
    run = gather((place(number), "", body) for number, body in enumerate(bodies))
    draft = Draft()
    draft.known.update(run.nodes())
    _draw(draft, run, evidence)
    purposes = _purposes(run)
    return Folded(
        job=run.job or JobId("", ""),
        known=tuple(sorted(draft.known, key=node_key)),
        edges=draft.edges(purposes),
        failed=run.failed,
        statements=tuple(sorted({*run.statements(), *draft.through(purposes)})),
    )


def _draw(draft: Draft, run: Gathered, evidence: Evidence) -> None:
    told = draw_entries(draft, run, evidence)
    for output in run.outputs:
        _draw_output(draft, run, output, evidence, told=output in told)
    for other in run.inputs:
        # An input may say how it was itself made; that is what it declares, not what this run did.
        if not draw_explicit(draft, run, other, run.inputs[other], "declared"):
            _draw_columns(draft, other, run.inputs[other], evidence="declared")


def _purposes(run: Gathered) -> tuple[str | None, ...]:
    tags = run.job_facets.typed("tags", Tags)
    found = {str(value) for value in tags.purposes()} if tags else set()
    return tuple(sorted(found)) or (None,)


def _draw_output(
    draft: Draft, run: Gathered, output: DatasetId, evidence: Evidence, *, told: bool
) -> None:
    facets = run.outputs[output]
    if draw_explicit(draft, run, output, facets, evidence) or told:
        return
    others = schema_columns(run.inputs[output]) if output in run.inputs else ()
    mentioned = _draw_columns(draft, output, facets, evidence=evidence, others=others)
    for other in run.inputs:
        if other not in mentioned:
            # Nothing is known of how it entered: count it as use of the unmasked value.
            draft.draw(other, output, Manner(direct=True, masked=False, evidence="implied"))


def _draw_columns(
    draft: Draft,
    output: DatasetId,
    facets: Facets,
    *,
    evidence: Evidence,
    others: Iterable[str] = (),
) -> set[DatasetId]:
    """Draw what the facet ``columnLineage`` says; return the datasets that it mentions.

    ``others`` are columns of the output that its own facets need not name.
    """
    lineage = facets.typed("columnLineage", ColumnLineage)
    if lineage is None:
        return set()
    columns = {*lineage.fields, *schema_columns(facets), *others}
    every: list[Node] = [ColumnId(output, column) for column in sorted(columns)] or [output]
    mentioned: set[DatasetId] = set()
    for column, made in lineage.fields.items():
        target = ColumnId(output, column)
        draft.known.add(target)
        for entering in made.inputFields:
            source = _column(entering)
            mentioned.add(source.dataset)
            draft.enter(source, [target], _manner(entering, made, evidence))
    for entering in lineage.dataset or ():
        source = _column(entering)
        mentioned.add(source.dataset)
        draft.enter(source, every, manner_of(entering.transformations, evidence, everywhere=True))
    return mentioned


def _column(entering: InputField) -> ColumnId:
    return ColumnId(DatasetId(entering.namespace, entering.name), entering.field)


def _manner(entering: InputField, made: OutputField, evidence: Evidence) -> Manner:
    """Return how an input column enters; the deprecated ``MASKED`` counts where nothing else is."""
    if entering.transformations:
        return manner_of(entering.transformations, evidence, everywhere=False)
    legacy = (made.transformationType or "").upper()
    subtypes = ("IDENTITY",) if legacy == "IDENTITY" else ()
    return Manner(direct=True, masked=legacy == "MASKED", evidence=evidence, subtypes=subtypes)
