"""What flows, as values: events, edges, flows, runs of checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from headwater.catalog.ids import ColumnId, DatasetId, JobId

if TYPE_CHECKING:
    from headwater.catalog.position import Position
    from headwater.lineage.moulds import Cast, Told

Node = DatasetId | ColumnId
Kind = Literal["direct", "indirect"]
Evidence = Literal["observed", "declared", "implied"]
EVIDENCE: tuple[Evidence, ...] = ("observed", "declared", "implied")
"""Kinds of evidence, strongest first."""


@dataclass(frozen=True, slots=True)
class Event:
    """One OpenLineage event, as the log keeps it.

    Attributes:
        digest: SHA-256 of the whole event as canonical JSON, in hexadecimal: its identity.
        body: What is understood of the event, as canonical JSON: all of it, if read strictly.
        raw: The event's own bytes as they stood in the file.
        event_time: As written.
        moment: ``event_time`` in UTC, sortable as text.
        run: The key of what it belongs to: ``run:…``, ``job:…`` or ``dataset:…``.
        position: Where it begins.
        partial: Whether parts of it were not understood.
        cast: The same bytes as a mould and words, where they repeat others.
        told: What it says, where that is known already.
    """

    digest: str
    body: str
    raw: bytes
    event_time: str
    moment: str
    run: str
    position: Position
    partial: bool = False
    cast: Cast | None = None
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class RunEdge:
    """What one run says of two nodes.

    Attributes:
        kind: Direct where any mention is.
        masked: Whether every mention masks.
        subtypes: How, in OpenLineage's words (``JOIN``, ``FILTER``, ``IDENTITY`` …), sorted.
        whole: Whether it stands for itself. ``False``: it sums up column edges.
    """

    source: Node
    target: Node
    purpose: str | None
    kind: Kind
    masked: bool
    evidence: Evidence
    subtypes: tuple[str, ...] = ()
    whole: bool = False


StatementKind = Literal["alias", "rename", "drop", "parent", "owners", "tags", "through"]


@dataclass(frozen=True, slots=True, order=True)
class Statement:
    """What a run says beside its edges; the words of each kind are described in ``statements``.

    ``moment`` is when the event said so, or empty where time does not matter.
    """

    kind: StatementKind
    moment: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunIndex:
    """What all the events of one run come to. ``first`` and ``last`` are moments.

    Attributes:
        failed: Its last word on how it ended is ``FAIL`` or ``ABORT``.
        shape: A digest of ``known`` and ``edges``: runs of one shape differ in neither.
    """

    job: JobId
    first: str
    last: str
    known: tuple[Node, ...]
    edges: tuple[RunEdge, ...]
    failed: bool = False
    statements: tuple[Statement, ...] = ()
    shape: str = ""


@dataclass(frozen=True, slots=True)
class StoredEdge:
    """An edge of one run with the run's job, times (as moments) and latest place.

    ``until``: the moment from which it holds no longer, where that is known.
    """

    edge: RunEdge
    run: str
    job: JobId
    first: str
    last: str
    position: Position | None
    failed: bool = False
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A statement, and the run that made it; ``first`` and ``last`` are the run's moments."""

    statement: Statement
    run: str
    job: JobId
    first: str
    last: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The index at one moment: the edges of every run, and every node that any event names.

    ``said`` is what the runs say beside their edges, ``seen`` when each dataset was named (its
    first and last moment), ``sequence`` the last event of the log.
    """

    edges: tuple[StoredEdge, ...]
    known: tuple[Node, ...]
    said: tuple[Said, ...] = ()
    seen: tuple[tuple[DatasetId, str, str], ...] = ()
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class IndexState:
    """Which state of which store's index: the mark is drawn at random for each generation."""

    generation: int
    mark: int


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What rebuilding the index came to.

    Attributes:
        events: Events that count.
        runs: Runs that they belong to.
        before: The digest of the index as it was.
        after: The digest of the index rebuilt.
    """

    events: int
    runs: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Edge:
    """What all runs of one job for one purpose say of two nodes, for one kind of evidence.

    Attributes:
        kind: Direct where any run was.
        masked: Whether every run masked.
        first_seen: The earliest time of these runs.
        last_seen: The latest.
        runs: Their ids, sorted.
        position: Where the latest of them stands, if in a file.
        subtypes: How, in OpenLineage's words, sorted.
        whole: Whether it stands for itself. ``False``: it sums up column edges.
        failed: Whether every run failed.
        until: From when it holds no longer: the job has since written the target without it, or
            an end was dropped. ``None``: it holds still.
    """

    source: Node
    target: Node
    job: JobId
    purpose: str | None
    kind: Kind
    masked: bool
    evidence: Evidence
    first_seen: str
    last_seen: str
    runs: tuple[str, ...]
    position: Position | None
    subtypes: tuple[str, ...] = ()
    whole: bool = False
    failed: bool = False
    until: str | None = None

    def order(self) -> tuple[object, ...]:
        """Return the sort key of reports."""
        tags = (self.job, self.purpose or "", EVIDENCE.index(self.evidence))
        return (*node_key(self.source), *node_key(self.target), *tags)


@dataclass(frozen=True, slots=True)
class Flow:
    """Data of one department reaching a dataset of another, for one purpose.

    Attributes:
        provider: The department whose exit it is.
        consumer: The department whose entry it is.
        source: The exit's dataset.
        column: The exit column; ``None``: the dataset as a whole (only implied).
        target: The entry: the consumer's first dataset on the path.
        target_columns: The entry's columns that it reaches, sorted; none where not known.
        job: The job that wrote the entry; of several for one purpose the latest.
        tagged_purpose: The purpose that this job's events state, if they do.
        via: Departments between, sorted; none for a direct flow.
        first_recipients: Departments that the data reaches first on its way, sorted.
        evidence: The weakest edge of the best path.
        influence: Direct where any path is direct throughout.
        masked: Whether every path is masked.
        hops: Steps from dataset to dataset of the shortest path.
        path: That path, source and target included; of several the first by name.
        first_seen: Earliest time of the edges into the entry.
        last_seen: Latest time of them.
        runs: Their runs, sorted.
        position: Where the latest of them stands, if in a file.
    """

    provider: str
    consumer: str
    source: DatasetId
    column: str | None
    target: DatasetId
    target_columns: tuple[str, ...]
    job: JobId
    tagged_purpose: str | None
    via: tuple[str, ...]
    first_recipients: tuple[str, ...]
    evidence: Evidence
    influence: Kind
    masked: bool
    hops: int
    path: tuple[DatasetId, ...]
    first_seen: str
    last_seen: str
    runs: tuple[str, ...]
    position: Position | None

    def order(self) -> tuple[object, ...]:
        """Return the sort key of reports."""
        source, target, job = self.source, self.target, self.job
        return (  # texts alone: values compared one by one would take far longer
            *(self.provider, self.consumer, source.namespace, source.name),
            *(target.namespace, target.name, self.column or "", self.tagged_purpose or ""),
            *(job.namespace, job.name),
        )


@dataclass(frozen=True, slots=True)
class Assertion:
    """One result of a data check. ``column`` is ``None`` where the whole dataset was asked."""

    assertion: str
    success: bool
    column: str | None = None
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One run of a dataset's checks, to be recorded as an event.

    Attributes:
        dataset: What was checked.
        assertions: The results.
        event_time: When, with its zone; the caller says so.
        job: The job that checked.
        run_id: A UUID of the caller's choice; the same run is recorded once.
    """

    dataset: DatasetId
    assertions: tuple[Assertion, ...]
    event_time: str
    job: JobId
    run_id: str


def dataset_of(node: Node) -> DatasetId:
    """Return the dataset that a node is or belongs to."""
    return node.dataset if isinstance(node, ColumnId) else node


def node_key(node: Node) -> tuple[str, str, str]:
    """Return the sort key of a node: a dataset comes before its columns."""
    dataset = dataset_of(node)
    column = node.column if isinstance(node, ColumnId) else ""
    return (dataset.namespace, dataset.name, column)
