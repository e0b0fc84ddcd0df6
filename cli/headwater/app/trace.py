"""Use cases: questions about lineage, asked of the workspace's store."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from headwater.app.store import folder_of, synced_store
from headwater.catalog.errors import InputError
from headwater.catalog.files import find_root
from headwater.catalog.forms import Problems
from headwater.catalog.ids import ColumnId
from headwater.catalog.nodes import Mapping as Node_
from headwater.catalog.nodes import Sequence as Sequence_
from headwater.catalog.workspace import load_workspace

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import NamespaceRule, Workspace
    from headwater.lineage import Answer, Flow
    from headwater.lineage.comparison import Comparison
    from headwater.lineage.doctor import Diagnosis
    from headwater.lineage.filters import Filters
    from headwater.lineage.graph import Direction, LineageGraph, LogState
    from headwater.lineage.impact import Impact
    from headwater.lineage.matrix import Matrix
    from headwater.lineage.paths import PathAnswer

Gaps: TypeAlias = "tuple[str, ...]"
"""What takes from the completeness of every answer: see :func:`headwater.lineage.notes`."""

EVIDENCE = ("observed", "declared", "implied")
"""Kinds of evidence, strongest first."""


def workspace_at(start: Path) -> Workspace:
    """Return the workspace that ``start`` lies in, without its policies.

    Raises:
        InputError: There is no workspace.
        DocumentError: Files are wrong.
    """
    problems = Problems()
    workspace = load_workspace(find_root(start), problems)
    problems.raise_any()
    if workspace is None:
        raise AssertionError("a workspace that cannot be read has problems")
    return workspace


@contextmanager
def asked(
    workspace: Workspace, filters: Filters, *, overlay: bool = True
) -> Iterator[tuple[LineageGraph, Gaps]]:
    """Yield the graph to ask, brought up to date with the files, and what it lacks for certain.

    Whoever asks about the whole graph at once takes no overlaid one.

    Raises:
        DocumentError: Event files are wrong.
        StoreError: The store cannot be used.
    """
    from headwater.lineage.choose import choose_graph
    from headwater.lineage.notes import limits_of

    with synced_store(workspace) as store:
        key = _key(workspace)
        graph = choose_graph(store, folder_of(workspace), filters, key=key, overlay=overlay)
        yield graph, limits_of(store.notes())


_Whole = TypeVar("_Whole", "Answer", "PathAnswer", "Impact")


def _lacking(answer: _Whole, gaps: Gaps) -> _Whole:
    """Return the answer as one that also says what was not understood."""
    limits = (*answer.limits, *gaps)
    return replace(answer, complete=not limits, limits=limits)


def _key(workspace: Workspace) -> str:
    """Return what the graph follows from beside the events: contracts and departments."""
    rules = [
        (rule.namespace.pattern, rule.name.pattern, rule.department)
        for rule in workspace.namespaces
    ]
    described = sorted(
        (*dataset.key(), found.department) for dataset, found in workspace.datasets.items()
    )
    return hashlib.sha256(json.dumps([rules, described]).encode()).hexdigest()


def node_of(workspace: Workspace, graph: LineageGraph, reference: str) -> DatasetId | ColumnId:
    """Return what ``reference`` names, in lineage or in a contract.

    Raises:
        UnknownNameError: Nothing, or more than one thing, answers to it.
    """
    from headwater.lineage import resolve

    described = {
        dataset.id: [column.name for column in dataset.columns]
        for dataset in workspace.datasets.values()
    }
    return resolve(reference, graph, described)


def trace(workspace: Workspace, reference: str, direction: Direction, filters: Filters) -> Answer:
    """Return everything upstream or downstream of what ``reference`` names.

    Raises:
        UnknownNameError: Nothing, or more than one thing, answers to ``reference``.
        DocumentError: Event files are wrong.
    """
    from headwater.lineage.graph import trace as answer

    with asked(workspace, filters) as (graph, gaps):
        found = answer(graph, node_of(workspace, graph, reference), direction, filters)
        return _lacking(found, gaps)


def paths(workspace: Workspace, start: str, goal: str, filters: Filters) -> PathAnswer:
    """Return the ways from what ``start`` names to what ``goal`` names.

    Raises:
        UnknownNameError: Nothing, or more than one thing, answers to one of them.
        InputError: Both are one place.
        DocumentError: Event files are wrong.
    """
    from headwater.lineage.paths import find_paths

    with asked(workspace, filters) as (graph, gaps):
        source, target = (node_of(workspace, graph, reference) for reference in (start, goal))
        return _lacking(find_paths(graph, source, target, filters), gaps)


def impact(workspace: Workspace, reference: str, filters: Filters) -> Impact:
    """Return what a change to what ``reference`` names would affect.

    Raises:
        UnknownNameError: Nothing, or more than one thing, answers to ``reference``.
        DocumentError: Event files are wrong.
    """
    from headwater.lineage.impact import find_impact

    with asked(workspace, filters) as (graph, gaps):
        found = find_impact(
            graph,
            node_of(workspace, graph, reference),
            filters,
            department_of=workspace.department_of,
            owner_of=lambda dataset: owner_of(workspace, dataset) or graph.owner_of(dataset),
        )
        return _lacking(found, gaps)


def matrix(workspace: Workspace, filters: Filters) -> Matrix:
    """Return who receives whose data, department by department.

    Raises:
        DocumentError: Event files are wrong.
    """
    from headwater.lineage.csr import FileGraph
    from headwater.lineage.graph import Graph
    from headwater.lineage.matrix import find_matrix

    labels = {
        ColumnId(dataset.id, column.name): column.level
        for dataset in workspace.datasets.values()
        for column in dataset.columns
        if column.level
    }
    with asked(workspace, filters, overlay=False) as (graph, gaps):
        if isinstance(graph, FileGraph):
            from headwater.lineage.csr_matrix import find_file_matrix

            owners = departments_of(workspace, graph.all_datasets())
            return replace(find_file_matrix(graph, owners, labels, filters), limits=gaps)
        if not isinstance(graph, Graph):
            raise TypeError(f"no matrix of {type(graph).__name__}")
        return replace(find_matrix(graph, workspace.department_of, labels, filters), limits=gaps)


def departments_of(workspace: Workspace, datasets: Iterable[DatasetId]) -> list[str | None]:
    """Return the department of each dataset: a namespace's rules are sought once for all."""
    rules: dict[str, list[NamespaceRule]] = {}
    found = []
    for dataset in datasets:
        known = rules.get(dataset.namespace)
        if known is None:
            known = rules[dataset.namespace] = [
                rule for rule in workspace.namespaces if rule.namespace.matches(dataset.namespace)
            ]
        first = next((rule for rule in known if rule.name.matches(dataset.name)), None)
        described = workspace.datasets.get(dataset)
        found.append(first.department if first else described.department if described else None)
    return found


