"""JSON Schemas of the generated bundle's input, by which ``opa check --schema`` knows every name.

The modules name them in their METADATA; OPA finds them under ``schemas/``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.policies.attributes import SETS, TREES, Kind
from headwater.policies.facts import AS_OF, FORM
from headwater.policies.vocabulary import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.policies.attributes import Attribute

FOLDER = "schemas"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_INTEGERS = frozenset({Kind.DATE, Kind.LEVEL, Kind.ADMINISTRATIVE})
_SCALARS = {Kind.YES_NO: "boolean", Kind.NUMBER: "number"} | dict.fromkeys(_INTEGERS, "integer")


FACTS = ("schemas:", "  - input: schema.facts")
"""The lines of METADATA by which a package's input is one facts document."""


def schema_files(attributes: Mapping[str, Attribute], periods: Iterable[str]) -> dict[str, str]:
    """Return the schemas by their paths in the bundle.

    Args:
        attributes: Every attribute that facts speak of.
        periods: The periods whose reach facts give.
    """
    facts = facts_schema(attributes, periods)
    batch = _closed({"requests": {"type": "array", "items": facts}})
    return {
        f"{FOLDER}/batch.json": _text(batch),
        f"{FOLDER}/facts.json": _text(facts),
    }


def facts_schema(attributes: Mapping[str, Attribute], periods: Iterable[str]) -> dict[str, object]:
    """Return the schema of one normalised facts document."""
    fields: dict[str, object] = {
        "headwater": {"const": FORM, "type": "string"},
        AS_OF: {"type": "integer"},
        "missing": {"type": "array", "items": {"type": "string"}},
        "action": _value(attributes["action"]),
    }
    reach = {period: {"type": "integer"} for period in sorted(periods)}
    if reach:
        fields["reach"] = _closed(reach)
    for group in GROUPS:
        names = [name for name in attributes if name.startswith(f"{group}.")]
        fields[group] = _closed({n.partition(".")[2]: _value(attributes[n]) for n in sorted(names)})
    return _closed(fields)


def _closed(fields: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": dict(fields),
        "required": sorted(fields),
        "additionalProperties": False,
    }


def _value(attribute: Attribute) -> dict[str, object]:
    """Return the schema of a value; OPA understands a list of types only as ``anyOf``."""
    known: dict[str, object] = {"type": _SCALARS.get(attribute.kind, "string")}
    if attribute.kind in TREES | SETS:
        known = {"type": "array", "items": {"type": "string"}}
    return {"description": attribute.about.en, "anyOf": [known, {"type": "null"}]}


def _text(schema: dict[str, object]) -> str:
    return json.dumps({"$schema": _DIALECT, **schema}, indent=2, ensure_ascii=False) + "\n"
