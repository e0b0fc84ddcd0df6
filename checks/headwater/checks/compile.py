"""From an ODCS contract to checks: every constraint and rule becomes one, or says why not.

Source: Open Data Contract Standard 3.0 to 3.2, *Schema*, *Data quality*, *Service-level agreement*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.checks.constraints import key_check, property_checks
from headwater.checks.drafts import Place, is_true, manual, mappings, number_of
from headwater.checks.quality import quality_checks
from headwater.checks.references import reference_checks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.model import Contract, Dataset, Workspace
    from headwater.catalog.nodes import Mapping
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
    for node, name in _properties(dataset.node, ""):
        place = Place(dataset.id, name)
        found.extend(property_checks(place, node, sole_key=[name] == [k for k, _ in keys]))
        found.extend(quality_checks(place, mappings(node.get("quality"))))
        found.extend(reference_checks(workspace, place, node))
    if len(keys) > 1:
        columns = tuple(name for name, _ in keys)
        found.append(key_check(Place(dataset.id), columns, keys[0][1].at("primaryKey")))
    table = Place(dataset.id)
    found.extend(quality_checks(table, mappings(dataset.node.get("quality"))))
    found.extend(reference_checks(workspace, table, dataset.node))
    found.extend(_service_levels(contract, dataset))
    return tuple(_distinct(found))


def _properties(node: Mapping, prefix: str) -> Iterator[tuple[Mapping, str]]:
    for item in mappings(node.get("properties")):
        name = item.text("physicalName") or item.text("name")
        if name:
            yield item, prefix + name
            yield from _properties(item, f"{prefix}{name}.")


def _primary_key(node: Mapping) -> list[tuple[str, Mapping]]:
    found = [(name, item) for item, name in _properties(node, "") if is_true(item, "primaryKey")]
    return sorted(found, key=lambda pair: number_of(pair[1].get("primaryKeyPosition")) or 0)


def _service_levels(contract: Contract, dataset: Dataset) -> Iterator[Compiled]:
    for item in mappings(contract.node.get("slaProperties")):
        name = item.text("property") or "?"
        element = item.text("element") or ""
        ours = not element or element.split(".")[0] in (dataset.object, dataset.id.name)
        if ours and name != _RETENTION:
            key = f"sla.{name}"
            title = _TERM.fill({"property": name})
            yield manual(Place(dataset.id), key, title, item.position)


def _distinct(found: list[Compiled]) -> Iterator[Compiled]:
    """Yield what was found with keys made unique, in order."""
    from dataclasses import replace

    from headwater.checks.model import Check

    seen: dict[str, int] = {}
    for each in found:
        check = each if isinstance(each, Check) else each.check
        seen[check.key] = number = seen.get(check.key, 0) + 1
        if number == 1:
            yield each
            continue
        renamed = replace(check, key=f"{check.key}-{number}")
        yield renamed if isinstance(each, Check) else replace(each, check=renamed)
