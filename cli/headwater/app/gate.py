"""The gate: every cross-department flow, data check and retention term of a workspace, judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.catalogue import rules_of
from headwater.app.findings import check_findings, gap_findings
from headwater.app.fixes import Fixes
from headwater.app.flow_findings import cases, flow_findings
from headwater.app.label_findings import label_findings
from headwater.app.labels import labels_of_workspace
from headwater.app.lineage_notes import note_findings
from headwater.app.questions import Answered, asked
from headwater.app.report import Counts, EngineLabel, Report, outcome_of
from headwater.app.retention import Term
from headwater.app.retention_gate import retention_findings, whole_graph
from headwater.app.retention_lineage import Moves
from headwater.app.retention_terms import holding
from headwater.app.sharing import Agreements
from headwater.app.store import folder_of, synced_store
from headwater.app.waiving import waived
from headwater.app.witness import hops_of
from headwater.catalog.errors import InputError
from headwater.catalog.text import Text

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator

    from headwater.app.labels import WorkspaceLabels
    from headwater.app.loading import Loaded
    from headwater.app.questions import Question
    from headwater.catalog.findings import Finding
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Workspace
    from headwater.catalog.problems import Problem
    from headwater.catalog.witness import Fix, Hop
    from headwater.checks import ChecksEngine, DatasetChecks
    from headwater.lineage import Flow, Graph, LineageStore
    from headwater.policies import Engine, Facts, Vocabulary
    from headwater.policies.choose import Choice


BATCH = 50_000
"""About how many questions are asked at a time."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the engine said of a run's questions and datasets.

    ``answered`` are those that it refused or warned of, ``distinct`` counts all that were asked.
    """

    engine: EngineLabel
    answered: tuple[Answered, ...]
    distinct: int
    terms: tuple[Term, ...]


def gate(
    loaded: Loaded,
    *,
    as_of: datetime.date,
    engine: Choice | None = None,
    executable: str | None = None,
    explained: bool = True,
    checks_engine: ChecksEngine = "scan",
) -> Report:
    """Return the report on the workspace as on the day ``as_of``.

    Args:
        loaded: What the files say.
        as_of: The day to judge on; nothing here reads the clock.
        engine: ``auto``, ``opa`` or ``native``; ``None``: what the workspace says.
        executable: The path of an ``opa``, if there is one.
        explained: Whether findings say by what path, and what would have to change.
        checks_engine: What measures the data.

    Raises:
        DocumentError: Event files are wrong.
        EngineError: The engine gave no usable answer.
        InputError: Nothing was evaluated.
    """
    from headwater.lineage import load_graph
    from headwater.lineage.flows import find_flows
    from headwater.policies import open_engine

    workspace, policies = loaded.workspace, loaded.policies
    with synced_store(workspace) as store:
        graph, notes = load_graph(store), store.notes()
        checks = _run_checks(workspace, store, as_of, checks_engine)
    flows = find_flows(graph, workspace.department_of)
    scene = _Scene(graph, checks, flows, labels_of_workspace(workspace, graph), notes)
    named = engine or workspace.engine
    with open_engine(named, policies, executable=executable, server=workspace.opa) as chosen:
        judged, told = _judged(loaded, scene, chosen, as_of, explained=explained)
    kept = retention_findings(loaded, scene.labels, judged.terms, judged.engine, as_of)
    return _report(loaded, scene, judged, (*told, *kept), as_of)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What there is to judge."""

    graph: Graph
    checks: tuple[DatasetChecks, ...]
    flows: tuple[Flow, ...]
    labels: WorkspaceLabels
    notes: tuple[Problem, ...]

    @property
    def states(self) -> dict[DatasetId, str]:
        """The state of each dataset's data checks."""
        return {found.dataset: found.state for found in self.checks}


def _judged(
    loaded: Loaded, scene: _Scene, engine: Engine, as_of: datetime.date, *, explained: bool
) -> tuple[Judged, tuple[Finding, ...]]:
    """Return what the engine says, and the findings about flows."""
    workspace, policies = loaded.workspace, loaded.policies
    agreements = Agreements(workspace, as_of)
    questions = asked(workspace, agreements, scene.states, scene.flows, labels=scene.labels)
    judged = judged_of(loaded, engine, questions, scene.labels, as_of)
    found = cases(policies, judged.answered, switched_off=workspace.disabled_rules)
    paths: tuple[tuple[Hop, ...], ...] = ()
    fixes: list[Fix | None] = []
    if explained:
        paths = hops_of(workspace, scene.graph, found)
        fixes = Fixes(workspace, policies, as_of, scene.states, scene.labels).of(found, engine)
    standing = policies.on(as_of)  # what is said of a rule is what it says on that day
    return judged, flow_findings(standing, workspace, found, paths, fixes)


