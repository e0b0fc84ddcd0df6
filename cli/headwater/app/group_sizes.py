"""How small the groups of people in a dataset are, as far as its data checks prove it.

A contract says which column counts people: ``customProperties: [{property: group-size, value:
true}]``. Where that column is required, has a ``minimum`` among its ``logicalTypeOptions``, and
all checks of the dataset pass on the real data, no group is smaller than the minimum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.nodes import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.model import Dataset

GROUP_SIZE = "group-size"


def proved_k(dataset: Dataset | None, checks: str) -> int | None:
    """Return the least size of a group, or ``None`` where nothing proves one.

    Args:
        dataset: As its contract describes it.
        checks: The state of its data checks.
    """
    if dataset is None or checks != "passing":
        return None
    sizes = [_minimum(node) for node in _properties(dataset) if _counts_people(node)]
    known = [size for size in sizes if size is not None]
    # With two columns that count people, what the groups of either are is proved by both alone.
    return min(known) if known and len(known) == len(sizes) else None


def _properties(dataset: Dataset) -> Iterator[Mapping]:
    found = dataset.node.get("properties")
    for node in found if isinstance(found, Sequence) else ():
        if isinstance(node, Mapping):
            yield node


def _counts_people(node: Mapping) -> bool:
    said = node.get("customProperties")
    return any(
        isinstance(each, Mapping)
        and each.text("property") == GROUP_SIZE
        and _is_true(each, "value")
        for each in (said if isinstance(said, Sequence) else ())
    )


def _minimum(node: Mapping) -> int | None:
    options = node.get("logicalTypeOptions")
    least = options.get("minimum") if isinstance(options, Mapping) else None
    if not _is_true(node, "required") or not isinstance(least, Scalar):
        return None
    value = least.value
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_true(node: Mapping, key: str) -> bool:
    found = node.get(key)
    return isinstance(found, Scalar) and found.value is True
