"""Use case: what a change of policies does to flows, and where nothing flows yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.labels import labels_of_workspace
from headwater.app.policy_flow import check_states
from headwater.app.questions import ask
from headwater.app.sharing import Agreements
from headwater.app.store import synced_store

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from headwater.app.loading import Loaded
    from headwater.app.questions import Question
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Workspace
    from headwater.policies import PolicySet, Vocabulary
    from headwater.policies.comparison import Edit, RuleEdit
    from headwater.policies.differences import Differences
    from headwater.policies.replay import Change, Replayed, Turn


@dataclass(frozen=True, slots=True)
class FlowChange:
    """One flow between two departments whose answer has changed in one way.

    Attributes:
        turn: How.
        rules: The rules that are responsible.
        columns: The columns that it befell; empty where the flow is of a whole dataset.
        purposes: For which purposes.
        questions: How many questions that is.
        change: What was answered, and is answered now, to the first of them.
    """

    turn: Turn
    rules: tuple[str, ...]
    provider: str
    consumer: str
    source: DatasetId
    target: DatasetId
    columns: tuple[str, ...]
    purposes: tuple[str, ...]
    questions: int
    change: Change


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sets of policies, compared.

    Attributes:
        as_of: The day of the questions.
        old: The revision of the policies as they were.
        new: The revision as they are.
        edits: The rules that differ.
        rego: The files of Rego of the workspaces' own that differ, each with what was done to it.
        replayed: What came of asking both about every recorded flow.
        flows: The flows whose answers have changed.
        elsewhere: Where else they differ, and nothing flows now; ``None`` where Rego modules
            decide, which cannot be looked into.
    """

    as_of: datetime.date
    old: str
    new: str
    edits: tuple[RuleEdit, ...]
    rego: tuple[tuple[str, Edit], ...]
    replayed: Replayed
    flows: tuple[FlowChange, ...]
    elsewhere: Differences | None

    @property
    def complete(self) -> bool:
        """Whether every difference is told of."""
        found = self.elsewhere
        return found is not None and found.complete and not self.replayed.more

    def exceeds(self, *, allowed: int | None, openings: int | None) -> bool:
        """Say whether more is newly allowed than may be; what is not known is too much.

        Args:
            allowed: How many questions of recorded flows may be.
            openings: In how many ways it may be where nothing flows yet.
        """
        from headwater.policies.replay import Turn

        if allowed is not None and self.replayed.counts.get(Turn.ALLOWED, 0) > allowed:
            return True
        if openings is None:
            return False
        found = self.elsewhere.found if self.elsewhere else ()
        opened = sum(each.change.turn is Turn.ALLOWED for each in found)
        return not self.complete or opened > openings


def compare(
    old: Loaded, new: Loaded, *, as_of: datetime.date, executable: str | None, most: int
) -> Comparison:
    """Return what the policies of ``new`` do that those of ``old`` did not.

    Both are asked about the flows, agreements, departments and purposes of ``new``.

    Args:
        old: The workspace as it was.
        new: The workspace as it is.
        as_of: The day of the questions.
        executable: The path of an ``opa``; needed where a workspace has Rego of its own.
        most: How many differences to look for where nothing flows.

    Raises:
        EngineError: There is Rego, and no OPA to ask.
        InputError: An attribute has changed its kind.
    """
    from headwater.policies import Vocabulary
    from headwater.policies.comparison import edits, joined, rego_edits

    before, after = Vocabulary.of(old.workspace), Vocabulary.of(new.workspace)
    day = _Day(joined(before, after), as_of)
    questions = recorded(new.workspace, as_of)
    replayed = _replayed(questions, old.policies, new.policies, day, executable)
    return Comparison(
        as_of,
        old.policies.revision,
        new.policies.revision,
        edits(old.policies, new.policies, before, after),
        rego_edits(old.policies, new.policies),
        replayed,
        _flows(questions, replayed),
        _elsewhere(old.policies, new.policies, day, replayed, most),
    )


@dataclass(frozen=True, slots=True)
class _Day:
    """What both sides are asked with."""

    vocabulary: Vocabulary
    as_of: datetime.date


def _elsewhere(
    old: PolicySet, new: PolicySet, day: _Day, replayed: Replayed, most: int
) -> Differences | None:
    """Return where the sides differ in a way that no recorded flow has shown."""
    from headwater.policies.differences import Differences, find_differences

    if old.modules or new.modules:
        return None
    found = find_differences(old, new, day.vocabulary, day.as_of, most=most)
    shown = {(change.turn, change.rules()) for change in replayed.changes}
    rest = [each for each in found.found if (each.change.turn, each.change.rules()) not in shown]
    return Differences(tuple(rest), found.complete)


def recorded(workspace: Workspace, as_of: datetime.date) -> tuple[Question, ...]:
    """Return what the gate asks of every recorded flow."""
    from headwater.lineage import load_graph
    from headwater.lineage.flows import find_flows

    with synced_store(workspace) as store:
        graph = load_graph(store)
    flows = find_flows(graph, workspace.department_of)
    states = check_states(workspace, {flow.source for flow in flows})
    labels = labels_of_workspace(workspace, graph)
    return ask(workspace, Agreements(workspace, as_of), states, flows, labels=labels)


def _replayed(
    questions: Sequence[Question],
    old: PolicySet,
    new: PolicySet,
    day: _Day,
    executable: str | None,
) -> Replayed:
    from headwater.policies import normalise, open_engine
    from headwater.policies.replay import replay, replay_through

    if not old.modules and not new.modules:
        documents = (question.document for question in questions)
        return replay(documents, old, new, day.vocabulary, day.as_of)
    facts = [normalise(each.document, day.vocabulary, day.as_of) for each in questions]
    with (
        open_engine("opa", old, executable=executable) as before,
        open_engine("opa", new, executable=executable) as after,
    ):
        return replay_through(facts, before, after)


def _flows(questions: Sequence[Question], replayed: Replayed) -> tuple[FlowChange, ...]:
    """Gather the changed questions by flow and responsible rules."""
    found: dict[tuple[object, ...], list[tuple[Question, Change]]] = {}
    for change in replayed.changes:
        for place in change.questions:
            flow = questions[place].flow
            key = (
                change.turn,
                change.rules(),
                flow.provider,
                flow.consumer,
                flow.source,
                flow.target,
            )
            found.setdefault(key, []).append((questions[place], change))
    changed = [_flow(pairs) for pairs in found.values()]
    return tuple(sorted(changed, key=_order))


def _flow(pairs: Sequence[tuple[Question, Change]]) -> FlowChange:
    flow, change = pairs[0][0].flow, pairs[0][1]
    return FlowChange(
        change.turn,
        change.rules(),
        flow.provider,
        flow.consumer,
        flow.source,
        flow.target,
        tuple(sorted({column for question, _ in pairs if (column := question.flow.column)})),
        tuple(sorted({question.purpose for question, _ in pairs if question.purpose})),
        len(pairs),
        change,
    )


def _order(found: FlowChange) -> tuple[object, ...]:
    return (found.turn, found.provider, found.consumer, found.source, found.target, found.rules)
