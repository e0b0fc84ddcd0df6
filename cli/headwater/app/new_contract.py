"""Use cases: write a new data contract, and put a check into one that is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.app.trial import tried, write_new
from headwater.app.writing import write_whole
from headwater.app.yaml_text import scalar, with_item
from headwater.catalog.errors import HeadwaterError, InputError, UnknownNameError
from headwater.catalog.problems import closest
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from headwater.catalog.model import Contract, Workspace

_CONTRACT = Text("contract", "合同")
_OBJECT = Text("object", "对象")
_COLUMN = Text("column", "字段")
UNSAID = "string"
"""The type of a column of which nothing is known."""


@dataclass(frozen=True, slots=True)
class NewContract:
    """A data contract to write: one dataset of a department.

    ``columns`` are ``NAME`` or ``NAME:TYPE``; ``data`` is the file of the workspace that holds
    the dataset, and gives the columns where none are named.
    """

    id: str
    owner: str
    title: str | None = None
    namespace: str | None = None
    dataset: str | None = None
    columns: tuple[str, ...] = ()
    data: str | None = None


@dataclass(frozen=True, slots=True)
class NewCheck:
    """A quality rule to write: what of which contract, and how it is judged."""

    contract: str
    column: str | None
    metric: str
    operator: str
    value: str
    object: str | None = None


def write_contract(workspace: Workspace, contract: NewContract, file: str | None) -> Path:
    """Write the contract, by default as ``contracts/ID.odcs.yaml``, and return its file.

    Raises:
        DocumentError: The workspace could not be read with it, or the file is there already.
        InputError: It has no columns, the data cannot be read, or the file cannot be written.
    """
    name = file or f"contracts/{contract.id}.odcs.yaml"
    columns = dict(_split(column) for column in contract.columns)
    if not columns:
        columns = _columns_of(workspace, contract, name)
    return write_new(workspace, name, _text(workspace, contract, columns))


def add_check(workspace: Workspace, check: NewCheck) -> Path:
    """Put a quality rule into a contract that is there, and return the contract's file.

    Raises:
        DocumentError: The workspace could not be read with it.
        UnknownNameError: There is no such contract, object or column.
    """
    contract = _named(workspace, check.contract)
    path = ["schema", *_place(contract, check), "quality"]
    file = contract.position.file
    target = workspace.root / file
    text = target.read_text(encoding="utf-8")
    rule = f"{{metric: {scalar(check.metric)}, {check.operator}: {check.value}}}"
    changed = with_item(text, file, path, [rule])
    tried(workspace, file, changed)
    write_whole(target, changed.encode())
    return target


def _named(workspace: Workspace, name: str) -> Contract:
    found = workspace.contracts.get(name)
    if found is None:
        raise _unknown(_CONTRACT, name, workspace.contracts)
    return found


def _unknown(what: Text, name: str, known: Iterable[str]) -> HeadwaterError:
    near = closest(name, list(known))
    return UnknownNameError.of("unknown-reference", what=what, id=name, suggestion=near)


def _place(contract: Contract, check: NewCheck) -> list[str | int]:
    names = [dataset.object for dataset in contract.datasets]
    if check.object is None and len(names) > 1:
        raise InputError.of("which-object", contract=contract.id, objects=names)
    if check.object is not None and check.object not in names:
        near = closest(check.object, names)
        raise UnknownNameError.of(
            "unknown-reference", what=_OBJECT, id=check.object, suggestion=near
        )
    number = names.index(check.object) if check.object is not None else 0
    if check.column is None:
        return [number]
    columns = [column.name for column in contract.datasets[number].columns]
    if check.column not in columns:
        near = closest(check.column, columns)
        raise UnknownNameError.of(
            "unknown-reference", what=_COLUMN, id=check.column, suggestion=near
        )
    return [number, "properties", columns.index(check.column)]


def _columns_of(workspace: Workspace, contract: NewContract, name: str) -> dict[str, str]:
    from headwater.checks.guess import guess_types
    from headwater.checks.model import Unreadable

    if contract.data is None:
        raise InputError.of("contract-needs-columns")
    draft = _text(workspace, contract, {"draft": UNSAID})
    within = replace(tried(workspace, name, draft).workspace, root=workspace.root)
    found = within.contracts[contract.id]
    types = guess_types(within, found, found.datasets[0])
    if isinstance(types, Unreadable):
        raise InputError.of("data-unreadable", path=contract.data, reason=types.reason)
    return types


def _split(column: str) -> tuple[str, str]:
    name, _, kind = column.rpartition(":")
    return (name, kind) if name else (kind, UNSAID)


def _text(workspace: Workspace, contract: NewContract, columns: dict[str, str]) -> str:
    return "".join(f"{line}\n" for line in _lines(workspace, contract, columns))


def _lines(workspace: Workspace, said: NewContract, columns: dict[str, str]) -> Iterator[str]:
    yield "# Say of each column how sensitive it is:  classification: general-1 (open to all) to"
    yield "# general-4, important, core;  tags: [personal, health, ...] where it is about people."
    yield "apiVersion: v3.1.0"
    yield "kind: DataContract"
    yield f"id: {scalar(said.id)}"
    yield f"name: {scalar(said.title or said.id)}"
    yield "version: 1.0.0"
    yield "status: active"
    yield f"tenant: {scalar(said.owner)}"
    if said.data is not None:
        server = scalar(workspace.checks_server or "sample")
        yield "servers:"
        yield f"  - {{server: {server}, type: local, path: {scalar(said.data)}}}"
    yield "schema:"
    yield f"  - name: {scalar(said.dataset or said.id)}"
    if said.namespace is not None:
        name = scalar(said.dataset or said.id)
        value = f"{{namespace: {scalar(said.namespace)}, name: {name}}}"
        yield f"    customProperties: [{{property: dataset, value: {value}}}]"
    yield "    properties:"
    for column, kind in columns.items():
        yield f"      - {{name: {scalar(column)}, logicalType: {scalar(kind)}}}"
