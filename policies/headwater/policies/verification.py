"""Proves two engines equal, as far as inputs can: both are asked the same, whole answers compared.

Boundary inputs come from the policies themselves, random ones from the vocabulary, recorded ones
from whoever asks. The first difference is reduced to the attributes without which it is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from headwater.catalog.errors import InputError
from headwater.policies.boundaries import Samples
from headwater.policies.facts import MAX_TEXT, normalise
from headwater.policies.samples import day_of, nested
from headwater.policies.vocabulary import Kind

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from headwater.policies.boundaries import Chosen
    from headwater.policies.engine import Engine
    from headwater.policies.facts import Facts
    from headwater.policies.model import PolicySet
    from headwater.policies.vocabulary import Vocabulary

CHUNK = 2000
"""So many inputs are held and asked at a time, whatever the count."""

SOURCES = ("boundary", "recorded", "random")

_Document = dict[str, object]
_MISFITS: tuple[object, ...] = (
    True, 7, float("nan"), float("inf"), "", "\ud800", "x" * (MAX_TEXT + 1), {"a": 1}, [7], [""],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask: how many random inputs, drawn how, and the day to ask of."""

    as_of: datetime.date
    count: int
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """An input to which two engines answer differently, made as small as it can be.

    Attributes:
        source: Where the input came from, one of :data:`SOURCES`.
        about: ``decision`` or ``terms``.
        facts: The smallest input found that still differs.
        answers: What each engine answered to it, in the order of the engines.
    """

    source: str
    about: str
    facts: Facts
    answers: tuple[_Document, _Document]

    @property
    def as_of(self) -> datetime.date:
        """The day of the question."""
        return day_of(self.facts)


@dataclass(frozen=True, slots=True)
class Verification:
    """How many distinct inputs were compared, and the first difference if there is one.

    Attributes:
        counts: Inputs compared, by source.
        refused: Values of a wrong type that the normaliser refused, as it must.
        accepted: The attributes for which it took one: no engine may ever see that.
    """

    counts: dict[str, int]
    refused: int
    accepted: tuple[str, ...]
    difference: Difference | None

    @property
    def equal(self) -> bool:
        """Whether nothing was found that tells the engines apart."""
        return self.difference is None and not self.accepted


def verify(
    policies: PolicySet,
    vocabulary: Vocabulary,
    engines: tuple[Engine, Engine],
    recorded: Iterable[Facts],
    plan: Plan,
) -> Verification:
    """Return what comparing the two engines on ``policies`` showed.

    Raises:
        EngineError: An engine gave no usable answer.
    """
    samples = Samples.of([policies], vocabulary, plan.as_of)
    refused, accepted = _misfits(vocabulary, plan.as_of)
    inputs: dict[str, Iterator[Facts]] = {
        "boundary": _distinct(samples.facts(each) for each in samples.boundaries(policies)),
        "recorded": _distinct(recorded),
        "random": _random(samples, plan),
    }
    counts = dict.fromkeys(SOURCES, 0)
    pair = _Pair(engines, vocabulary, with_terms=bool(policies.terms))
    for source in SOURCES:
        while chunk := list(islice(inputs[source], CHUNK)):
            counts[source] += len(chunk)
            if (found := pair.first_difference(chunk)) is not None:
                difference = pair.explained(source, found)
                return Verification(counts, refused, accepted, difference)
    return Verification(counts, refused, accepted, None)


class _Pair:
    """Asks two engines the same and compares whole answers."""

    def __init__(
        self, engines: tuple[Engine, Engine], vocabulary: Vocabulary, *, with_terms: bool
    ) -> None:
        self._engines = engines
        self._vocabulary = vocabulary
        self._abouts = ("decision", "terms") if with_terms else ("decision",)

    def first_difference(self, facts: Sequence[Facts]) -> tuple[str, Facts] | None:
        for about in self._abouts:
            verdicts = self._differ(about, facts)
            if True in verdicts:
                return about, facts[verdicts.index(True)]
        return None

    def explained(self, source: str, found: tuple[str, Facts]) -> Difference:
        about, facts = found
        least = minimised(facts, self._vocabulary, lambda some: self._differ(about, some))
        ours, theirs = self._answers(about, [least])
        return Difference(source, about, least, (ours[0], theirs[0]))

    def _differ(self, about: str, facts: Sequence[Facts]) -> list[bool]:
        ours, theirs = self._answers(about, facts)
        return [left != right for left, right in zip(ours, theirs, strict=True)]

    def _answers(
        self, about: str, facts: Sequence[Facts]
    ) -> tuple[list[_Document], list[_Document]]:
        found = [
            [each.document() for each in engine.decide(facts)]
            if about == "decision"
            else [each.document() for each in engine.terms(facts)]
            for engine in self._engines
        ]
        return found[0], found[1]


def minimised(
    facts: Facts, vocabulary: Vocabulary, differ: Callable[[Sequence[Facts]], Sequence[bool]]
) -> Facts:
    """Return the facts with everything left out without which they still ``differ``."""
    while True:
        smaller = list(_smaller(facts, vocabulary))
        verdicts = differ(smaller) if smaller else []
        still = [each for each, differs in zip(smaller, verdicts, strict=True) if differs]
        if not still:
            return facts
        facts = still[0]


def _smaller(facts: Facts, vocabulary: Vocabulary) -> Iterator[Facts]:
    """Yield the facts less one attribute, and with one member less of a set."""
    for name, value in facts.raw.items():
        rest = {other: said for other, said in facts.raw.items() if other != name}
        yield normalise(nested(rest), vocabulary, day_of(facts))
        members: list[object] = value if isinstance(value, list) and len(value) > 1 else []
        for member in members:
            fewer = [other for other in members if other != member]
            yield normalise(nested({**rest, name: fewer}), vocabulary, day_of(facts))


def _distinct(facts: Iterable[Facts]) -> Iterator[Facts]:
    seen: set[str] = set()
    for each in facts:
        if each.key not in seen:
            seen.add(each.key)
            yield each


def _random(samples: Samples, plan: Plan) -> Iterator[Facts]:
    """Yield ``plan.count`` distinct random inputs, fewer where there are not so many."""
    random = Random(plan.seed)  # noqa: S311 - inputs, not secrets
    seen: set[int] = set()
    left, dry = plan.count, 0
    while left and dry < 3:
        before = left
        for chosen in samples.random(random, min(CHUNK, left)):
            number = _number(samples, chosen)
            if number not in seen:
                seen.add(number)
                left -= 1
                yield samples.facts(chosen)
        dry = dry + 1 if left == before else 0


def _number(samples: Samples, chosen: Chosen) -> int:
    """Return one number for the whole input: its samples are the digits."""
    found = 0
    for name, known in samples.known.items():
        found = found * len(known) + chosen[name]
    return found


def _misfits(vocabulary: Vocabulary, as_of: datetime.date) -> tuple[int, tuple[str, ...]]:
    """Return how many values of a wrong type are refused, and the attributes that took one."""
    refused, accepted = 0, []
    for name, attribute in vocabulary.attributes.items():
        for value in _MISFITS:
            fits = (attribute.kind is Kind.YES_NO and value is True) or (
                attribute.kind is Kind.NUMBER and type(value) is int
            )
            if fits:
                continue
            try:
                normalise(nested({name: value}), vocabulary, as_of)
            except InputError:
                refused += 1
            else:
                accepted.append(name)
    return refused, tuple(dict.fromkeys(accepted))
