"""From facts that would have to change to what people can change in their files and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app.agreement_draft import is_draft
from headwater.app.remedies import Remedy
from headwater.catalog.model import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.app.questions import Question
    from headwater.app.supposed import Supposed
    from headwater.catalog.model import Agreement

_EVERYTHING = "*"


def remedies_for(
    attribute: str, after: object, question: Question, supposed: Supposed
) -> list[Remedy]:
    """Return what would make one fact of a question what it would have to be.

    None where nothing that people write down, and no job, would bring that about.
    """
    translate = _TRANSLATE.get(attribute)
    if translate is None or not _sayable(question):
        return []
    return translate(after, question, supposed)


def _sayable(question: Question) -> bool:
    """Say whether names can be written into a file and mean nothing but themselves."""
    column = question.flow.column
    names = [name for name in (column, question.purpose) if name is not None]
    return all(name.strip() for name in names) and not {"*", "?"} & set(column or "")


def _columns(question: Question) -> frozenset[str]:
    return frozenset([question.flow.column or _EVERYTHING])


def _purposes(question: Question) -> frozenset[str]:
    return frozenset([question.purpose] if question.purpose else [])


def _agreement(_after: object, question: Question, supposed: Supposed) -> list[Remedy]:
    flow = question.flow
    dormant = supposed.dormant(flow, flow.consumer)
    if dormant:
        agreement, state = dormant
        return [Remedy("put-in-force", agreement=agreement.id, value=state)]
    if flow.source not in supposed.workspace.datasets or not question.purpose:
        return []
    return [_new(question)]


def _new(question: Question) -> Remedy:
    flow = question.flow
    return Remedy(
        "new-agreement",
        dataset=flow.source,
        parties=(flow.provider, flow.consumer),
        names=_columns(question),
        purposes=_purposes(question),
    )


def _fitting(question: Question, supposed: Supposed) -> Agreement | None:
    """Return the active agreement to add to: one that names the purpose already, if there is."""
    flow = question.flow
    active = supposed.active(flow, flow.consumer)
    above = set(supposed.workspace.purpose_and_above(question.purpose or ""))
    named = [each for each in active if above & set(each.purposes)]
    return next(iter(named or active), None)


def _granted(_after: object, question: Question, supposed: Supposed) -> list[Remedy]:
    agreement = _fitting(question, supposed)
    if agreement is None:
        return _agreement(None, question, supposed)
    if is_draft(agreement):
        return [_new(question)]
    described = supposed.workspace.datasets[question.flow.source]
    grant = next(number for number, each in enumerate(agreement.grants) if each.covers(described))
    columns = _columns(question)
    return [Remedy("grant-columns", agreement=agreement.id, grant=grant, names=columns)]


def _purpose_agreed(_after: object, question: Question, _supposed: Supposed) -> list[Remedy]:
    granting = question.standing.granting
    if not granting or not question.purpose:
        return []
    agreement = min(granting, key=lambda each: (is_draft(each), each.id))
    if is_draft(agreement):
        return [_new(question)]
    return [Remedy("add-purposes", agreement=agreement.id, purposes=_purposes(question))]


def _purpose(after: object, question: Question, _supposed: Supposed) -> list[Remedy]:
    kind = "change-purpose" if question.purpose else "state-purpose"
    return [Remedy(kind, job=question.flow.job, value=str(after))] if after else []


def _onward(_after: object, question: Question, supposed: Supposed) -> list[Remedy]:
    flow = question.flow
    found: list[Remedy] = []
    for recipient in flow.first_recipients:
        standing = supposed.agreements().standing(
            flow.provider, recipient, flow.source, flow.column
        )
        if any(each.onward is None or flow.consumer in each.onward for each in standing.granting):
            continue
        written = [each.id for each in standing.granting if not is_draft(each)]
        if not written:
            return _agreement(None, question, supposed)
        name = min(written)
        found.append(Remedy("add-onward", agreement=name, names=frozenset([flow.consumer])))
    return found


def _ceiling(after: object, question: Question, _supposed: Supposed) -> list[Remedy]:
    below = [
        each
        for each in question.standing.granting
        if each.max_level and LEVELS.index(each.max_level) < LEVELS.index(str(after))
    ]
    return [Remedy("raise-level", agreement=each.id, value=str(after)) for each in below]


def _clearance(_after: object, question: Question, supposed: Supposed) -> list[Remedy]:
    """Lower what is sent to what the consumer may see: a clearance is not for one flow to raise."""
    consumer = supposed.workspace.departments[question.flow.consumer]
    return _level(consumer.clearance, question, supposed)


def _level(after: object, question: Question, supposed: Supposed) -> list[Remedy]:
    flow = question.flow
    resource = question.document["resource"]
    assert isinstance(resource, dict)  # noqa: S101 - the gate's own question
    if resource.get("level") is not None:
        return [Remedy("stop-point", job=flow.job, names=_columns(question), value=str(after))]
    described = supposed.workspace.datasets.get(flow.source)
    if described is None:
        return []
    known = frozenset(column.name for column in described.columns)
    names = known & {flow.column} if flow.column else known
    return [Remedy("state-level", dataset=flow.source, names=names, value=str(after))]


def _masked(_after: object, question: Question, _supposed: Supposed) -> list[Remedy]:
    return [Remedy("mask", job=question.flow.job, names=_columns(question))]


def _checks(_after: object, question: Question, supposed: Supposed) -> list[Remedy]:
    source = question.flow.source
    if source not in supposed.workspace.datasets:
        return []
    failing = supposed.checks.get(source) == "failing"
    return [Remedy("pass-checks" if failing else "state-checks", dataset=source)]


def _evidence(_after: object, question: Question, _supposed: Supposed) -> list[Remedy]:
    return [Remedy("report-columns", job=question.flow.job)]


_TRANSLATE: dict[str, Callable[[object, Question, Supposed], list[Remedy]]] = {
    "context.purpose": _purpose,
    "context.agreement": _agreement,
    "context.granted": _granted,
    "context.purpose_agreed": _purpose_agreed,
    "context.onward_granted": _onward,
    "context.max_level": _ceiling,
    "subject.clearance": _clearance,
    "resource.level": _level,
    "context.masked": _masked,
    "context.checks": _checks,
    "context.evidence": _evidence,
}
"""The facts that people can change, in the order in which they would."""

ORDER = tuple(_TRANSLATE)
