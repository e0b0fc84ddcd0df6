"""Policy tests: how they are read, what they expect, what they cover, and the same on OPA."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from headwater.catalog.forms import Problems
from headwater.catalog.nodes import Mapping
from headwater.catalog.yaml_source import parse_yaml
from headwater.policies import PolicySet, Vocabulary, build_bundle
from headwater.policies.coverage import coverage_of
from headwater.policies.fixture_documents import CASE, FIXTURE, read_fixtures
from headwater.policies.fixture_rego import rego_tests
from headwater.policies.fixtures import Fixture, Outcome, run_cases
from headwater.policies.native import NativeEngine

from .conftest import Loaded

if TYPE_CHECKING:
    from headwater.catalog.problems import Problem

RULES = """\
applies_to: {resource.categories: {has: health}}
rules:
  - id: purpose
    deny: only for public health
    when: {not: {context.purpose: {under: public-health}}}
  - id: open
    warn: not masked
    when: {context.masked: {eq: false}}
  - id: read
    allow: true
    when: {action: {eq: read}}
    obligations: [{delete_after: P90D}]
"""
TERMS = """\
kind: retention-policy
id: t
title: {en: kept, zh: 保存}
owner: health
effective: {from: 2026-01-01}
rules:
  - {id: year, at_most: P1Y, since: {column: day}, then: delete, when: {resource.department: {eq: health}}}
"""
TEST = """\
kind: policy-test
id: health
policies: [p]
now: 2026-11-01
action: read
subjects:
  clinic: {department: health}
  office: {department: tax}
resources:
  diagnosis: {department: health, categories: [health]}
  tariff: {department: tax, categories: []}
contexts:
  care: {purpose: immunisation, masked: true}
  advertising: {purpose: marketing, masked: true}
cases:
  - {subject: clinic, resource: diagnosis, context: care, allow: true, rules: [p/read], obligations: [{delete_after: P90D}]}
  - {subject: office, resource: diagnosis, context: care, allow: true, warnings: [], terms: [t/year]}
  - {subject: office, resource: diagnosis, context: care, with: {context.masked: false}, allow: true, warnings: [p/open]}
  - {subject: office, resource: diagnosis, context: care, with: {context.purpose: null}, allow: false, rules: [p/purpose], unknown: [context.purpose]}
  - {subject: office, resource: diagnosis, context: advertising, allow: false, rules: [p/purpose], obligations: []}
  - {now: 2025-12-31, subject: office, resource: diagnosis, context: advertising, allow: false, rules: [], terms: []}
