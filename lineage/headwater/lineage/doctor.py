"""What looks wrong in the lineage itself: what an auditor should not rely on unseen."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from headwater.catalog.ids import DatasetId
from headwater.lineage.filters import Filters, end_of
from headwater.lineage.model import dataset_of
from headwater.lineage.notes import lacks, limits_of
from headwater.lineage.times import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from headwater.catalog.ids import JobId
    from headwater.catalog.problems import Problem
    from headwater.lineage.graph import Graph, LogState
    from headwater.lineage.model import Edge

Complaint = Literal[
    "two-names",
    "stale",
    "ceased",
    "no-department",
    "no-owner",
    "implied-only",
    "job-without-lineage",
    "not-understood",
    "taken-in-part",
]
COMPLAINTS: tuple[Complaint, ...] = (
    "two-names",
    "stale",
    "ceased",
    "no-department",
    "no-owner",
    "implied-only",
    "job-without-lineage",
    "not-understood",
    "taken-in-part",
)


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that looks wrong.

    Attributes:
        complaint: What kind.
        subjects: The datasets that it is about: of ``stale``, ``ceased`` and ``implied-only``
            from and to.
        job: The job that it is about.
        last_seen: When that was last seen.
        note: What was not understood, and where.
    """

    complaint: Complaint
    subjects: tuple[DatasetId, ...]
    job: JobId | None = None
    last_seen: str | None = None
    note: Problem | None = None

    def order(self) -> tuple[object, ...]:
        """Return the sort key of reports."""
        job = (self.job.namespace, self.job.name) if self.job else ("", "")
        said = self.note.order() if self.note else ()
        return (COMPLAINTS.index(self.complaint), self.subjects, job, said)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that looks wrong, sorted."""

    symptoms: tuple[Symptom, ...]
    as_of: datetime.date
    stale_after: int
    filters: Filters
    log: LogState
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined.

    Attributes:
        graph: What was known on the day.
        jobs: Every job of any event, with the latest time of its events.
        department_of: Whose a dataset is.
        owner_of: Who answers for it.
        notes: What lenient reading did not understand.
    """

    graph: Graph
    jobs: Mapping[JobId, str]
    department_of: Callable[[DatasetId], str | None]
    owner_of: Callable[[DatasetId], str | None]
    notes: tuple[Problem, ...] = ()


def examine(patient: Patient, as_of: datetime.date, stale_after: int) -> Diagnosis:
    """Return what looks wrong at the end of the day ``as_of``.

    Args:
        patient: What is examined.
        as_of: What was known then.
        stale_after: A step that nobody saw for more days than this is stale.
    """
    graph = patient.graph
    steps = [
        edge
        for edge in graph.edges
        if isinstance(edge.source, DatasetId) and isinstance(edge.target, DatasetId)
    ]
    found = [
        *_two_names(graph),
        *_stale(steps, as_of, stale_after),
        *(_about("ceased", edge) for edge in steps if edge.until),
        *_nobodys(patient),
        *_implied_only(steps),
        *_jobs_without(patient.jobs, {edge.job for edge in graph.edges}, end_of(as_of)),
        *map(_noted, patient.notes),
    ]
    once = {symptom.order(): symptom for symptom in found}
    return Diagnosis(
        symptoms=tuple(sorted(once.values(), key=Symptom.order)),
        as_of=as_of,
        stale_after=stale_after,
        filters=Filters(as_of=as_of),
        log=graph.log,
        limits=limits_of(patient.notes),
    )


def _noted(note: Problem) -> Symptom:
    return Symptom("not-understood" if lacks(note) else "taken-in-part", (), note=note)


def _about(complaint: Complaint, edge: Edge) -> Symptom:
    ends = (dataset_of(edge.source), dataset_of(edge.target))
    return Symptom(complaint, ends, edge.job, edge.last_seen)


