"""The shapes of the files that say what exists: workspace, departments, purposes, agreement."""

from __future__ import annotations

from headwater.catalog.elements import CATEGORY
from headwater.catalog.label_rules import LABELS
from headwater.catalog.lineage_sources import SOURCES
from headwater.catalog.model import ADMINISTRATIVE, LEVELS
from headwater.catalog.shapes import (
    ID,
    PERIOD,
    Shape,
    choice,
    dates,
    mapping,
    pattern,
    some,
    text,
    texts,
    title,
)
from headwater.catalog.text import LANGUAGES

REGION = "^[0-9]{6}$"
YES_NO: Shape = {"type": "boolean"}
ENGINES = ("auto", "opa", "native")
GROUNDS = (
    "consent",
    "contract",
    "statutory-duty",
    "public-health-emergency",
    "public-interest-news",
    "disclosed-by-subject",
    "other-law",
)
"""Grounds for handling personal information (PIPL Art. 13, in its order)."""

STATES = ("draft", "terminated", "superseded")
"""What a file may say of an agreement; otherwise its dates decide."""

ENDINGS = ("delete", "anonymise", "return")

MODES = ("provide", "entrust", "joint")
"""How data changes hands: PIPL Art. 23, 21 and 20."""

ROW_OPERATORS = ("eq", "not", "in", "not_in", "at_least", "at_most", "above", "below", "between")
"""What may be asked of a column's values in the rows that an agreement gives."""

LIST_OPERATORS = ("in", "not_in", "between")
"""Those of them that a list stands after."""

_VALUE: Shape = {"type": ["string", "number", "boolean"]}
_ROWS = mapping(
    {
        op: {"type": "array", "items": _VALUE, "minItems": 1} if op in LIST_OPERATORS else _VALUE
        for op in ROW_OPERATORS
    }
    | {"between": {"type": "array", "items": _VALUE, "minItems": 2, "maxItems": 2}},
    minProperties=1,
)

WORKSPACE = mapping(
    {
        "kind": {"const": "workspace"},
        "id": pattern(ID),
        "title": title(),
        "languages": texts(choice(LANGUAGES)),
        "namespaces": {
            "type": "array",
            "items": mapping(
                {"namespace": text(), "name": text(), "department": text()},
                ("namespace", "department"),
            ),
        },
        "jobs": {
            "type": "array",
            "items": mapping({"namespace": text(), "name": text(), "purpose": text()}, ["purpose"]),
        },
        "lineage": SOURCES,
        "checks": mapping({"server": text()}, ["server"]),
        "engine": choice(ENGINES),
        "opa": mapping(
            {"url": text(), "ca": text(), "cert": text(), "key": text(), "token_file": text()},
            ["url"],
            dependentRequired={"cert": ["key"], "key": ["cert"]},
        ),
        "rules": mapping({"off": texts()}),
        "categories": {"anyOf": [text(), {"type": "array", "items": CATEGORY}]},
        "labels": LABELS,
        "ignore": texts(),
        "zone": text(),
        "packs": texts(),
        "policies": text(),
        "contracts": text(),
        "agreements": {
            "anyOf": [text(), mapping({"folder": text(), "require_signatures": YES_NO})]
        },
        "exchange": mapping(
            {
                "hubs": some(mapping({"namespace": text(), "name": text()}, ["namespace"])),
                "flows": {
                    "type": "array",
                    "items": mapping({"provider": text(), "consumer": text()}, minProperties=1),
                },
            },
            ["hubs"],
        ),
    },
    ("kind", "id"),
)

DEPARTMENTS = mapping(
    {
        "kind": {"const": "departments"},
        "departments": some(
            mapping(
                {
                    "id": pattern(ID),
                    "name": title(),
                    "level": choice(ADMINISTRATIVE),
                    "region": pattern(REGION),
                    "clearance": choice(LEVELS),
                    "under": text(),
                    "keys": {
                        "type": "array",
                        "items": mapping(
                            {"id": pattern(ID), "public_key": text(), "valid": dates()},
                            ("id", "public_key"),
                        ),
                    },
                },
                ("id", "name", "level", "region", "clearance"),
            )
        ),
    },
    ("kind", "departments"),
)

PURPOSES = mapping(
    {
        "kind": {"const": "purposes"},
        "purposes": some(
            mapping(
                {"id": pattern(ID), "name": title(), "under": text(), "dpv": text()},
                ("id", "name"),
            )
        ),
    },
    ("kind", "purposes"),
)

AGREEMENT = mapping(
    {
        "kind": {"const": "agreement"},
        "id": pattern(ID),
        "title": title(),
        "provider": text(),
        "consumer": text(),
        "grants": some(
            mapping(
                {"contract": text(), "object": text(), "columns": texts()}, ("contract", "columns")
            )
        ),
        "purposes": texts(),
        "legal_basis": mapping({"ground": choice(GROUNDS), "mandate": text()}, ["ground"]),
        "valid": dates("from"),
        "state": choice(STATES),
        "mode": choice(MODES),
        "supersedes": text(),
        "impact_assessment": text(),
        "conditions": mapping(
            {
                "max_level": choice(LEVELS),
                "masked": texts(),
                "min_k": {"type": "integer", "minimum": 2, "maximum": 1_000_000_000},
                "rows": {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": {"anyOf": [_VALUE, _ROWS]},
                },
                "location": texts(pattern(REGION)),
            }
        ),
        "onward": texts(),
        "retention": mapping({"at_most": pattern(PERIOD), "then": choice(ENDINGS)}, ["at_most"]),
    },
    ("kind", "id", "provider", "consumer", "grants", "purposes", "legal_basis", "valid"),
    **{
        "if": {"properties": {"mode": {"const": "entrust"}}, "required": ["mode"]},
        "then": {
            "properties": {"retention": {"properties": {"then": {"not": {"const": "anonymise"}}}}}
        },
    },
)
