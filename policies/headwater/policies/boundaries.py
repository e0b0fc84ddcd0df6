"""Inputs at which policies change their mind, found from the policies themselves.

For every attribute a few *samples* are kept: the values that conditions mention, the next ones
below and above, some that nobody mentions, and none at all. A formula is solved over them, so
that a test of one of its conditions begins where all the others let it decide.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from headwater.policies.facts import AS_OF, REACH, Facts, normalise
from headwater.policies.formula import AllOf, AnyOf, Test, formula_of, opposite
from headwater.policies.native import truth_of
from headwater.policies.samples import NONE, Sample, candidates, distinct, mentioned, sampled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from random import Random

    from headwater.policies.formula import Formula
    from headwater.policies.model import PolicySet
    from headwater.policies.vocabulary import Vocabulary

SOLUTIONS = 24
"""So many ways to make one formula true are begun from."""
_STEPS = 4000
_ABSENT = 0.12
_MENTIONED = 0.7


Chosen = dict[str, int]
"""For each attribute the number of its sample; what is left out is absent."""


@dataclass
class Samples:
    """The samples of every attribute, and facts made of them.

    Attributes:
        known: For every attribute, and ``as_of``, its samples; absence is the last of them.
        mentioned: How many of them, from the first, come from conditions.
    """

    known: Mapping[str, tuple[Sample, ...]]
    mentioned: Mapping[str, int]
    _days: Mapping[int, Facts]
    _masks: dict[Test, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls, policies: Iterable[PolicySet], vocabulary: Vocabulary, as_of: datetime.date
    ) -> Samples:
        """Return the samples that matter to all of ``policies``."""
        sets = list(policies)
        said = mentioned(sets)
        known: dict[str, tuple[Sample, ...]] = {}
        counts: dict[str, int] = {}
        for name, attribute in vocabulary.attributes.items():
            near, far = candidates(attribute, said.get(name, []), vocabulary, as_of)
            first = sampled(attribute, near, vocabulary, as_of)
            rest = sampled(attribute, far, vocabulary, as_of)
            kept = distinct([*first, *rest])
            counts[name] = min(len(distinct(first)), len(kept))
            known[name] = (*kept, NONE)
        days = {day: normalise({}, vocabulary, day) for day in _days(sets, as_of)}
        known[AS_OF] = tuple(Sample(day, found.values[AS_OF]) for day, found in days.items())
        return cls(known, counts, dict(enumerate(days.values())))

    def facts(self, chosen: Mapping[str, int]) -> Facts:
        """Return the facts in which each attribute has its chosen sample."""
        template = self._days[chosen.get(AS_OF, 0)]
        values, raw = dict(template.values), {}
        for name, number in chosen.items():
            sample = self.known[name][number]
            if name != AS_OF and sample.value is not None:
                values[name], raw[name] = sample.value, sample.raw
        return replace(template, values=values, raw=raw)

    def value(self, name: str, number: int) -> object:
        """Return what facts with the sample ``number`` say of ``name``, a day's reach included."""
        if name.startswith(REACH):
            return self._days[number].values[name]
        return self.known[name][number].value

    def boundaries(self, policies: PolicySet) -> Iterator[Chosen]:
        """Yield every rule's solutions, true and false, with each attribute varied in turn.

        What a rule does not ask is once absent and once as in an input that is allowed, so that
        the rule alone decides.
        """
        backgrounds: list[Chosen] = [{}, *self.allowed(policies, 1)]
        seen: set[tuple[tuple[str, int], ...]] = set()
        for formula in formulas(policies):
            names = sorted(attributes_of(formula))
            for each in (formula, opposite(formula)):
                for solution in self.solutions([each], SOLUTIONS):
                    for background in backgrounds:
                        for chosen in self._varied({**background, **solution}, names):
                            key = tuple(sorted(chosen.items()))
                            if key not in seen:
                                seen.add(key)
                                yield chosen

    def _varied(self, base: Chosen, names: Sequence[str]) -> Iterator[Chosen]:
        yield base
        for name in names:
            for number in range(len(self.known[name])):
                yield {**base, name: number}

    def allowed(self, policies: PolicySet, limit: int) -> Iterator[Chosen]:
        """Yield inputs for which a rule allows and no rule denies, warns or might."""
        allows: list[Formula] = []
        others: list[Formula] = []
        for policy, rule in policies.access_rules():
            formula = formula_of(rule, policy.dates)
            allows += [formula] if rule.effect == "allow" else []
            others += [] if rule.effect == "allow" else [opposite(formula)]
        yield from self.solutions([AnyOf(tuple(allows)), *others], limit)

    def solutions(self, formulas: Sequence[Formula], limit: int) -> Iterator[Chosen]:
        """Yield assignments that make all ``formulas`` true, at most ``limit`` of them."""
        yield from _Search(self, limit).run(list(formulas))

    def mask(self, test: Test) -> int:
        """Return which samples of a test's attribute make it true, as bits."""
        found = self._masks.get(test)
        if found is None:
            truth, found = truth_of(test), 0
            for number, sample in enumerate(self.known[test.attribute]):
                if truth({test.attribute: sample.value}) is True:
                    found |= 1 << number
            self._masks[test] = found
        return found

    def random(self, random: Random, count: int) -> Iterator[Chosen]:
        """Yield ``count`` random inputs; values that conditions mention are likely."""
        names = list(self.known)
        columns = [
            random.choices(range(len(self.known[name])), self._weights(name), k=count)
            for name in names
        ]
        for row in zip(*columns, strict=True):
            yield dict(zip(names, row, strict=True))

    def _weights(self, name: str) -> list[float]:
        count = len(self.known[name])
        if name == AS_OF:
            return [1.0] * count
        near, far = self.mentioned[name], count - 1 - self.mentioned[name]
        share = _MENTIONED if near and far else 1.0
        return [*[share / (near or 1)] * near, *[(1 - share or 1.0) / (far or 1)] * far, _ABSENT]


