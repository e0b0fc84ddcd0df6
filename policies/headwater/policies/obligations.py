"""What an allowing rule obliges to: read from files, kept as canonical JSON, taken apart again.

Several obligations all hold: two row filters leave the rows that both let through. Inside
``filter_rows`` an attribute of the resource is the row's own, as it is for ``--columns-map`` of
``policy filter``; everything else is the question's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from headwater.catalog.forms import Form
from headwater.catalog.periods import period_of
from headwater.catalog.problems import closest, problem
from headwater.catalog.shapes import inner, keys
from headwater.policies.formula import positive, tests_of
from headwater.policies.model import All, Atom, Condition, Not, Reference, Rule, canonical
from headwater.policies.model import Any as AnyOf
from headwater.policies.operators import LISTS, PRESENCE
from headwater.policies.shapes import MASKS, OBLIGATION
from headwater.policies.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headwater.catalog.nodes import Node
    from headwater.policies.attributes import Attribute
    from headwater.policies.conditions import ConditionReader

FILTER = "filter_rows"
_ROW = "resource."
_MANY = LISTS | {"between"}


def read_obligation(item: Node, conditions: ConditionReader) -> str:
    """Return the obligation that ``item`` says; what is wrong goes to the reader's problems."""
    problems = conditions.problems
    form = Form(item, problems, "obligations", *keys(OBLIGATION))
    found: dict[str, object] = {}
    if not form.node.entries:
        problems.add("empty", form.position, key="obligations")
    if form.has("delete_after"):
        value = form.text("delete_after")
        found["delete_after"] = value and period_of(value, problems, form.at("delete_after"))
    if form.has("notify"):
        found["notify"] = _department(form, conditions)
    if mask := form.form("mask", *keys(inner(OBLIGATION, "mask")), required=False):
        found["mask"] = {
            "category": mask.choice("category", conditions.vocabulary.categories),
            "with": mask.choice("with", MASKS),
        }
    node = form.node.get(FILTER)
    if node is not None:
        found[FILTER] = _filter(node, conditions)
    return canonical(found)


def _department(form: Form, conditions: ConditionReader) -> str:
    name, known = form.text("notify"), conditions.vocabulary.departments
    if name and name not in known:
        near = closest(name, known)
        at, what = form.at("notify"), Kind.DEPARTMENT.text
        conditions.problems.add("unknown-reference", at, what=what, id=name, suggestion=near)
    return name


def _filter(node: Node, conditions: ConditionReader) -> object:
    """Return the row filter: it asks about the row, and of each thing only one value."""
    before = len(conditions.problems)
    condition = conditions.read(node)
    attributes = conditions.vocabulary.attributes
    rows = row_attributes(condition)
    if len(conditions.problems) == before:
        sets = [name for name in rows if attributes[name].multiple]
        found = [problem("filter-rows-set", node.position, name=name) for name in sets]
        found += [] if rows else [problem("filter-rows-no-row", node.position)]
        conditions.problems.extend(found)
    return written(condition)


def row_attributes(condition: Condition) -> tuple[str, ...]:
    """Return the attributes of the row that a row filter asks about, sorted."""
    tests = tests_of(positive(condition))
    names = {name for test in tests for name in (test.attribute, test.other) if name}
    return tuple(sorted(name for name in names if name.startswith(_ROW)))


def written(condition: Condition) -> object:
    """Return the condition as the plain mapping that a file may say; see :func:`condition_of`."""
    match condition:
        case Atom(attribute=name, op=op, operand=Reference(attribute=other)):
            return {name: {op: {"attribute": other}}}
        case Atom(attribute=name, op=op, operand=tuple(values)):
            return {name: {op: list(values) if op in _MANY else values[0]}}
        case Not(part=part):
            return {"not": written(part)}
        case All(parts=parts):
            return {"all": [written(part) for part in parts]}
        case AnyOf(parts=parts):
            return {"any": [written(part) for part in parts]}
    raise TypeError(condition)


def condition_of(document: Mapping[str, Any], attributes: Mapping[str, Attribute]) -> Condition:
    """Return the condition that :func:`written` has made ``document`` of."""
    ((key, value),) = document.items()
    match key:
        case "not":
            return Not(condition_of(value, attributes))
        case "all":
            return All(tuple(condition_of(part, attributes) for part in value))
        case "any":
            return AnyOf(tuple(condition_of(part, attributes) for part in value))
    ((op, operand),) = value.items()
    kind = attributes[key].kind
    if isinstance(operand, dict):
        return Atom(key, op, Reference(operand["attribute"]), kind=kind)
    values = tuple(operand) if op in _MANY and op not in PRESENCE else (operand,)
    return Atom(key, op, values, kind=kind)


def filters_of(rule: Rule, attributes: Mapping[str, Attribute]) -> Iterator[Condition]:
    """Yield the row filters that ``rule`` obliges to."""
    for text in rule.obligations:
        found = filter_of(text, attributes)
        if found is not None:
            yield found


def filter_of(obligation: str, attributes: Mapping[str, Attribute]) -> Condition | None:
    """Return the row filter of one obligation, which is canonical JSON."""
    document = json.loads(obligation)
    return condition_of(document[FILTER], attributes) if FILTER in document else None
