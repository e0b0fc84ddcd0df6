"""Check results and gaps become findings; decisions do in :mod:`.flow_findings`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.findings import DatasetSubject, Finding, Severity
from headwater.catalog.ids import ColumnId
from headwater.catalog.position import Position
from headwater.catalog.rules import BUILT_IN
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Workspace
    from headwater.checks import CheckResult, DatasetChecks
    from headwater.lineage import Flow, Graph

_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.NOTE}


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
