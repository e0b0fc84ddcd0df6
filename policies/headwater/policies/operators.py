"""The operators of conditions, and which kinds of attribute each fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.policies.attributes import ATTRIBUTES, ORDERED, SETS, TREES, Kind
from headwater.policies.own_attributes import PERIOD_OPERATORS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.policies.attributes import Attribute

PRESENCE = ("absent", "present")
LISTS = frozenset({"in", "not_in", "has_any", "has_all"})
_EQUALITY = ("eq", "not")
_MEMBERSHIP = ("in", "not_in")
_ORDER = ("at_least", "at_most", "above", "below")
_SETS = ("has", "has_any", "has_all")

OPERATORS = (
    *(*_EQUALITY, *_MEMBERSHIP, *_ORDER, "between", *_SETS, "under", "matches"),
    *(*PERIOD_OPERATORS, *PRESENCE),
)
_REFERABLE = frozenset({*_EQUALITY, *_ORDER, "has", "under"})
_MEMBERS = {Kind.DEPARTMENTS: Kind.DEPARTMENT, Kind.SET: Kind.TEXT}


def fitting(kind: Kind) -> tuple[str, ...]:
    """Return the operators that fit ``kind``.

    Example:
        >>> fitting(Kind.YES_NO)
        ('eq', 'not', 'absent', 'present')
    """
    if kind in SETS:
        return (*_SETS, *PRESENCE)
    found: tuple[str, ...] = _EQUALITY
    if kind is not Kind.YES_NO:
        found = (*found, *_MEMBERSHIP)
    if kind in ORDERED:
        found = (*found, *_ORDER, "between")
    if kind in TREES:
        found = (*found, "under")
    if kind in (Kind.TEXT, Kind.REGION):
        found = (*found, "matches")
    if kind is Kind.DATE:
        found = (*found, *PERIOD_OPERATORS)
    return (*found, *PRESENCE)


def comparable(attribute: Attribute, op: str) -> Kind | None:
    """Return the kind that another attribute must have to stand after ``op``; ``None`` if none."""
    if op not in _REFERABLE:
        return None
    return _MEMBERS.get(attribute.kind) if op == "has" else attribute.kind


def comparable_names(
    attribute: Attribute, op: str, attributes: Mapping[str, Attribute] = ATTRIBUTES
) -> list[str]:
    """Return the names of those of ``attributes`` that may stand after ``op``, sorted."""
    kind = comparable(attribute, op)
    return sorted(
        other.name
        for other in attributes.values()
        if other.kind is kind and (kind is not Kind.CHOICE or other.choices == attribute.choices)
    )
