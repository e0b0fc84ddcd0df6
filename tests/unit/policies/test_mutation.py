"""Mutants: every small mistake is made once, tests notice them or a witness is shown."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from headwater.catalog.errors import InputError
from headwater.catalog.forms import Problems
from headwater.catalog.nodes import Mapping
from headwater.catalog.yaml_source import parse_yaml
from headwater.policies import Facts, PolicySet, Vocabulary, normalise
from headwater.policies.condition_edits import edits, said
from headwater.policies.fixture_documents import read_fixtures
from headwater.policies.model import All, Any, Atom, Not, Reference, canonical, document
from headwater.policies.mutants import mutants
from headwater.policies.mutation import mutate
from headwater.policies.native import NativeEngine
from headwater.policies.vocabulary import Kind

from .conftest import DAY, Loaded

if TYPE_CHECKING:
    from headwater.policies.fixtures import Case
    from headwater.policies.mutation import Mutation

RULES = """\
applies_to: {resource.categories: {has: health}}
rules:
  - id: high
    deny: too high
    when: {resource.level: {at_least: general-3}}
  - id: read
    allow: true
    when: {action: {eq: read}}
    obligations: [{delete_after: P90D}]
"""
GOOD = """\
kind: policy-test
id: t
now: 2026-11-01
resources:
  low: {level: general-2, categories: [health]}
  high: {level: general-3, categories: [health]}
  other: {level: general-3, categories: [personal]}
cases:
  - {action: read, resource: low, allow: true, rules: [p/read], warnings: [], obligations: [{delete_after: P90D}]}
  - {action: read, resource: high, allow: false, rules: [p/high], warnings: []}
  - {action: read, resource: high, with: {resource.level: general-4}, allow: false, rules: [p/high]}
  - {action: read, resource: other, allow: false, rules: [], warnings: []}
  - {action: export, resource: low, allow: false, rules: []}
  - {now: 2025-12-31, action: read, resource: low, allow: false, rules: []}
  - {now: 2026-01-01, action: read, resource: low, allow: true}
  - {now: 2026-01-01, action: read, resource: high, allow: false, rules: [p/high]}
