"""Formulas as Rego bodies; inner joins become helper rules of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater.policies.attributes import ATTRIBUTES, TREES
from headwater.policies.formula import AllOf, AnyOf, Test, opposite
from headwater.policies.patterns import PATTERNS, anchored
from headwater.policies.rego_text import literal, rule, set_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headwater.policies.attributes import Attribute
    from headwater.policies.formula import Formula

_NEVER_NULL = ("eq", "in", "has", "under", "at_least", "above")
"""Operators that need no guard: null equals no value, has no members, and is below numbers."""

_ORDER = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<"}


@dataclass
class Helpers:
    """Numbers the helper rules of one module and keeps their text.

    Equal formulas share a helper.
    """

    attributes: Mapping[str, Attribute] = field(default_factory=lambda: ATTRIBUTES)
    blocks: list[list[str]] = field(default_factory=list)
    _true: dict[Formula, str] = field(default_factory=dict)
    _gaps: dict[Formula, str | None] = field(default_factory=dict)

    def bodies(self, formula: Formula) -> list[list[str]]:
        """Return the bodies of which one holds exactly where ``formula`` is true."""
        if isinstance(formula, AnyOf):
            return [self._body(part) for part in formula.parts]
        return [self._body(formula)]

    def _body(self, formula: Formula) -> list[str]:
        if isinstance(formula, Test):
            return expressions(formula, self.attributes)
        if isinstance(formula, AllOf):
            return [line for part in formula.parts for line in self._body(part)]
        return [self._holds(formula)]

    def _holds(self, formula: Formula) -> str:
        """Return the name of the helper that is true where ``formula`` is."""
        if formula not in self._true:
            bodies = self.bodies(formula)
            name = f"_c_{len(self._true) + 1:04d}"
            self._true[formula] = name
            self.blocks += [rule(name, body) for body in bodies]
        return self._true[formula]

    def gaps(self, formula: Formula, head: Callable[[str], str]) -> list[list[str]]:
        """Return rules of the set ``head``: each absent attribute that leaves it unknown.

        They count only where ``formula`` itself is unknown. ``head`` makes the rule's head from
        the term that stands for the attribute.
        """
        if isinstance(formula, Test):
            return [
                rule(head(literal(name)), [f"{path(name)} == null"]) for name in formula.attributes
            ]
        found: list[list[str]] = []
        for part in formula.parts:
            if isinstance(part, Test):
                found += self.gaps(part, head)
            elif name := self._gap_helper(part):
                unknown = [f"not {self._holds(part)}", f"not {self._holds(opposite(part))}"]
                found.append(rule(head("name"), [*unknown, f"some name in {name}"]))
        unique = {tuple(lines): lines for lines in found}
        return list(unique.values())

    def _gap_helper(self, formula: Formula) -> str | None:
        """Return the name of the set of a part's gaps; ``None`` where it can have none."""
        if formula not in self._gaps:
            name = f"_g_{len(self._gaps) + 1:04d}"
            self._gaps[formula] = name  # taken before inner parts take theirs
            blocks = self.gaps(formula, lambda term: f"{name} contains {term}")
            self._gaps[formula] = name if blocks else None
            self.blocks += blocks
        return self._gaps[formula]


def path(attribute: str) -> str:
    """Return where the input has the attribute, a list for departments and purposes.

    Example:
        >>> path("resource.level")
        'input.resource.level'
    """
    return f"input.{attribute}"


def _itself(attribute: str, attributes: Mapping[str, Attribute]) -> str:
    declared = attributes.get(attribute)
    return f"{path(attribute)}[0]" if declared and declared.kind in TREES else path(attribute)


def expressions(test: Test, attributes: Mapping[str, Attribute] = ATTRIBUTES) -> list[str]:
    """Return the expressions that hold where ``test`` is true; null never passes for a value."""
    here, known = path(test.attribute), f"{path(test.attribute)} != null"
    if test.op == "absent":
        return [f"{here} == null"]
    if test.op == "present":
        return [known]
    itself = _itself(test.attribute, attributes)
    if test.op in PATTERNS:  # a built-in that is asked of no text is an error, not an answer
        found = f"regex.match({literal(anchored(str(test.values[0])))}, {here})"
        return [f"is_string({here})", found if test.op == "matches" else f"not {found}"]
    if test.other is not None:
        others = [f"{path(name)} != null" for name in test.attributes if name == test.other]
        return [known, *others, _compared(test, itself, _itself(test.other, attributes))]
    if test.op in _NEVER_NULL or not test.attributes:  # null is no value: no guard is needed
        return [_compared(test, itself, "")]
    return [known, _compared(test, itself, "")]


def _compared(test: Test, itself: str, other: str) -> str:
    here = path(test.attribute)
    operand = other or literal(test.values[0])
    match test.op:
        case "eq":
            return f"{itself} == {operand}"
        case "not":
            return f"{itself} != {operand}"
        case "in":
            return f"{itself} in {set_of(test.values)}"
        case "not_in":
            return f"not {itself} in {set_of(test.values)}"
        case "has" | "under":
            return f"{operand} in {here}"
        case "lacks" | "not_under":
            return f"not {operand} in {here}"
        case order:
            return f"{here} {_ORDER[order]} {operand}"