def comparison(
    workspace: Workspace,
    earlier: datetime.date,
    later: datetime.date,
    filters: Filters,
    *,
    column: str | None = None,
) -> Comparison:
    """Return what changed between the ends of two days.

    Raises:
        InputError: The days are the wrong way round.
        DocumentError: Event files are wrong.
    """
    from headwater.lineage.comparison import compare
    from headwater.lineage.graph import log_state
    from headwater.lineage.notes import limits_of

    if earlier > later:
        raise InputError.of("days-reversed", earlier=earlier, later=later)
    with synced_store(workspace) as store:
        days, log = (earlier, later), log_state(store)
        found = compare(store.snapshot(), days, filters, keeping=store.keeping, log=log)
        whole = replace(found, limits=limits_of(store.notes()))
    return whole if column is None else whole.of_column(column)


def diagnosis(workspace: Workspace, as_of: datetime.date, stale_after: int) -> Diagnosis:
    """Return what looks wrong in the lineage itself.

    Raises:
        DocumentError: Event files are wrong.
    """
    from headwater.lineage import load_graph
    from headwater.lineage.doctor import Patient, examine
    from headwater.lineage.filters import Filters

    with synced_store(workspace) as store:
        graph = load_graph(store, Filters(as_of=as_of))
        notes = store.notes()
        with store.raw() as raw:
            jobs = raw.jobs()

    def owner_known(dataset: DatasetId) -> str | None:
        return owner_of(workspace, dataset) or graph.owner_of(dataset)

    patient = Patient(graph, jobs, workspace.department_of, owner_known, notes)
    return examine(patient, as_of, stale_after)


