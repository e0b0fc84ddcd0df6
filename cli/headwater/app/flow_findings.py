"""Decisions on flows become findings: one for each rule, origin dataset and target dataset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.app.catalogue import severity_of
from headwater.catalog.findings import Finding, FlowSubject, Severity
from headwater.catalog.position import Position
from headwater.catalog.rules import BUILT_IN, IMPLIED_ONLY
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from headwater.app.questions import Answered
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Workspace
    from headwater.catalog.witness import Fix, Hop
    from headwater.lineage import Flow
    from headwater.policies import Decision, PolicySet, Vocabulary

NOT_ALLOWED = "sharing/not-allowed"
_EVIDENCE = ("observed", "declared", "implied")


@dataclass(frozen=True, slots=True)
class Case:
    """What one finding is about.

    Attributes:
        rule: The id that is reported.
        says: The rules that say so; another one than ``rule`` where all is only implied.
        members: The questions that it befell, in the order of asking.
    """

    rule: str
    says: tuple[str, ...]
    members: tuple[Answered, ...]


def cases(
    policies: PolicySet, answered: Iterable[Answered], *, switched_off: Iterable[str] = ()
) -> list[Case]:
    """Return what is to be reported of the answers.

    A refusal of what is only implied is a suspicion and not proof of a breach: all refusals of
    one pair of datasets are then one finding of :data:`IMPLIED_ONLY`, unless that is switched
    off. Rules that speak of implied flows alone, those that only warn, and Rego of the
    workspace's own keep their say.
    """
    from headwater.policies.certainty import rules_about_implied

    certain = rules_about_implied(policies) | {
        name for name in policies.rules if name.startswith("custom/")
    }
    lenient = IMPLIED_ONLY not in set(switched_off)
    groups: dict[tuple[str, DatasetId, DatasetId], list[Answered]] = {}
    says: dict[tuple[str, DatasetId, DatasetId], dict[str, None]] = {}
    for answer in answered:
        flow, decision = answer.question.flow, answer.decision
        if decision.allow and not decision.warnings:
            continue
        suspected = lenient and flow.evidence == "implied"
        for name, refuses in _names(decision):
            weak = suspected and refuses and name not in certain
            key = (IMPLIED_ONLY if weak else name, flow.source, flow.target)
            members = groups.setdefault(key, [])
            if not members or members[-1] is not answer:
                members.append(answer)
            says.setdefault(key, {})[name] = None
    return [
        Case(key[0], tuple(sorted(says[key])), tuple(members)) for key, members in groups.items()
    ]


def _names(decision: Decision) -> list[tuple[str, bool]]:
    """Return the rules to report and whether they refuse: where none does, that none allows."""
    warnings = [(name, False) for name in decision.warnings]
    if decision.allow:
        return warnings
    return [*((name, True) for name in decision.rules or (NOT_ALLOWED,)), *warnings]


def flow_findings(
    policies: PolicySet,
    workspace: Workspace,
    found: Sequence[Case],
    paths: Sequence[tuple[Hop, ...]] = (),
    fixes: Sequence[Fix | None] = (),
) -> tuple[Finding, ...]:
    """Return the finding of each case, with the path that it shows and what would have to change.

    Args:
        policies: As they stand on the day.
        workspace: Whose names.
        found: What is to be reported.
        paths: The path of each; none where they were not looked for.
        fixes: The fix of each; none where they were not looked for.
    """
    from headwater.policies import Vocabulary

    vocabulary = Vocabulary.of(workspace)
    findings = [finding_of(policies, vocabulary, case) for case in found]
    if paths:
        findings = [replace(each, path=path) for each, path in zip(findings, paths, strict=True)]
    if fixes:
        findings = [replace(each, fix=fix) for each, fix in zip(findings, fixes, strict=True)]
    return tuple(findings)


def finding_of(policies: PolicySet, vocabulary: Vocabulary, case: Case) -> Finding:
    """Return the finding of a case, its columns and purposes together."""
    flows = [answer.question.flow for answer in case.members]
    first = flows[0]
    unknown = {
        attribute
        for answer in case.members
        for name in case.says
        for attribute in answer.decision.unknown_rules.get(name, ())
    }
    words = _words(policies, vocabulary, case)
    purposes = {each.question.purpose for each in case.members if each.question.purpose}
    return Finding(
        rule=case.rule,
        severity=words.severity,
        subject=FlowSubject(
            provider=first.provider,
            consumer=first.consumer,
            source=first.source,
            target=first.target,
            columns=tuple(sorted({flow.column for flow in flows if flow.column})),
            purposes=tuple(sorted(purposes)),
            via=tuple(sorted({name for flow in flows for name in flow.via})),
        ),
        message=words.message,
        remedy=words.remedy,
        basis=words.basis,
        location=_location(case),
        evidence=_evidence(case, flows),
        unknown=tuple(sorted(unknown)),
    )


@dataclass(frozen=True, slots=True)
class _Words:
    severity: Severity
    message: Text
    remedy: Text | None
    basis: tuple[str, ...]


def _words(policies: PolicySet, vocabulary: Vocabulary, case: Case) -> _Words:
    if case.rule == IMPLIED_ONLY:
        return _suspected(policies, vocabulary, case)
    return _said(policies, vocabulary, case.rule, case.members)


def _suspected(policies: PolicySet, vocabulary: Vocabulary, case: Case) -> _Words:
    from headwater.policies.vocabulary import Kind

    flow = case.members[0].question.flow
    name = next(each for each in case.says if _concerns(each, case.members[0]))
    said = _said(policies, vocabulary, name, case.members)
    rule = BUILT_IN[IMPLIED_ONLY]
    values = {
        "consumer": vocabulary.names.get((Kind.DEPARTMENT, flow.consumer), flow.consumer),
        "provider": vocabulary.names.get((Kind.DEPARTMENT, flow.provider), flow.provider),
        "dataset": flow.source.name,
        "rules": [f"`{each}`" for each in case.says],
        "reason": said.message,
    }
    basis = tuple(dict.fromkeys((*rule.basis, *said.basis)))
    return _Words(rule.severity, rule.message.fill(values), rule.remedy, basis)


def _concerns(name: str, answer: Answered) -> bool:
    return name in (answer.decision.rules or (NOT_ALLOWED,))


def _said(
    policies: PolicySet, vocabulary: Vocabulary, name: str, members: tuple[Answered, ...]
) -> _Words:
    from headwater.policies import explain

    if name == NOT_ALLOWED:
        return _nothing_allows(members, vocabulary)
    first = members[0]
    rule = policies.rule_on(name, first.facts.day)
    blanks = frozenset(
        blank for text in (rule.message, rule.remedy) if text for blank in text.blanks()
    )
    shown = _merged({id(each.facts): each.facts.raw for each in members}.values(), blanks)
    reasons = explain(first.decision, first.facts, policies, vocabulary, shown=shown)
    reason = next(found for found in reasons if found.rule == name)
    severity = next(
        (severity_of(policy, rule) for policy, rule in policies.access_rules() if rule.id == name),
        Severity.ERROR,  # the workspace's own Rego can only refuse
    )
    return _Words(severity, reason.message, reason.remedy, reason.basis)


def _nothing_allows(members: tuple[Answered, ...], vocabulary: Vocabulary) -> _Words:
    from headwater.policies.vocabulary import Kind

    rule = BUILT_IN[NOT_ALLOWED]
    flow = members[0].question.flow
    columns = sorted({m.question.flow.column for m in members if m.question.flow.column})
    values = {
        "consumer": vocabulary.names.get((Kind.DEPARTMENT, flow.consumer), flow.consumer),
        "dataset": flow.source.name,
        "columns": columns or Text("any column", "任何字段"),
    }
    return _Words(rule.severity, rule.message.fill(values), rule.remedy, rule.basis)


def _merged(facts: Iterable[Mapping[str, object]], names: frozenset[str]) -> dict[str, object]:
    """Return attribute → its distinct values over all questions, of ``names`` where they differ."""
    found: dict[str, list[object]] = {}
    for raw in facts:
        for name in names & raw.keys():
            value = raw[name]
            known = found.setdefault(name, [])
            known += [v for v in (value if isinstance(value, list) else [value]) if v not in known]
    return {name: sorted(values, key=str) for name, values in found.items() if len(values) > 1}


def _location(case: Case) -> Position:
    """Return where a person would change something: grant, agreement, contract, event."""
    questions = [answer.question for answer in case.members]
    for question in questions:
        if question.standing.position:
            return question.standing.position
    if origin := next((q.origin for q in questions if q.origin), None):
        return origin.position
    events = [q.flow.position for q in questions if q.flow.position]
    return min(events) if events else Position("headwater.yaml")


def _evidence(case: Case, flows: list[Flow]) -> dict[str, object]:
    found: dict[str, object] = {
        "kind": max((flow.evidence for flow in flows), key=_EVIDENCE.index),
        "first_seen": min(flow.first_seen for flow in flows),
        "last_seen": max(flow.last_seen for flow in flows),
        "runs": sorted({run for flow in flows for run in flow.runs}),
    }
    if case.rule == IMPLIED_ONLY:
        found["rules"] = list(case.says)
    return found
