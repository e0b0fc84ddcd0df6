"""Generated tests: for every rule the inputs at which it changes its mind, and what is decided.

The answers are the native evaluator's. ``opa test`` shows that OPA gives the same, case by case;
the workspace's own Rego is kept out, since only OPA knows what that says.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from headwater.policies.boundaries import Samples, attributes_of, formulas
from headwater.policies.facts import AS_OF, EPOCH
from headwater.policies.formula import opposite, tests_of
from headwater.policies.native import NativeEngine, truth_of
from headwater.policies.rego_text import literal, metadata, rule, source

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from headwater.policies.boundaries import Chosen
    from headwater.policies.facts import Facts
    from headwater.policies.model import PolicySet
    from headwater.policies.vocabulary import Vocabulary

PATH = "headwater/tests/tests_test.rego"
PER_RULE = 48
"""So many different combinations of a rule's conditions are tested."""

CASES = 20
"""So many stand in one test."""

MOST = 20_000
"""So many inputs are looked at for them."""

_WAYS = 8
_CUSTOM = "with data.headwater.custom.deny as set()"


def test_module(policies: PolicySet, vocabulary: Vocabulary) -> str:
    """Return the module of the tests; the same for the same policies and names.

    Args:
        policies: What decides.
        vocabulary: The departments and purposes that inputs may name.
    """
    facts = _chosen(policies, vocabulary)
    engine = NativeEngine(policies)
    head = metadata("Tests", "What is decided where rules change their mind.")
    blocks = [[*head, "package headwater.tests_test"]]
    names = ("batch", "decision", "retention")
    blocks.append(["import data.headwater", *(f"import data.headwater.{name}" for name in names)])
    apart = f" {_CUSTOM}" if policies.modules else ""
    answers = [answer.document() for answer in engine.decide(facts)]
    blocks += _table("decision", facts, answers, apart)
    if policies.terms:
        terms = [answer.document() for answer in engine.terms(facts)]
        blocks += _table("retention", facts, terms, apart)
    blocks += _refusing(apart)
    blocks.append([f"_absent := {literal(_plain(facts[0], {}))}"])
    return source(blocks)


def _refusing(apart: str) -> list[list[str]]:
    """Return the tests of what was not normalised, alone and in a batch."""
    alone = [f"found := decision with input as {{}}{apart}", "found.allow == false"]
    terms = ["found := retention with input as {}", "found.terms == []"]
    batch = [
        f'access := batch.access with input as {{"requests": [{{}}, _absent]}}{apart}',
        "count(access.decisions) == 2",
        "access.decisions[0].allow == false",
        'terms := batch.terms with input as {"requests": [{}]}',
        "count(terms.terms) == 1",
        "access.revision == headwater.revision",
    ]
    tests = {"alone": alone, "terms": terms, "batch": batch}
    return [rule(f"test_not_normalised_{name}", body) for name, body in tests.items()]


def _table(
    name: str, facts: list[Facts], answers: list[dict[str, object]], apart: str
) -> list[list[str]]:
    """Return the tests of one entrypoint, and their cases with what differs from nothing known.

    A test has few cases: ``opa test`` gives each test five seconds, however slow the machine.
    """
    base = _plain(facts[0], {})
    pairs = list(zip(facts, answers, strict=True))
    blocks: list[list[str]] = []
    for start in range(0, len(pairs), CASES):
        table = f"_{name}_{start // CASES + 1:04d}"
        body = [
            f"some name, case in {table}",
            "facts := object.union(_absent, case.facts)",
            f"found := {name} with input as facts{apart}",
            "found == case.found",
        ]
        cases = [
            f"\t{literal(f'{name} {number:04d}')}: "
            f"{literal({'facts': _plain(each, base), 'found': answer})},"
            for number, (each, answer) in enumerate(pairs[start : start + CASES], start + 1)
        ]
        blocks += [rule(f"test{table}[name]", body), [f"{table} := {{", *cases, "}"]]
    return blocks


def _plain(facts: Facts, base: Mapping[str, object]) -> dict[str, object]:
    """Return the document as far as it differs from ``base``."""
    found: dict[str, object] = {}
    for key, value in facts.document.items():
        known = base.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            if inner := {name: each for name, each in value.items() if known.get(name) != each}:
                found[key] = inner
        elif key not in base or value != known:
            found[key] = value
    return found


def _chosen(policies: PolicySet, vocabulary: Vocabulary) -> list[Facts]:
    """Return facts of which each shows some rule a new combination; the first knows nothing."""
    samples = Samples.of([policies], vocabulary, _day(policies))
    found = [samples.facts({})]
    for choices in (samples.boundaries(policies), _alone(samples, policies)):
        seen = [_Seen(tests) for tests in _tests(policies)]
        for choice in islice(choices, MOST):
            facts = samples.facts(choice)
            new = [each.is_new(facts.values) for each in seen]  # every one must look
            if any(new):
                found.append(facts)
    return list({facts.key: facts for facts in found}.values())


def _alone(samples: Samples, policies: PolicySet) -> Iterator[Chosen]:
    """Yield inputs in which one condition alone makes a rule false, and another is unknown."""
    for formula in formulas(policies):
        for number, part in enumerate(formula.parts):
            others = [*formula.parts[:number], *formula.parts[number + 1 :]]
            names = {name for other in others for name in attributes_of(other)} - {AS_OF}
            for solution in samples.solutions([opposite(part), *others], _WAYS):
                for name in sorted(names):
                    yield {**solution, name: len(samples.known[name]) - 1}  # the last is absence


def _day(policies: PolicySet) -> datetime.date:
    """Return a day on which as much as possible is in force, the same whenever it is asked."""
    starts = [each.dates.start for each in policies.access]
    starts += [each.dates.start for each in policies.retention]
    return max((start for start in starts if start), default=EPOCH)


def _tests(policies: PolicySet) -> Iterator[list[Callable[[Mapping[str, object]], bool | None]]]:
    for formula in formulas(policies):
        yield [truth_of(test) for test in dict.fromkeys(tests_of(formula))]


class _Seen:
    """Which combinations of one rule's conditions were tried."""

    def __init__(self, tests: Iterable[Callable[[Mapping[str, object]], bool | None]]) -> None:
        self._tests = tuple(tests)
        self._known: set[tuple[bool | None, ...]] = set()

    def is_new(self, values: Mapping[str, object]) -> bool:
        if len(self._known) >= PER_RULE:
            return False
        found = tuple(test(values) for test in self._tests)
        new = found not in self._known
        self._known.add(found)
        return new
