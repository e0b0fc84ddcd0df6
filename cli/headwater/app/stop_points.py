"""Where stop-points are in a workspace's lineage, and whether the data proves them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.stop_points import OF_ROWS
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.catalog.ids import DatasetId, JobId
    from headwater.catalog.labels import Scheme
    from headwater.catalog.model import Workspace
    from headwater.catalog.stop_points import StopPoint
    from headwater.checks import Proved
    from headwater.lineage.graph import LineageGraph
    from headwater.lineage.labels_network import Keeping
    from headwater.lineage.model import Kind

_NO_CONTRACT = Text(
    "no contract says where the data of `{dataset}` is", "没有合同说明 `{dataset}` 的数据在哪里"
)


@dataclass(frozen=True, slots=True)
class Tried:
    """A stop-point at one dataset that its jobs write, and what the data says of it.

    Attributes:
        dataset: The output; ``None``: the stop-point matches nothing that flows.
        columns: The known columns that it is of, sorted.
        proved: What the data says; ``None`` where there is no output.
    """

    stop_point: StopPoint
    dataset: DatasetId | None
    columns: tuple[str, ...] = ()
    proved: Proved | None = None

    @property
    def passes(self) -> bool:
        """Whether labels drop here."""
        return self.proved is not None and self.proved.state == "passing"

    def lowers(self, job: JobId, column: str | None, kind: Kind) -> bool:
        """Say whether it lowers what enters ``column`` (``None``: one that nobody knows).

        Masking a value does not hide what chose the row: then only the value's labels drop.
        """
        point = self.stop_point
        if self.proved is None or not self.passes or not point.is_of_job(job):
            return False
        if kind == "indirect" and point.kind not in OF_ROWS:
            return False
        covers = self.proved.covers
        if column is None:
            return covers is None and point.is_of_every_column
        return point.is_of_column(column) and (covers is None or column in covers)


@dataclass(frozen=True, slots=True)
class Outputs:
    """Which stop-points are at which datasets.

    Attributes:
        points: All stop-points.
        at: By dataset, those at it.
        columns: The known columns of these datasets.
    """

    points: tuple[StopPoint, ...]
    at: Mapping[DatasetId, tuple[StopPoint, ...]]
    columns: Mapping[DatasetId, tuple[str, ...]]

    @classmethod
    def of(cls, workspace: Workspace, graph: LineageGraph) -> Outputs:
        """Return where in ``graph`` the stop-points of ``workspace`` are."""
        from headwater.lineage.labels import writing_jobs

        points = workspace.labelling.stop_points
        jobs = writing_jobs(graph)
        at, columns = {}, {}
        for dataset in sorted(jobs):
            described = workspace.datasets.get(dataset)
            known = {column.name for column in described.columns} if described else set()
            names = tuple(sorted(known | {*graph.columns_of(dataset)}))
            here = tuple(
                point
                for point in points
                if point.is_of_dataset(dataset)
                and any(map(point.is_of_job, jobs[dataset]))
                and (point.is_of_every_column or any(map(point.is_of_column, names)))
            )
            if here:
                at[dataset], columns[dataset] = here, names
        return cls(points, at, columns)

    def keeping(self, tried: Iterable[Tried], scheme: Scheme) -> dict[DatasetId, Keeping]:
        """Return what is left of labels that enter the datasets with a proved stop-point."""
        found: dict[DatasetId, list[Tried]] = defaultdict(list)
        for each in tried:
            if each.passes and each.dataset is not None:
                found[each.dataset].append(each)
        return {dataset: _keeping(points, scheme) for dataset, points in found.items()}


def _keeping(points: list[Tried], scheme: Scheme) -> Keeping:
    kept = [scheme.kept(each.stop_point.level, each.stop_point.removed) for each in points]

    def keep(job: JobId, column: str | None, kind: Kind) -> int:
        found = -1
        for each, left in zip(points, kept, strict=True):
            if each.lowers(job, column, kind):
                found &= left
        return found

    return keep


def proved(workspace: Workspace, outputs: Outputs) -> tuple[Tried, ...]:
    """Return what became of every stop-point at every dataset, in the order of the files."""
    found: list[Tried] = []
    for point in outputs.points:
        datasets = [dataset for dataset, here in outputs.at.items() if point in here]
        found += [_try(workspace, outputs, point, dataset) for dataset in datasets]
        if not datasets:
            found.append(Tried(point, None))
    return tuple(found)


def _try(workspace: Workspace, outputs: Outputs, point: StopPoint, dataset: DatasetId) -> Tried:
    from headwater.checks import Proved, prove

    columns = tuple(filter(point.is_of_column, outputs.columns[dataset]))
    described = workspace.datasets.get(dataset)
    if described is None:
        verdict = Proved("unproven", _NO_CONTRACT.fill({"dataset": dataset.name}))
    else:
        verdict = prove(workspace, described, point, columns)
    return Tried(point, dataset, columns, verdict)
