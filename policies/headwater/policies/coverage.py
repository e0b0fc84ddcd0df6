"""What a set of inputs exercises of the policies: each rule, and each single condition in it.

A condition is *shown* true (or false) by an input in which it is that and the rule would say
something else if it were not: so it is seen to count, not only to occur.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.policies.formula import formula_of
from headwater.policies.model import All, Atom, Dates, Effect, Not, Rule
from headwater.policies.native import truth_of
from headwater.policies.samples import atoms_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from headwater.catalog.position import Position
    from headwater.policies.facts import Facts
    from headwater.policies.model import Condition, PolicySet, RetentionRule

_Truth = bool | None
_ALWAYS = Dates(None, None)


@dataclass(frozen=True, slots=True)
class ConditionCoverage:
    """How often one condition was true and false, and how often that decided its rule."""

    rule: str
    atom: Atom
    true: int
    false: int
    decided_true: int
    decided_false: int

    @property
    def missing(self) -> tuple[str, ...]:
        """What no input shows: ``true``, ``false``."""
        shown = {"true": self.decided_true, "false": self.decided_false}
        return tuple(name for name, count in shown.items() if not count)


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """How often one rule was true, false and unknown, and its conditions."""

    rule: str
    position: Position
    true: int
    false: int
    unknown: int
    conditions: tuple[ConditionCoverage, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What no input shows: ``true``, ``false``."""
        return tuple(name for name in ("true", "false") if not getattr(self, name))


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of rules: each should be true and false, and each condition decide as both."""

    rules: tuple[RuleCoverage, ...]

    @property
    def total(self) -> int:
        """How much there is to show: two for each rule, two for each condition."""
        return sum(2 + 2 * len(rule.conditions) for rule in self.rules)

    @property
    def shown(self) -> int:
        """How much of it was shown."""
        missing = sum(len(rule.missing) for rule in self.rules)
        missing += sum(len(each.missing) for rule in self.rules for each in rule.conditions)
        return self.total - missing

    @property
    def percent(self) -> float:
        """The share that was shown; of nothing it is all."""
        return 100 * self.shown / self.total if self.total else 100.0


def coverage_of(
    policies: PolicySet, facts: Sequence[Facts], only: Collection[str] | None = None
) -> Coverage:
    """Return what ``facts`` exercise of the policies with the ids ``only``; ``None``: of all."""
    found = []
    for rule, dates, policy in _rules(policies):
        if only is None or policy in only:
            found.append(_rule(rule, dates, facts))
    return Coverage(tuple(sorted(found, key=lambda each: each.rule)))


def _rules(policies: PolicySet) -> Iterator[tuple[Rule | RetentionRule, Dates, str]]:
    for policy, rule in policies.access_rules():
        yield rule, policy.dates, policy.id
    for kept, term in policies.retention_rules():
        yield term, kept.dates, kept.id


def _rule(rule: Rule | RetentionRule, dates: Dates, facts: Iterable[Facts]) -> RuleCoverage:
    atoms = [*atoms_of(rule.applies_to), *atoms_of(rule.when)]
    truths = [truth_of(formula_of(_bare(atom, rule.position), _ALWAYS)) for atom in atoms]
    whole = truth_of(formula_of(rule, dates))
    counts = {True: 0, False: 0, None: 0}
    seen = [[0, 0, 0, 0] for _ in atoms]
    for each in facts:
        found = whole(each.values)
        counts[found] += 1
        known = [truth(each.values) for truth in truths]
        for number, truth in enumerate(known):
            if truth is not None:
                seen[number][0 if truth else 1] += 1
                if _decides(rule, known, number):
                    seen[number][2 if truth else 3] += 1
    conditions = tuple(
        ConditionCoverage(rule.id, atom, *row) for atom, row in zip(atoms, seen, strict=True)
    )
    numbers = (counts[True], counts[False], counts[None])
    return RuleCoverage(rule.id, rule.position, *numbers, conditions)


def _bare(atom: Atom, position: Position) -> Rule:
    """Return a rule of this one condition, whatever stands around it."""
    return Rule("", Effect.WARN, None, atom, None, None, (), (), position)


def _decides(rule: Rule | RetentionRule, known: list[_Truth], number: int) -> bool:
    """Say whether the rule's own conditions come out otherwise when one of them is turned."""
    turned = [*known]
    turned[number] = not known[number]
    return _joined(rule, known) is not _joined(rule, turned)


def _joined(rule: Rule | RetentionRule, truths: Iterable[_Truth]) -> _Truth:
    left = iter(truths)
    parts = [part for part in (rule.applies_to, rule.when) if part is not None]
    return _kleene([_evaluated(part, left) for part in parts], decides=False)


def _evaluated(condition: Condition, left: Iterator[_Truth]) -> _Truth:
    """Return the truth of a condition whose single ones take theirs from ``left``, in order."""
    match condition:
        case Atom():
            return next(left)
        case Not(part=part):
            inner = _evaluated(part, left)
            return None if inner is None else not inner
        case All(parts=parts):
            return _kleene([_evaluated(part, left) for part in parts], decides=False)
        case _:
            return _kleene([_evaluated(part, left) for part in condition.parts], decides=True)


def _kleene(truths: list[_Truth], *, decides: bool) -> _Truth:
    if decides in truths:
        return decides
    return None if None in truths else not decides
