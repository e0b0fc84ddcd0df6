"""Explicit lineage: the facet ``lineage``, of a job or of a dataset.

It joins datasets, columns and jobs. A target that it names is made from what it says, and from
nothing else that the event lists: ``inputs: []`` says that nothing tracked feeds it.

Source: OpenLineage LineageFacet 1-0-0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.manner import manner_of
from headwater.lineage.shapes import DatasetEntry, DatasetLineage, DatasetSource, JobLineage

if TYPE_CHECKING:
    from headwater.lineage.draft import Draft, End
    from headwater.lineage.gathered import Facets, Gathered
    from headwater.lineage.model import Evidence
    from headwater.lineage.shapes import JobEntry, JobSource


def draw_entries(draft: Draft, run: Gathered, evidence: Evidence) -> set[DatasetId]:
    """Draw the job's facet ``lineage``; return the datasets that it says are made."""
    lineage = run.job_facets.typed("lineage", JobLineage)
    told: set[DatasetId] = set()
    for entry in lineage.entries if lineage else ():
        if isinstance(entry, DatasetEntry):
            target = DatasetId(entry.namespace, entry.name)
            told.add(target)
            _draw_dataset(draft, run, target, entry, evidence)
        else:
            _draw_job(draft, run, entry, evidence)
    return told


def draw_explicit(
    draft: Draft, run: Gathered, target: DatasetId, facets: Facets, evidence: Evidence
) -> bool:
    """Draw the facet ``lineage`` of the dataset ``target``; say whether it has one."""
    lineage = facets.typed("lineage", DatasetLineage)
    if lineage is None:
        return False
    _draw_dataset(draft, run, target, lineage, evidence)
    return True


def _draw_dataset(
    draft: Draft,
    run: Gathered,
    target: DatasetId,
    entry: DatasetEntry | DatasetLineage,
    evidence: Evidence,
) -> None:
    fields = entry.fields or {}
    draft.known.add(target)
    refined: set[End] = set()
    for column, made in fields.items():
        node = ColumnId(target, column)
        draft.known.add(node)
        for source in made.inputs:
            end = _end(source, run)
            refined.add(_whole(end))
            manner = manner_of(source.transformations, evidence, everywhere=False)
            draft.enter(end, [node], manner)
    columns = {*fields, *run.columns_of(target)}
    every: list[End] = [ColumnId(target, column) for column in sorted(columns)] or [target]
    for source in entry.inputs or ():
        end = _end(source, run)
        if isinstance(end, ColumnId):
            draft.enter(end, every, manner_of(source.transformations, evidence, everywhere=True))
        elif end not in refined:  # else the columns say more exactly how it enters
            draft.draw(end, target, manner_of(source.transformations, evidence, everywhere=False))


def _draw_job(draft: Draft, run: Gathered, entry: JobEntry, evidence: Evidence) -> None:
    target = _job(entry.namespace, entry.name, run)
    for source in entry.inputs or ():
        manner = manner_of(source.transformations, evidence, everywhere=False)
        draft.enter(_end(source, run), [target], manner)


def _end(source: DatasetSource | JobSource, run: Gathered) -> End:
    if isinstance(source, DatasetSource):
        dataset = DatasetId(source.namespace, source.name)
        return ColumnId(dataset, source.field) if source.field else dataset
    return _job(source.namespace, source.name, run)


def _job(namespace: str | None, name: str | None, run: Gathered) -> JobId:
    if namespace and name:
        return JobId(namespace, name)
    return run.job or JobId("", "")


def _whole(end: End) -> End:
    return end.dataset if isinstance(end, ColumnId) else end
