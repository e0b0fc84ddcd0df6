"""The embedded engine: policies as Python closures, equal to what OPA makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from headwater.policies.engine import Decision, Terms
from headwater.policies.facts import reaches
from headwater.policies.formula import AllOf, Formula, Test, formula_of, periods_of, used_of
from headwater.policies.model import Effect, Mode
from headwater.policies.operators import PRESENCE
from headwater.policies.patterns import PATTERNS, matcher
from headwater.policies.tables import Tables, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from headwater.policies.facts import Facts
    from headwater.policies.model import PolicySet, Rule

VERSION = "1"
"""Changes when the meaning of an evaluation does."""

WARM = 64
"""Questions after which tables are worth making."""

MOST_REMEMBERED = 65_536
"""Decisions that are remembered at a time."""

_Values = Mapping[str, object]
_Truth = Callable[[_Values], bool | None]
_Gaps = Callable[[_Values], "list[str]"]
_Judged = tuple["list[str]", "dict[str, tuple[str, ...]]"]
_Key = TypeVar("_Key", int, Verdict)


class _Compiled(NamedTuple):
    id: str
    formula: Formula
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
        self._excepting: list[_Compiled] = []
        self._periods = periods_of(policies)
        for policy, rule in policies.access_rules():
            kept = self._place(rule, policy.mode)
            if kept is not None:
                formula = formula_of(rule, policy.dates)
                kept.append(_compiled(rule.id, formula, rule.obligations))
            for each in rule.exceptions:
                used = used_of(rule, each, policy.dates)
                self._excepting.append(_compiled(each.id, used))
        self._terms: list[_Compiled] = []
        for owner, term in policies.retention_rules():
            formula = formula_of(term, owner.dates)
            self._terms.append(_compiled(term.id, formula))
        self._asked = 0
        self._tables: Tables | None = None
        self._placed: list[tuple[int, _Compiled]] = []
        self._read: dict[int, Decision] = {}
        self._verdicts: dict[Verdict, Decision] = {}

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
        """Answer access questions; after many, from tables: see :mod:`.tables`."""
        self._asked += len(facts)
        values = (
            map(self._complete, facts) if self._periods else (question.values for question in facts)
        )
        if self._asked < WARM:
            return tuple(map(self._decision, values))
        if self._tables is None:
            self._tables = self._tabled()
        return tuple(map(self._decision if not self._tables.whole else self._remembered, values))

    def _tabled(self) -> Tables:
        kept = (self._denying, self._warning, self._allowing, self._excepting)
        self._placed = [(place, rule) for place, rules in enumerate(kept) for rule in rules]
        return Tables([rule.formula for _, rule in self._placed], truth_of)

    def _remembered(self, values: _Values) -> Decision:
        """Return the decision on facts that cannot be told apart from these by any rule."""
        assert self._tables is not None  # noqa: S101 - the caller has made them
        read = self._tables.read(values)
        found = self._read.get(read)
        if found is None:
            verdict = self._tables.verdict(read)
            found = self._verdicts.get(verdict)
            if found is None:
                found = self._decision_of(verdict, self._tables, values)
                _keep(self._verdicts, verdict, found)
            _keep(self._read, read, found)
        return found

    def terms(self, facts: Sequence[Facts]) -> tuple[Terms, ...]:
        """Answer which retention rules hold."""
        return tuple(self._held(self._complete(question)) for question in facts)

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

    def _complete(self, question: Facts) -> _Values:
        """Return the facts with all that these policies measure dates by, whoever made them."""
        if not self._periods:
            return question.values
        return {**question.values, **reaches(question.day, self._periods)}

    def _decision(self, values: _Values) -> Decision:
        return self._decided(
            denials=_judged(self._denying, values),
            warnings=_judged(self._warning, values),
            allowing=[rule for rule in self._allowing if rule.truth(values) is True],
            excepting=[rule for rule in self._excepting if rule.truth(values) is True],
        )

    def _decision_of(self, verdict: Verdict, tables: Tables, values: _Values) -> Decision:
        """Return the decision that :meth:`_decision` gives, from what tables say of ``values``."""
        true = tables.formulas(verdict.true)
        held: tuple[list[_Compiled], ...] = ([], [], [], [])
        for number in true:
            place, rule = self._placed[number]
            held[place].append(rule)
        open_: tuple[list[_Compiled], ...] = ([], [], [], [])
        for number in tables.formulas(verdict.unknown) - true if verdict.unknown else ():
            place, rule = self._placed[number]
            open_[place].append(rule)
        denied, warned, allowing, excepting = held
        return self._decided(
            denials=([rule.id for rule in denied], _open(open_[0], values)),
            warnings=([rule.id for rule in warned], _open(open_[1], values)),
            allowing=allowing,
            excepting=excepting,
        )

    def _decided(
        self,
        *,
        denials: _Judged,
        warnings: _Judged,
        allowing: list[_Compiled],
        excepting: list[_Compiled],
    ) -> Decision:
        (denied, open_denials), (warned, open_warnings) = denials, warnings
        refusing = (*denied, *open_denials)
        allow = bool(allowing) and not refusing
        return Decision(
            allow=allow,
            rules=tuple(sorted(refusing or [rule.id for rule in allowing])),
            unknown=tuple(sorted({name for names in open_denials.values() for name in names})),
            unknown_rules=dict(sorted((open_denials | open_warnings).items())),
            warnings=tuple(sorted((*warned, *open_warnings))),
            obligations=_obligations(allowing) if allow else (),
            exceptions=tuple(sorted(rule.id for rule in excepting)),
        )

    def _held(self, values: _Values) -> Terms:
        held, unknown = _judged(self._terms, values)
        return Terms(tuple(sorted(held)), dict(sorted(unknown.items())))


def _keep(known: dict[_Key, Decision], key: _Key, found: Decision) -> None:
    if len(known) >= MOST_REMEMBERED:
        known.clear()
    known[key] = found


def _judged(rules: Iterable[_Compiled], values: _Values) -> _Judged:
    """Return the rules that are true, and those that are unknown with their attributes."""
    true: list[str] = []
    unknown: list[_Compiled] = []
    for rule in rules:
        truth = rule.truth(values)
        if truth is None:
            unknown.append(rule)
        elif truth:
            true.append(rule.id)
    return true, _open(unknown, values)


def _open(rules: Iterable[_Compiled], values: _Values) -> dict[str, tuple[str, ...]]:
    return {rule.id: tuple(sorted(set(rule.gaps(values)))) for rule in rules}


def _obligations(rules: Iterable[_Compiled]) -> tuple[Mapping[str, object], ...]:
    texts = sorted({text for rule in rules for text in rule.obligations})
    return tuple(json.loads(text) for text in texts)


def _compiled(name: str, formula: Formula, obligations: tuple[str, ...] = ()) -> _Compiled:
    return _Compiled(name, formula, truth_of(formula), gaps_of(formula), obligations)


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
    if test.op in PATTERNS:
        return _matching(name, str(test.values[0]), wanted=test.op == "matches")
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


def _matching(name: str, pattern: str, *, wanted: bool) -> _Truth:
    matches = matcher(pattern)

    def matched(values: _Values) -> bool | None:
        value = values[name]
        return None if value is None else matches(str(value)) is wanted

    return matched


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
