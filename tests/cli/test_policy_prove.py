"""``policy test``, ``policy mutate`` and ``policy verify``: what they print and how they end."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from headwater.app.policy_verify import Verified
from headwater.cli.render.verification import verification_json, verification_text
from headwater.policies import Vocabulary, normalise
from headwater.policies.verification import Difference, Verification

DAY = datetime.date(2026, 11, 1)
COMMAND = [sys.executable, "-m", "headwater.cli.main", "policy"]
FILES = {
    "headwater.yaml": "kind: workspace\nid: town\nlineage: []\n",
    "departments.yaml": """\
kind: departments
departments:
  - {id: health, name: {en: Health, zh: 卫健委}, level: city, region: "330100", clearance: core}
""",
    "policies/p.yaml": """\
kind: access-policy
id: p
title: {en: A policy, zh: 策略}
owner: health
effective: {from: 2026-01-01}
rules:
  - id: low
    allow: true
    when: {all: [{action: {eq: read}}, {resource.level: {at_most: general-2}}]}
""",
    "tests/p.yaml": """\
kind: policy-test
id: low
now: 2026-11-01
action: read
resources:
  low: {level: general-2}
  high: {level: general-3}
cases:
  - {resource: low, allow: true, rules: [p/low]}
matrix: true
""",
}


@pytest.fixture
def town(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", "LANG": "C.UTF-8", **settings}
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def change(folder: Path, file: str, was: str, becomes: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(was) == 1
    path.write_text(text.replace(was, becomes), encoding="utf-8")


def found(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    return document


# --- test ------------------------------------------------------------------------------------------


def test_tests_that_pass_are_exit_0_and_say_what_is_not_shown(town: Path) -> None:
    done = run(town, "test")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "policies/p.yaml:9:28: p/low: `action: eq read` never decides as false\n"
        "coverage 83.3 %: 5 of 6 truths of rules and conditions shown\n"
        "2 of 2 cases as expected; files: 1; engines: native\n"
    )


def test_a_test_that_fails_is_exit_1_at_its_line(town: Path) -> None:
    change(town, "policies/p.yaml", "at_most: general-2", "at_most: general-1")
    done = run(town, "test")
    assert done.returncode == 1
    assert done.stdout.startswith(
        "tests/p.yaml:9:28: read low: `allow` should be true, `native` says false\n  by none\n"
        "tests/p.yaml:9:41: read low: `rules` should be p/low, `native` says none\n"
    )


def test_a_combination_that_nobody_listed_fails_where_the_matrix_is_asked_for(town: Path) -> None:
    change(town, "policies/p.yaml", "at_most: general-2", "at_most: general-3")
    done = run(town, "test", "--lang", "zh")
    assert done.returncode == 1
    assert "tests/p.yaml:10:9：read high：`allow` 应为 false，`native` 给出 true" in done.stdout
    assert "未列出，因此应被拒绝" in done.stdout


def test_json_and_junit_say_the_same(town: Path) -> None:
    change(town, "policies/p.yaml", "at_most: general-2", "at_most: general-1")
    document = found(run(town, "test", "--format", "json"))
    assert document["schema"] == "headwater/policy-tests/1"
    assert document["counts"] == {"cases": 2, "failed": 1}
    names = [each["name"] for each in document["cases"][0]["mismatches"]]
    assert names == ["allow", "rules"]
    root = ElementTree.fromstring(run(town, "test", "--format", "junit").stdout)  # noqa: S314
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    cases = root.findall("testsuite/testcase")
    assert [case.get("name") for case in cases] == ["read low", "read high"]
    failure = cases[0].find("failure")
    assert failure is not None
    assert "tests/p.yaml:9:28" in str(failure.get("message"))


def test_too_little_coverage_is_exit_1(town: Path) -> None:
    assert run(town, "test", "--require-coverage", "80").returncode == 0
    done = run(town, "test", "--require-coverage", "90")
    assert done.returncode == 1
    assert "coverage 83.3 % is below the required 90 %\n" in done.stdout
    junit = run(town, "test", "--require-coverage", "90", "--format", "junit").stdout
    assert ElementTree.fromstring(junit).get("failures") == "1"  # noqa: S314


def test_no_tests_are_exit_2_never_a_pass(town: Path) -> None:
    (town / "tests/p.yaml").unlink()
    for words in (("test",), ("mutate",), ("test", "policies")):
        done = run(town, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: there are no policy tests in `")


def test_a_folder_or_a_file_chooses_the_tests_in_it(town: Path) -> None:
    shutil.copytree(town / "tests", town / "more")
    change(town, "more/p.yaml", "id: low", "id: more")
    assert "4 of 4 cases as expected; files: 2;" in run(town, "test").stdout
    assert "2 of 2 cases as expected; files: 1;" in run(town, "test", "more").stdout
    assert "2 of 2 cases as expected; files: 1;" in run(town, "test", "tests/p.yaml").stdout


def test_problems_in_a_test_file_are_exit_2_with_place_and_suggestion(town: Path) -> None:
    change(town, "tests/p.yaml", "rules: [p/low]", "rules: [p/lwo]")
    done = run(town, "test")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tests/p.yaml:9:42: ")
    assert "did you mean `p/low`?" in done.stderr


def test_the_packs_own_tests_pass_and_show_everything(town: Path) -> None:
    (town / "tests/p.yaml").unlink()
    done = run(town, "test", "--pack", "--require-coverage", "100")
    assert done.returncode == 0, done.stdout


def test_the_gate_does_not_mind_tests(town: Path) -> None:
    done = subprocess.run(
        [*COMMAND[:-1], "check"], cwd=town, capture_output=True, text=True, check=False
    )
    assert "policy-test" not in done.stderr
    assert "nothing was judged" in done.stderr


@pytest.mark.opa
def test_every_case_is_run_on_opa_too(town: Path, opa_executable: str) -> None:
    done = run(town, "test", "--engine", "opa", HEADWATER_OPA=opa_executable)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("4 of 4 cases as expected; files: 1; engines: native, opa\n")


def test_opa_asked_for_and_not_there_is_exit_2(town: Path) -> None:
    for words in (("test", "--engine", "opa"), ("verify",)):
        done = run(town, *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert "the engine `opa` was asked for" in done.stderr


@pytest.mark.opa
def test_the_rego_that_is_written_passes_beside_the_bundle(town: Path, opa_executable: str) -> None:
    assert run(town, "test", "--emit-rego", ".rego").returncode == 0
    assert run(town, "build", "-o", "bundle.tar.gz").returncode == 0
    done = subprocess.run(
        [opa_executable, "test", "--bundle", "bundle.tar.gz", ".rego"],
        cwd=town, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "PASS: 2/2\n")


def test_rego_is_not_written_where_the_workspace_would_read_it(town: Path) -> None:
    done = run(town, "test", "--emit-rego", "tests/rego")
    assert (done.returncode, done.stdout) == (2, "")
    assert "the workspace would read `tests/rego` as Rego of its own" in done.stderr
    assert not (town / "tests/rego").exists()


# --- mutate ----------------------------------------------------------------------------------------


def test_a_mistake_that_no_test_notices_is_listed_with_an_input_that_shows_it(town: Path) -> None:
    done = run(town, "mutate")
    assert done.returncode == 0
    line = "policies/p.yaml:9:28: p/low: left out `action: eq read`, and no test noticed\n"
    assert line in done.stdout
    after = done.stdout.partition(line)[2]
    assert after.startswith('  as of 2026-11-01 it shows on {"')
    assert done.stdout.splitlines()[-1].startswith("score ")


def test_a_score_below_what_is_asked_for_is_exit_1(town: Path) -> None:
    assert run(town, "mutate", "--min-score", "10").returncode == 0
    done = run(town, "mutate", "--min-score", "99", "--format", "json")
    document = found(done)
    assert (done.returncode, document["passed"]) == (1, False)
    assert document["schema"] == "headwater/mutation/1"
    counts = document["counts"]
    assert counts["mutants"] == counts["killed"] + counts["survived"] + counts["alike"]
    assert all(each["facts"] is not None and each["change"]["zh"] for each in document["survivors"])


def test_mutants_of_policies_whose_tests_fail_are_exit_2(town: Path) -> None:
    change(town, "tests/p.yaml", "rules: [p/low]", "rules: []")
    done = run(town, "mutate")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: 1 policy tests fail on the policies as they are")


# --- verify ----------------------------------------------------------------------------------------


@pytest.mark.opa
def test_verify_counts_and_finds_no_difference(town: Path, opa_executable: str) -> None:
    done = run(
        town, "verify", "--count", "300", "--as-of", "2026-11-01", HEADWATER_OPA=opa_executable
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("compared whole: decisions of native ")
    assert lines[1].endswith(" boundary, 0 recorded, 300 random")
    assert lines[-1] == "0 differences"
    words = ("verify", "--count", "0", "--format", "json", "--as-of", "2026-11-01")
    document = found(run(town, *words, HEADWATER_OPA=opa_executable))
    assert document["schema"] == "headwater/verification/1"
    assert (document["equal"], document["difference"]) == (True, None)


def test_a_difference_is_told_with_the_input_and_both_answers() -> None:
    vocabulary = Vocabulary({"health": ("health",)}, {}, (), {})
    facts = normalise({"subject": {"department": "health"}}, vocabulary, DAY)
    difference = Difference("random", "decision", facts, ({"allow": True}, {"allow": False}))
    counts = {"boundary": 1, "recorded": 2, "random": 3}
    verified = Verified(
        engines=(("native", "1"), ("opa", "1.22.2")),
        revision="sha256:0",
        as_of=DAY,
        seed=0,
        with_terms=True,
        modules=("policies/own.rego",),
        refused=4,
        found=Verification(counts, 9, ("context.hops",), difference),
    )
    assert verification_text(verified, "en").splitlines() == [
        "compared whole: decisions and retention terms of native 1 and opa 1.22.2",
        "6 distinct inputs: 1 boundary, 2 recorded, 3 random",
        "9 values of a wrong type refused before any engine",
        "Rego modules, which only OPA evaluates: 1, policies/own.rego; what they decide is not "
        "compared, that their refusals override is, in 4 answers",
        "a value of a wrong type was taken for context.hops",
        "a difference in decision, found on a random input; "
        "as of 2026-11-01 the least that shows it is",
        '  {"subject": {"department": "health"}}',
        '  native 1: {"allow": true}',
        '  opa 1.22.2: {"allow": false}',
    ]
    chinese = verification_text(verified, "zh")
    for fact in ("1.22.2", "6", "9", "own.rego", "context.hops", "2026-11-01", '"allow": true'):
        assert fact in chinese
    document = json.loads(verification_json(verified))
    assert document["equal"] is False
    assert document["difference"]["answers"] == [{"allow": True}, {"allow": False}]


# --- the examples ------------------------------------------------------------------------------------


def test_the_tests_of_the_flights_guard_its_policies() -> None:
    flights = Path(__file__).parents[2] / "examples" / "flights"
    done = run(flights, "mutate", "--min-score", "90")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_tests_of_the_city_guard_its_policies_and_the_pack() -> None:
    city = Path(__file__).parents[2] / "examples" / "city"
    env = {**os.environ, "LANG": "C.UTF-8"}
    words = [*COMMAND, "mutate", str(city), "--pack", "--min-score", "90", "--format", "json"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    document = found(done)
    assert set(document["scores"]) > {"sharing", "health-data", "benefit-retention"}
    assert min(document["scores"].values()) >= 90


def test_the_tests_of_the_city_show_every_condition_deciding() -> None:
    city = Path(__file__).parents[2] / "examples" / "city"
    words = [*COMMAND, "test", str(city), "--pack", "--require-coverage", "100"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
