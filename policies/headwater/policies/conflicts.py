"""What rules do to each other: never true, redundant, shadowed, and where allow and deny meet.

Exact over :mod:`headwater.policies.space`, and proved: whatever is found comes with facts on which
the native evaluator has shown it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from headwater.policies.boxes import Pile, TooManyBoxesError, bits, hull, intersection, meet
from headwater.policies.facts import normalise
from headwater.policies.formula import formula_of
from headwater.policies.model import Effect, Mode, Rule
from headwater.policies.native import truth_of
from headwater.policies.space import Space, tests_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Mapping, Sequence

    from headwater.policies.boxes import Box, Region
    from headwater.policies.formula import AllOf
    from headwater.policies.model import AccessPolicy, PolicySet, RetentionPolicy, RetentionRule
    from headwater.policies.vocabulary import Vocabulary

MOST_OVERLAPS = 50
_MOST_TRIED = 16


class Clash(StrEnum):
    """What is the matter with a rule."""

    NEVER_TRUE = "never-true"
    REDUNDANT = "redundant"
    SHADOWED = "shadowed"
    OVERLAP = "overlap"

    @property
    def is_fault(self) -> bool:
        """Whether somebody ought to change something; where allow and deny meet, deny wins."""
        return self is not Clash.OVERLAP


@dataclass(frozen=True, slots=True)
class Witness:
    """Facts that show something, and what the native evaluator made of the rules in question.

    Attributes:
        document: The facts.
        as_of: Their day.
        truths: Rule → whether it is true of them; ``None`` where that is unknown.
    """

    document: Mapping[str, object]
    as_of: datetime.date
    truths: Mapping[str, bool | None]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One rule, and what other rules do to it.

    Attributes:
        clash: What is the matter.
        rule: With which rule.
        others: The rule that implies it, those that shadow it, or the one that it meets.
        attributes: Of a rule that is never true, those on which its conditions contradict.
        witness: Facts: of a rule that is never true, as near to it as can be.
        approximate: Whether there may yet be facts, not looked at, that say otherwise.
    """

    clash: Clash
    rule: Rule | RetentionRule
    others: tuple[Rule | RetentionRule, ...]
    attributes: tuple[str, ...]
    witness: Witness
    approximate: bool


@dataclass(frozen=True, slots=True)
class Conflicts:
    """All that was found.

    Attributes:
        found: Sorted by rule; of overlaps only the first.
        overlaps: How many pairs of an allowing and a denying rule meet.
        undecided: Rules about which something was too intricate to settle, sorted.
        rules: How many rules were looked at.
    """

    found: tuple[Conflict, ...]
    overlaps: int
    undecided: tuple[str, ...]
    rules: int


@dataclass(frozen=True, slots=True)
class _Ruled:
    """A rule with what it does, where it is true and where it may be."""

    rule: Rule | RetentionRule
    effect: Effect | None
    formula: AllOf
    true: Region
    maybe: Region

    @property
    def obligations(self) -> frozenset[str]:
        return frozenset(self.rule.obligations if isinstance(self.rule, Rule) else ())


def find_conflicts(
    policies: PolicySet,
    vocabulary: Vocabulary,
    as_of: datetime.date,
    *,
    most_overlaps: int = MOST_OVERLAPS,
) -> Conflicts:
    """Return what rules of ``policies`` do to each other, on any day.

    Args:
        policies: Which rules.
        vocabulary: What facts can say.
        as_of: The day that witnesses are of, where any will do.
        most_overlaps: How many overlaps to show; all are counted.
    """
    return _Finder(policies, vocabulary, as_of).conflicts(most_overlaps)


def placed(rule: Rule, mode: Mode) -> Effect | None:
    """Return what a rule does in its policy; an allow of a policy that only advises: nothing."""
    if mode is Mode.ENFORCE:
        return rule.effect
    return None if rule.effect is Effect.ALLOW else Effect.WARN


