"""Whether what files name exists: departments, purposes, contracts, columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.agreement_references import check_conditions
from headwater.catalog.problems import closest
from headwater.catalog.public_keys import check_keys
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.catalog.forms import Problems
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Agreement, Dataset, Grant, Workspace
    from headwater.catalog.position import Position

_NAMES = {
    "department": "部门",
    "purpose": "用途",
    "contract": "合同",
    "object": "对象",
    "server": "服务器",
    "agreement": "协议",
}


def check_references(workspace: Workspace, problems: Problems, *, contracts_read: bool) -> None:
    """Add a problem for every name that nothing answers to, and for every circle of ``under``.

    Where not all contracts could be read, references to contracts are left unjudged.
    """
    _check_tree(
        {d.id: (d.under, d.position) for d in workspace.departments.values()},
        "department",
        problems,
    )
    _check_tree(
        {p.id: (p.under, p.position) for p in workspace.purposes.values()}, "purpose", problems
    )
    _check_tree(
        {a.id: (a.terms.supersedes, a.terms.supersedes_at or a.position)
         for a in workspace.agreements},
        "agreement",
        problems,
    )  # fmt: skip
    for rule in workspace.namespaces:
        _known("department", rule.department, workspace.departments, rule.position, problems)
    for job in workspace.jobs:
        _known("purpose", job.purpose, workspace.purposes, job.position, problems)
    for hold in workspace.holds:
        _known("department", hold.owner, workspace.departments, hold.owner_at, problems)
    _check_contracts(workspace, problems)
    check_keys(workspace.departments.values(), problems)
    for agreement in workspace.agreements:
        _check_agreement(workspace, agreement, problems)
        if contracts_read:
            check_conditions(workspace, agreement, problems)
        for grant in agreement.grants if contracts_read else ():
            _check_grant(workspace, agreement, grant, problems)


def _known(
    what: str, name: str, known: Iterable[str], position: Position, problems: Problems
) -> bool:
    if not name or name in known:
        return bool(name)  # a name that is missing was reported where it should stand
    problems.add(
        "unknown-reference",
        position,
        what=Text(what, _NAMES[what]),
        id=name,
        suggestion=closest(name, known),
    )
    return False


def _check_tree(
    nodes: Mapping[str, tuple[str | None, Position]], what: str, problems: Problems
) -> None:
    for name, (under, position) in nodes.items():
        if under is None or not _known(what, under, nodes, position, problems):
            continue
        path = [name]
        at: str | None = under
        while at is not None and at not in path and at in nodes:
            path.append(at)
            at = nodes[at][0]
        if at == name:
            problems.add("cycle", position, id=name, path=" → ".join([*path, name]))


def _check_contracts(workspace: Workspace, problems: Problems) -> None:
    first: dict[DatasetId, Dataset] = {}
    for contract in workspace.contracts.values():
        at = contract.node.get("tenant")
        position = at.position if at else contract.position
        _known("department", contract.department, workspace.departments, position, problems)
        for dataset in contract.datasets:
            other = first.setdefault(dataset.id, dataset)
            if other is not dataset:
                where = str(other.position)
                problems.add("same-dataset", dataset.position, dataset=str(dataset.id), first=where)
    server = workspace.checks_server
    names = [s.name for contract in workspace.contracts.values() for s in contract.servers]
    if server and names:
        _known("server", server, names, workspace.position, problems)


def _check_agreement(workspace: Workspace, agreement: Agreement, problems: Problems) -> None:
    node = agreement.position
    for name in sorted({agreement.provider, agreement.consumer} | (agreement.onward or set())):
        at = agreement.places.get(name, node)
        _known("department", name, workspace.departments, at, problems)
    for purpose in agreement.purposes:
        at = agreement.places.get(purpose, node)
        _known("purpose", purpose, workspace.purposes, at, problems)


def _check_grant(
    workspace: Workspace, agreement: Agreement, grant: Grant, problems: Problems
) -> None:
    contract = workspace.contracts.get(grant.contract)
    if contract is None:
        _known("contract", grant.contract, workspace.contracts, grant.position, problems)
        return
    if agreement.provider and contract.department != agreement.provider:
        problems.add(
            "not-the-provider",
            grant.position,
            contract=contract.id,
            provider=agreement.provider,
            department=contract.department,
        )
    given = [dataset for dataset in contract.datasets if grant.covers(dataset)]
    if grant.object and not given:
        objects = [dataset.object for dataset in contract.datasets]
        _known("object", grant.object, objects, grant.position, problems)
        return
    names = {column.name for dataset in given for column in dataset.columns}
    for glob in grant.columns:
        if not any(glob.matches(name) for name in names):
            problems.add(
                "matches-no-column",
                glob.position or grant.position,
                pattern=glob.pattern,
                contract=contract.id,
                suggestion=closest(glob.pattern, names),
            )
