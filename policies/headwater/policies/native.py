"""The embedded engine: policies as Python closures, equal to what OPA makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Self

from headwater.policies.engine import Decision, Terms
from headwater.policies.formula import AllOf, Formula, Test, formula_of
from headwater.policies.model import Effect, Mode
from headwater.policies.operators import PRESENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from headwater.policies.facts import Facts
    from headwater.policies.model import PolicySet, Rule

VERSION = "1"
"""Changes when the meaning of an evaluation does."""

_Values = Mapping[str, object]
_Truth = Callable[[_Values], bool | None]
_Gaps = Callable[[_Values], "list[str]"]


class _Compiled(NamedTuple):
    id: str
    truth: _Truth
    gaps: _Gaps
    obligations: tuple[str, ...] = ()


class NativeEngine:
    """Decides in this process; see :class:`headwater.policies.engine.Engine`."""

    name = "native"
    version = VERSION

    def __init__(self, policies: PolicySet) -> None:
        self._denying: list[_Compiled] = []
        self._warning: list[_Compiled] = []
        self._allowing: list[_Compiled] = []
        for policy, rule in policies.access_rules():
            kept = self._place(rule, policy.mode)
            if kept is not None:
                formula = formula_of(rule, policy.dates)
                kept.append(_compiled(rule.id, formula, rule.obligations))
        self._terms: list[_Compiled] = []
        for owner, term in policies.retention_rules():
            formula = formula_of(term, owner.dates)
            self._terms.append(_compiled(term.id, formula))

    def _place(self, rule: Rule, mode: Mode) -> list[_Compiled] | None:
        """Return where a rule counts; an allow of a policy that only advises counts nowhere."""
        advises = mode is Mode.ADVISE
        match rule.effect:
            case Effect.ALLOW:
                return None if advises else self._allowing
            case Effect.DENY:
                return self._warning if advises else self._denying
            case Effect.WARN:
                return self._warning

    def decide(self, facts: Sequence[Facts]) -> tuple[Decision, ...]:
        """Answer access questions."""
        return tuple(self._decision(question.values) for question in facts)

    def terms(self, facts: Sequence[Facts]) -> tuple[Terms, ...]:
        """Answer which retention rules hold."""
        return tuple(self._held(question.values) for question in facts)

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _decision(self, values: _Values) -> Decision:
        denied, open_denials = _judged(self._denying, values)
        warned, open_warnings = _judged(self._warning, values)
        refusing = (*denied, *open_denials)
        allowing = [rule for rule in self._allowing if rule.truth(values) is True]
        allow = bool(allowing) and not refusing
        return Decision(
            allow=allow,
            rules=tuple(sorted(refusing or [rule.id for rule in allowing])),
            unknown=tuple(sorted({name for names in open_denials.values() for name in names})),
            unknown_rules=dict(sorted((open_denials | open_warnings).items())),
            warnings=tuple(sorted((*warned, *open_warnings))),
            obligations=_obligations(allowing) if allow else (),
        )

    def _held(self, values: _Values) -> Terms:
        held, unknown = _judged(self._terms, values)
        return Terms(tuple(sorted(held)), dict(sorted(unknown.items())))


def _judged(
    rules: Iterable[_Compiled], values: _Values
) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Return the rules that are true, and those that are unknown with their attributes."""
    true: list[str] = []
    unknown: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        truth = rule.truth(values)
        if truth is None:
            unknown[rule.id] = tuple(sorted(set(rule.gaps(values))))
        elif truth:
            true.append(rule.id)
    return true, unknown


def _obligations(rules: Iterable[_Compiled]) -> tuple[Mapping[str, object], ...]:
    texts = sorted({text for rule in rules for text in rule.obligations})
    return tuple(json.loads(text) for text in texts)


def _compiled(name: str, formula: Formula, obligations: tuple[str, ...] = ()) -> _Compiled:
    return _Compiled(name, truth_of(formula), gaps_of(formula), obligations)


def gaps_of(formula: Formula) -> _Gaps:
    """Return the function from values to the absent attributes that leave it unknown.

    It says so only of values that do leave ``formula`` unknown.
    """
    if isinstance(formula, Test):
        names = formula.attributes
        return lambda values: [name for name in names if values[name] is None]
    parts = [(truth_of(part), gaps_of(part)) for part in formula.parts]

    def found(values: _Values) -> list[str]:
        open_parts = (gaps(values) for truth, gaps in parts if truth(values) is None)
        return [name for names in open_parts for name in names]

    return found


def truth_of(formula: Formula) -> _Truth:
    """Return the function from values to true, false or ``None`` for unknown."""
    if isinstance(formula, Test):
        return _test(formula)
    parts = tuple(truth_of(part) for part in formula.parts)
    return _joined(parts, decides=not isinstance(formula, AllOf))


def _joined(parts: tuple[_Truth, ...], *, decides: bool) -> _Truth:
    """Return the join of ``parts``: one part that is ``decides`` settles it (any: True)."""
    otherwise = not decides

    def joined(values: _Values) -> bool | None:
        found: bool | None = otherwise
        for part in parts:
            truth = part(values)
            if truth is decides:
                return decides
            if truth is None:
                found = None
        return found

    return joined


def _test(test: Test) -> _Truth:
    name, other = test.attribute, test.other
    if test.op in PRESENCE:
        wanted = test.op == "absent"
        return lambda values: (values[name] is None) is wanted
    if other is not None:
        return _comparison(name, other, _COMPARE[test.op])
    compare = _COMPARE[test.op]
    operand = frozenset(test.values) if test.op in ("in", "not_in") else test.values[0]

    def tested(values: _Values) -> bool | None:
        value = values[name]
        return None if value is None else compare(value, operand)

    return tested


def _comparison(name: str, other: str, compare: Callable[[object, object], bool]) -> _Truth:
    def compared(values: _Values) -> bool | None:
        left, right = values[name], values[other]
        return None if left is None or right is None else compare(left, _itself(right))

    return compared


def _itself(value: object) -> object:
    """Return a department or purpose of its chain; any other value as it is."""
    return value[0] if isinstance(value, list) else value


_COMPARE: dict[str, Callable[..., bool]] = {
    "eq": lambda value, operand: _itself(value) == operand,
    "not": lambda value, operand: _itself(value) != operand,
    "in": lambda value, operand: _itself(value) in operand,
    "not_in": lambda value, operand: _itself(value) not in operand,
    "at_least": lambda value, operand: value >= operand,
    "at_most": lambda value, operand: value <= operand,
    "above": lambda value, operand: value > operand,
    "below": lambda value, operand: value < operand,
    "has": lambda value, operand: operand in value,
    "lacks": lambda value, operand: operand not in value,
    "under": lambda value, operand: operand in value,
    "not_under": lambda value, operand: operand not in value,
}