def owner_of(workspace: Workspace, dataset: DatasetId) -> str | None:
    """Return who answers for a dataset: its contract's team member of the role owner, else first.

    ODCS 3.1 writes ``team: {members: […]}``, 3.0 ``team: […]``.
    """
    described = workspace.datasets.get(dataset)
    contract = workspace.contracts.get(described.contract) if described else None
    team = contract.node.get("team") if contract else None
    members = team.get("members") if isinstance(team, Node_) else team
    if not isinstance(members, Sequence_):
        return None
    people = [member for member in members if isinstance(member, Node_)]
    people.sort(key=lambda member: (member.text("role") or "").lower() != "owner")
    names = (member.text("name") or member.text("username") for member in people)
    return next((name for name in names if name), None)


@dataclass(frozen=True, slots=True)
class FlowRow:
    """The flows between two datasets of two departments, their columns together."""

    flows: tuple[Flow, ...]
    purposes: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that leave, sorted; none where only the whole dataset is known."""
        return tuple(sorted({flow.column for flow in self.flows if flow.column}))

    @property
    def evidence(self) -> str:
        """The weakest evidence of the flows."""
        return max((flow.evidence for flow in self.flows), key=EVIDENCE.index)

    @property
    def first(self) -> Flow:
        """The flow of the shortest path."""
        return min(self.flows, key=lambda flow: (flow.hops, flow.path))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which flows are asked about: by department, purpose and column that leaves."""

    provider: str | None = None
    consumer: str | None = None
    purpose: str | None = None
    column: str | None = None

    def document(self) -> dict[str, object]:
        """Return the JSON form: what was asked for, and nothing else."""
        found = {
            "from": self.provider,
            "to": self.consumer,
            "purpose": self.purpose,
            "column": self.column,
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class FlowRows:
    """The flows between departments, and what was left out."""

    rows: tuple[FlowRow, ...]
    limits: tuple[str, ...]
    wanted: Wanted
    filters: Filters
    log: LogState


def flow_rows(workspace: Workspace, wanted: Wanted, filters: Filters) -> FlowRows:
    """Return the cross-department flows, one row for each pair of datasets.

    Raises:
        UnknownNameError: A department or purpose is none of the workspace's.
        DocumentError: Event files are wrong.
    """
    from headwater.lineage import load_graph
    from headwater.lineage.flows import find_flows
    from headwater.lineage.graph import Graph
    from headwater.lineage.notes import limits_of

    _check_wanted(workspace, wanted)
    with synced_store(workspace) as store:
        whole, gaps = load_graph(store, filters), limits_of(store.notes())
    graph = Graph((edge for edge in whole.edges if filters.passes(edge)), whole.nodes)
    rows: dict[tuple[object, ...], list[Flow]] = {}
    cut = False
    for flow in find_flows(graph, workspace.department_of):
        if not _is_wanted(workspace, flow, wanted):
            continue
        if filters.hops is not None and flow.hops > filters.hops:
            cut = True
            continue
        key = (flow.provider, flow.consumer, flow.source, flow.target)
        rows.setdefault(key, []).append(flow)
    return FlowRows(
        rows=tuple(FlowRow(tuple(found), _purposes(workspace, found)) for found in rows.values()),
        limits=(*((f"--hops {filters.hops}",) if cut else ()), *gaps),
        wanted=wanted,
        filters=filters,
        log=whole.log,
    )


def _check_wanted(workspace: Workspace, wanted: Wanted) -> None:
    from headwater.catalog.errors import UnknownNameError
    from headwater.catalog.problems import closest

    departments, purposes = workspace.departments, workspace.purposes
    for name in (wanted.provider, wanted.consumer):
        if name is not None and name not in departments:
            near = closest(name, departments)
            raise UnknownNameError.of("unknown-department", name=name, suggestion=near)
    name = wanted.purpose
    if name is not None and name not in purposes:
        near = closest(name, purposes)
        raise UnknownNameError.of("unknown-purpose", name=name, suggestion=near)


def _is_wanted(workspace: Workspace, flow: Flow, wanted: Wanted) -> bool:
    """Say whether a flow is asked about; a purpose covers those that lie under it."""
    if wanted.provider not in (None, flow.provider) or wanted.consumer not in (None, flow.consumer):
        return False
    if wanted.column not in (None, flow.column):
        return False
    if wanted.purpose is None:
        return True
    return any(
        wanted.purpose in workspace.purpose_and_above(purpose)
        for purpose in _purposes(workspace, [flow])
    )


def _purposes(workspace: Workspace, flows: Iterable[Flow]) -> tuple[str, ...]:
    found = (
        flow.tagged_purpose or workspace.purpose_of_job(flow.job.namespace, flow.job.name)
        for flow in flows
    )
    return tuple(sorted({purpose for purpose in found if purpose}))
