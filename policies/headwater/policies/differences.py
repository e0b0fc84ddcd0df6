"""Where two sets of policies answer differently, whether or not anything flows there yet.

Found by boxes, as conflicts are, and proved: every difference comes with facts that both sets have
been asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.policies.boxes import Pile, TooManyBoxesError, bits, meet
from headwater.policies.conflicts import placed
from headwater.policies.facts import normalise
from headwater.policies.formula import formula_of
from headwater.policies.model import Effect
from headwater.policies.native import NativeEngine
from headwater.policies.replay import Change, Turn, turns_of
from headwater.policies.space import Space

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.policies.boxes import Box, Region
    from headwater.policies.formula import AllOf
    from headwater.policies.model import PolicySet
    from headwater.policies.vocabulary import Vocabulary

MOST_DIFFERENCES = 100
_MOST_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class Difference:
    """Facts on which the two sets differ.

    Attributes:
        document: The facts, saying as little as can be.
        as_of: Their day: that of the comparison, unless the sets do not differ so on it.
        change: What both sets say of them.
    """

    document: Mapping[str, object]
    as_of: datetime.date
    change: Change


@dataclass(frozen=True, slots=True)
class Differences:
    """What was found.

    Attributes:
        found: One for each rule, or pair of rules, that makes the sets differ.
        complete: Whether there is no other; else something was too much, or too intricate, or is
            about values that cannot all be looked at.
    """

    found: tuple[Difference, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Ruled:
    id: str
    formula: AllOf
    obligations: frozenset[str]
    true: Region
    maybe: Region


class _Side:
    """One set of policies as regions."""

    def __init__(self, policies: PolicySet, space: Space) -> None:
        self.engine = NativeEngine(policies)
        self.allows: list[_Ruled] = []
        self.denials: list[_Ruled] = []
        self.warnings: list[_Ruled] = []
        self.complete = True
        places = {Effect.ALLOW: self.allows, Effect.DENY: self.denials, Effect.WARN: self.warnings}
        for policy, rule in policies.access_rules():
            effect = placed(rule, policy.mode)
            if effect is None:
                continue
            formula = formula_of(rule, policy.dates)
            try:
                true, maybe = space.true(formula), space.maybe(formula)
            except TooManyBoxesError:
                self.complete = False
                continue
            ruled = _Ruled(rule.id, formula, frozenset(rule.obligations), true, maybe)
            places[effect].append(ruled)

    @property
    def allowed(self) -> list[Box]:
        """Where rules allow, if nothing denies."""
        return [box for rule in self.allows for box in rule.true]

    @property
    def refused(self) -> list[Box]:
        """Where rules deny, or may."""
        return [box for rule in self.denials for box in rule.maybe]


def find_differences(
    old: PolicySet,
    new: PolicySet,
    vocabulary: Vocabulary,
    as_of: datetime.date,
    *,
    most: int = MOST_DIFFERENCES,
) -> Differences:
    """Return where ``old`` and ``new`` answer differently, at most so many.

    Args:
        old: What decided before.
        new: What decides now.
        vocabulary: The attributes and names of both.
        as_of: The day that is preferred.
        most: How many differences to look for.
    """
    return _Finder(old, new, vocabulary, as_of).differences(most)


class _Finder:
    def __init__(
        self, old: PolicySet, new: PolicySet, vocabulary: Vocabulary, as_of: datetime.date
    ) -> None:
        formulas = [
            formula_of(rule, policy.dates)
            for policies in (old, new)
            for policy, rule in policies.access_rules()
        ]
        self._space = Space(formulas, vocabulary, as_of)
        self._old, self._new = _Side(old, self._space), _Side(new, self._space)
        self._looked = 0
        self._complete = self._old.complete and self._new.complete and not self._space.approximate

    def differences(self, most: int) -> Differences:
        found: dict[tuple[Turn, tuple[str, ...]], Difference] = {}
        for turn, box in self._boxes():
            if self._looked > _MOST_LOOKED_AT or len(found) >= most:
                self._complete = False
                break
            difference = self._proved(turn, box)
            if difference is not None:
                found.setdefault((turn, difference.change.rules()), difference)
        return Differences(tuple(found.values()), self._complete)

    def _proved(self, turn: Turn, box: Box) -> Difference | None:
        """Ask both sets; a rule that was too intricate to look at may make them agree after all."""
        document, as_of = self._space.witness(box)
        facts = normalise(document, self._space.vocabulary, as_of)
        (old,), (new,) = self._old.engine.decide([facts]), self._new.engine.decide([facts])
        if turn not in turns_of(old, new):
            if self._complete:
                raise AssertionError(f"{turn} of {document}")
            return None
        return Difference(document, as_of, Change(turn, (), facts, old, new))

    def _boxes(self) -> Iterator[tuple[Turn, Box]]:
        for box in self._opened(self._old, self._new):
            yield Turn.ALLOWED, box
        for box in self._opened(self._new, self._old):
            yield Turn.REFUSED, box
        for one, other in ((self._old, self._new), (self._new, self._old)):
            for box in self._obliged(one, other):
                yield Turn.OBLIGATIONS, box
        for one, other in ((self._old, self._new), (self._new, self._old)):
            for box in self._warned(one, other):
                yield Turn.WARNINGS, box

    def _opened(self, before: _Side, after: _Side) -> Iterator[Box]:
        """Yield boxes that ``before`` refuses and ``after`` allows."""
        kept = {rule.formula for rule in after.denials}
        gone = [rule for rule in before.denials if rule.formula not in kept]
        denials = Pile([box for rule in gone for box in rule.maybe])
        refused = Pile([*after.refused, *self._space.voids])
        for rule in after.allows:
            for box in rule.true:
                for at in bits(denials.meeting(box)):
                    yield from self._left(meet(box, denials.boxes[at]), refused)
        known = {rule.formula for rule in before.allows}
        covered = Pile([*before.allowed, *after.refused, *self._space.voids])
        for rule in after.allows:
            if rule.formula not in known:
                for box in rule.true:
                    yield from self._left(box, covered)

    def _obliged(self, one: _Side, other: _Side) -> Iterator[Box]:
        """Yield boxes that both allow, where ``one`` asks for something that ``other`` does not."""
        texts = {text for rule in one.allows for text in rule.obligations}
        allowed = Pile(other.allowed)
        for text in sorted(texts):
            asked = _boxes(rule for rule in other.allows if text in rule.obligations)
            same = {rule.formula for rule in other.allows if text in rule.obligations}
            pile = Pile([*asked, *one.refused, *other.refused, *self._space.voids])
            for rule in one.allows:
                if text in rule.obligations and rule.formula not in same:
                    for box in rule.true:
                        for at in bits(allowed.meeting(box)):
                            yield from self._left(meet(box, allowed.boxes[at]), pile)

    def _warned(self, one: _Side, other: _Side) -> Iterator[Box]:
        """Yield boxes where a rule of ``one`` warns, or may, and that of ``other`` does not."""
        for rule in one.warnings:
            same = [each for each in other.warnings if each.id == rule.id]
            if any(each.formula == rule.formula for each in same):
                continue
            pile = Pile([*(box for each in same for box in each.maybe), *self._space.voids])
            for box in rule.maybe:
                yield from self._left(box, pile)

    def _left(self, box: Box | None, pile: Pile) -> Iterator[Box]:
        """Yield a part of ``box`` outside the pile, if there is one."""
        self._looked += 1
        if box is None or self._looked > _MOST_LOOKED_AT:
            return
        try:
            left = pile.cover(box, self._space.full).left
        except TooManyBoxesError:
            self._complete = False
            return
        if left is not None:
            yield left


def _boxes(rules: Iterable[_Ruled]) -> list[Box]:
    return [box for rule in rules for box in rule.true]
