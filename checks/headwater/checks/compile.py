"""From an ODCS contract to checks: every constraint and rule becomes one, or says why not.

Source: Open Data Contract Standard 3.0 to 3.2, *Schema*, *Data quality*, *Service-level agreement*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.nodes import Mapping
from headwater.catalog.text import Text
from headwater.checks.constraints import key_check, property_checks
from headwater.checks.drafts import Place, is_true, manual, mappings, number_of, tagged
from headwater.checks.quality import quality_checks
from headwater.checks.references import reference_checks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.model import Contract, Dataset, Workspace
    from headwater.checks.drafts import Compiled

_RETENTION = "retention"
_TERM = Text("service level `{property}`", "服务水平 `{property}`")


def compile_dataset(
    workspace: Workspace, contract: Contract, dataset: Dataset
) -> tuple[Compiled, ...]:
    """Return a check, or a result that says why not, for all that a contract asks of a dataset.

    The retention term of a contract's service levels belongs to the retention policies.
    """
    found: list[Compiled] = []
    keys = _primary_key(dataset.node)
    types = {column.name: column.logical_type for column in dataset.columns}
    for node, name in _properties(dataset.node, ""):
        place = Place(dataset.id, name, types, dataset.object)
        own = [
            *property_checks(place, node, sole_key=[name] == [k for k, _ in keys]),
            *quality_checks(place, mappings(node.get("quality"))),
            *reference_checks(workspace, dataset, place, node),
        ]
        found.extend(tagged(each, node) for each in own)
    if len(keys) > 1:
        columns = tuple(name for name, _ in keys)
        found.append(key_check(Place(dataset.id), columns, keys[0][1].at("primaryKey")))
    table = Place(dataset.id, types=types, object=dataset.object)
    found.extend(quality_checks(table, mappings(dataset.node.get("quality"))))
    found.extend(reference_checks(workspace, dataset, table, dataset.node))
    for item in _service_levels(contract, dataset):
        name = item.text("property") or "?"
        if name != _RETENTION:
            title = _TERM.fill({"property": name})
            found.append(manual(table, f"sla.{name}", title, item.position))
    return tuple(_distinct(found))


def states_anything(workspace: Workspace, contract: Contract, dataset: Dataset) -> bool:
    """Say whether a contract states more of a dataset than names, types and labels."""
    if any(True for _ in _service_levels(contract, dataset)):
        return True
    return bool(compile_dataset(workspace, contract, dataset))


def _properties(node: Mapping, prefix: str) -> Iterator[tuple[Mapping, str]]:
    """Yield each property, at any depth, and its name; the items of a list are ``name[]``."""
    for item in mappings(node.get("properties")):
        name = item.text("physicalName") or item.text("name")
        if name:
            yield from _with_inner(item, prefix + name)


def _with_inner(node: Mapping, name: str) -> Iterator[tuple[Mapping, str]]:
    yield node, name
    yield from _properties(node, f"{name}.")
    items = node.get("items")
    if isinstance(items, Mapping):
        yield from _with_inner(items, f"{name}[]")


def _primary_key(node: Mapping) -> list[tuple[str, Mapping]]:
    found = [(name, item) for item, name in _properties(node, "") if is_true(item, "primaryKey")]
    return sorted(found, key=lambda pair: number_of(pair[1].get("primaryKeyPosition")) or 0)


def _service_levels(contract: Contract, dataset: Dataset) -> Iterator[Mapping]:
    """Yield the service levels of a dataset: those that name it, or none of the contract's."""
    own = _names(dataset)
    others = {name for other in contract.datasets if other != dataset for name in _names(other)}
    default = contract.node.text("slaDefaultElement") or ""
    for item in mappings(contract.node.get("slaProperties")):
        elements = (item.text("element") or default).split(",")
        named = {name for element in elements for name in _owners(element.strip())}
        if named & own or not named & others:
            yield item


def _owners(element: str) -> Iterator[str]:
    """Yield what an element may name as its object: itself, or what is before its last dot."""
    yield element
    yield element.rpartition(".")[0]


def _names(dataset: Dataset) -> set[str]:
    written = dataset.node.text("physicalName")
    return {dataset.object, dataset.id.name, *([written] if written else [])}


def _distinct(found: list[Compiled]) -> Iterator[Compiled]:
    """Yield what was found with keys made unique, in order."""
    from dataclasses import replace

    from headwater.checks.model import Check

    taken: set[str] = set()
    for each in found:
        check = each if isinstance(each, Check) else each.check
        key, number = check.key, 1
        while key in taken:
            number += 1
            key = f"{check.key}-{number}"
        taken.add(key)
        renamed = replace(check, key=key)
        yield renamed if isinstance(each, Check) else replace(each, check=renamed)
