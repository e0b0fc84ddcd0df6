"""Use case: judge how long every dataset may and must be kept, on any day."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from headwater.app.labels import labels_of_workspace
from headwater.app.report import EngineLabel
from headwater.app.retention_agreements import Handed
from headwater.app.retention_judge import group, judge
from headwater.app.retention_lineage import EndsMaximum, Moves
from headwater.app.retention_model import Bounds, Declared, Group, Judged, Terms
from headwater.app.retention_terms import gather, holding, limits_of
from headwater.catalog.forms import Problems
from headwater.catalog.ids import ColumnId
from headwater.catalog.model import CATEGORIES
from headwater.catalog.text import Text
from headwater.lineage.model import dataset_of
from headwater.lineage.terms import BY_NAME, Arrivals, spread

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator, Mapping

    from headwater.app.labels import WorkspaceLabels
    from headwater.app.loading import Loaded
    from headwater.app.retention_terms import Holding
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Workspace
    from headwater.checks import Unreadable
    from headwater.checks.cohorts import Clock, Cohort
    from headwater.lineage.graph import Graph, LogState
    from headwater.lineage.model import Edge
    from headwater.lineage.terms import Limit
    from headwater.policies.choose import Choice

PERSONAL = frozenset(CATEGORIES) - {"business"}
"""Categories of personal data: it must end some day (PIPL 19)."""

_NO_CONTRACT = Text("no data contract says where its data are", "没有数据合同说明其数据所在位置")

_NOT_READ = Text("no record is read for this answer", "此查询不读取任何记录")


@dataclass(frozen=True)
class Survey:
    """Every dataset of a workspace, judged on one day.

    Attributes:
        terms: The terms where they are declared.
        limits: The maxima that travel, each with the term that it comes from.
        arrivals: What reaches each dataset.
        judged: Every dataset that a contract describes or lineage knows, sorted.
    """

    workspace: Workspace
    as_of: datetime.date
    engine: EngineLabel
    log: LogState
    moves: Moves
    handed: Handed
    terms: Terms
    limits: Mapping[Limit, Declared]
    arrivals: Mapping[DatasetId, Arrivals]
    judged: Mapping[DatasetId, Judged]


@dataclass(frozen=True)
class Surveyor:
    """Judges on any day: data are counted once, the engine is asked for each day."""

    loaded: Loaded
    engine: EngineLabel
    graph: Graph
    labels: WorkspaceLabels
    moves: Moves
    held_on: Callable[[datetime.date], Mapping[DatasetId, tuple[Holding, ...]]]
    counted: Callable[[DatasetId, tuple[Clock, ...]], tuple[Cohort, ...] | Unreadable]

    def dataset_named(self, reference: str) -> DatasetId:
        """Return the dataset that ``reference`` names, a column of it or not.

        Raises:
            UnknownNameError: Nothing, or more than one thing, answers to it.
        """
        from headwater.app.trace import node_of

        return dataset_of(node_of(self.loaded.workspace, self.graph, reference))

    def on(self, day: datetime.date) -> Survey:
        """Return everything judged on ``day``.

        Raises:
            EngineError: The engine gave no usable answer.
        """
        workspace = self.loaded.workspace
        terms = gather(self.loaded, self.held_on(day), self.moves, day)
        limits = limits_of(terms.maxima, day)
        arrivals = spread(limits, self.moves.ways)
        minima: dict[DatasetId, list[Declared]] = {}
        for term in terms.minima:
            if not term.advises:
                minima.setdefault(term.dataset, []).append(term)
        personal = self._personal
        holds = [hold for hold in workspace.holds if hold.lasts(day)]
        handed = Handed(workspace, self.moves, day)
        judged = {}
        for dataset in sorted(workspace.datasets.keys() | self.moves.datasets, key=BY_NAME):
            bounds = Bounds(
                arrivals=arrivals.get(dataset, NOTHING),
                minima=tuple(minima.get(dataset, ())),
                holds=tuple(hold for hold in holds if hold.covers(dataset)),
                personal=dataset in personal,
            )
            judged[dataset] = self._judged(dataset, handed.department_of(dataset), bounds, day)
        return Survey(
            *(workspace, day, self.engine, self.graph.log, self.moves, handed, terms, limits),
            arrivals=arrivals,
            judged=judged,
        )

    @cached_property
    def _personal(self) -> frozenset[DatasetId]:
        known = self.loaded.workspace.datasets.keys() | self.moves.datasets
        return frozenset(each for each in known if holds_personal(self.labels, each))

    def _judged(
        self, dataset: DatasetId, department: str | None, bounds: Bounds, day: datetime.date
    ) -> Judged:
        from headwater.checks import Unreadable

        clocks = bounds.clocks
        if not clocks:
            whole = Group(None, None, None, judge(bounds, {}, day))
            return Judged(dataset, department, bounds, (), (whole,))
        found = self.counted(dataset, clocks)
        if isinstance(found, Unreadable):
            whole = Group(None, None, None, judge(bounds, {}, day))
            return Judged(dataset, department, bounds, (), (whole,), found.reason)
        return Judged(dataset, department, bounds, found, group(bounds, found, day))


NOTHING = Arrivals()


@contextmanager
def surveying(
    loaded: Loaded,
    *,
    engine: Choice | None = None,
    executable: str | None = None,
    ends: EndsMaximum | None = None,
    counting: bool = True,
) -> Iterator[Surveyor]:
    """Yield what judges the workspace on any day.

    ``ends`` says which edges end a maximum (``None``: :func:`ends_where_anonymised`),
    ``counting`` whether records may be read.

    Raises:
        DocumentError: Event files are wrong, or a hold covers nothing.
        EngineError: The engine gave no usable answer.
    """
    from headwater.app.store import synced_store
    from headwater.lineage import load_graph
    from headwater.policies import open_engine

    workspace, policies = loaded.workspace, loaded.policies
    with synced_store(workspace) as store:
        graph = load_graph(store)
    labels = labels_of_workspace(workspace, graph)
    moves = Moves(graph.edges, ends or ends_where_anonymised(labels))
    check_holds(workspace, moves)
    named = engine or workspace.engine
    with open_engine(named, policies, executable=executable, server=workspace.opa) as chosen:
        yield Surveyor(
            loaded=loaded,
            engine=EngineLabel(chosen.name, chosen.version, policies.revision),
            graph=graph,
            labels=labels,
            moves=moves,
            held_on=cache(lambda day: holding(loaded, chosen, labels, moves, day)),
            counted=cache(lambda dataset, clocks: count(workspace, dataset, clocks))
            if counting
            else _uncounted,
        )


def check_holds(workspace: Workspace, moves: Moves) -> None:
    """Refuse holds that cover nothing: a misspelt one would let data go that must stay.

    Raises:
        DocumentError: There are some.
    """
    problems = Problems()
    datasets = workspace.datasets.keys() | moves.datasets
    for hold in workspace.holds:
        if not any(hold.covers(dataset) for dataset in datasets):
            problems.add("hold-covers-nothing", hold.position, id=hold.id)
    problems.raise_any()


def _uncounted(_dataset: DatasetId, _clocks: tuple[Clock, ...]) -> Unreadable:
    from headwater.checks import Unreadable

    return Unreadable(_NOT_READ)


def count(
    workspace: Workspace, dataset: DatasetId, clocks: tuple[Clock, ...]
) -> tuple[Cohort, ...] | Unreadable:
    """Return the cohorts of a dataset by its clocks, or why they cannot be counted."""
    from headwater.checks import Unreadable
    from headwater.checks.cohorts import count_cohorts

    described = workspace.datasets.get(dataset)
    if described is None:
        return Unreadable(_NO_CONTRACT)
    return count_cohorts(workspace, workspace.contracts[described.contract], described, clocks)


def holds_personal(labels: WorkspaceLabels, dataset: DatasetId) -> bool:
    """Say whether a dataset holds personal data: by its own labels, or by what it is made from."""
    return bool(PERSONAL & {*labels.scheme.categories(labels.effective.of(dataset))})


def ends_where_anonymised(labels: WorkspaceLabels) -> EndsMaximum:
    """Return what says that a maximum ends: at a proved stop-point that leaves nothing personal.

    Data that are only de-identified keep their categories, and so their terms (PIPL 73).
    """
    about = 0
    for name in sorted(PERSONAL & {*labels.scheme.known}):
        about |= labels.scheme.category_bit(name)

    def ends(edge: Edge) -> bool:
        keeping = labels.keeping.get(dataset_of(edge.target))
        if keeping is None:
            return False
        column = edge.target.column if isinstance(edge.target, ColumnId) else None
        return not keeping(edge.job, column, edge.kind) & about

    return ends
