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
    from headwater.catalog.model import Workspace
    from headwater.checks.drafts import Compiled

RESOLVES = "expect_column_values_to_resolve"
"""Our own expectation: each value of a column exists in a column of another dataset."""

_TITLE = Text("every `{c}` exists in `{to}`", "每个 `{c}` 都存在于 `{to}`")


def reference_checks(workspace: Workspace, place: Place, node: Mapping) -> Iterator[Compiled]:
    """Yield one check or reason for each relationship of a property or an object."""
    for number, item in enumerate(mappings(node.get("relationships")), 1):
        source = place.column or _single(item, "from")
        target = _single(item, "to")
        key = f"{source}.references" if number == 1 else f"{source}.references-{number}"
        title = _TITLE.fill({"c": source or "?", "to": target or "?"})
        if source is None or target is None:
            yield unjudged(place, key, title, item.position, _COMPOSITE)
            continue
        column = source.rpartition(".")[2]
        at = Place(place.dataset, column)
        found = _resolve(workspace, target)
        if isinstance(found, Text):
            yield unjudged(at, key, title, item.position, found)
        else:
            yield _check(at, key, title, item, found)


_COMPOSITE = Text(
    "references of several columns together are not evaluated by this version",
    "本版本不评估由多个字段组成的引用",
)


def _single(item: Mapping, key: str) -> str | None:
    found = item.get(key)
    if isinstance(found, Sequence) and len(found.items) == 1:
        found = found.items[0]
    return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else None


def _resolve(workspace: Workspace, target: str) -> tuple[DatasetId, str] | Text:
    """Return the dataset and column that ``object.column`` names, or why nothing does.

    The object may be preceded by its contract: ``contract/object.column``.
    """
    path = target.removeprefix("schema/").replace("/properties/", ".")
    name, _, column = path.rpartition(".")
    contract, _, wanted = name.rpartition("/")
    found = [
        dataset
        for dataset in workspace.datasets.values()
        if dataset.object == wanted and contract in ("", dataset.contract)
    ]
    if len(found) != 1:
        reason = (
            Text("no dataset is called `{name}`", "没有名为 `{name}` 的数据集")
            if not found
            else Text("several datasets are called `{name}`", "有多个名为 `{name}` 的数据集")
        )
        return reason.fill({"name": name})
    if found[0].column(column) is None:
        reason = Text("`{name}` has no column `{column}`", "`{name}` 没有字段 `{column}`")
        return reason.fill({"name": name, "column": column})
    return found[0].id, column


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
        reference=reference,
    )
