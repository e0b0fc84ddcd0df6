"""The shapes of the files that policies are written in; the words for it are the catalogue's."""

from __future__ import annotations

from headwater.catalog.shapes import (
    DATE,
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
from headwater.policies.attributes import TYPES
from headwater.policies.model import Disposal, Mode

EVENTS = (
    *("agreement-ended", "collected", "consent-withdrawn", "last-used"),
    *("purpose-fulfilled", "service-ended"),
)
"""What a term may count from, where it is not a column (PIPL 47)."""

MASKS = ("generalise", "hash", "redact")

CONDITION: Shape = {"$ref": "#/$defs/condition"}
"""Where it stands depends on the vocabulary: :mod:`.schema` defines it."""

OBLIGATION = mapping(
    {
        "delete_after": pattern(PERIOD),
        "filter_rows": CONDITION,
        "mask": mapping({"category": text(), "with": choice(MASKS)}, ("category", "with")),
        "notify": text(),
    },
    minProperties=1,
)
_NOT_ALLOWING: Shape = {"allow": False, "message": False, "obligations": False}
RULE = mapping(
    {
        "id": pattern(ID),
        "allow": {"const": True},
        "deny": title(),
        "warn": title(),
        "message": title(),
        "when": CONDITION,
        "remedy": title(),
        "basis": texts(),
        "obligations": {"type": "array", "items": OBLIGATION},
    },
    ["id"],
    oneOf=[
        {"required": ["allow"], "properties": {"deny": False, "warn": False}},
        {"required": ["deny"], "properties": _NOT_ALLOWING | {"warn": False}},
        {"required": ["warn"], "properties": _NOT_ALLOWING | {"deny": False}},
    ],
)
TERM = mapping(
    {
        "id": pattern(ID),
        "at_most": pattern(PERIOD),
        "at_least": pattern(PERIOD),
        "since": {"anyOf": [choice(EVENTS), mapping({"column": text()}, ["column"])]},
        "then": choice(each.value for each in Disposal),
        "when": CONDITION,
        "remedy": title(),
        "basis": texts(),
        "verified": {"type": "boolean"},
    },
    ("id", "since"),
    oneOf=[
        {"required": ["at_most", "then"], "properties": {"at_least": False}},
        {"required": ["at_least"], "properties": {"at_most": False}},
    ],
)


def _policy(kind: str, rule: Shape, **more: Shape) -> Shape:
    return mapping(
        {
            "kind": {"const": kind},
            "id": pattern(ID),
            "title": title(),
            "owner": text(),
            "basis": texts(),
            "effective": dates("from"),
            "mode": choice(mode.value for mode in Mode),
            "applies_to": CONDITION,
            "rules": some(rule),
            **more,
        },
        ("kind", "id", "title", "owner", "effective", "rules"),
    )


ACCESS_POLICY = _policy("access-policy", RULE)
RETENTION_POLICY = _policy("retention-policy", TERM, zone=text())

EXCEPTION = mapping(
    {
        "kind": {"const": "exception"},
        "id": pattern(ID),
        "title": title(),
        "owner": text(),
        "approver": text(),
        "reason": title(),
        "rule": text(),
        "when": CONDITION,
        "effective": dates("from", "until"),
    },
    ("kind", "id", "title", "owner", "approver", "reason", "rule", "when", "effective"),
)

VOCABULARY = mapping(
    {
        "kind": {"const": "vocabulary"},
        "id": pattern(ID),
        "title": title(),
        "attributes": some(
            mapping(
                {
                    "id": pattern(r"^(subject|resource|context)\.[a-z][a-z0-9_]{0,63}$"),
                    "type": choice(TYPES),
                    "values": texts(),
                    "may_be_absent": {"type": "boolean"},
                    "description": title(),
                },
                ("id", "type", "description"),
                allOf=[
                    {
                        "if": {"properties": {"type": {"const": "choice"}}},
                        "then": {"required": ["values"]},
                    },
                    {
                        "if": {"properties": {"type": {"not": choice(("choice", "set"))}}},
                        "then": {"properties": {"values": False}},
                    },
                ],
            )
        ),
    },
    ("kind", "id", "attributes"),
)

POLICY_TEST = mapping(
    {
        "kind": {"const": "policy-test"},
        "id": pattern(ID),
        "title": title(),
        "policies": texts(),
        "now": pattern(DATE),
        "action": {"$ref": "#/$defs/action"},
        "subjects": {"$ref": "#/$defs/subjects"},
        "resources": {"$ref": "#/$defs/resources"},
        "contexts": {"$ref": "#/$defs/contexts"},
        "cases": some(
            mapping(
                {
                    "title": title(),
                    "now": pattern(DATE),
                    "action": {"$ref": "#/$defs/action"},
                    "subject": text(),
                    "resource": text(),
                    "context": text(),
                    "with": {"$ref": "#/$defs/attributes"},
                    "allow": {"type": "boolean"},
                    "rules": texts(),
                    "unknown": texts(),
                    "warnings": texts(),
                    "exceptions": texts(),
                    "terms": texts(),
                    "obligations": {"type": "array", "items": OBLIGATION},
                },
                anyOf=[{"required": ["allow"]}, {"required": ["terms"]}],
            )
        ),
        "matrix": {"type": "boolean"},
    },
    ("kind", "id", "now", "cases"),
)
