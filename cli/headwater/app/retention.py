"""Terms: which retention rules hold for which datasets, and which records are past them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.findings import DatasetSubject, Finding, Severity
from headwater.catalog.periods import day_after
from headwater.catalog.rules import BUILT_IN
from headwater.catalog.text import Text

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable

    from headwater.app.labels import WorkspaceLabels
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Dataset, Workspace
    from headwater.checks import Unreadable
    from headwater.checks.cohorts import Clock, Cohort
    from headwater.policies.model import RetentionRule

    Counting = Callable[[DatasetId, tuple[Clock, ...]], tuple[Cohort, ...] | Unreadable]

_DISPOSAL = {
    "delete": Text("delete them", "删除"),
    "anonymise": Text("anonymise them", "匿名化"),
    "archive": Text("archive them", "归档"),
}
_REMOVE = Text("stop keeping them", "停止保存")


@dataclass(frozen=True, slots=True)
class Term:
    """A retention rule that holds for a dataset, or of which it is not known whether it does."""

    dataset: Dataset
    rule: RetentionRule
    unknown: tuple[str, ...]
    advises: bool = False
    """Whether its policy only advises: then its findings are warnings and fail no run."""
    zone: str = "UTC"
    """Where its days are counted."""


def resource_document(
    workspace: Workspace, dataset: Dataset, labels: WorkspaceLabels
) -> dict[str, object]:
    """Return the facts that a retention rule may ask of a dataset."""
    department = workspace.departments[dataset.department]
    return {
        "resource": {
            "department": department.id,
            "region": department.region,
            "namespace": dataset.id.namespace,
            "name": dataset.id.name,
            "contract": dataset.contract,
            **labels.facts(dataset.id),
        }
    }


def overdue(terms: Iterable[Term], as_of: datetime.date, counted: Counting) -> tuple[Finding, ...]:
    """Return a finding for each term that records are past, or that cannot be evaluated.

    A term runs to the end of its last day: a record is past it on the day after. ``counted``
    gives a dataset's records by the days of its clocks.
    """
    found: list[Finding] = []
    for term in terms:
        found.extend(_findings(term, as_of, counted))
    return tuple(found)


def _findings(term: Term, as_of: datetime.date, counting: Counting) -> list[Finding]:
    if term.unknown:
        names = ", ".join(term.unknown)
        return [_unjudged(term, Text(f"{names} is not known", f"{names} 未知"))]
    if term.rule.at_most is None:
        return []
    if term.rule.since.column is None:
        reason = Text(
            "terms that begin with an event only advise, and are not counted",
            "从事件开始的期限仅为建议，不作计算",
        )
        return [_unjudged(term, reason)]
    from headwater.checks import Unreadable

    clock = (term.rule.since.column, term.zone)
    counted = counting(term.dataset.id, (clock,))
    if isinstance(counted, Unreadable):
        return [_unjudged(term, counted.reason)]
    return [*_expired(term, counted, as_of), *_dateless(term, counted)]


def _expired(term: Term, counted: tuple[Cohort, ...], as_of: datetime.date) -> list[Finding]:
    period = term.rule.at_most or ""
    records = sum(
        each.records for each in counted if each.days[0] and _is_past(each.days[0], period, as_of)
    )
    if not records:
        return []
    rule = BUILT_IN["retention/expired"]
    values = {
        "dataset": term.dataset.id.name,
        "records": records,
        "period": period,
        "column": term.rule.since.column,
        "then": _DISPOSAL.get(term.rule.then or "", _REMOVE),
    }
    evidence = {
        "kind": "data",
        "records": records,
        "period": period,
        "column": term.rule.since.column,
        "policy": term.rule.id,
        "then": term.rule.then,
    }
    return [
        Finding(
            rule=rule.id,
            severity=Severity.WARNING if term.advises else rule.severity,
            subject=DatasetSubject(term.dataset.id, (term.rule.since.column or "",)),
            message=rule.message.fill(values),
            remedy=rule.remedy.fill(values),
            basis=term.rule.basis or rule.basis,
            location=term.rule.position,
            evidence=evidence,
            detail=term.rule.id,
        )
    ]


def _is_past(day: datetime.date, period: str, as_of: datetime.date) -> bool:
    last = day_after(day, period)
    return last is not None and last < as_of


def _dateless(term: Term, counted: tuple[Cohort, ...]) -> list[Finding]:
    without = sum(each.records for each in counted if each.days[0] is None)
    if not without:
        return []
    reason = Text(
        "records without a readable date in `{column}`: {number}",
        "`{column}` 没有可读日期的记录：{number} 条",
    )
    values = {"column": term.rule.since.column, "number": without}
    return [_unjudged(term, reason.fill(values))]


def _unjudged(term: Term, reason: Text) -> Finding:
    rule = BUILT_IN["retention/not-evaluated"]
    values = {
        "dataset": term.dataset.id.name,
        "rule": term.rule.id,
        "reason": reason,
    }
    return Finding(
        rule=rule.id,
        severity=Severity.WARNING if term.advises else rule.severity,
        subject=DatasetSubject(
            term.dataset.id, (term.rule.since.column,) if term.rule.since.column else ()
        ),
        message=rule.message.fill(values),
        remedy=rule.remedy.fill(values),
        basis=term.rule.basis,
        location=term.rule.position,
        evidence={"kind": "data", "policy": term.rule.id},
        unknown=term.unknown,
        detail=term.rule.id,
    )
