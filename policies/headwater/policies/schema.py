"""JSON Schemas of every kind of file, from the shapes that the readers take their keys from.

With a vocabulary they know a workspace's own attributes and names; without one, what stands in
its place is any attribute of the right form.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from headwater.catalog import kinds, lineage_sources
from headwater.catalog.elements import ELEMENTS
from headwater.catalog.holds import HOLDS
from headwater.catalog.shapes import DATE, PERIOD, Shape, choice, mapping, pattern, some, text
from headwater.catalog.stop_points import STOP_POINTS
from headwater.catalog.waivers import WAIVERS
from headwater.policies import shapes
from headwater.policies.attributes import ATTRIBUTES, GROUPS, LARGEST, Attribute, Kind
from headwater.policies.operators import LISTS, PRESENCE, comparable_names, fitting
from headwater.policies.own_attributes import PERIOD_OPERATORS
from headwater.policies.patterns import LONGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from headwater.policies.vocabulary import Vocabulary

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SHAPES: dict[str, Shape] = {
    "access-policy": shapes.ACCESS_POLICY,
    "agreement": kinds.AGREEMENT,
    "departments": kinds.DEPARTMENTS,
    "elements": ELEMENTS,
    "exception": shapes.EXCEPTION,
    "holds": HOLDS,
    "lineage": lineage_sources.EDGE_LIST,
    "policy-test": shapes.POLICY_TEST,
    "purposes": kinds.PURPOSES,
    "retention-policy": shapes.RETENTION_POLICY,
    "stop-points": STOP_POINTS,
    "vocabulary": shapes.VOCABULARY,
    "waivers": WAIVERS,
    "workspace": kinds.WORKSPACE,
}
"""The kinds of file that are ours; data contracts have the schema of ODCS."""

SCHEMA_KINDS = tuple(SHAPES)

_OWN = r"^(subject|resource|context)\.[a-z][a-z0-9_]{0,63}$"
_OWN_INNER = "^[a-z][a-z0-9_]{0,63}$"


def schema_of(kind: str, vocabulary: Vocabulary | None = None) -> Shape:
    """Return the JSON Schema of files of ``kind``."""
    shape = SHAPES[kind]
    found: Shape = {
        "$schema": DIALECT,
        "$id": f"urn:headwater:schema:{kind}:1",
        "title": f"headwater: {kind}",
        **shape,
    }
    definitions = {
        name: define(vocabulary) for name, define in _DEFINITIONS.items() if _asks(shape, name)
    }
    return found | ({"$defs": definitions} if definitions else {})


def _asks(shape: object, name: str) -> bool:
    if isinstance(shape, dict):
        if shape.get("$ref") == f"#/$defs/{name}":
            return True
        return any(_asks(part, name) for part in shape.values())
    return isinstance(shape, list) and any(_asks(part, name) for part in shape)


def _condition(vocabulary: Vocabulary | None) -> Shape:
    attributes = vocabulary.attributes if vocabulary else ATTRIBUTES
    nested: dict[str, Shape] = {
        "all": some(shapes.CONDITION),
        "any": some(shapes.CONDITION),
        "not": shapes.CONDITION,
    }
    asked = {
        name: mapping(
            dict(_operators(each, attributes, vocabulary)),
            minProperties=1,
            description=f"{each.about.en} {each.about.zh}",
        )
        for name, each in attributes.items()
    }
    more = {} if vocabulary else {"patternProperties": {_OWN: {"type": "object"}}}
    return mapping(nested | asked, minProperties=1, **more)


def _operators(
    attribute: Attribute, attributes: Mapping[str, Attribute], vocabulary: Vocabulary | None
) -> Iterator[tuple[str, Shape]]:
    value = _value(attribute, vocabulary)
    for op in fitting(attribute.kind):
        others = comparable_names(attribute, op, attributes)
        found = _operand(op, value)
        if others:
            reference = mapping({"attribute": choice(others)}, ["attribute"])
            found = {"anyOf": [found, reference]}
        yield op, found


def _operand(op: str, value: Shape) -> Shape:
    if op in PRESENCE:
        return {"const": True}
    if op in LISTS:
        return some(value)
    if op == "between":
        return some(value) | {"minItems": 2, "maxItems": 2}
    if op in PERIOD_OPERATORS:
        return pattern(PERIOD)
    if op == "matches":
        return text() | {"maxLength": LONGEST}
    return value


def _value(attribute: Attribute, vocabulary: Vocabulary | None) -> Shape:
    """Return the shape of one value, of a set one member."""
    match attribute.kind:
        case Kind.NUMBER:
            return {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
        case Kind.YES_NO:
            return {"type": "boolean"}
        case Kind.DATE:
            return pattern(DATE)
        case Kind.REGION:
            return pattern("^[0-9]{6}$")
    known = vocabulary.known(attribute) if vocabulary else attribute.choices
    return choice(known) if known else text()


def _fact(attribute: Attribute, vocabulary: Vocabulary | None) -> Shape:
    if attribute.kind is Kind.PURPOSE:  # an undeclared purpose may be stated: none agreed to it
        return text()
    value = _value(attribute, vocabulary)
    return {"type": "array", "items": value} if attribute.multiple else value


def _facts(group: str, vocabulary: Vocabulary | None) -> Shape:
    attributes = vocabulary.attributes if vocabulary else ATTRIBUTES
    prefix = f"{group}." if group else ""
    stated = {
        name.removeprefix(prefix): _or_null(_fact(each, vocabulary))
        for name, each in attributes.items()
        if name.startswith(prefix)
    }
    own = _OWN_INNER if group else _OWN
    return mapping(stated, **({} if vocabulary else {"patternProperties": {own: {}}}))


def _or_null(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]}


def _group(group: str, vocabulary: Vocabulary | None) -> Shape:
    return {"type": "object", "additionalProperties": _facts(group, vocabulary)}


_DEFINITIONS: dict[str, Callable[[Vocabulary | None], Shape]] = {
    "condition": _condition,
    "action": partial(_fact, ATTRIBUTES["action"]),
    "attributes": partial(_facts, ""),
    **{f"{group}s": partial(_group, group) for group in GROUPS},
}
