"""What a person's reference names: a dataset, or a column of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.errors import UnknownNameError
from headwater.catalog.ids import ColumnId, DatasetId
from headwater.catalog.problems import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.lineage.graph import LineageGraph

_SHOWN = 10
_NO_COLUMNS: Mapping[DatasetId, Iterable[str]] = {}


def resolve(
    reference: str,
    graph: LineageGraph,
    described: Mapping[DatasetId, Iterable[str]] = _NO_COLUMNS,
) -> DatasetId | ColumnId:
    """Return the dataset or column that ``reference`` names.

    A dataset of several names answers to each of them.

    Args:
        reference: ``namespace/name`` or any unique ending of it, and ``#column`` for a column.
        graph: Whose datasets and columns are known.
        described: Datasets that are known otherwise, with their columns.

    Raises:
        UnknownNameError: Nothing, or more than one dataset, answers to it.
    """
    found = _answering(reference, graph, described)
    if found or "#" not in reference:
        return _only(found, reference, graph, described)
    name, column = reference.rsplit("#", 1)
    dataset = _only(_answering(name, graph, described), name, graph, described)
    columns = {*graph.columns_of(dataset), *described.get(dataset, ())}
    if column not in columns:
        near = closest(column, columns)
        raise UnknownNameError.of("unknown-column", dataset=dataset, name=column, suggestion=near)
    return ColumnId(dataset, column)


def _answering(
    reference: str, graph: LineageGraph, described: Iterable[DatasetId]
) -> list[DatasetId]:
    """Return what answers: to the whole name if anything does, else to the ending."""
    others = (dataset for dataset in described if dataset.answers_to(reference))
    found = sorted({*graph.named(reference), *others})
    return [dataset for dataset in found if str(dataset) == reference] or found


def _only(
    found: list[DatasetId], name: str, graph: LineageGraph, described: Iterable[DatasetId]
) -> DatasetId:
    if not found:
        near = _near(name, {*graph.all_datasets(), *described})
        raise UnknownNameError.of("unknown-dataset", name=name, suggestion=near)
    if len(found) > 1:
        known = [f"`{dataset}`" for dataset in found[:_SHOWN]]
        if len(found) > _SHOWN:
            known.append(f"… (+{len(found) - _SHOWN})")
        raise UnknownNameError.of("ambiguous-dataset", name=name, known=known)
    return found[0]


def _near(name: str, datasets: Iterable[DatasetId]) -> str | None:
    """Return the nearest last part of a name. Lengths far apart cannot be near: leave them out."""
    last = _last_part(name)
    parts = sorted({_last_part(dataset.name) for dataset in datasets})
    return closest(last, (part for part in parts if abs(len(part) - len(last)) <= 3))


def _last_part(name: str) -> str:
    return name.replace("/", ".").rsplit(".", 1)[-1]
