"""How well policy tests guard policies: every small mistake should make some test fail."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from random import Random
from typing import TYPE_CHECKING

from headwater.catalog.errors import InputError
from headwater.policies.boundaries import Samples
from headwater.policies.fixtures import run_cases
from headwater.policies.mutants import mutants
from headwater.policies.native import NativeEngine
from headwater.policies.samples import day_of, nested
from headwater.policies.verification import minimised

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Collection, Sequence

    from headwater.policies.engine import Decision, Terms
    from headwater.policies.facts import Facts
    from headwater.policies.fixtures import Case
    from headwater.policies.model import PolicySet
    from headwater.policies.mutants import Mutant
    from headwater.policies.vocabulary import Vocabulary

RANDOM = 4000
"""So many random inputs, besides all boundaries, are tried to tell a mutant apart."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no test noticed.

    ``witness`` is an input to which it answers otherwise than the policies do; ``None``: no input
    was found that tells it apart, so it may mean the same.
    """

    mutant: Mutant
    witness: Facts | None

    @property
    def document(self) -> dict[str, object]:
        """The witness as a facts document."""
        return nested(self.witness.raw) if self.witness else {}

    @property
    def as_of(self) -> datetime.date | None:
        """The day of the witness."""
        return day_of(self.witness) if self.witness else None


@dataclass(frozen=True, slots=True)
class Mutation:
    """What became of the mutants of one suite.

    Attributes:
        killed: How many some test noticed, by policy.
        survivors: Those that no test noticed and that an input tells apart.
        alike: Those that no input was found to tell apart; they count neither way.
        by_rego: How many cases were left out, as only Rego of the workspace's own decides them.
    """

    killed: dict[str, int]
    survivors: tuple[Survivor, ...]
    alike: tuple[Survivor, ...]
    by_rego: int = 0

    @property
    def score(self) -> float:
        """The share of those that can be told apart which some test noticed, in percent."""
        killed = sum(self.killed.values())
        return 100 * killed / ((killed + len(self.survivors)) or 1)

    def score_of(self, policy: str) -> float:
        """Return the score of one policy's mutants."""
        killed = self.killed.get(policy, 0)
        left = sum(1 for each in self.survivors if each.mutant.policy == policy)
        return 100 * killed / ((killed + left) or 1)


def mutate(
    policies: PolicySet,
    cases: Sequence[Case],
    vocabulary: Vocabulary,
    *,
    only: Collection[str],
    as_of: datetime.date,
) -> Mutation:
    """Return which mutants of the policies ``only`` the ``cases`` notice.

    ``as_of`` is the day of the inputs that are tried on a survivor. Where there is Rego of the
    workspace's own, which is neither evaluated nor changed here, cases that fail without it are
    left out: the score is never better for it.

    Raises:
        InputError: Cases fail on the policies as they are, so that nothing can be said.
    """
    modules, policies = policies.modules, replace(policies, modules=())
    outcomes = run_cases(cases, NativeEngine(policies))
    failed = sum(not each.passed for each in outcomes)
    if failed and not modules:
        raise InputError.of("tests-fail", count=failed)
    cases = [each.case for each in outcomes if each.passed]
    killed = dict.fromkeys(sorted(only), 0)
    left: list[Survivor] = []
    for mutant in mutants(policies, only):
        engine = NativeEngine(mutant.policies)
        if all(outcome.passed for outcome in run_cases(cases, engine)):
            left.append(Survivor(mutant, _witness(policies, mutant.policies, vocabulary, as_of)))
        else:
            killed[mutant.policy] += 1
    return Mutation(
        killed,
        tuple(each for each in left if each.witness is not None),
        tuple(each for each in left if each.witness is None),
        failed,
    )


def _witness(
    policies: PolicySet, other: PolicySet, vocabulary: Vocabulary, as_of: datetime.date
) -> Facts | None:
    """Return a smallest input to which the two answer differently, if one is found.

    One at which what is allowed, by which rules, or what is kept differs comes before one at
    which only what is unknown does.
    """
    samples = Samples.of([policies, other], vocabulary, as_of)
    engines = NativeEngine(policies), NativeEngine(other)
    random = samples.random(Random(0), RANDOM)  # noqa: S311 - inputs, not secrets
    tried = chain(samples.boundaries(policies), samples.boundaries(other), random)
    first: Facts | None = None
    for facts in map(samples.facts, tried):
        if _differ(engines, [facts], _plainly)[0]:
            return minimised(facts, vocabulary, lambda some: _differ(engines, some, _plainly))
        if first is None and _differ(engines, [facts], _wholly)[0]:
            first = facts
    if first is None:
        return None
    return minimised(first, vocabulary, lambda some: _differ(engines, some, _wholly))


def _differ(
    engines: tuple[NativeEngine, NativeEngine],
    facts: Sequence[Facts],
    said: Callable[[Decision, Terms], object],
) -> list[bool]:
    answers = [
        [said(*pair) for pair in zip(engine.decide(facts), engine.terms(facts), strict=True)]
        for engine in engines
    ]
    return [ours != theirs for ours, theirs in zip(*answers, strict=True)]


def _plainly(decision: Decision, terms: Terms) -> object:
    return decision.allow, decision.rules, decision.warnings, decision.obligations, terms.terms


def _wholly(decision: Decision, terms: Terms) -> object:
    return decision, terms
