"""Decisions, check results and gaps become findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.catalogue import severity_of
from headwater.catalog.findings import DatasetSubject, Finding, FlowSubject, Severity
from headwater.catalog.ids import ColumnId
from headwater.catalog.position import Position
from headwater.catalog.rules import BUILT_IN
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.app.questions import Answered
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Workspace
    from headwater.checks import CheckResult, DatasetChecks
    from headwater.lineage import Flow, Graph
    from headwater.policies import Decision, PolicySet, Vocabulary

_EVIDENCE = ("observed", "declared", "implied")
_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.NOTE}
NOT_ALLOWED = "sharing/not-allowed"


# --- data checks -------------------------------------------------------------------------------


def check_findings(checks: Iterable[DatasetChecks]) -> Iterator[Finding]:
    """Yield a finding for each check that failed or could not be evaluated."""
    for found in checks:
        for result in found.results:
            if result.status == "failed":
                yield _check_finding("checks/failed", result)
            elif result.status == "not-evaluated":
                yield _check_finding("checks/not-evaluated", result)


def _check_finding(name: str, result: CheckResult) -> Finding:
    rule = BUILT_IN[name]
    check = result.check
    values = {
        "dataset": check.dataset.name,
        "check": check.title,
        "found": _found(result),
        "reason": result.reason,
    }
    return Finding(
        rule=rule.id,
        severity=_SEVERITIES[check.severity] if rule.judged else rule.severity,
        subject=DatasetSubject(check.dataset, check.columns),
        message=rule.message.fill(values),
        remedy=rule.remedy,
        basis=rule.basis,
        location=check.position,
        evidence=_check_evidence(result),
        detail=check.key,
    )


def _found(result: CheckResult) -> Text:
    if result.reason:
        return result.reason
    if result.unexpected is None:
        text = Text("the figure is {observed}", "实际为 {observed}")
    else:
        text = Text("in {unexpected} of {total} rows", "{total} 行中有 {unexpected} 行")
    values = {
        "observed": result.observed,
        "unexpected": result.unexpected,
        "total": result.total,
    }
    return text.fill(values)


def _check_evidence(result: CheckResult) -> dict[str, object]:
    check = result.check
    found = {
        "kind": "data",
        "check": check.key,
        "expectation": check.expectation,
        "unexpected": result.unexpected,
        "total": result.total,
        "observed": result.observed,
        "dimension": check.dimension,
    }
    return {name: value for name, value in found.items() if value is not None}


# --- flows -------------------------------------------------------------------------------------


def flow_findings(
    policies: PolicySet, vocabulary: Vocabulary, answered: Iterable[Answered]
) -> Iterator[Finding]:
    """Yield one finding for each (rule, origin dataset, target dataset), its columns together."""
    groups: dict[tuple[str, DatasetId, DatasetId], list[Answered]] = {}
    for answer in answered:
        flow = answer.question.flow
        for name in _names(answer.decision):
            groups.setdefault((name, flow.source, flow.target), []).append(answer)
    for (name, _, _), members in groups.items():
        yield _flow_finding(policies, vocabulary, name, members)


def _names(decision: Decision) -> tuple[str, ...]:
    """Return the rules to report: those that refuse and warn, or that nothing allows."""
    if decision.allow:
        return decision.warnings
    return (*(decision.rules or (NOT_ALLOWED,)), *decision.warnings)


def _flow_finding(
    policies: PolicySet, vocabulary: Vocabulary, name: str, members: list[Answered]
) -> Finding:
    flows = [answer.question.flow for answer in members]
    first = flows[0]
    unknown = {a for answer in members for a in answer.decision.unknown_rules.get(name, ())}
    words = _words(policies, vocabulary, name, members)
    return Finding(
        rule=name,
        severity=words.severity,
        subject=FlowSubject(
            provider=first.provider,
            consumer=first.consumer,
            source=first.source,
            target=first.target,
            columns=tuple(sorted({flow.column for flow in flows if flow.column})),
            purposes=tuple(sorted({m.question.purpose for m in members if m.question.purpose})),
            via=tuple(sorted({name for flow in flows for name in flow.via})),
        ),
        message=words.message,
        remedy=words.remedy,
        basis=words.basis,
        location=_location(members),
        evidence=_flow_evidence(flows),
        unknown=tuple(sorted(unknown)),
    )


@dataclass(frozen=True, slots=True)
class _Words:
    severity: Severity
    message: Text
    remedy: Text | None
    basis: tuple[str, ...]


def _words(
    policies: PolicySet, vocabulary: Vocabulary, name: str, members: list[Answered]
) -> _Words:
    from headwater.policies import explain

    first = members[0]
    if name == NOT_ALLOWED:
        return _nothing_allows(members, vocabulary)
    shown = _merged(answer.facts.raw for answer in members)
    reasons = explain(first.decision, first.facts, policies, vocabulary, shown=shown)
    reason = next(found for found in reasons if found.rule == name)
    severity = next(
        (severity_of(policy, rule) for policy, rule in policies.access_rules() if rule.id == name),
        Severity.ERROR,  # the workspace's own Rego can only refuse
    )
    return _Words(severity, reason.message, reason.remedy, reason.basis)


def _nothing_allows(members: list[Answered], vocabulary: Vocabulary) -> _Words:
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


def _merged(facts: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """Return attribute → its distinct values over all questions, where they differ."""
    found: dict[str, list[object]] = {}
    for raw in facts:
        for name, value in raw.items():
            known = found.setdefault(name, [])
            known += [v for v in (value if isinstance(value, list) else [value]) if v not in known]
    return {name: sorted(values, key=str) for name, values in found.items() if len(values) > 1}


def _location(members: list[Answered]) -> Position:
    """Return where a person would change something: grant, agreement, contract, event."""
    questions = [answer.question for answer in members]
    for question in questions:
        if question.standing.position:
            return question.standing.position
    if origin := next((q.origin for q in questions if q.origin), None):
        return origin.position
    events = [q.flow.position for q in questions if q.flow.position]
    return min(events) if events else Position("headwater.yaml")


def _flow_evidence(flows: list[Flow]) -> dict[str, object]:
    return {
        "kind": max((flow.evidence for flow in flows), key=_EVIDENCE.index),
        "first_seen": min(flow.first_seen for flow in flows),
        "last_seen": max(flow.last_seen for flow in flows),
        "runs": sorted({run for flow in flows for run in flow.runs}),
    }


# --- gaps --------------------------------------------------------------------------------------


def gap_findings(workspace: Workspace, graph: Graph, flows: Iterable[Flow]) -> Iterator[Finding]:
    """Yield what is missing: contracts of what is shared, departments of what takes part."""
    consumers: dict[DatasetId, set[str]] = {}
    seen: dict[DatasetId, Flow] = {}
    for flow in flows:
        if flow.source not in workspace.datasets:
            consumers.setdefault(flow.source, set()).add(flow.consumer)
            seen.setdefault(flow.source, flow)
    for dataset, names in consumers.items():
        flow = seen[dataset]
        values = {
            "dataset": dataset.name,
            "department": flow.provider,
            "consumers": sorted(names),
        }
        yield _gap("catalog/no-contract", dataset, values, flow.position)
    places = _places(graph)
    for dataset in graph.datasets:
        if dataset in places and workspace.department_of(dataset) is None:
            values = {"dataset": dataset.name}
            yield _gap("catalog/no-department", dataset, values, places[dataset])


def _places(graph: Graph) -> dict[DatasetId, Position | None]:
    """Return the datasets that take part in an edge, each with the first place that says so."""
    found: dict[DatasetId, Position | None] = {}
    for edge in graph.edges:
        for end in (edge.source, edge.target):
            dataset = end.dataset if isinstance(end, ColumnId) else end
            known = [at for at in (found.get(dataset), edge.position) if at]
            found[dataset] = min(known) if known else None
    return found


def _gap(
    name: str, dataset: DatasetId, values: Mapping[str, object], position: Position | None
) -> Finding:
    rule = BUILT_IN[name]
    return Finding(
        rule=name,
        severity=rule.severity,
        subject=DatasetSubject(dataset),
        message=rule.message.fill(values),
        remedy=rule.remedy,
        basis=rule.basis,
        location=position or Position("headwater.yaml"),
        evidence={"kind": "gap"},
    )
