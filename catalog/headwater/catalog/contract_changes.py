"""How one state of a workspace's contracts differs from another, and whom that breaks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.catalog.change_rules import CHANGES, Changed
from headwater.catalog.column_changes import column_changes, quality_changes, quality_of
from headwater.catalog.nodes import Sequence, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.model import Contract, Dataset

_OVER = ("deprecated", "retired")
RETENTION = "retention"


def contract_changes(before: dict[str, Contract], after: dict[str, Contract]) -> Iterator[Changed]:
    """Yield what has changed from ``before`` to ``after``."""
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if new is None and old is not None:
            yield replace(_of("contracts/removed", old), before=True)
        elif old is None and new is not None:
            yield _of("contracts/added", new)
        elif old is not None and new is not None:
            yield from _contract(old, new)


def _of(rule: str, contract: Contract, **values: object) -> Changed:
    filled = {"contract": contract.id, **values}
    return Changed(CHANGES[rule], ("contract", contract.id), filled, contract.position)


def _contract(old: Contract, new: Contract) -> Iterator[Changed]:
    if old.department != new.department:
        pair = {"before": old.department, "after": new.department}
        yield _of("contracts/owner-changed", new, **pair)
    if old.status != new.status:
        rule = "contracts/withdrawn" if new.status in _OVER else "contracts/status-changed"
        yield _of(rule, new, before=old.status, after=new.status)
    yield from _promises(old, new)
    theirs = {dataset.object: dataset for dataset in old.datasets}
    ours = {dataset.object: dataset for dataset in new.datasets}
    for name in sorted(theirs.keys() | ours.keys()):
        if name not in ours:
            yield replace(_about("contracts/dataset-removed", theirs[name]), before=True)
        elif name not in theirs:
            yield _about("contracts/dataset-added", ours[name])
        else:
            yield from _dataset(theirs[name], ours[name])


def _about(rule: str, dataset: Dataset, **values: object) -> Changed:
    filled = {"contract": dataset.contract, "dataset": dataset.id.name, **values}
    return Changed(CHANGES[rule], ("dataset", str(dataset.id)), filled, dataset.position)


def _promises(old: Contract, new: Contract) -> Iterator[Changed]:
    theirs, ours = _sla(old), _sla(new)
    for name in sorted(theirs.keys() | ours.keys()):
        before, after = theirs.get(name), ours.get(name)
        if before != after:
            kept = name.partition(" ")[0] == RETENTION
            rule = "contracts/retention-changed" if kept else "contracts/sla-changed"
            pair = {"before": before or "-", "after": after or "-"}
            yield _of(rule, new, name=name, **pair)


def _sla(contract: Contract) -> dict[str, str]:
    """Return what is promised: property and element → value with its unit."""
    node = contract.node.get("slaProperties")
    items = node.items if isinstance(node, Sequence) else ()
    found: dict[str, str] = {}
    for item in items:
        stated = plain(item)
        if isinstance(stated, dict):
            name = " ".join(str(stated[k]) for k in ("property", "element") if stated.get(k))
            value = " ".join(
                str(stated[k]) for k in ("value", "valueExt", "unit") if stated.get(k) is not None
            )
            found[name] = value
    return found


def _dataset(old: Dataset, new: Dataset) -> Iterator[Changed]:
    if old.id != new.id:
        yield _about("contracts/dataset-moved", new, before=str(old.id), after=str(new.id))
    yield from column_changes(old, new)
    rules = (quality_of(plain(old.node)), quality_of(plain(new.node)))
    yield from quality_changes(new, "", *rules)
