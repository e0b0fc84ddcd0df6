"""Formulas as Rego bodies; inner joins become helper rules of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater.policies.formula import AllOf, AnyOf, Test, opposite
from headwater.policies.rego_text import literal, rule, set_of
from headwater.policies.vocabulary import ATTRIBUTES, TREES

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.policies.formula import Formula

_ORDER = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<"}


@dataclass
class Helpers:
    """Numbers the helper rules of one module and keeps their text.

    Equal formulas share a helper.
    """

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
            return expressions(formula)
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


def _itself(attribute: str) -> str:
    declared = ATTRIBUTES.get(attribute)
    return f"{path(attribute)}[0]" if declared and declared.kind in TREES else path(attribute)


def expressions(test: Test) -> list[str]:
    """Return the expressions that hold where ``test`` is true; null never passes for a value."""
    here, known = path(test.attribute), f"{path(test.attribute)} != null"
    if test.op == "absent":
        return [f"{here} == null"]
    if test.op == "present":
        return [known]
    if test.other is not None:
        return [known, f"{path(test.other)} != null", _compared(test, _itself(test.other))]
    if test.op in ("eq", "in") or not test.attributes:  # null is no value: no guard is needed
        return [_compared(test, "")]
    return [known, _compared(test, "")]


def _compared(test: Test, other: str) -> str:
    here, itself = path(test.attribute), _itself(test.attribute)
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
