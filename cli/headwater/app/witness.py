"""The path that a finding shows: of all its flows the shortest, edge by edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.witness import Hop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.app.flow_findings import Case
    from headwater.catalog.model import Workspace
    from headwater.lineage import Flow, Graph
    from headwater.lineage.model import Edge


def hops_of(
    workspace: Workspace, graph: Graph, found: Sequence[Case]
) -> tuple[tuple[Hop, ...], ...]:
    """Return the path of each case, in their order.

    Of the flows that the case is about the one with the fewest hops is shown, of several the
    first. A job that does not state its purpose has the one that the workspace gives it.
    """
    from headwater.lineage.witness import find_witnesses

    flows = [min((each.question.flow for each in case.members), key=_order) for case in found]
    ways = find_witnesses(graph, flows)
    return tuple(tuple(_hop(workspace, edge) for edge in way) for way in ways)


def _order(flow: Flow) -> tuple[object, ...]:
    return (flow.hops, flow.order())


def _hop(workspace: Workspace, edge: Edge) -> Hop:
    job = edge.job
    return Hop(
        source=edge.source,
        target=edge.target,
        job=job,
        purpose=edge.purpose or workspace.purpose_of_job(job.namespace, job.name),
        evidence=edge.evidence,
        kind=edge.kind,
        masked=edge.masked,
    )
