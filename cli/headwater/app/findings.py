"""Decisions, check results and gaps become findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app.catalogue import severity_of
from headwater.catalog.findings import DatasetSubject, Finding, FlowSubject, Severity
from headwater.catalog.position import Position
from headwater.catalog.rules import BUILT_IN
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from headwater.app.questions import Question
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Workspace
    from headwater.checks import CheckResult, DatasetChecks
    from headwater.lineage import Flow, Graph
    from headwater.policies import Decision, PolicySet

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
        "unexpected": result.unexpected,
        "total": result.total,
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
    policies: PolicySet, questions: Sequence[Question], decisions: Sequence[Decision]
) -> Iterator[Finding]:
    """Yield one finding for each (rule, origin dataset, target dataset), its columns together."""
    groups: dict[tuple[object, ...], list[tuple[Question, Decision]]] = {}
    for question, decision in zip(questions, decisions, strict=True):
        for name in _names(decision):
            key = (name, question.flow.source, question.flow.target)
            groups.setdefault(key, []).append((question, decision))
    for key, members in groups.items():
        yield _flow_finding(policies, str(key[0]), members)


def _names(decision: Decision) -> tuple[str, ...]:
    """Return the rules to report: those that refuse and warn, or that nothing allows."""
    if decision.allow:
        return decision.warnings
    return (*(decision.rules or (NOT_ALLOWED,)), *decision.warnings)


def _flow_finding(
    policies: PolicySet, name: str, members: list[tuple[Question, Decision]]
) -> Finding:
    flows = [question.flow for question, _ in members]
    unknown = sorted({a for _, decision in members for a in decision.unknown_rules.get(name, ())})
    subject = FlowSubject(
        provider=flows[0].provider,
        consumer=flows[0].consumer,
        source=flows[0].source,
        target=flows[0].target,
        columns=tuple(sorted({flow.column for flow in flows if flow.column})),
        purposes=tuple(sorted({q.purpose for q, _ in members if q.purpose})),
        via=tuple(sorted({name for flow in flows for name in flow.via})),
    )
    severity, message, remedy, basis = _words(policies, name, members, unknown)
    return Finding(
        rule=name,
        severity=severity,
        subject=subject,
        message=message,
        remedy=remedy,
        basis=basis,
        location=_location(members),
        evidence=_flow_evidence(flows),
        unknown=tuple(unknown),
    )


def _words(
    policies: PolicySet,
    name: str,
    members: list[tuple[Question, Decision]],
    unknown: list[str],
) -> tuple[Severity, Text, Text | None, tuple[str, ...]]:
    from headwater.policies import explain

    if name == NOT_ALLOWED:
        rule = BUILT_IN[name]
        flow = members[0][0].flow
        columns = sorted({q.flow.column for q, _ in members if q.flow.column})
        values = {
            "consumer": flow.consumer,
            "dataset": flow.source.name,
            "columns": columns or Text("any column", "任何字段"),
        }
        return rule.severity, rule.message.fill(values), rule.remedy, rule.basis
    found = policies.access_rule(name)
    reason = explain(found, _merged([q.document for q, _ in members]), unknown)
    return severity_of(found), reason.message, reason.remedy, found.basis


def _merged(documents: Iterable[dict[str, object]]) -> dict[str, list[str]]:
    """Return attribute → its distinct values over all documents, as text, sorted."""
    found: dict[str, set[str]] = {}
    for document in documents:
        for part, inner in document.items():
            pairs = inner.items() if isinstance(inner, dict) else [("", inner)]
            for key, value in pairs:
                name = f"{part}.{key}" if key else part
                values = value if isinstance(value, list) else [value]
                found.setdefault(name, set()).update(_shown(item) for item in values)
    return {name: sorted(values) for name, values in found.items()}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _location(members: list[tuple[Question, Decision]]) -> Position:
    """Return where a person would change something: grant, agreement, contract, event."""
    for question, _ in members:
        if question.standing.position:
            return question.standing.position
    described = next((q.origin for q, _ in members if q.origin), None)
    if described:
        return described.position
    events = [q.flow.position for q, _ in members if q.flow.position]
    return min(events) if events else Position("headwater.yaml")


def _flow_evidence(flows: list[Flow]) -> dict[str, object]:
    first = [flow.first_seen for flow in flows if flow.first_seen]
    last = [flow.last_seen for flow in flows if flow.last_seen]
    return {
        "kind": max((flow.evidence for flow in flows), key=_EVIDENCE.index),
        "first_seen": min(first) if first else None,
        "last_seen": max(last) if last else None,
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
    for dataset in graph.datasets:
        if workspace.department_of(dataset) is None:
            position = graph.position_of(dataset)
            yield _gap("catalog/no-department", dataset, {"dataset": dataset.name}, position)


def _gap(
    name: str, dataset: DatasetId, values: dict[str, object], position: Position | None
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