class _Finder:
    def __init__(self, policies: PolicySet, vocabulary: Vocabulary, as_of: datetime.date) -> None:
        rules: list[tuple[AccessPolicy | RetentionPolicy, Rule | RetentionRule]] = [
            *policies.access_rules(),
            *policies.retention_rules(),
        ]
        formulas = [formula_of(rule, policy.dates) for policy, rule in rules]
        self._space = Space(formulas, vocabulary, as_of)
        self._undecided: set[str] = set()
        self._by: dict[Effect | None, list[_Ruled]] = {}
        self._rules = len(rules)
        for (policy, rule), formula in zip(rules, formulas, strict=True):
            effect = placed(rule, policy.mode) if isinstance(rule, Rule) else None
            try:
                true, maybe = self._space.true(formula), self._space.maybe(formula)
            except TooManyBoxesError:
                self._undecided.add(rule.id)
                continue
            self._by.setdefault(effect, []).append(_Ruled(rule, effect, formula, true, maybe))

    def conflicts(self, most_overlaps: int) -> Conflicts:
        found = [*self._never(), *self._shadowed()]
        for effect in Effect:
            found += self._redundant(effect)
        found.sort(key=lambda each: (each.rule.position, each.clash))
        shadowed = {id(each.rule) for each in found if each.clash is Clash.SHADOWED}
        pairs = list(self._overlapping(shadowed))
        for ruled, denial, box in pairs[:most_overlaps]:
            witness = self._witness(box, ruled, denial)
            found.append(self._conflict(Clash.OVERLAP, ruled, (denial,), witness))
        return Conflicts(tuple(found), len(pairs), tuple(sorted(self._undecided)), self._rules)

    def _conflict(
        self,
        clash: Clash,
        ruled: _Ruled,
        others: tuple[_Ruled, ...],
        witness: Witness,
        attributes: tuple[str, ...] = (),
    ) -> Conflict:
        read = {test.attribute for each in (ruled, *others) for test in tests_of(each.formula)}
        approximate = clash is not Clash.OVERLAP and bool(read & self._space.approximate)
        rules = tuple(each.rule for each in others)
        return Conflict(clash, ruled.rule, rules, attributes, witness, approximate)

    def _witness(self, box: Box, *rules: _Ruled) -> Witness:
        """Return facts in ``box`` and what the native evaluator makes of ``rules``.

        The first is true of them, unless it never is; of the others at least one is not false.
        """
        document, as_of = self._space.witness(box)
        values = normalise(document, self._space.vocabulary, as_of).values
        first, *rest = [truth_of(each.formula)(values) for each in rules]
        if (first is True) is not bool(rules[0].true) or (rest and not {True, None} & set(rest)):
            raise AssertionError(f"{rules[0].rule.id} is {first} of {document}")
        names = [each.rule.id for each in rules]
        return Witness(document, as_of, dict(zip(names, [first, *rest], strict=True)))

    def _never(self) -> Iterator[Conflict]:
        for rules in self._by.values():
            for ruled in rules:
                if not ruled.true:
                    yield self._contradiction(ruled)

    def _contradiction(self, ruled: _Ruled) -> Conflict:
        """Name the attributes of the first conditions that contradict each other.

        The witness fulfils all conditions but one of those.
        """
        parts = ruled.formula.parts
        regions = [self._space.true(part) for part in parts]
        at, against = self._contradictory(regions)
        names = {test.attribute for one in against for test in tests_of(parts[one])}
        rest: Region = ({},)
        for one, region in enumerate(regions):
            rest = rest if one == at else self._joint(rest, region)
        witness = self._witness(rest[0] if rest else {}, ruled)
        return self._conflict(Clash.NEVER_TRUE, ruled, (), witness, tuple(sorted(names)))

    def _joint(self, left: Region, right: Region) -> Region:
        return self._space.possible(intersection(left, right))

    def _contradictory(self, regions: Sequence[Region]) -> tuple[int, tuple[int, ...]]:
        """Return the first part that cannot hold with those before it, and what it contradicts."""
        joint: Region = ({},)
        for at, region in enumerate(regions):
            joint = self._joint(joint, region)
            if not joint:
                pairs = (one for one in range(at) if not self._joint(regions[one], region))
                one = next(pairs, None)
                alone = (at,) if not region else (*range(at), at)
                return at, alone if one is None else (one, at)
        return 0, tuple(range(len(regions)))

    def _redundant(self, effect: Effect) -> Iterator[Conflict]:
        rules = [ruled for ruled in self._by.get(effect, ()) if ruled.true]
        pile = Pile([hull(ruled.true, self._space.full) for ruled in rules])
        for number, ruled in enumerate(rules):
            near = reduce(and_, map(pile.holding, ruled.true), ~(1 << number))
            for at in bits(near):
                other = rules[at]
                if self._implies(ruled, other) and (at < number or not self._implies(other, ruled)):
                    witness = self._witness(ruled.true[0], ruled, other)
                    yield self._conflict(Clash.REDUNDANT, ruled, (other,), witness)
                    break

    def _implies(self, ruled: _Ruled, other: _Ruled) -> bool:
        """Say whether ``ruled`` adds nothing to ``other``, which has the same effect."""
        if not ruled.obligations <= other.obligations:
            return False
        allows = ruled.effect is Effect.ALLOW
        return self._within(ruled, ruled.true, other.true) and (
            allows or self._within(ruled, ruled.maybe, other.maybe)
        )

    def _within(self, ruled: _Ruled, inner: Region, outer: Region) -> bool:
        return self._used(ruled, inner, Pile([*outer, *self._space.voids])) is not None

    def _used(self, ruled: _Ruled, inner: Region, pile: Pile) -> int | None:
        """Return boxes of ``pile`` that cover ``inner``; ``None`` where it does not."""
        used = 0
        try:
            for box in inner:
                cover = pile.cover(box, self._space.full)
                if cover.left is not None:
                    return None
                used |= cover.used
        except TooManyBoxesError:
            self._undecided.add(ruled.rule.id)
            return None
        return used

    def _shadowed(self) -> Iterator[Conflict]:
        denials = [(box, each) for each in self._by.get(Effect.DENY, ()) for box in each.maybe]
        denials.sort(key=lambda pair: len(pair[0]))
        pile = Pile([*(box for box, _ in denials), *self._space.voids])
        for ruled in self._by.get(Effect.ALLOW, ()):
            used = self._used(ruled, ruled.true, pile) if ruled.true else None
            if used is not None:
                near = {
                    id(denials[at][1]): denials[at][1] for at in bits(used) if at < len(denials)
                }
                others = self._fewest(ruled, list(near.values()))
                witness = self._witness(ruled.true[0], ruled, *others)
                yield self._conflict(Clash.SHADOWED, ruled, others, witness)

    def _fewest(self, ruled: _Ruled, others: list[_Ruled]) -> tuple[_Ruled, ...]:
        """Return those of ``others`` without which they do not cover ``ruled``."""
        for each in list(others) if len(others) <= _MOST_TRIED else ():
            rest = [other for other in others if other is not each]
            if self._within(ruled, ruled.true, tuple(box for one in rest for box in one.maybe)):
                others = rest
        return tuple(others)

    def _overlapping(self, shadowed: set[int]) -> Iterator[tuple[_Ruled, _Ruled, Box]]:
        """Yield each allowing rule not shadowed, with each denial that it meets, and where."""
        denials = [(box, each) for each in self._by.get(Effect.DENY, ()) for box in each.true]
        pile = Pile([box for box, _ in denials])
        for ruled in self._by.get(Effect.ALLOW, ()):
            if id(ruled.rule) in shadowed:
                continue
            met: dict[int, tuple[_Ruled, _Ruled, Box]] = {}
            for box in ruled.true:
                for at in bits(pile.meeting(box)):
                    other, denial = denials[at]
                    common = meet(box, other)
                    if common is not None and self._space.possible((common,)):
                        met.setdefault(id(denial), (ruled, denial, common))
            yield from met.values()
