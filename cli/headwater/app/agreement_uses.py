"""Which flows use which agreement, and what of it nobody uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.app.sharing import Agreements
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Agreement, Dataset, Workspace
    from headwater.lineage import Flow


class Uses:
    """The flows that rest on each agreement in force: it gives the column that leaves.

    Whether the purpose is one that was agreed does not matter here: using data for something
    else is use too.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._flows: dict[str, list[Flow]] = {}

    def add(self, agreement: Agreement, flow: Flow) -> None:
        """Note that ``flow`` rests on ``agreement``."""
        self._flows.setdefault(agreement.id, []).append(flow)

    def of(self, agreement: Agreement) -> tuple[Flow, ...]:
        """Return the flows that rest on ``agreement``."""
        return tuple(self._flows.get(agreement.id, ()))

    def whole(self, agreement: Agreement, dataset: DatasetId) -> bool:
        """Say whether the dataset is used as a whole, so that its columns are not known."""
        return any(flow.source == dataset and flow.column is None for flow in self.of(agreement))

    def never(self, agreement: Agreement) -> list[tuple[Dataset, tuple[str, ...]]]:
        """Return the datasets of which columns are given and not used, with these columns."""
        used = {(flow.source, flow.column) for flow in self.of(agreement)}
        found = []
        for dataset in self._datasets(agreement):
            grants = [grant for grant in agreement.grants if grant.covers(dataset)]
            names = tuple(
                column.name
                for column in dataset.columns
                if any(grant.gives(column.name) for grant in grants)
                and (dataset.id, column.name) not in used
            )
            if names:
                found.append((dataset, names))
        return found

    def _datasets(self, agreement: Agreement) -> list[Dataset]:
        described = self._workspace.datasets
        return [
            described[name]
            for name in sorted(described)
            if any(grant.covers(described[name]) for grant in agreement.grants)
        ]


def uses_of(workspace: Workspace, agreements: Agreements, flows: Iterable[Flow]) -> Uses:
    """Return which of ``flows`` rest on which agreements in force.

    A flow rests on agreements of its two ends. What was passed on by others rests on theirs, which
    the flow to the first of them is counted for.
    """
    found = Uses(workspace)
    for flow in flows:
        standing = agreements.standing(flow.provider, flow.consumer, flow.source, flow.column)
        for agreement in standing.granting:
            found.add(agreement, flow)
    return found


def covers(workspace: Workspace, agreement: Agreement, flow: Flow) -> bool:
    """Say whether ``agreement``, were it in force, gives what flows."""
    if (agreement.provider, agreement.consumer) != (flow.provider, flow.consumer):
        return False
    dataset = workspace.datasets.get(flow.source)
    grants = [grant for grant in agreement.grants if dataset and grant.covers(dataset)]
    if flow.column is None:
        return bool(grants)
    return any(grant.gives(flow.column) for grant in grants)
