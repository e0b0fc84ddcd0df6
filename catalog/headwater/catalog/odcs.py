"""ODCS data contracts; the only module that imports the standard's own model.

A contract is checked with the pydantic model of the package ``open-data-contract-standard``;
its errors, and keys that the model does not know, get the positions they have in the file.

Source: Open Data Contract Standard 3.0 to 3.2 (Bitol).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.catalog.declared import declared_label
from headwater.catalog.model import Column, Contract, Dataset, Server
from headwater.catalog.naming import dataset_id
from headwater.catalog.nodes import Entry, Mapping, Node, Sequence, plain
from headwater.catalog.problems import closest
from headwater.catalog.sla import check_retention
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import BaseModel

    from headwater.catalog.elements import Dictionary
    from headwater.catalog.forms import Problems
    from headwater.catalog.position import Position

_VERSION = re.compile(r"v3\.[012]\.\d+")
_CONTRACT_KEYS = ("apiVersion", "id", "version", "status")


def read_contract(node: Mapping, dictionary: Dictionary, problems: Problems) -> Contract | None:
    """Return the contract that ``node`` holds, or ``None`` after problems.

    ``tenant`` is the department; :func:`~headwater.catalog.declared.declared_label` says what the
    labels of a column are.
    """
    before = len(problems)
    _check_version(node, problems)
    _check_model(node, problems)
    check_retention(node, problems)
    for key in _CONTRACT_KEYS:
        if not node.text(key):
            problems.add("missing-key", node.position, key=key)
    department = node.text("tenant")
    if not department:
        problems.add("missing-key", node.position, key="tenant")
    if len(problems) > before:
        return None
    servers = tuple(_server(item) for item in _mappings(node.get("servers")))
    contract = Contract(
        id=node.text("id") or "",
        version=node.text("version") or "",
        status=node.text("status") or "",
        department=department or "",
        servers=servers,
        datasets=(),
        node=node,
        position=node.at("id"),
    )
    datasets = _datasets(contract, dictionary, problems)
    return _with_datasets(contract, datasets) if len(problems) == before else None


def _with_datasets(contract: Contract, datasets: tuple[Dataset, ...]) -> Contract:
    from dataclasses import replace

    return replace(contract, datasets=datasets)


def _check_version(node: Mapping, problems: Problems) -> None:
    version = node.text("apiVersion")
    if version and not _VERSION.fullmatch(version):
        problems.add("odcs-version", node.at("apiVersion"), version=version)


def _check_model(node: Mapping, problems: Problems) -> None:
    import pydantic
    from open_data_contract_standard.model import OpenDataContractStandard

    known = _known_keys(OpenDataContractStandard)
    document = plain(node)
    assert isinstance(document, dict)  # noqa: S101 - a mapping is a dictionary
    _report_unknown(node, known, problems)
    try:
        model = OpenDataContractStandard.model_validate(
            {key: value for key, value in document.items() if key in known}
        )
    except pydantic.ValidationError as error:
        for found in error.errors(include_url=False, include_input=False, include_context=False):
            at = _place(node, found["loc"])
            where = ".".join(str(step) for step in found["loc"] if not _is_branch(step))
            reason = f"{where}: {found['msg']}"
            problems.add("bad-contract", at, reason=reason)
        return
    _check_keys(node, model, problems)


def _is_branch(step: object) -> bool:
    """Say whether pydantic's location step names a branch of a union and not a key."""
    return isinstance(step, str) and (step[:1].isupper() or step in {"str", "int", "bool", "float"})


def _known_keys(model: type[BaseModel]) -> dict[str, str]:
    """Return the written names of a model's fields, each with the field's own name."""
    return {field.alias or name: name for name, field in model.model_fields.items()}


def _report_unknown(node: Mapping, known: Iterable[str], problems: Problems) -> None:
    for entry in node:
        if entry.key not in known:
            problems.add(
                "unknown-key",
                entry.position,
                key=entry.key,
                suggestion=closest(entry.key, known),
                known=sorted(known),
            )


def _check_keys(node: Mapping, model: BaseModel, problems: Problems) -> None:
    """Report the keys of ``node``, at any depth, that the model silently ignores."""
    known = _known_keys(type(model))
    for entry in node:
        if entry.key in known:
            _check_value(entry, getattr(model, known[entry.key]), problems)


def _check_value(entry: Entry, value: object, problems: Problems) -> None:
    from pydantic import BaseModel

    nodes = entry.value.items if isinstance(entry.value, Sequence) else (entry.value,)
    values = value if isinstance(value, list) else [value]
    for node, found in zip(nodes, values, strict=False):
        if isinstance(node, Mapping) and isinstance(found, BaseModel):
            _report_unknown(node, _known_keys(type(found)), problems)
            _check_keys(node, found, problems)


def _place(node: Node, steps: Iterable[int | str]) -> Position:
    """Return the position of the deepest value that ``steps`` lead to."""
    at = node
    for step in steps:
        inner = _step(at, step)
        if inner is not None:
            at = inner
    return at.position


def _step(node: Node, step: int | str) -> Node | None:
    if isinstance(node, Mapping) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def _mappings(node: Node | None) -> Iterator[Mapping]:
    if isinstance(node, Sequence):
        yield from (item for item in node if isinstance(item, Mapping))


def _server(node: Mapping) -> Server:
    return Server(
        name=node.text("server") or "",
        type=node.text("type") or "",
        node=node,
        position=node.position,
    )


def _datasets(
    contract: Contract, dictionary: Dictionary, problems: Problems
) -> tuple[Dataset, ...]:
    found = []
    for node in _mappings(contract.node.get("schema")):
        name = node.text("name")
        if not name:
            problems.add("missing-key", node.position, key="name")
            continue
        identity = dataset_id(contract.servers, node, problems)
        if identity is None:
            continue
        columns = tuple(_columns(node, "", dictionary, problems))
        _check_unique(columns, problems)
        found.append(
            Dataset(
                id=identity,
                contract=contract.id,
                object=name,
                department=contract.department,
                columns=columns,
                node=node,
                position=node.position,
            )
        )
    if not found and not problems:
        problems.add("missing-key", contract.node.position, key="schema")
    return tuple(found)


def _columns(
    node: Mapping, prefix: str, dictionary: Dictionary, problems: Problems
) -> Iterator[Column]:
    for item in _mappings(node.get("properties")):
        name = item.text("physicalName") or item.text("name")
        if not name:
            problems.add("missing-key", item.position, key="name")
            continue
        level, categories = declared_label(item, dictionary, problems)
        yield Column(
            name=prefix + name,
            logical_type=item.text("logicalType"),
            level=level,
            categories=categories,
            position=item.position,
        )
        yield from _columns(item, f"{prefix}{name}.", dictionary, problems)


def _check_unique(columns: Iterable[Column], problems: Problems) -> None:
    first: dict[str, Column] = {}
    for column in columns:
        if column.name in first:
            problems.add(
                "duplicate-id",
                column.position,
                what=Text("column", "字段"),
                id=column.name,
                first=str(first[column.name].position),
            )
        first.setdefault(column.name, column)
