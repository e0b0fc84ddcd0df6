"""Boundary inputs: each rule true and false, and each of its conditions at, below, above, absent."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from headwater.policies import Facts, Vocabulary, normalise
from headwater.policies.boundaries import Samples, attributes_of, formulas
from headwater.policies.native import NativeEngine, truth_of
from headwater.policies.pattern_samples import matching
from headwater.policies.samples import day_of, nested

from .conftest import DAY, Loaded

if TYPE_CHECKING:
    from headwater.policies import PolicySet

RULES = """\
rules:
  - id: high
    deny: too high
    when:
      all:
        - resource.level: {at_least: general-3}
        - any:
            - context.hops: {above: 3}
            - context.purpose: {under: public-health}
            - resource.level: {above: {attribute: subject.clearance}}
  - id: named
    allow: true
    when: {resource.name: {matches: "h[0-9]+"}, resource.categories: {has_all: [personal, health]}}
"""


def drawn(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - inputs, not secrets


@pytest.fixture(scope="module")
def policies(load: Callable[..., Loaded]) -> PolicySet:
    found, problems = load(RULES)
    assert problems == []
    return found


@pytest.fixture(scope="module")
def samples(policies: PolicySet, vocabulary: Vocabulary) -> Samples:
    return Samples.of([policies], vocabulary, DAY)


@pytest.fixture(scope="module")
def boundary(policies: PolicySet, samples: Samples) -> list[Facts]:
    return [samples.facts(chosen) for chosen in samples.boundaries(policies)]


def test_every_rule_is_true_false_and_unknown_at_some_boundary(
    policies: PolicySet, boundary: list[Facts]
) -> None:
    for formula in formulas(policies):
        truth = truth_of(formula)
        assert {truth(facts.values) for facts in boundary} >= {True, False}
    assert any(found.unknown for found in NativeEngine(policies).decide(boundary))


def test_a_bound_is_asked_at_below_and_above_and_without_it(boundary: list[Facts]) -> None:
    hops = {facts.raw.get("context.hops") for facts in boundary}
    assert hops >= {2, 3, 3.5, 4, None}
    levels = {facts.raw.get("resource.level") for facts in boundary}
    assert levels >= {"general-2", "general-3", "general-4", None}


def test_a_tree_is_asked_at_below_and_beside(boundary: list[Facts]) -> None:
    purposes = {facts.raw.get("context.purpose") for facts in boundary}
    assert purposes >= {"public-health", "immunisation", "marketing", "no-such-purpose", None}


def test_a_set_is_asked_with_all_some_and_none(boundary: list[Facts]) -> None:
    said: list[Any] = [facts.raw.get("resource.categories", ["-"]) for facts in boundary]
    found = {tuple(sorted(each)) for each in said}
    assert found >= {("health", "personal"), ("health",), ("personal",), (), ("-",)}


def test_a_policy_is_asked_on_its_first_day_and_the_day_before(boundary: list[Facts]) -> None:
    days = {day_of(facts).isoformat() for facts in boundary}
    assert days >= {"2025-12-31", "2026-01-01", DAY.isoformat()}


def test_some_boundary_inputs_are_allowed(policies: PolicySet, boundary: list[Facts]) -> None:
    assert any(found.allow for found in NativeEngine(policies).decide(boundary))


def test_facts_of_samples_are_what_the_normaliser_makes_of_their_document(
    samples: Samples, vocabulary: Vocabulary
) -> None:
    for chosen in samples.random(drawn(3), 300):
        facts = samples.facts(chosen)
        again = normalise(nested(facts.raw), vocabulary, day_of(facts))
        assert again.document == facts.document


def test_random_inputs_differ_and_repeat_for_the_same_seed(samples: Samples) -> None:
    first = list(samples.random(drawn(1), 50))
    assert first == list(samples.random(drawn(1), 50))
    assert first != list(samples.random(drawn(2), 50))


def test_a_formula_that_cannot_be_true_has_no_solution(
    load: Callable[..., Loaded], vocabulary: Vocabulary
) -> None:
    policies, _ = load(
        "rules:\n  - id: never\n    deny: refused\n"
        "    when: {all: [{context.hops: {above: 3}}, {context.hops: {below: 2}}]}\n"
    )
    (never,) = (each for each in formulas(policies) if "context.hops" in attributes_of(each))
    samples = Samples.of([policies], vocabulary, DAY)
    assert list(samples.solutions([never], 5)) == []


@pytest.mark.parametrize(
    "pattern", ["abc", "[A-Z]{2}-[0-9]+", "(?:a|b)c?", r"\d{3}", "x+|y", "[^a]z", r"\w+\.csv"]
)
def test_texts_are_made_that_match_a_pattern(pattern: str) -> None:
    assert matching(pattern)


def test_no_text_is_claimed_for_a_pattern_that_cannot_be_met() -> None:
    assert matching(r"a\bb") == []