def _run_checks(
    workspace: Workspace, store: LineageStore, as_of: datetime.date, engine: ChecksEngine
) -> tuple[DatasetChecks, ...]:
    from headwater.app.evidence import record_checks
    from headwater.checks import GxRunner, run_checks

    datasets = [workspace.datasets[identity] for identity in sorted(workspace.datasets)]
    found = run_checks(
        workspace, datasets, folder_of(workspace) / "checks", runner=GxRunner(engine)
    )
    record_checks(store, found, as_of)
    return found


def judged_of(
    loaded: Loaded,
    engine: Engine,
    questions: Iterable[Question],
    labels: WorkspaceLabels,
    as_of: datetime.date,
) -> Judged:
    """Return what the engine says of the questions; what it simply allows is only counted.

    Raises:
        EngineError: The engine gave no usable answer.
    """
    from headwater.policies import Vocabulary

    workspace, policies = loaded.workspace, loaded.policies
    vocabulary = Vocabulary.of(workspace)
    reported: list[Answered] = []
    distinct = 0
    for batch in _batches(questions):
        found, count = _answered(engine, vocabulary, batch, as_of)
        reported += found
        distinct += count
    return Judged(
        engine=EngineLabel(engine.name, engine.version, policies.revision),
        answered=tuple(reported),
        distinct=distinct,
        terms=_terms(loaded, engine, labels, as_of),
    )


def _batches(questions: Iterable[Question]) -> Iterator[list[Question]]:
    """Yield the questions in parts that memory holds; no two parts have a question in common."""
    batch: list[Question] = []
    for question in questions:
        if len(batch) >= BATCH and question.flow.source != batch[-1].flow.source:
            yield batch
            batch = []
        batch.append(question)
    if batch:
        yield batch


def _answered(
    engine: Engine, vocabulary: Vocabulary, batch: list[Question], as_of: datetime.date
) -> tuple[list[Answered], int]:
    """Return what is to be reported of a batch, and how many questions it came to."""
    from headwater.policies import Normaliser

    normaliser = Normaliser(vocabulary, as_of)
    facts: dict[int, Facts] = {}
    for question in batch:
        if id(question.document) not in facts:
            facts[id(question.document)] = normaliser.facts(question.document)
    distinct = {id(each): each for each in facts.values()}
    answers = dict(zip(distinct, engine.decide(list(distinct.values())), strict=True))
    found = []
    for question in batch:
        each = facts[id(question.document)]
        decision = answers[id(each)]
        if not decision.allow or decision.warnings:
            found.append(Answered(question, each, decision))
    return found, len(distinct)


def _terms(
    loaded: Loaded, engine: Engine, labels: WorkspaceLabels, as_of: datetime.date
) -> tuple[Term, ...]:
    workspace = loaded.workspace
    rules = {
        rule.id: (rule, policy.mode == "advise", policy.zone or workspace.zone)
        for policy, rule in loaded.policies.on(as_of).retention_rules()
    }
    moves = Moves(whole_graph(labels).edges)
    found: list[Term] = []
    for identity, held in holding(loaded, engine, labels, moves, as_of).items():
        for name, gaps in held:
            rule, advises, zone = rules[name]
            found.append(Term(workspace.datasets[identity], rule, gaps, advises, zone))
    return tuple(found)


def _report(
    loaded: Loaded,
    scene: _Scene,
    judged: Judged,
    told: tuple[Finding, ...],
    as_of: datetime.date,
) -> Report:
    workspace = loaded.workspace
    findings = [
        *check_findings(scene.checks),
        *told,
        *gap_findings(workspace, scene.graph, scene.flows),
        *note_findings(scene.notes),
        *label_findings(workspace, scene.labels),
    ]
    rules = rules_of(loaded.policies.on(as_of), (finding.rule for finding in findings))
    findings = waived(workspace, findings, rules, as_of)
    counts = Counts(
        departments=len(workspace.departments),
        datasets=len(workspace.datasets.keys() | set(scene.graph.datasets)),
        flows=len({(flow.source, flow.target) for flow in scene.flows}),
        decisions=judged.distinct,
        checks=sum(len(found.results) for found in scene.checks),
        terms=len(judged.terms),
    )
    _refuse_empty(counts)
    return Report(
        outcome=outcome_of(findings, rules),
        as_of=as_of,
        engine=judged.engine,
        counts=counts,
        findings=tuple(sorted(findings, key=lambda finding: finding.order())),
        rules=rules,
    )


def _refuse_empty(counts: Counts) -> None:
    if not counts.decisions and not counts.checks and not counts.terms:
        raise InputError.of(
            "nothing-to-judge",
            reason=Text(
                "no flow between departments, no data check, no retention term",
                "没有跨部门流动，没有数据检查，也没有保存期限",
            ),
        )
