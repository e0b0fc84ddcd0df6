"""Verification: equal engines are found equal, and a broken one is caught with the least input."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from headwater.catalog.forms import Problems
from headwater.catalog.workspace import load_workspace
from headwater.policies import (
    Decision,
    Facts,
    PolicySet,
    Terms,
    Vocabulary,
    load_policies,
    open_engine,
)
from headwater.policies.boundaries import Samples
from headwater.policies.native import NativeEngine
from headwater.policies.verification import CHUNK, Plan, minimised, verify

from .conftest import DAY, Loaded

if TYPE_CHECKING:
    from headwater.policies.verification import Verification

RULES = """\
applies_to: {resource.categories: {has: health}}
rules:
  - id: purpose
    deny: refused
    when: {not: {context.purpose: {under: public-health}}}
  - id: level
    warn: high
    when: {resource.level: {above: {attribute: subject.clearance}}}
  - id: care
    allow: true
    when: {all: [{action: {eq: read}}, {subject.department: {under: city}}]}
    obligations: [{notify: health}]
"""
TERMS = """\
kind: retention-policy
id: t
title: {en: kept, zh: 保存}
owner: health
effective: {from: 2026-01-01}
rules:
  - id: year
    at_most: P1Y
    since: {column: day}
    then: delete
    when: {resource.categories: {has: personal}}
"""


class Broken(NativeEngine):
    """An engine with one mistake: it never sees what is ``absent``."""

    name = "broken"

    def __init__(self, policies: PolicySet, absent: str) -> None:
        super().__init__(policies)
        self._absent = absent

    def _blind(self, facts: Sequence[Facts]) -> list[Facts]:
        return [replace(each, values={**each.values, self._absent: None}) for each in facts]

    def decide(self, facts: Sequence[Facts]) -> tuple[Decision, ...]:
        return super().decide(self._blind(facts))


class Forgetful(NativeEngine):
    """An engine that knows no retention."""

    def terms(self, facts: Sequence[Facts]) -> tuple[Terms, ...]:
        return tuple(Terms((), {}) for _ in facts)


@pytest.fixture(scope="module")
def policies(load: Callable[..., Loaded]) -> PolicySet:
    found, problems = load(RULES, TERMS)
    assert problems == []
    return found


def compared(
    policies: PolicySet, vocabulary: Vocabulary, other: NativeEngine, count: int = 200
) -> Verification:
    return verify(policies, vocabulary, (NativeEngine(policies), other), [], Plan(DAY, count))


def test_equal_engines_show_no_difference_and_every_input_is_counted(
    policies: PolicySet, vocabulary: Vocabulary
) -> None:
    found = compared(policies, vocabulary, NativeEngine(policies), count=CHUNK + 7)
    assert found.equal
    assert found.difference is None
    assert found.counts["random"] == CHUNK + 7
    assert found.counts["boundary"] > 100
    assert found.counts["recorded"] == 0


def test_values_of_a_wrong_type_are_refused_for_every_attribute(
    policies: PolicySet, vocabulary: Vocabulary
) -> None:
    found = compared(policies, vocabulary, NativeEngine(policies), count=0)
    assert found.accepted == ()
    assert found.refused >= 8 * len(vocabulary.attributes)


def test_a_broken_engine_is_caught_at_a_boundary_with_the_least_input(
    policies: PolicySet, vocabulary: Vocabulary
) -> None:
    found = compared(policies, vocabulary, Broken(policies, "context.purpose"))
    assert not found.equal
    assert found.difference is not None
    assert (found.difference.source, found.difference.about) == ("boundary", "decision")
    # The rule asks of health data and of the purpose: nothing else is left in the input.
    assert set(found.difference.facts.raw) <= {"resource.categories", "context.purpose"}
    assert "context.purpose" in found.difference.facts.raw
    ours, theirs = found.difference.answers
    assert ours != theirs


def test_a_difference_in_retention_alone_is_a_difference(
    policies: PolicySet, vocabulary: Vocabulary
) -> None:
    found = compared(policies, vocabulary, Forgetful(policies))
    assert found.difference is not None
    assert found.difference.about == "terms"


def test_a_recorded_input_is_compared_too(
    policies: PolicySet, vocabulary: Vocabulary, facts: Callable[..., Facts]
) -> None:
    same = [facts({"action": "read"}), facts({"action": "read"}), facts({"action": "export"})]
    engines = NativeEngine(policies), NativeEngine(policies)
    found = verify(policies, vocabulary, engines, same, Plan(DAY, 0))
    assert found.counts["recorded"] == 2  # equal questions are asked once


def test_an_input_is_reduced_to_what_the_difference_needs(
    vocabulary: Vocabulary, facts: Callable[..., Facts]
) -> None:
    whole = facts(
        {
            "action": "share",
            "resource.categories": ["health", "minors", "personal"],
            "resource.level": "core",
            "context.hops": 4,
        }
    )

    def differ(some: Sequence[Facts]) -> list[bool]:
        return [
            "minors" in (each.raw.get("resource.categories") or ())  # type: ignore[operator]
            and each.raw.get("context.hops") == 4
            for each in some
        ]

    least = minimised(whole, vocabulary, differ)
    assert least.raw == {"resource.categories": ["minors"], "context.hops": 4}


def test_there_are_never_more_random_inputs_than_there_are_distinct_ones(
    policies: PolicySet, vocabulary: Vocabulary
) -> None:
    seen: list[str] = []

    class Listening(NativeEngine):
        def decide(self, facts: Sequence[Facts]) -> tuple[Decision, ...]:
            seen.extend(each.key for each in facts)
            return super().decide(facts)

    found = compared(policies, vocabulary, Listening(policies), count=3000)
    assert len(seen) == sum(found.counts.values())
    assert len(set(seen[-3000:])) == 3000


WORKSPACE = {
    "headwater.yaml": "kind: workspace\nid: own\n",
    "departments.yaml": """\
