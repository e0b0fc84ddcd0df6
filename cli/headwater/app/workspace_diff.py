"""Use case: what changes from one state of a workspace to another: a pull request, say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.flow_findings import NOT_ALLOWED
from headwater.app.labels import labels_of_workspace
from headwater.app.policy_flow import check_states
from headwater.app.questions import ask
from headwater.app.sharing import Agreements
from headwater.app.store import synced_store
from headwater.catalog.agreement_changes import agreement_changes
from headwater.catalog.contract_changes import contract_changes

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping

    from headwater.app.loading import Loaded
    from headwater.app.questions import Question
    from headwater.catalog.change_rules import Changed
    from headwater.catalog.ids import DatasetId
    from headwater.lineage import Graph
    from headwater.policies import Decision
    from headwater.policies.choose import Choice

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class FlowTurn:
    """A flow that is newly refused or newly allowed.

    Attributes:
        turn: ``newly-refused`` or ``newly-allowed``.
        rules: The rules that refuse it now, or did before.
        implied: Whether it is only implied.
    """

    turn: str
    rules: tuple[str, ...]
    provider: str
    consumer: str
    source: DatasetId
    target: DatasetId
    columns: tuple[str, ...]
    purposes: tuple[str, ...]
    implied: bool

    def order(self) -> tuple[object, ...]:
        """Return the sort key."""
        turn = self.turn != "newly-refused"
        return (turn, self.provider, self.consumer, self.source, self.target, self.rules)


@dataclass(frozen=True, slots=True)
class WorkspaceDiff:
    """What has changed.

    Attributes:
        changes: Of contracts, declared labels and agreements; what breaks first.
        flows: Those newly refused, then those newly allowed.
        asked: How many questions were asked of each side.
        policy_revisions: Of both sides.
    """

    as_of: datetime.date
    changes: tuple[Changed, ...]
    flows: tuple[FlowTurn, ...]
    asked: int
    policy_revisions: tuple[str, str]

    def breaking(self) -> tuple[Changed, ...]:
        """Return the changes that can break somebody's work."""
        return tuple(each for each in self.changes if each.rule.breaks)

    def turned(self, turn: str) -> tuple[FlowTurn, ...]:
        """Return the flows of one turn."""
        return tuple(each for each in self.flows if each.turn == turn)


def diff(
    base: Loaded,
    head: Loaded,
    *,
    here: Loaded,
    as_of: datetime.date,
    executable: str | None,
) -> WorkspaceDiff:
    """Return what changes from ``base`` to ``head``.

    Both are asked about the same recorded flows, those of ``here``, and its data checks: so every
    difference comes from what the files say.

    Args:
        base: The workspace as it was.
        head: As it is, or would be.
        here: The workspace whose lineage and data there are: ``head``, where that is a folder.
        as_of: The day.
        executable: The path of an ``opa``; needed where a workspace has Rego of its own.

    Raises:
        EngineError: There is Rego, and no OPA to ask.
        DocumentError: Event files are wrong.
    """
    changes = [
        *contract_changes(base.workspace.contracts, head.workspace.contracts),
        *agreement_changes(base.workspace, head.workspace),
    ]
    day = _day(here, as_of, executable)
    before, after = day.answers(base), day.answers(head)
    return WorkspaceDiff(
        as_of,
        tuple(sorted(changes, key=lambda each: each.order())),
        _turns(before, after),
        len(before.keys() | after.keys()),
        (base.policies.revision, head.policies.revision),
    )


@dataclass(frozen=True, slots=True)
class _Day:
    """What both sides are asked with."""

    graph: Graph
    checks: Mapping[DatasetId, str]
    as_of: datetime.date
    executable: str | None

    def answers(self, side: Loaded) -> dict[_Key, tuple[Question, Decision]]:
        """Return what one side says of every recorded flow."""
        from headwater.lineage.flows import find_flows
        from headwater.policies import Vocabulary, normalise, open_engine

        workspace, policies = side.workspace, side.policies
        flows = find_flows(self.graph, workspace.department_of)
        agreements = Agreements(workspace, self.as_of)
        labels = labels_of_workspace(workspace, self.graph)
        questions = ask(workspace, agreements, self.checks, flows, labels=labels)
        vocabulary = Vocabulary.of(workspace)
        facts = [normalise(each.document, vocabulary, self.as_of) for each in questions]
        distinct = {each.key: each for each in facts}
        choice: Choice = "opa" if policies.modules else "native"
        with open_engine(choice, policies, executable=self.executable) as engine:
            decided = dict(zip(distinct, engine.decide(list(distinct.values())), strict=True))
        return {
            _key(question): (question, decided[each.key])
            for question, each in zip(questions, facts, strict=True)
        }


def _day(here: Loaded, as_of: datetime.date, executable: str | None) -> _Day:
    from headwater.lineage import load_graph

    with synced_store(here.workspace) as store:
        graph = load_graph(store)
    return _Day(graph, check_states(here.workspace, graph.datasets), as_of, executable)


def _key(question: Question) -> _Key:
    flow = question.flow
    ends = (flow.provider, flow.consumer, flow.source, flow.column, flow.target)
    return (*ends, flow.tagged_purpose or flow.job)


def _turns(
    before: Mapping[_Key, tuple[Question, Decision]],
    after: Mapping[_Key, tuple[Question, Decision]],
) -> tuple[FlowTurn, ...]:
    """Return what is newly refused or allowed; what was no flow before was not refused."""
    groups: dict[_Key, list[Question]] = {}
    for key, (question, decision) in after.items():
        was = before.get(key)
        if not decision.allow and (was is None or was[1].allow):
            turn, rules = "newly-refused", decision.rules
        elif decision.allow and was is not None and not was[1].allow:
            turn, rules = "newly-allowed", was[1].rules
        else:
            continue
        flow = question.flow
        ends = (flow.provider, flow.consumer, flow.source, flow.target, flow.evidence == "implied")
        groups.setdefault((turn, rules or (NOT_ALLOWED,), *ends), []).append(question)
    found = (_turn(key, questions) for key, questions in groups.items())
    return tuple(sorted(found, key=FlowTurn.order))


def _turn(key: _Key, questions: Iterable[Question]) -> FlowTurn:
    asked = list(questions)
    flow = asked[0].flow
    return FlowTurn(
        turn=str(key[0]),
        rules=key[1],  # type: ignore[arg-type]
        provider=flow.provider,
        consumer=flow.consumer,
        source=flow.source,
        target=flow.target,
        columns=tuple(sorted({each.flow.column for each in asked if each.flow.column})),
        purposes=tuple(sorted({each.purpose for each in asked if each.purpose})),
        implied=flow.evidence == "implied",
    )
