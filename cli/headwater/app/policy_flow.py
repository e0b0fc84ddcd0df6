"""The questions that the gate asks of one flow, named by a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.labels import labels_of_workspace
from headwater.app.questions import ask
from headwater.app.sharing import Agreements
from headwater.app.store import folder_of, synced_store
from headwater.catalog.errors import UnknownNameError
from headwater.catalog.ids import ColumnId

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from headwater.app.questions import Question
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Workspace
    from headwater.lineage import Flow, Graph


@dataclass(frozen=True, slots=True)
class FlowNames:
    """A flow as a person names it: two datasets, and perhaps the column that leaves."""

    source: str
    target: str
    column: str | None = None


def flow_questions(
    workspace: Workspace, names: FlowNames, as_of: datetime.date
) -> tuple[Question, ...]:
    """Return what the gate asks of the flow: one question a column and purpose.

    Raises:
        UnknownNameError: A dataset is not known, or nothing flows from one to the other.
        DocumentError: Event files are wrong.
    """
    graph, flows = _flows(workspace, names)
    states = check_states(workspace, {flow.source for flow in flows})
    labels = labels_of_workspace(workspace, graph)
    return ask(workspace, Agreements(workspace, as_of), states, flows, labels=labels)


def check_states(workspace: Workspace, datasets: Iterable[DatasetId]) -> dict[DatasetId, str]:
    """Return the state of the data checks of those ``datasets`` that a contract describes."""
    from headwater.checks import run_checks

    known = [workspace.datasets[each] for each in sorted(datasets) if each in workspace.datasets]
    found = run_checks(workspace, known, folder_of(workspace) / "checks")
    return {each.dataset: each.state for each in found}


def _flows(workspace: Workspace, names: FlowNames) -> tuple[Graph, list[Flow]]:
    from headwater.lineage import load_graph, resolve
    from headwater.lineage.flows import find_flows

    with synced_store(workspace) as store:
        graph = load_graph(store)
    described = {
        dataset.id: [column.name for column in dataset.columns]
        for dataset in workspace.datasets.values()
    }
    source = resolve(names.source, graph, described)
    target = resolve(names.target, graph, described)
    column = source.column if isinstance(source, ColumnId) else names.column
    ends = (_dataset(source), _dataset(target))
    between = [
        flow
        for flow in find_flows(graph, workspace.department_of)
        if (flow.source, flow.target) == ends
    ]
    found = [flow for flow in between if column is None or flow.column == column]
    if not found:
        columns = sorted({flow.column for flow in between if flow.column})
        raise UnknownNameError.of(
            "no-such-flow",
            source=f"{ends[0]}#{column}" if column else str(ends[0]),
            target=str(ends[1]),
            suggestion=[f"{ends[0].name}#{each}" for each in columns][:5] or None,
        )
    return graph, found


def _dataset(node: DatasetId | ColumnId) -> DatasetId:
    return node.dataset if isinstance(node, ColumnId) else node
