"""Use cases: list the agreements of a workspace; show one with all that rests on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.agreement_sign import agreement_of
from headwater.app.agreement_states import States
from headwater.app.agreement_uses import Uses, covers
from headwater.app.signatures import judge_signatures
from headwater.app.store import synced_store

if TYPE_CHECKING:
    import datetime

    from headwater.app.signatures import Signatures
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Agreement, Dataset, Workspace
    from headwater.lineage import Flow


@dataclass(frozen=True, slots=True)
class Listed:
    """One agreement as it stands on a day.

    Attributes:
        state: Its state.
        days_left: How many days it still runs, that day included; ``None``: no end, or not active.
        expiring: Whether it is active and ends soon.
        signatures: What its signatures are worth.
        successor: The agreement that has taken its place.
    """

    agreement: Agreement
    state: str
    days_left: int | None
    expiring: bool
    signatures: Signatures
    successor: str | None


@dataclass(frozen=True, slots=True)
class Agreed:
    """All agreements on a day; ``soon`` is what counts as expiring, in days."""

    as_of: datetime.date
    soon: int
    required: bool
    rows: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """Flows from one dataset to another that rest on an agreement."""

    source: DatasetId
    target: DatasetId
    columns: tuple[str, ...]
    purposes: tuple[str, ...]
    agreed: bool
    last_seen: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One agreement, the flows that rest on it, and the columns that it gives and nobody uses.

    The flows are those that rest on it while it is in force, whether or not it is so now.
    """

    listed: Listed
    given: tuple[tuple[Dataset, tuple[str, ...]], ...]
    uses: tuple[Use, ...]
    never: tuple[tuple[DatasetId, tuple[str, ...]], ...]
    as_of: datetime.date


def list_agreements(workspace: Workspace, as_of: datetime.date, soon: int) -> Agreed:
    """Return every agreement with its state on ``as_of``; ``soon``: how near an end is near."""
    states = States(workspace, as_of)
    rows = tuple(_listed(workspace, states, each, as_of, soon) for each in workspace.agreements)
    return Agreed(as_of, soon, workspace.require_signatures, rows)


def _listed(
    workspace: Workspace, states: States, agreement: Agreement, as_of: datetime.date, soon: int
) -> Listed:
    left = states.days_left(agreement)
    successor = states.successor(agreement)
    return Listed(
        agreement=agreement,
        state=states.of(agreement),
        days_left=left,
        expiring=left is not None and left <= soon,
        signatures=judge_signatures(workspace, agreement, as_of),
        successor=successor.id if successor else None,
    )


def show_agreement(workspace: Workspace, name: str, as_of: datetime.date, soon: int) -> Shown:
    """Return the agreement ``name`` and what lineage says of its use.

    Raises:
        UnknownNameError: There is no such agreement.
        DocumentError: Event files are wrong.
    """
    from headwater.lineage import load_graph
    from headwater.lineage.flows import find_flows

    agreement = agreement_of(workspace, name)
    with synced_store(workspace) as store:
        flows = find_flows(load_graph(store), workspace.department_of)
    uses = Uses(workspace)
    for flow in flows:
        if covers(workspace, agreement, flow):
            uses.add(agreement, flow)
    return Shown(
        listed=_listed(workspace, States(workspace, as_of), agreement, as_of, soon),
        given=_given(workspace, agreement),
        uses=_uses(workspace, agreement, uses.of(agreement)),
        never=tuple((dataset.id, names) for dataset, names in uses.never(agreement)),
        as_of=as_of,
    )


def _given(
    workspace: Workspace, agreement: Agreement
) -> tuple[tuple[Dataset, tuple[str, ...]], ...]:
    found = []
    for name in sorted(workspace.datasets):
        dataset = workspace.datasets[name]
        grants = [grant for grant in agreement.grants if grant.covers(dataset)]
        names = [c.name for c in dataset.columns if any(g.gives(c.name) for g in grants)]
        if grants:
            found.append((dataset, tuple(names)))
    return tuple(found)


def _uses(workspace: Workspace, agreement: Agreement, flows: tuple[Flow, ...]) -> tuple[Use, ...]:
    groups: dict[tuple[DatasetId, DatasetId], list[Flow]] = {}
    for flow in flows:
        groups.setdefault((flow.source, flow.target), []).append(flow)
    found = []
    for (source, target), members in sorted(groups.items()):
        purposes = {purpose_of(workspace, flow) for flow in members}
        above = [set(workspace.purpose_and_above(each)) if each else set() for each in purposes]
        found.append(
            Use(
                source=source,
                target=target,
                columns=tuple(sorted({flow.column for flow in members if flow.column})),
                purposes=tuple(sorted(each for each in purposes if each)),
                agreed=all(each & set(agreement.purposes) for each in above),
                last_seen=max(flow.last_seen for flow in members),
            )
        )
    return tuple(found)


def purpose_of(workspace: Workspace, flow: Flow) -> str | None:
    """Return what a flow is for: what its events say, else what the workspace says of its job."""
    return flow.tagged_purpose or workspace.purpose_of_job(flow.job.namespace, flow.job.name)
