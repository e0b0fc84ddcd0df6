"""Use case: explain decisions: which conditions refuse, and what would have to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.decide import documents_of
from headwater.app.policy_flow import flow_questions
from headwater.app.report import EngineLabel

if TYPE_CHECKING:
    import datetime
    from collections.abc import Sequence

    from headwater.app.loading import Loaded
    from headwater.app.policy_flow import FlowNames
    from headwater.app.questions import Question
    from headwater.policies import Decision, Facts, PolicySet, Reason, Vocabulary
    from headwater.policies.causes import Answers
    from headwater.policies.choose import Choice
    from headwater.policies.model import AccessPolicy
    from headwater.policies.nearest import Search


@dataclass(frozen=True, slots=True)
class Cause:
    """One rule that bore on a decision: in words, and condition by condition.

    ``policy`` and ``answers`` are ``None`` of the workspace's own Rego, which only OPA reads.
    """

    reason: Reason
    policy: AccessPolicy | None
    answers: Answers | None


@dataclass(frozen=True, slots=True)
class Unmet:
    """An allowing rule that does not hold, and why not."""

    rule: str
    in_force: bool
    answers: Answers


@dataclass(frozen=True, slots=True)
class Explained:
    """One decision, explained.

    Attributes:
        question: The flow that it is about, if it is about one.
        causes: The rules that refuse, or that allow; then those that only warn.
        unmet: Of a refusal: the allowing rules, and what they lack.
        search: Of a refusal: the nearest allow.
    """

    question: Question | None
    facts: Facts
    decision: Decision
    causes: tuple[Cause, ...]
    unmet: tuple[Unmet, ...]
    search: Search | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answers in the order of the questions, with what is needed to say them.

    ``own_rego`` says that the workspace has Rego of its own, which no proof has asked.
    """

    engine: EngineLabel
    as_of: datetime.date
    vocabulary: Vocabulary
    own_rego: bool
    answers: tuple[Explained, ...]


def explain_documents(
    loaded: Loaded,
    data: bytes,
    *,
    as_of: datetime.date,
    engine: Choice | None,
    executable: str | None,
) -> Explanation:
    """Explain the facts in ``data``: one JSON document or an array.

    Raises:
        InputError: The JSON is broken, or states attributes that nobody declared.
        EngineError: The engine gave no usable answer.
    """
    asked = [(None, document) for document in documents_of(data)]
    return _explained(loaded, asked, as_of=as_of, engine=engine, executable=executable)


def explain_flow(
    loaded: Loaded,
    names: FlowNames,
    *,
    as_of: datetime.date,
    engine: Choice | None,
    executable: str | None,
) -> Explanation:
    """Explain the questions that the gate asks of one flow.

    Raises:
        UnknownNameError: A dataset is not known, or nothing flows so.
        EngineError: The engine gave no usable answer.
    """
    questions = flow_questions(loaded.workspace, names, as_of)
    asked = [(question, question.document) for question in questions]
    return _explained(loaded, asked, as_of=as_of, engine=engine, executable=executable)


def _explained(
    loaded: Loaded,
    asked: Sequence[tuple[Question | None, object]],
    *,
    as_of: datetime.date,
    engine: Choice | None,
    executable: str | None,
) -> Explanation:
    from headwater.policies import Vocabulary, normalise, open_engine

    workspace, policies = loaded.workspace, loaded.policies
    vocabulary = Vocabulary.of(workspace)
    facts = [normalise(document, vocabulary, as_of) for _, document in asked]
    with open_engine(
        engine or workspace.engine, policies, executable=executable, server=workspace.opa
    ) as chosen:
        decisions = chosen.decide(facts)
        label = EngineLabel(chosen.name, chosen.version, policies.revision)
    told = _Teller(policies, vocabulary, as_of)
    answers = tuple(
        told.explained(question, each, decision)
        for (question, _), each, decision in zip(asked, facts, decisions, strict=True)
    )
    return Explanation(label, as_of, vocabulary, bool(policies.modules), answers)


class _Teller:
    def __init__(self, policies: PolicySet, vocabulary: Vocabulary, as_of: datetime.date) -> None:
        self._policies = policies
        self._as_of = as_of
        self._vocabulary = vocabulary
        self._policy = {id(rule): policy for policy, rule in policies.access_rules()}

    def explained(self, question: Question | None, facts: Facts, decision: Decision) -> Explained:
        from headwater.policies import explain
        from headwater.policies.nearest import find_nearest

        reasons = explain(decision, facts, self._policies, self._vocabulary)
        causes = tuple(self._cause(reason, facts) for reason in reasons)
        if decision.allow:
            return Explained(question, facts, decision, causes, (), None)
        granting = question.standing.granting if question else ()
        agreed = [purpose for agreement in granting for purpose in agreement.purposes]
        search = find_nearest(
            facts, self._policies, self._vocabulary, preferred={"context.purpose": agreed}
        )
        return Explained(question, facts, decision, causes, self._unmet(facts), search)

    def _cause(self, reason: Reason, facts: Facts) -> Cause:
        from headwater.policies.causes import answers

        rule = self._policies.rule_on(reason.rule, self._as_of)
        policy = self._policy.get(id(rule))
        told = answers(rule, facts, self._vocabulary) if policy else None
        return Cause(reason, policy, told)

    def _unmet(self, facts: Facts) -> tuple[Unmet, ...]:
        from headwater.policies.causes import answers
        from headwater.policies.model import Effect, Mode

        rules = [
            (policy.dates.include(self._as_of), rule)
            for policy, rule in self._policies.access_rules()
            if rule.effect is Effect.ALLOW and policy.mode is Mode.ENFORCE
        ]
        current = {rule.id for in_force, rule in rules if in_force}
        found = (
            Unmet(rule.id, in_force, answers(rule, facts, self._vocabulary))
            for in_force, rule in rules
            if in_force or rule.id not in current
        )
        return tuple(each for each in found if not each.in_force or not each.answers.holds)
