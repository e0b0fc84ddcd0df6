"""Relationships: values of one dataset that must exist in another (ODCS 3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.nodes import Mapping, Scalar, Sequence
from headwater.catalog.text import Text
from headwater.checks.drafts import Place, mappings, unjudged
from headwater.checks.model import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Dataset, Workspace
    from headwater.checks.drafts import Compiled

RESOLVES = "expect_column_values_to_resolve"
"""Our own expectation: each value of a column exists in a column of another dataset."""

_TITLE = Text("every `{c}` exists in `{to}`", "每个 `{c}` 都存在于 `{to}`")
_COMPOSITE = Text(
    "references of several columns together are not evaluated by this version",
    "本版本不评估由多个字段组成的引用",
)
_ELSEWHERE = Text("`{name}` is not a column of this dataset", "`{name}` 不是该数据集的字段")


def reference_checks(
    workspace: Workspace, dataset: Dataset, place: Place, node: Mapping
) -> Iterator[Compiled]:
    """Yield one check or reason for each relationship of a property or an object."""
    for number, item in enumerate(mappings(node.get("relationships")), 1):
        source = place.column or _own_column(dataset, _single(item, "from"))
        target = _single(item, "to")
        at = Place(dataset.id, source)
        key = f"{source}.references" if source else f"references-{number}"
        title = _TITLE.fill({"c": source, "to": target})
        if source is None or target is None:
            yield unjudged(at, key, title, item.position, _reason(item))
            continue
        found = _resolve(workspace, dataset, target)
        if isinstance(found, Text):
            yield unjudged(at, key, title, item.position, found)
        else:
            yield _check(at, key, title, item, found)


def _reason(item: Mapping) -> Text:
    name = _single(item, "from")
    if name is None or _single(item, "to") is None:
        return _COMPOSITE
    return _ELSEWHERE.fill({"name": name})


def _single(item: Mapping, key: str) -> str | None:
    found = item.get(key)
    if isinstance(found, Sequence) and len(found.items) == 1:
        found = found.items[0]
    return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else None


def _own_column(dataset: Dataset, name: str | None) -> str | None:
    """Return the column of ``dataset`` that ``object.column`` or ``column`` names."""
    if name is None:
        return None
    written = _path(name)
    for owner in (dataset.object, dataset.node.text("physicalName"), dataset.node.text("id")):
        if owner:
            written = written.removeprefix(f"{owner}.")
    return _column_of(dataset, written)


def _path(reference: str) -> str:
    """Return ``object.column`` of the long form ``schema/object/properties/column``."""
    return reference.removeprefix("/").removeprefix("schema/").replace("/properties/", ".")


def _column_of(dataset: Dataset, name: str) -> str | None:
    """Return the data's name of a column, which a reference may call by its id or logical name."""
    if dataset.column(name):
        return name
    for item in mappings(dataset.node.get("properties")):
        if name in (item.text("id"), item.text("name")):
            return item.text("physicalName") or item.text("name")
    return None


def _resolve(workspace: Workspace, dataset: Dataset, target: str) -> tuple[DatasetId, str] | Text:
    """Return the dataset and column that ``object.column`` names, or why nothing does.

    The object is one of the same contract, else the only one of that name; its contract may
    stand before it: ``contract/object.column`` or ``contract.object.column``.
    """
    name, _, column = _path(target).rpartition(".")
    named = [each for each in workspace.datasets.values() if name in _names(each)]
    own = [each for each in named if each.contract == dataset.contract]
    found = own if len(own) == 1 else named
    if len(found) != 1:
        reason = (
            Text("no dataset is called `{name}`", "没有名为 `{name}` 的数据集")
            if not found
            else Text("several datasets are called `{name}`", "有多个名为 `{name}` 的数据集")
        )
        return reason.fill({"name": name or target})
    known = _column_of(found[0], column)
    if known is None:
        reason = Text("`{name}` has no column `{column}`", "`{name}` 没有字段 `{column}`")
        return reason.fill({"name": name, "column": column})
    return found[0].id, known


def _names(dataset: Dataset) -> set[str]:
    names = {dataset.object, dataset.node.text("physicalName"), dataset.node.text("id")} - {None}
    whole = {f"{dataset.contract}{mark}{name}" for name in names for mark in "/."}
    return {*whole, *(name for name in names if name)}


def _check(
    place: Place, key: str, title: Text, item: Mapping, reference: tuple[DatasetId, str]
) -> Check:
    dataset, column = reference
    return Check(
        dataset=place.dataset,
        key=key,
        columns=place.columns,
        title=title,
        expectation=RESOLVES,
        position=item.position,
        kwargs={"column": place.column, "reference": f"{dataset}#{column}"},
        dimension="consistency",
        view="text",
        reference=reference,
    )