matrix: true
"""

Read = Callable[..., tuple[tuple[Fixture, ...], "list[Problem]"]]


@pytest.fixture(scope="module")
def policies(load: Callable[..., Loaded]) -> PolicySet:
    found, problems = load(RULES, TERMS, off=())
    assert problems == []
    return found


@pytest.fixture(scope="module")
def read(policies: PolicySet, vocabulary: Vocabulary) -> Read:
    def fixtures(*texts: str) -> tuple[tuple[Fixture, ...], list[Problem]]:
        problems = Problems()
        nodes = [
            node
            for number, text in enumerate(texts, 1)
            if isinstance(node := parse_yaml(text.encode(), f"tests/{number}.yaml"), Mapping)
        ]
        found = read_fixtures(nodes, policies, vocabulary, problems)
        return found, sorted(problems, key=lambda problem: problem.order())

    return fixtures


def outcomes(policies: PolicySet, read: Read, text: str = TEST) -> tuple[Outcome, ...]:
    (fixture,), problems = read(text)
    assert problems == []
    return run_cases(fixture.cases, NativeEngine(policies))


# --- what is expected ----------------------------------------------------------------------------


def test_cases_come_out_as_expected_and_the_rest_of_the_matrix_is_refused(
    policies: PolicySet, read: Read
) -> None:
    found = outcomes(policies, read)
    assert [outcome.case.name for outcome in found if not outcome.passed] == []
    # Two subjects, two resources, two contexts; three of the eight are listed as they are.
    assert sum(not outcome.case.listed for outcome in found) == 5
    assert len(found) == 6 + 5


@pytest.mark.parametrize(
    ("was", "becomes", "name"),
    [
        ("allow: true, rules: [p/read]", "allow: false, rules: [p/read]", "allow"),
        ("rules: [p/read]", "rules: []", "rules"),
        (
            "obligations: [{delete_after: P90D}]",
            "obligations: [{delete_after: P91D}]",
            "obligations",
        ),
        ("warnings: [p/open]", "warnings: []", "warnings"),
        ("warnings: []", "warnings: [p/open]", "warnings"),
        ("unknown: [context.purpose]", "unknown: [context.masked]", "unknown"),
        ("terms: [t/year]", "terms: []", "terms"),
        ("terms: []", "terms: [t/year]", "terms"),
    ],
)
def test_each_expectation_can_fail_alone_and_says_where(
    policies: PolicySet, read: Read, was: str, becomes: str, name: str
) -> None:
    assert TEST.count(was) == 1
    changed = TEST.replace(was, becomes)
    failed = [outcome for outcome in outcomes(policies, read, changed) if not outcome.passed]
    ((mismatch,),) = [outcome.mismatches for outcome in failed]
    assert mismatch.name == name
    line = changed.split("\n")[mismatch.position.line - 1]
    assert line[mismatch.position.column - 1 :].startswith(becomes.rpartition(f"{name}: ")[2][:4])


def test_a_combination_that_nobody_listed_and_that_is_allowed_fails_at_the_matrix(
    policies: PolicySet, read: Read
) -> None:
    lines = TEST.split("\n")
    text = "\n".join(line for line in lines if "subject: clinic, resource: diagnosis" not in line)
    (failed,) = [each for each in outcomes(policies, read, text) if not each.passed]
    assert not failed.case.listed
    assert failed.case.name == "read clinic diagnosis care"
    assert failed.mismatches[0].expected is False
    assert text.split("\n")[failed.case.position.line - 1] == "matrix: true"


def test_without_matrix_only_the_cases_are_run(policies: PolicySet, read: Read) -> None:
    assert len(outcomes(policies, read, TEST.replace("matrix: true\n", ""))) == 6


def test_a_case_may_change_single_attributes_and_the_day(policies: PolicySet, read: Read) -> None:
    names = [outcome.case.name for outcome in outcomes(policies, read)]
    assert "read office diagnosis care with context.masked=false" in names
    assert "read office diagnosis advertising on 2025-12-31" in names


# --- problems --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "becomes", "code", "said"),
    [
        ("subject: clinic,", "subject: clinik,", "unknown-reference", "clinic"),
        ("resource: diagnosis, context: advertising, allow: false, rules: [p", "resource: diagnoses, context: advertising, allow: false, rules: [p", "unknown-reference", "diagnosis"),
        ("rules: [p/read]", "rules: [p/raed]", "unknown-reference", "p/read"),
        ("terms: [t/year]", "terms: [t/yaer]", "unknown-reference", "t/year"),
        ("unknown: [context.purpose]", "unknown: [context.purpos]", "unknown-reference", "context.purpose"),
        ("policies: [p]", "policies: [q]", "unknown-reference", None),
        ("{department: tax}", "{departmnt: tax}", "unknown-attribute", "subject.department"),
        ("{department: tax}", "{department: taxx}", "bad-fact", "tax"),
        ("masked: true}\n  adv", "masked: maybe}\n  adv", "bad-fact", None),
        ("{context.masked: false}", "{masked: false}", "unknown-attribute", None),
        ("now: 2026-11-01", "now: 2026-13-01", "bad-date", None),
        ("now: 2025-12-31", "now: 2025-12-32", "bad-date", None),
        ("action: read\n", "action: raed\n", "bad-fact", "read"),
        ("matrix: true", "matrix: yes-please", "wrong-type", None),
        ("matrix: true", "matrx: true", "unknown-key", "matrix"),
        ("allow: true, rules: [p/read]", "alow: true, rules: [p/read]", "unknown-key", "allow"),
        ("allow: true, rules: [p/read]", "rules: [p/read]", "missing-key", None),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_test_file_has_a_place_and_a_suggestion(
    read: Read, was: str, becomes: str, code: str, said: str | None
) -> None:
    assert TEST.count(was) == 1
    changed = TEST.replace(was, becomes)
    _, problems = read(changed)
    found = [problem for problem in problems if problem.code == code]
    assert found, problems
    position = found[0].position
    assert position is not None
    assert position.file == "tests/1.yaml"
    first = changed[: changed.index(becomes)].count("\n") + 1
    assert position.line in (first, first + becomes.count("\n"))
    if said:
        assert any(problem.hint and f"`{said}`" in problem.hint.en for problem in found)


def test_the_same_combination_twice_is_a_problem(read: Read) -> None:
    line = "  - {subject: office, resource: diagnosis, context: advertising, allow: true}\nmatrix"
    _, problems = read(TEST.replace("matrix", line))
    assert [problem.code for problem in problems] == ["case-twice"]
    assert "tests/1.yaml:20" in problems[0].message.en


def test_two_files_with_the_same_id_are_a_problem(read: Read) -> None:
    _, problems = read(TEST, TEST)
    assert [problem.code for problem in problems] == ["duplicate-id"]


def test_a_matrix_without_bound_is_refused(read: Read) -> None:
    many = "".join(f"  s{n}: {{department: tax}}\n" for n in range(5001))
    _, problems = read(TEST.replace("subjects:\n", f"subjects:\n{many}"))
    assert [problem.code for problem in problems] == ["matrix-too-large"]


def test_a_file_that_is_no_mapping_inside_is_a_problem_and_no_crash(read: Read) -> None:
    broken = (
        "kind: policy-test\nid: x\nnow: 2026-11-01\nsubjects: [a]\ncontexts: 3\ncases: {a: b}\n"
    )
    _, problems = read(broken)
    assert {problem.code for problem in problems} == {"wrong-type"}


def test_every_key_of_the_form_is_used_by_a_file_that_loads(read: Read) -> None:
    head = TEST.replace("id: health\n", "id: health\ntitle: {en: Health, zh: 健康}\n", 1)
    (fixture,), problems = read(head)
    assert problems == []
    assert set(fixture.cases[0].expected) < set(CASE)
    assert "cases" in FIXTURE


# --- coverage ----------------------------------------------------------------------------------------


def covered(policies: PolicySet, read: Read, text: str = TEST) -> dict[str, tuple[str, ...]]:
    (fixture,), problems = read(text)
    assert problems == []
    found = coverage_of(policies, [case.facts for case in fixture.cases], {"p"})
    missing = {rule.rule: rule.missing for rule in found.rules}
    missing |= {
        f"{rule.rule} {each.atom.attribute}": each.missing
        for rule in found.rules
        for each in rule.conditions
    }
    return missing


def test_a_suite_that_shows_everything_covers_everything(policies: PolicySet, read: Read) -> None:
    more = (
        "  - {action: share, subject: office, resource: diagnosis, context: care, allow: false}\n"
        "  - {subject: office, resource: tariff, context: care, with: {context.masked: false}, allow: false}\n"
    )
    found = covered(policies, read, TEST.replace("matrix", f"{more}matrix"))
    assert {name: missing for name, missing in found.items() if missing} == {}


def test_what_no_case_shows_is_named(policies: PolicySet, read: Read) -> None:
    found = covered(policies, read)
    # Nobody asks for anything but reading: that this is asked is never seen to matter.
    assert found["p/read"] == ()
    assert found["p/read action"] == ("false",)
    assert found["p/purpose"] == ()


def test_a_condition_that_occurs_but_never_decides_is_not_covered(
    load: Callable[..., Loaded], vocabulary: Vocabulary, facts: Callable[..., object]
) -> None:
    policies, _ = load(
        "rules:\n  - id: either\n    deny: refused\n"
        "    when: {any: [{context.masked: {eq: false}}, {context.hops: {above: 2}}]}\n"
    )
    both = facts({"context.masked": False, "context.hops": 3})
    none = facts({"context.masked": True, "context.hops": 1})
    (rule,) = coverage_of(policies, [both, none], {"p"}).rules  # type: ignore[list-item]
    masked, hops = rule.conditions
    assert (masked.true, masked.decided_true) == (1, 0)
    assert (hops.true, hops.decided_true) == (1, 0)
    assert (masked.missing, hops.missing) == (("true",), ("true",))


def test_coverage_is_counted_in_truths_shown(policies: PolicySet, read: Read) -> None:
    (fixture,), _ = read(TEST)
    found = coverage_of(policies, [case.facts for case in fixture.cases], {"p"})
    # Three rules of two conditions each, `applies_to` included: 3 * (2 + 2 * 2).
    assert found.total == 18
    assert found.percent == pytest.approx(100 * found.shown / 18)
    assert coverage_of(policies, [], {"p"}).shown == 0


# --- the same cases on OPA ---------------------------------------------------------------------------


def emitted(folder: Path, policies: PolicySet, fixtures: tuple[Fixture, ...]) -> tuple[Path, Path]:
    bundle = folder / "bundle.tar.gz"
    bundle.write_bytes(build_bundle(policies))
    for name, text in rego_tests(fixtures).items():
        target = folder / "rego" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return bundle, folder / "rego"


def opa(executable: str, *words: object) -> subprocess.CompletedProcess[str]:
    command = [executable, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.opa
def test_the_cases_pass_as_rego_too_and_the_files_are_formatted(
    tmp_path: Path, policies: PolicySet, read: Read, opa_executable: str
) -> None:
    fixtures, _ = read(TEST)
    bundle, folder = emitted(tmp_path, policies, fixtures)
    done = opa(opa_executable, "test", "--bundle", bundle, folder, "-v")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("): PASS") == len(fixtures[0].cases) + 2  # and two of terms
    assert opa(opa_executable, "fmt", "--diff", "--fail", folder).stdout == ""


@pytest.mark.opa
@pytest.mark.parametrize(
    ("was", "becomes"),
    [("allow: true, rules", "allow: false, rules"), ("terms: [t/year]", "terms: []")],
)
def test_a_case_that_fails_here_fails_as_rego(
    tmp_path: Path, policies: PolicySet, read: Read, opa_executable: str, was: str, becomes: str
) -> None:
    fixtures, _ = read(TEST.replace(was, becomes))
    bundle, folder = emitted(tmp_path, policies, fixtures)
    done = opa(opa_executable, "test", "--bundle", bundle, folder)
    assert done.returncode != 0
    assert "FAIL" in done.stdout


def test_names_of_a_test_file_stay_inside_string_literals(read: Read) -> None:
    hostile = 'x"}\ny'
    text = TEST.replace("clinic", '"x\\"}\\ny"')
    fixtures, problems = read(text)
    assert problems == []
    assert any(hostile in case.name for case in fixtures[0].cases)
    source = rego_tests(fixtures)["headwater_tests/f_0001/f_0001_test.rego"]
    assert hostile not in source
    assert '\\"}\\ny' in source
