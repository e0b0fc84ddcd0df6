"""What people can change so that a flow would pass, each made in memory.

Every kind of change has a row in ``_APPLY``; what is said of it stands in :mod:`.remedy_words`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.app.agreement_draft import draft_of, drafted
from headwater.catalog.globs import Glob
from headwater.catalog.model import LEVELS, JobRule

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.app.supposed import Supposed
    from headwater.catalog.ids import DatasetId, JobId
    from headwater.catalog.model import Agreement, Workspace
    from headwater.lineage import Flow


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change. Two of one kind about the same thing are one change, of all their names.

    Attributes:
        kind: A key of ``_APPLY``.
        agreement: The agreement to change, if it is about one.
        dataset: The dataset that is shared.
        target: The dataset that it enters.
        job: The job to change.
        grant: Which grant of the agreement.
        parties: Provider and consumer of a new agreement.
        names: The columns, or departments, concerned.
        purposes: The purposes concerned.
        value: A level, a purpose, a state: the first that was asked for; of levels the highest.
    """

    kind: str
    agreement: str | None = None
    dataset: DatasetId | None = None
    target: DatasetId | None = None
    job: JobId | None = None
    grant: int | None = None
    parties: tuple[str, str] | None = None
    names: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    value: str = ""

    def key(self) -> tuple[object, ...]:
        """Return what tells it from others."""
        about = (self.agreement, self.dataset, self.target, self.job, self.grant, self.parties)
        return (self.kind, *about)

    def joined(self, other: Remedy) -> Remedy:
        """Return both as one."""
        value = self.value
        if value in LEVELS and other.value in LEVELS:
            value = max(value, other.value, key=LEVELS.index)
        names, purposes = self.names | other.names, self.purposes | other.purposes
        return replace(self, names=names, purposes=purposes, value=value)

    def applied(self, to: Supposed) -> Supposed:
        """Return what would be if the change were made."""
        return _APPLY[self.kind](self, to)


def _granted(remedy: Remedy, to: Supposed) -> Supposed:
    def more(agreement: Agreement) -> Agreement:
        grants = list(agreement.grants)
        at = remedy.grant or 0
        globs = tuple(Glob(name, grants[at].position) for name in sorted(remedy.names))
        grants[at] = replace(grants[at], columns=(*grants[at].columns, *globs))
        return replace(agreement, grants=tuple(grants))

    return to.agreed(remedy.agreement or "", more)


def _purposed(remedy: Remedy, to: Supposed) -> Supposed:
    def more(agreement: Agreement) -> Agreement:
        return replace(agreement, purposes=(*agreement.purposes, *sorted(remedy.purposes)))

    return to.agreed(remedy.agreement or "", more)


def _onward(remedy: Remedy, to: Supposed) -> Supposed:
    def more(agreement: Agreement) -> Agreement:
        known = agreement.onward
        return replace(agreement, onward=None if known is None else known | remedy.names)

    return to.agreed(remedy.agreement or "", more)


def _raised(remedy: Remedy, to: Supposed) -> Supposed:
    return to.agreed(remedy.agreement or "", lambda each: replace(each, max_level=remedy.value))


def _in_force(remedy: Remedy, to: Supposed) -> Supposed:
    def renewed(agreement: Agreement) -> Agreement:
        over = agreement.until is not None and agreement.until < to.as_of
        return replace(
            agreement,
            state=None,
            start=min(agreement.start, to.as_of),
            until=to.as_of if over else agreement.until,
        )

    return to.agreed(remedy.agreement or "", renewed)


def draft(remedy: Remedy, workspace: Workspace, start: str | None) -> str:
    """Return the file of the new agreement that ``remedy`` asks for."""
    assert remedy.parties  # noqa: S101 - a new agreement has them
    described = workspace.datasets[remedy.dataset] if remedy.dataset else None
    return draft_of(
        remedy.parties,
        grant=(described.contract, described.object) if described else ("", ""),
        columns=sorted(remedy.names),
        purposes=sorted(remedy.purposes),
        start=start,
        taken={agreement.id for agreement in workspace.agreements},
    )


def _agreed(remedy: Remedy, to: Supposed) -> Supposed:
    new = drafted(draft(remedy, to.workspace, to.as_of.isoformat()))
    return replace(to, workspace=replace(to.workspace, agreements=(*to.workspace.agreements, new)))


def _purpose_stated(remedy: Remedy, to: Supposed) -> Supposed:
    assert remedy.job  # noqa: S101 - it is about one
    at = to.workspace.position
    rule = JobRule(Glob(remedy.job.namespace), Glob(remedy.job.name), remedy.value, at)
    return replace(to, workspace=replace(to.workspace, jobs=(rule, *to.workspace.jobs)))


def _purpose_changed(remedy: Remedy, to: Supposed) -> Supposed:
    return to.flowing(
        lambda flow: replace(flow, tagged_purpose=remedy.value) if flow.job == remedy.job else flow
    )


def _concerns(remedy: Remedy, flow: Flow) -> bool:
    return flow.job == remedy.job and (flow.column or "*") in remedy.names


def _masked(remedy: Remedy, to: Supposed) -> Supposed:
    return to.flowing(lambda flow: replace(flow, masked=True) if _concerns(remedy, flow) else flow)


def _reported(remedy: Remedy, to: Supposed) -> Supposed:
    return to.flowing(
        lambda flow: replace(flow, evidence="observed") if flow.job == remedy.job else flow
    )


def _stopped(remedy: Remedy, to: Supposed) -> Supposed:
    lowered = {
        (flow.source, flow.column, flow.target): remedy.value
        for flow in to.flows
        if _concerns(remedy, flow)
    }
    return replace(to, levels={**to.levels, **lowered})


def _checked(remedy: Remedy, to: Supposed) -> Supposed:
    assert remedy.dataset  # noqa: S101 - it is about one
    return replace(to, checks={**to.checks, remedy.dataset: "passing"})


def _levelled(remedy: Remedy, to: Supposed) -> Supposed:
    """Suppose a level where none is known: then no input has one, and what is stated is all."""
    stated = {
        (flow.source, flow.column, flow.target): remedy.value
        for flow in to.flows
        if flow.source == remedy.dataset and (not flow.column or flow.column in remedy.names)
    }
    return replace(to, levels={**to.levels, **stated})


_APPLY: dict[str, Callable[[Remedy, Supposed], Supposed]] = {
    "state-purpose": _purpose_stated,
    "change-purpose": _purpose_changed,
    "put-in-force": _in_force,
    "new-agreement": _agreed,
    "grant-columns": _granted,
    "add-purposes": _purposed,
    "add-onward": _onward,
    "raise-level": _raised,
    "state-level": _levelled,
    "stop-point": _stopped,
    "mask": _masked,
    "pass-checks": _checked,
    "state-checks": _checked,
    "report-columns": _reported,
}
KINDS = tuple(_APPLY)
"""The kinds of change that can be made in memory, in the order in which they are told."""
