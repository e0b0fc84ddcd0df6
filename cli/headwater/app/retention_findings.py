"""What a person must look at in a retention plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app.retention_lineage import day_of
from headwater.app.retention_model import State
from headwater.catalog.findings import DatasetSubject, Finding, Severity
from headwater.catalog.position import Position
from headwater.catalog.retention_rules import RETENTION_RULES
from headwater.catalog.rules import BUILT_IN
from headwater.catalog.text import Text
from headwater.lineage.terms import path_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headwater.app.retention_model import Declared, Judged
    from headwater.app.retention_survey import Survey
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.rules import Rule
    from headwater.lineage.model import Edge

RULES: Mapping[str, Rule] = {
    **RETENTION_RULES,
    **{name: BUILT_IN[name] for name in ("retention/expired", "retention/not-evaluated")},
}
"""Every rule that a plan may report."""

_THE_DAY = Text("the day of its event", "事件发生之日")
_UNCOUNTED = Text("not counted", "未计数")
_LAW = Text("whoever answers for law", "法律事务负责人")
_DISPOSAL = {
    "delete": Text("delete them", "删除"),
    "anonymise": Text("anonymise them", "匿名化"),
    "archive": Text("archive them", "归档"),
    "return": Text("give them back", "返还"),
}


def findings_of(survey: Survey) -> tuple[Finding, ...]:
    """Return the findings of a survey, sorted."""
    found = [finding for judged in survey.judged.values() for finding in _of(survey, judged)]
    found.extend(_overdue_holds(survey))
    return tuple(sorted(found, key=lambda finding: finding.order()))


def _of(survey: Survey, judged: Judged) -> Iterator[Finding]:
    if judged.has(State.DELETE):
        yield _expired(survey, judged)
    yield from _conflict(survey, judged)
    yield from _frozen_use(survey, judged)
    if judged.has(State.UNBOUNDED):
        rule = RULES["retention/unbounded"]
        yield _finding(survey, rule, (judged.dataset,), {"dataset": judged.dataset.name}, {})
    if judged.has(State.UNKNOWN):
        yield _unknown(survey, judged)


def _expired(survey: Survey, judged: Judged) -> Finding:
    groups = [each for each in judged.groups if each.verdict.state is State.DELETE]
    numbers = [each.records for each in groups]
    records = None if None in numbers else sum(number or 0 for number in numbers)
    group = min(groups, key=lambda each: each.verdict.until or survey.as_of)
    maximum = group.verdict.maximum
    assert maximum is not None  # noqa: S101 - a maximum made it due
    term = survey.limits[maximum.limit]
    rule = RULES["retention/expired"]
    values = {
        "dataset": judged.dataset.name,
        "records": _UNCOUNTED if records is None else records,
        "period": term.period or _THE_DAY,
        "column": maximum.column or term.event,
        "then": _DISPOSAL[term.then or "delete"],
    }
    evidence = {
        "kind": "data" if records is not None else "lineage",
        "records": records,
        "oldest": group.oldest.isoformat() if group.oldest else None,
        "until": group.verdict.until.isoformat() if group.verdict.until else None,
        "policy": term.rule,
        "path": [str(each) for each in path_to(judged.dataset, maximum, survey.arrivals)],
    }
    columns = (maximum.column,) if maximum.column else ()
    return _finding(survey, rule, (judged.dataset, *columns), values, evidence, term=term)


def _conflict(survey: Survey, judged: Judged) -> Iterator[Finding]:
    group = next((each for each in judged.groups if each.verdict.conflict), None)
    if group is None:
        return
    verdict = group.verdict
    maximum, minimum = verdict.maximum, verdict.minimum
    assert maximum is not None  # noqa: S101 - a conflict has two sides
    assert minimum is not None  # noqa: S101
    term = survey.limits[maximum.limit]
    deciders = dict.fromkeys(each.decides or _LAW for each in (term, minimum))
    values = {
        "dataset": judged.dataset.name,
        "maximum": f"{term.rule} ({term.period})" if term.period else term.rule,
        "minimum": f"{minimum.rule} ({minimum.period})",
        "until": verdict.until,
        "at_least": verdict.at_least,
        "deciders": list(deciders),
    }
    evidence = {
        "kind": "terms",
        "maximum": term.rule,
        "minimum": minimum.rule,
        "until": str(verdict.until),
        "at_least": str(verdict.at_least),
        "records": group.records,
        "verified": term.verified and minimum.verified,
        "path": [str(each) for each in path_to(judged.dataset, maximum, survey.arrivals)],
    }
    rule = RULES["retention/conflict"]
    basis = tuple(dict.fromkeys((*rule.basis, *term.basis, *minimum.basis)))
    yield _finding(survey, rule, (judged.dataset,), values, evidence, term=minimum, basis=basis)


def _frozen_use(survey: Survey, judged: Judged) -> Iterator[Finding]:
    """Yield reads after data were frozen; where only some records are, they may be others."""
    frozen = [each for each in judged.groups if each.verdict.state is State.FREEZE]
    days = [each.verdict.frozen_since for each in frozen if each.verdict.frozen_since]
    if not days:
        return
    since = min(days)
    later: list[Edge] = []
    for edge in survey.moves.out_of(judged.dataset):
        day = day_of(edge.last_seen, survey.workspace.zone)
        if day is not None and since <= day <= survey.as_of:
            later.append(edge)
    if not later:
        return
    last = max(edge.last_seen for edge in later)
    jobs = sorted({str(edge.job) for edge in later})
    values = {
        "dataset": judged.dataset.name,
        "since": since,
        "last": day_of(last, survey.workspace.zone),
        "jobs": [f"`{job}`" for job in jobs],
    }
    evidence = {"kind": "lineage", "since": str(since), "last_seen": last, "jobs": jobs}
    whole = len(frozen) == len(judged.groups)
    severity = Severity.ERROR if whole else Severity.WARNING
    rule = RULES["retention/frozen-use"]
    yield _finding(survey, rule, (judged.dataset,), values, evidence, severity=severity)


def _unknown(survey: Survey, judged: Judged) -> Finding:
    """Return that something cannot be said: an error of what a contract describes."""
    described = judged.dataset in survey.workspace.datasets
    reason, rule_id = unknown_because(survey, judged)
    rule = RULES["retention/not-evaluated"]
    values = {"dataset": judged.dataset.name, "rule": rule_id, "reason": reason}
    severity = rule.severity if described else Severity.WARNING
    evidence = {"kind": "data", "policy": rule_id}
    return _finding(survey, rule, (judged.dataset,), values, evidence, severity=severity)


_DATELESS = Text("records without a readable date: {number}", "没有可读日期的记录：{number} 条")
_SOME_DUE = Text(
    "data came from {first} to {last}: some may be due, and no column says which",
    "数据写入时间为 {first} 至 {last}：部分可能到期，但没有字段可区分",
)
_ATTRIBUTES = Text("{names} is not known", "{names} 未知")
_CALENDAR = Text("the term ends beyond the year 9999", "期限超出 9999 年")


def unknown_because(survey: Survey, judged: Judged) -> tuple[Text, str]:
    """Return why something cannot be said of a dataset, and of which rule."""
    arrivals = judged.bounds.arrivals
    columns = [survey.limits[each.limit] for each in arrivals.columns]
    rules = ", ".join(sorted({term.rule for term in columns})) or "?"
    if judged.why:
        return judged.why, rules
    if arrivals.open:
        term = survey.limits[arrivals.open.limit]
        return _open_because(term), term.rule
    open_ = next((m for m in judged.bounds.minima if not m.column and not m.last_end()), None)
    if open_:
        return _open_because(open_), open_.rule
    number = sum(g.records or 0 for g in judged.groups if g.verdict.state is State.UNKNOWN)
    return _DATELESS.fill({"number": number}), rules


def _open_because(term: Declared) -> Text:
    if term.unknown:
        return _ATTRIBUTES.fill({"names": ", ".join(term.unknown)})
    start = term.start
    if start and start.why:
        return start.why
    if start and start.first and start.last and term.first_end() and term.last_end():
        return _SOME_DUE.fill({"first": start.first, "last": start.last})
    return _CALENDAR


def _overdue_holds(survey: Survey) -> Iterator[Finding]:
    rule = RULES["retention/hold-overdue"]
    for hold in survey.workspace.holds:
        if not hold.overdue(survey.as_of):
            continue
        covered = [dataset for dataset in survey.judged if hold.covers(dataset)]
        owner = survey.workspace.departments[hold.owner].name
        values = {"hold": hold.id, "review": hold.review, "owner": owner}
        for dataset in covered[:1]:  # one finding a hold, about the first dataset that it covers
            yield Finding(
                rule=rule.id,
                severity=rule.severity,
                subject=DatasetSubject(dataset),
                message=rule.message.fill(values),
                remedy=rule.remedy.fill(values),
                basis=hold.basis or rule.basis,
                location=hold.position,
                evidence={"kind": "hold", "hold": hold.id, "datasets": len(covered)},
                detail=hold.id,
            )


def _finding(
    survey: Survey,
    rule: Rule,
    about: tuple[DatasetId, *tuple[str, ...]],
    values: Mapping[str, object],
    evidence: Mapping[str, object],
    *,
    term: Declared | None = None,
    basis: tuple[str, ...] = (),
    severity: Severity | None = None,
) -> Finding:
    dataset, *columns = about
    return Finding(
        rule=rule.id,
        severity=severity or rule.severity,
        subject=DatasetSubject(dataset, tuple(columns)),
        message=rule.message.fill(values),
        remedy=rule.remedy.fill(values),
        basis=basis or (term.basis if term else ()) or rule.basis,
        location=_place(survey, dataset, term),
        evidence={name: value for name, value in evidence.items() if value is not None},
        detail=term.rule if term else "",
    )


def _place(survey: Survey, dataset: DatasetId, term: Declared | None) -> Position:
    """Return where a person would change something: the rule, else the contract, else lineage."""
    if term is not None:
        return term.position
    if described := survey.workspace.datasets.get(dataset):
        return described.position
    edges = (*survey.moves.into(dataset), *survey.moves.out_of(dataset))
    known = [edge.position for edge in edges if edge.position]
    return min(known) if known else Position("headwater.yaml")