"""


@pytest.fixture(scope="module")
def policies(load: Callable[..., Loaded]) -> PolicySet:
    found, problems = load(RULES)
    assert problems == []
    return found


@pytest.fixture(scope="module")
def judged(policies: PolicySet, vocabulary: Vocabulary) -> Callable[[str], Mutation]:
    def mutated(text: str) -> Mutation:
        return mutate(
            policies, cases(text, policies, vocabulary), vocabulary, only={"p"}, as_of=DAY
        )

    return mutated


def cases(text: str, policies: PolicySet, vocabulary: Vocabulary) -> list[Case]:
    problems = Problems()
    node = parse_yaml(text.encode(), "t.yaml")
    assert isinstance(node, Mapping)
    (fixture,) = read_fixtures([node], policies, vocabulary, problems)
    assert not problems, list(problems)
    return list(fixture.cases)


# --- conditions ------------------------------------------------------------------------------------

LEVEL = Atom("resource.level", "at_least", ("general-2",))
HOPS = Atom("context.hops", "between", (1, 3))
LIST = Atom("action", "in", ("read", "share"))
CLEAR = Atom("resource.level", "above", Reference("subject.clearance"))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (LEVEL, ["-", "not: {}", "resource.level: above general-2", "resource.level: at_least general-1", "resource.level: at_least general-3"]),
        (HOPS, ["-", "not: {}", "context.hops: between [0, 3]", "context.hops: between [2, 3]", "context.hops: between [1, 2]", "context.hops: between [1, 4]"]),
        (LIST, ["-", "not: {}", "action: in [share]", "action: in [read]"]),
        (CLEAR, ["-", "not: {}", "resource.level: at_least subject.clearance"]),
        (Atom("context.purpose", "under", ("a",)), ["-", "not: {}", "context.purpose: eq a"]),
        (Atom("context.purpose", "eq", ("a",)), ["-", "not: {}", "context.purpose: under a"]),
        (Atom("resource.level", "at_least", ("core",)), ["-", "not: {}", "resource.level: above core", "resource.level: at_least important"]),
        (Atom("context.via", "absent", (True,)), ["-", "not: {}"]),
        (Atom("context.day", "above", ("2026-03-01",), kind=Kind.DATE), ["-", "not: {}", "context.day: at_least 2026-03-01", "context.day: above 2026-02-28", "context.day: above 2026-03-02"]),
        (Atom("resource.categories", "has_any", ("health", "minors")), ["-", "not: {}", "resource.categories: has_all [health, minors]", "resource.categories: has_any [minors]", "resource.categories: has_any [health]"]),
        (Not(LIST), ["-", "action: in [read, share]", "not: not: action: in [read, share]", "not: action: in [share]", "not: action: in [read]"]),
        (All((LIST, CLEAR)), ["any: [{}]", "resource.level: above subject.clearance"]),
        (Any((LIST, CLEAR)), ["all: [{}]", "resource.level: above subject.clearance"]),
    ],
)  # fmt: skip
def test_a_condition_is_changed_in_one_place_at_a_time(
    condition: Atom | All | Any | Not, expected: list[str]
) -> None:
    found = [said(edit.condition) if edit.condition else "-" for edit in edits(condition)]
    inner = said(condition).partition("[")[2].rpartition("]")[0]
    whole = inner if isinstance(condition, All | Any) else said(condition)
    wanted = [each.format(whole) for each in expected]
    if isinstance(condition, All | Any):
        assert set(found) >= {wanted[0]}
        assert any(each.endswith(wanted[1] + "]") for each in found)
        assert "-" not in found  # each part is left out by itself
    else:
        assert found == wanted


# --- policies --------------------------------------------------------------------------------------


def test_mutants_differ_from_the_original_and_from_each_other(policies: PolicySet) -> None:
    found = list(mutants(policies, {"p"}))
    seen = {canonical(document(mutant.policies)) for mutant in found}
    assert len(seen) == len(found) >= 20
    assert canonical(document(policies)) not in seen


def test_a_mutant_differs_from_the_original_in_one_rule_or_in_its_policy(
    policies: PolicySet,
) -> None:
    for mutant in mutants(policies, {"p"}):
        (ours,) = (policy for policy in policies.access if policy.id == "p")
        (theirs,) = (policy for policy in mutant.policies.access if policy.id == "p")
        changed = [rule.id for rule in ours.rules if rule not in theirs.rules]
        head = (ours.dates, ours.mode) != (theirs.dates, theirs.mode)
        assert len(changed) + head == 1
        assert mutant.rule == (changed[0] if changed else "p")
        assert mutant.policies.retention == policies.retention


def test_an_exception_is_left_out_changed_and_moved(
    load: Callable[..., Loaded], vocabulary: Vocabulary
) -> None:
    exception = (
        "kind: exception\nid: trial\ntitle: a trial\nowner: health\napprover: city\n"
        "reason: a trial\nrule: p/high\nwhen: {subject.department: {eq: police}}\n"
        "effective: {from: 2026-10-01, until: 2026-12-01}\n"
    )
    policies, problems = load(RULES, exception)
    assert problems == []
    said_ = {m.change.en for m in mutants(policies, {"p"}) if m.position.file == "policies/2.yaml"}
    assert said_ == {
        "left out the exception `trial`",
        "`subject.department: eq police` became its opposite",
        "`subject.department: eq police` became `subject.department: under police`",
        "`effective.from` of the exception `trial` became 2026-09-30",
        "`effective.from` of the exception `trial` became 2026-10-02",
        "`effective.until` of the exception `trial` became 2026-11-30",
        "`effective.until` of the exception `trial` became 2026-12-02",
    }


def test_only_the_policies_that_were_named_are_changed(policies: PolicySet) -> None:
    assert {mutant.policy for mutant in mutants(policies, {"sharing"})} == {"sharing"}
    assert list(mutants(policies, set())) == []


def test_every_kind_of_mistake_is_made(policies: PolicySet) -> None:
    said_ = {mutant.change.en for mutant in mutants(policies, {"p"})}
    assert said_ >= {
        "left out the rule",
        "`deny` became `allow`",
        "`deny` became `warn`",
        "`allow` became `deny`",
        "`mode` became advise",
        "`effective.from` became 2025-12-31",
        "`effective.from` became 2026-01-02",
        'left out the obligation {"delete_after":"P90D"}',
        "left out `resource.level: at_least general-3`",
        "`resource.level: at_least general-3` became its opposite",
        "`resource.level: at_least general-3` became `resource.level: above general-3`",
        "`resource.level: at_least general-3` became `resource.level: at_least general-4`",
        "left out `resource.categories: has health`",
    }


# --- the score -------------------------------------------------------------------------------------


def test_good_tests_notice_every_mistake_that_can_be_noticed(
    judged: Callable[[str], Mutation],
) -> None:
    found = judged(GOOD)
    assert [each.mutant.change.en for each in found.survivors] == []
    assert found.score == 100
    assert sum(found.killed.values()) >= 20


def test_tests_that_fail_on_the_policies_themselves_say_nothing(
    judged: Callable[[str], Mutation],
) -> None:
    with pytest.raises(InputError) as raised:
        judged(GOOD.replace("rules: [p/read]", "rules: [p/high]"))
    assert [problem.code for problem in raised.value.problems] == ["tests-fail"]


def test_a_bound_that_no_test_guards_survives_with_a_witness(
    judged: Callable[[str], Mutation], policies: PolicySet, vocabulary: Vocabulary
) -> None:
    lines = [line for line in GOOD.split("\n") if "resource: high" not in line]
    found = judged("\n".join(lines))
    assert found.score < 100
    survivor = next(
        each for each in found.survivors if each.mutant.change.en.endswith("above general-3`")
    )
    assert survivor.mutant.rule == "p/high"
    assert survivor.mutant.position.line == 11
    assert survivor.as_of is not None
    # The witness says the truth: the policies and the mutant answer it differently.
    facts = normalise(survivor.document, vocabulary, survivor.as_of)
    assert facts.raw["resource.level"] == "general-3"
    ours, theirs = (
        NativeEngine(each).decide([facts]) for each in (policies, survivor.mutant.policies)
    )
    assert ours != theirs


def test_every_survivor_has_a_true_witness(
    judged: Callable[[str], Mutation], policies: PolicySet, vocabulary: Vocabulary
) -> None:
    lines = GOOD.split("\n")
    found = judged("\n".join([*lines[:9], ""]))  # the first case alone
    assert len(found.survivors) > 10
    for each in found.survivors:
        assert each.as_of is not None
        facts: Facts = normalise(each.document, vocabulary, each.as_of)
        ours, theirs = (
            NativeEngine(one).decide([facts]) for one in (policies, each.mutant.policies)
        )
        assert ours != theirs, each.mutant.change.en


def test_a_mutant_that_means_the_same_is_not_counted(
    load: Callable[..., Loaded], vocabulary: Vocabulary
) -> None:
    # Nothing lies under marketing, so `under` and `eq` mean the same of it.
    policies, problems = load(
        "rules:\n  - id: never\n    deny: refused\n    when: {context.purpose: {under: marketing}}\n"
    )
    assert problems == []
    found = mutate(policies, [], vocabulary, only={"p"}, as_of=DAY)
    alike = [each.mutant.change.en for each in found.alike]
    assert "`context.purpose: under marketing` became `context.purpose: eq marketing`" in alike
    assert not {each.mutant.change.en for each in found.survivors} & set(alike)


def test_without_tests_nothing_is_noticed(policies: PolicySet, vocabulary: Vocabulary) -> None:
    found = mutate(policies, [], vocabulary, only={"p"}, as_of=datetime.date(2026, 11, 1))
    assert found.killed == {"p": 0}
    assert found.score == 0
