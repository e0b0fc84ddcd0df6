"""Use cases: what lies upstream or downstream, and what flows between departments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.store import synced_store

if TYPE_CHECKING:
    from headwater.catalog.model import Workspace
    from headwater.lineage import Answer, Flow
    from headwater.lineage.graph import Direction

EVIDENCE = ("observed", "declared", "implied")
"""Kinds of evidence, strongest first."""


def trace(workspace: Workspace, reference: str, direction: Direction) -> Answer:
    """Return everything upstream or downstream of what ``reference`` names.

    Raises:
        UnknownNameError: Nothing, or more than one thing, answers to ``reference``.
        DocumentError: Event files are wrong.
    """
    from headwater.lineage import load_graph, resolve

    with synced_store(workspace) as store:
        graph = load_graph(store)
    described = {
        dataset.id: [column.name for column in dataset.columns]
        for dataset in workspace.datasets.values()
    }
    node = resolve(reference, graph, described)
    return graph.trace(node, direction)


@dataclass(frozen=True, slots=True)
class FlowRow:
    """The flows between two datasets of two departments, their columns together."""

    flows: tuple[Flow, ...]
    purposes: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that leave, sorted; none where only the whole dataset is known."""
        return tuple(sorted({flow.column for flow in self.flows if flow.column}))

    @property
    def evidence(self) -> str:
        """The weakest evidence of the flows."""
        return max((flow.evidence for flow in self.flows), key=EVIDENCE.index)

    @property
    def first(self) -> Flow:
        """The flow of the shortest path."""
        return min(self.flows, key=lambda flow: (flow.hops, flow.path))


def flow_rows(workspace: Workspace, hops: int | None) -> tuple[FlowRow, ...]:
    """Return the cross-department flows, one row for each pair of datasets.

    Args:
        workspace: The workspace.
        hops: At most so many jobs apart; ``None``: any number.
    """
    from headwater.lineage import find_flows, load_graph

    with synced_store(workspace) as store:
        graph = load_graph(store)
    flows = find_flows(graph, workspace.department_of)
    rows: dict[tuple[object, ...], list[Flow]] = {}
    for flow in flows:
        if hops is None or flow.hops <= hops:
            key = (flow.provider, flow.consumer, flow.source, flow.target)
            rows.setdefault(key, []).append(flow)
    return tuple(FlowRow(tuple(found), _purposes(workspace, found)) for found in rows.values())


def _purposes(workspace: Workspace, flows: list[Flow]) -> tuple[str, ...]:
    found = (
        flow.tagged_purpose or workspace.purpose_of_job(flow.job.namespace, flow.job.name)
        for flow in flows
    )
    return tuple(sorted({purpose for purpose in found if purpose}))