def _stale(steps: Iterable[Edge], as_of: datetime.date, days: int) -> Iterator[Symptom]:
    """Yield the steps of which even the latest sight by any job is long ago."""
    latest: dict[tuple[object, ...], Edge] = {}
    for edge in steps:
        key = (edge.source, edge.target)
        if key not in latest or latest[key].last_seen < edge.last_seen:
            latest[key] = edge
    if as_of.toordinal() <= days:
        return
    oldest = (as_of - datetime.timedelta(days=days)).isoformat()
    yield from (_about("stale", edge) for edge in latest.values() if edge.last_seen < oldest)


def _nobodys(patient: Patient) -> Iterator[Symptom]:
    for dataset in patient.graph.datasets:
        if patient.department_of(dataset) is None:
            yield Symptom("no-department", (dataset,))
        if patient.owner_of(dataset) is None:
            yield Symptom("no-owner", (dataset,))


def _implied_only(steps: Iterable[Edge]) -> Iterator[Symptom]:
    best: dict[tuple[object, ...], Edge] = {}
    for edge in steps:
        key = (edge.source, edge.target)
        if key not in best or edge.evidence != "implied":
            best[key] = edge
    yield from (
        _about("implied-only", edge) for edge in best.values() if edge.evidence == "implied"
    )


def _jobs_without(jobs: Mapping[JobId, str], drawing: set[JobId], until: str) -> Iterator[Symptom]:
    for job, last in jobs.items():
        if job not in drawing and last <= until:
            yield Symptom("job-without-lineage", (), job, shown(last))


def _two_names(graph: Graph) -> Iterator[Symptom]:
    """Yield groups of datasets whose names differ only in how they are written.

    Or which have the same name in two namespaces and the same columns, and do not feed each
    other: a copy is a step of the graph, a second name is not.
    """
    written: dict[str, list[DatasetId]] = defaultdict(list)
    named: dict[tuple[str, tuple[str, ...]], list[DatasetId]] = defaultdict(list)
    for dataset in graph.datasets:
        written[plain(dataset)].append(dataset)
        columns = graph.columns_of(dataset)
        if columns:
            named[dataset.name.lower(), columns].append(dataset)
    fed = {(dataset_of(edge.source), dataset_of(edge.target)) for edge in graph.edges}
    for group in written.values():
        if len(group) > 1:
            yield Symptom("two-names", tuple(group))
    for group in named.values():
        apart = not any((one, other) in fed for one in group for other in group)
        if len(group) > 1 and apart:
            yield Symptom("two-names", tuple(group))


_DEFAULT_PORTS = {"postgres": "5432", "mysql": "3306", "sqlserver": "1433", "oracle": "1521"}
_SCHEMES = {"s3a": "s3", "s3n": "s3", "postgresql": "postgres", "abfss": "abfs", "wasbs": "wasb"}
_PARTS = re.compile(r"(?:(?P<scheme>[a-z0-9+.-]+)://)?(?P<rest>.*)", re.DOTALL)


def plain(dataset: DatasetId) -> str:
    """Return a dataset's name without what differs only by how it is written.

    Case, the scheme's synonyms, the default port, quotes and doubled or closing slashes.

    Example:
        >>> from headwater.catalog.ids import DatasetId
        >>> plain(DatasetId("postgresql://DB:5432", "pop.public.resident"))
        'postgres://db/pop.public.resident'
        >>> plain(DatasetId("s3a://lake", "/raw/x/"))
        's3://lake/raw/x'
    """
    found = _PARTS.fullmatch(dataset.namespace.lower())
    scheme, rest = (found["scheme"] or "", found["rest"]) if found else ("", dataset.namespace)
    scheme = _SCHEMES.get(scheme, scheme)
    port = _DEFAULT_PORTS.get(scheme)
    rest = rest.removesuffix(f":{port}") if port else rest
    name = re.sub("/+", "/", dataset.name.lower().replace('"', "").replace("`", "")).strip("/")
    return f"{scheme}://{rest.rstrip('/')}/{name}"