class _Search:
    """Looks for assignments by narrowing each attribute's samples test by test."""

    def __init__(self, samples: Samples, limit: int) -> None:
        self._samples = samples
        self._left = limit
        self._steps = _STEPS

    def run(self, formulas: list[Formula]) -> Iterator[Chosen]:
        yield from self._narrowed(formulas, {}, ())

    def _narrowed(
        self, todo: list[Formula], open_: dict[str, int], pairs: tuple[Test, ...]
    ) -> Iterator[Chosen]:
        """Yield the assignments that satisfy ``todo`` within the bits that are still ``open_``."""
        self._steps -= 1
        if self._left <= 0 or self._steps <= 0:
            return
        if not todo:
            yield from self._paired(list(pairs), open_)
            return
        first, rest = todo[0], todo[1:]
        if isinstance(first, AllOf):
            yield from self._narrowed([*first.parts, *rest], open_, pairs)
        elif isinstance(first, AnyOf):
            for part in first.parts:
                yield from self._narrowed([part, *rest], open_, pairs)
        elif first.other is not None:
            yield from self._narrowed(rest, open_, (*pairs, first))
        else:
            bits = open_.get(first.attribute, -1) & self._samples.mask(first)
            if bits:
                yield from self._narrowed(rest, {**open_, first.attribute: bits}, pairs)

    def _paired(self, pairs: list[Test], open_: dict[str, int]) -> Iterator[Chosen]:
        """Yield assignments that also satisfy the comparisons of two attributes."""
        if not pairs:
            self._left -= 1
            yield {name: (bits & -bits).bit_length() - 1 for name, bits in open_.items()}
            return
        test, rest = pairs[0], pairs[1:]
        truth, said = truth_of(test), test.other or ""
        other = AS_OF if said.startswith(REACH) else said
        for left in self._numbers(test.attribute, open_):
            for right in self._numbers(other, open_):
                values = {
                    said: self._samples.value(said, right),
                    test.attribute: self._samples.value(test.attribute, left),
                }
                if truth(values) is True:
                    fixed = {test.attribute: 1 << left, other: 1 << right}
                    yield from self._paired(rest, {**open_, **fixed})
                    break  # one partner is enough: the variation tries the others
            if self._left <= 0:
                return

    def _numbers(self, name: str, open_: dict[str, int]) -> list[int]:
        bits = open_.get(name, -1)
        return [number for number in range(len(self._samples.known[name])) if bits >> number & 1]


def formulas(policies: PolicySet) -> Iterator[AllOf]:
    """Yield when each rule holds: access rules, then retention rules."""
    for policy, rule in policies.access_rules():
        yield formula_of(rule, policy.dates)
    for kept, term in policies.retention_rules():
        yield formula_of(term, kept.dates)


def attributes_of(formula: Formula) -> set[str]:
    """Return the attributes that a formula asks about."""
    if isinstance(formula, Test):
        names = (formula.attribute, formula.other) if formula.other else (formula.attribute,)
        return {AS_OF if name.startswith(REACH) else name for name in names}
    return {name for part in formula.parts for name in attributes_of(part)}


def _days(sets: Iterable[PolicySet], as_of: datetime.date) -> list[datetime.date]:
    """Return ``as_of``, and the days at which a policy comes into force or ends."""
    day = datetime.timedelta(1)
    found = {as_of: None}
    for policies in sets:
        dates = [policy.dates for policy in policies.access]
        dates += [policy.dates for policy in policies.retention]
        dates += [each.dates for each in policies.exceptions.values()]
        for start, until in ((each.start, each.until) for each in dates):
            if start and start > datetime.date.min:
                found |= dict.fromkeys((start - day, start))
            if until and until < datetime.date.max:
                found |= dict.fromkeys((until, until + day))
    return list(found)