kind: departments
departments:
  - {id: city, name: {en: City, zh: 市}, level: city, region: "330100", clearance: core}
  - {id: health, under: city, name: {en: Health, zh: 卫}, level: city, region: "330100", clearance: core}
""",
    "vocabulary.yaml": """\
kind: vocabulary
id: ours
attributes:
  - {id: context.assessed_on, type: date, description: {en: day of assessment, zh: 评估日期}}
  - {id: context.assessment, type: text, description: {en: its number, zh: 评估编号}}
  - {id: context.tags, type: set, values: [a, b, c], description: {en: tags, zh: 标签}}
""",
    "policy.yaml": """\
kind: access-policy
id: p
title: {en: A policy, zh: 策略}
owner: health
effective: {from: 2026-01-01, until: 2026-12-31}
rules:
  - id: old
    deny: {en: old, zh: 旧}
    when: {all: [{action: {eq: export}}, {context.assessed_on: {older_than: P1Y}}]}
  - id: numbered
    deny: {en: no number, zh: 无编号}
    when: {not: {context.assessment: {matches: "A-[0-9]{4}"}}}
  - id: fresh
    allow: true
    when: {all: [{context.assessed_on: {within: P90D}}, {context.tags: {has_any: [a, b]}}]}
""",
    "exception.yaml": """\
kind: exception
id: trial
title: {en: A trial, zh: 试点}
owner: health
approver: city
reason: {en: a trial, zh: 试点}
rule: p/numbered
when: {subject.department: {eq: health}}
effective: {from: 2026-10-01, until: 2026-12-01}
""",
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> tuple[PolicySet, Vocabulary]:
    """A workspace with attributes of its own, patterns, periods and an exception."""
    root = tmp_path_factory.mktemp("own")
    for name, text in WORKSPACE.items():
        (root / name).write_text(text, encoding="utf-8")
    problems = Problems()
    workspace = load_workspace(root, problems)
    assert workspace is not None, list(problems)
    policies = load_policies(workspace, problems=problems)
    assert not problems, list(problems)
    return policies, Vocabulary.of(workspace)


def test_boundaries_reach_patterns_periods_and_exceptions(
    own: tuple[PolicySet, Vocabulary],
) -> None:
    policies, vocabulary = own
    samples = Samples.of([policies], vocabulary, DAY)
    facts = [samples.facts(chosen) for chosen in samples.boundaries(policies)]
    found = NativeEngine(policies).decide(facts)
    assert {rule for each in found for rule in each.rules} >= {"p/old", "p/numbered", "p/fresh"}
    assert any(each.allow for each in found)
    assert any(each.exceptions for each in found)
    # The last day that is older than a year, and the first that is not.
    assert {each.raw.get("context.assessed_on") for each in facts} >= {"2025-10-31", "2025-11-01"}


@pytest.mark.parametrize("absent", ["context.assessed_on", "context.assessment", "context.tags"])
def test_an_engine_blind_to_an_attribute_of_our_own_is_caught(
    own: tuple[PolicySet, Vocabulary], absent: str
) -> None:
    policies, vocabulary = own
    found = compared(policies, vocabulary, Broken(policies, absent))
    assert found.difference is not None
    assert absent in found.difference.facts.raw


@pytest.mark.opa
@pytest.mark.slow
def test_native_and_opa_are_equal_on_patterns_periods_and_exceptions(
    own: tuple[PolicySet, Vocabulary], opa_executable: str
) -> None:
    policies, vocabulary = own
    with (
        open_engine("native", policies) as ours,
        open_engine("opa", policies, executable=opa_executable) as theirs,
    ):
        found = verify(policies, vocabulary, (ours, theirs), [], Plan(DAY, 1000))
    assert found.difference is None, json.dumps(found.difference.answers)


@pytest.mark.opa
@pytest.mark.slow
def test_native_and_opa_are_equal_on_ten_thousand_inputs(
    policies: PolicySet, vocabulary: Vocabulary, opa_executable: str
) -> None:
    with (
        open_engine("native", policies) as ours,
        open_engine("opa", policies, executable=opa_executable) as theirs,
    ):
        found = verify(policies, vocabulary, (ours, theirs), [], Plan(DAY, 10_000))
    assert found.difference is None, json.dumps(found.difference.answers)
    assert found.counts["random"] == 10_000
