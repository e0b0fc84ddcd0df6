"""Finds the smallest change of the facts by which a refusal would become an allow.

Only what people can bring about is proposed, and only in the direction that they would want: an
agreement becomes active, checks pass, data is masked; never that something be no longer known.
Each change has a cost; the search takes the cheapest set of changes first, and what it finds is
proved: the changed facts are normalised and decided again.

The search is complete: a change that allows must break every rule that denies, and make one that
allows true, so it must change an attribute that such a rule reads. It branches over those alone.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.policies.changes import Changeable, followers_of
from headwater.policies.formula import Formula, Test, formula_of
from headwater.policies.model import Effect, Mode
from headwater.policies.native import NativeEngine, truth_of
from headwater.policies.partial import leave, reads
from headwater.policies.samples import nested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from headwater.policies.changes import Change
    from headwater.policies.engine import Decision
    from headwater.policies.facts import Facts
    from headwater.policies.model import PolicySet
    from headwater.policies.vocabulary import Vocabulary

LIMIT = 20_000
"""How many sets of changes are looked at before the search gives up and says so."""

MOST_CHANGES = 8


@dataclass(frozen=True, slots=True)
class Nearest:
    """The smallest change that allows, and its proof.

    Attributes:
        rules: The rules that would allow.
        changes: What would have to change, cheapest first.
        assumed: Facts that may well follow from a change, were left as they are, and matter.
        facts: The changed facts.
        decision: What the native evaluator says of them: an allow.
    """

    rules: tuple[str, ...]
    changes: tuple[Change, ...]
    assumed: tuple[str, ...]
    facts: Facts
    decision: Decision

    @property
    def document(self) -> dict[str, object]:
        """The changed facts as a document that can be decided again."""
        return nested(self.facts.raw)


@dataclass(frozen=True, slots=True)
class Search:
    """What a search came to; ``complete`` is false where it gave up."""

    nearest: Nearest | None
    complete: bool


def find_nearest(
    facts: Facts,
    policies: PolicySet,
    vocabulary: Vocabulary,
    *,
    preferred: Mapping[str, Sequence[object]] | None = None,
    limit: int = LIMIT,
) -> Search:
    """Return the cheapest set of changes by which ``policies`` would allow ``facts``.

    Args:
        facts: What was refused.
        policies: What decides.
        vocabulary: The attributes and names.
        preferred: Values to take first where several would do: purposes that were agreed, say.
        limit: How many sets of changes to look at.
    """
    return _Finder(facts, policies, vocabulary, preferred or {}).search(limit)


@dataclass(frozen=True, slots=True)
class _Judge:
    """One rule: when it is true, and which attributes it reads."""

    truth: Callable[[Mapping[str, object]], bool | None]
    attributes: frozenset[str]


class _Finder:
    def __init__(
        self,
        facts: Facts,
        policies: PolicySet,
        vocabulary: Vocabulary,
        preferred: Mapping[str, Sequence[object]],
    ) -> None:
        self._facts = facts
        self._engine = NativeEngine(policies)
        formulas = {effect: list(_formulas(policies, effect)) for effect in Effect}
        self._denying = [_judge(each) for each in formulas[Effect.DENY]]
        self._allowing = [_judge(each) for each in formulas[Effect.ALLOW]]
        tests = [
            test
            for effect in (Effect.DENY, Effect.ALLOW)
            for formula in formulas[effect]
            for test in tests_of(formula)
        ]
        self._changeable = Changeable(tests, vocabulary, preferred)
        self._policies = policies

    def search(self, limit: int) -> Search:
        """Take sets of changes, the cheapest first, until one allows."""
        start: dict[str, Change] = {}
        queue: list[tuple[int, int, dict[str, Change]]] = [(0, 0, start)]
        seen = {_key(start)}
        looked = pushed = 0
        while queue:
            cost, _, changes = heapq.heappop(queue)
            looked += 1
            if looked > limit:
                return Search(None, complete=False)
            values = self._changed(changes)
            wanted = self._to_change(values)
            if wanted is None:
                proved = self._proved(changes)
                if proved is not None:
                    return Search(proved, complete=True)
                continue
            for change in self._steps(wanted, changes, values):
                step = changes | {change.attribute: change}
                if (key := _key(step)) not in seen:
                    seen.add(key)
                    pushed += 1
                    heapq.heappush(queue, (cost + change.cost, pushed, step))
        return Search(None, complete=True)

    def _changed(self, changes: Mapping[str, Change]) -> dict[str, object]:
        found = dict(self._facts.values)
        found.update({name: change.normal for name, change in changes.items()})
        return found

    def _to_change(self, values: Mapping[str, object]) -> frozenset[str] | None:
        """Return attributes of which one must still change; ``None`` where all is well."""
        refusing = [rule.attributes for rule in self._denying if rule.truth(values) is not False]
        if refusing:
            return min(refusing, key=lambda names: (len(names), sorted(names)))
        if any(rule.truth(values) is True for rule in self._allowing):
            return None
        return frozenset(name for rule in self._allowing for name in rule.attributes)

    def _steps(
        self,
        names: frozenset[str],
        changes: Mapping[str, Change],
        values: Mapping[str, object],
    ) -> Iterator[Change]:
        if len(changes) >= MOST_CHANGES:
            return
        for name in sorted(names - changes.keys()):
            yield from self._changeable.steps(name, self._facts.raw.get(name), values)

    def _proved(self, changes: Mapping[str, Change]) -> Nearest | None:
        ordered = tuple(sorted(changes.values(), key=lambda each: (each.cost, each.attribute)))
        facts = self._changeable.restated(self._facts, ordered)
        (decision,) = self._engine.decide([facts])
        if not decision.allow or not ordered:
            return None
        followers = followers_of(ordered)
        left = leave(self._policies, facts.values, followers)  # what a follower could still undo
        assumed = tuple(sorted(reads(left.when)))
        return Nearest(decision.rules, ordered, assumed, facts, decision)


def _formulas(policies: PolicySet, effect: Effect) -> Iterator[Formula]:
    for policy, rule in policies.access_rules():
        if rule.effect is effect and policy.mode is Mode.ENFORCE:
            yield formula_of(rule, policy.dates)


def _judge(formula: Formula) -> _Judge:
    names = frozenset(name for test in tests_of(formula) for name in named(test))
    return _Judge(truth_of(formula), names)


def tests_of(formula: Formula) -> Iterator[Test]:
    """Yield every test of ``formula``."""
    if isinstance(formula, Test):
        yield formula
        return
    for part in formula.parts:
        yield from tests_of(part)


def named(test: Test) -> tuple[str, ...]:
    """Return every attribute that ``test`` asks about."""
    return (test.attribute, test.other) if test.other else (test.attribute,)


def _key(changes: Mapping[str, Change]) -> frozenset[tuple[str, str]]:
    return frozenset((name, repr(change.after)) for name, change in changes.items())
