"""Rego of the workspace's own: what `verify`, `mutate`, `diff` and `conflicts` can judge of it.

What they cannot is said, never passed over. Both sides of a comparison are asked of a real OPA.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.opa

COMMAND = [sys.executable, "-m", "headwater.cli.main", "policy"]
DAY = ("--as-of", "2026-11-01")
FIELD = {"namespace": "postgres://db:5432", "name": "d.s.visits", "field": "person"}
LINEAGE = {
    "_producer": "https://example.org/etl",
    "_schemaURL": "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json",
    "fields": {"person": {"inputFields": [FIELD]}},
}
EVENT = {
    "eventTime": "2026-10-01T01:05:00Z",
    "eventType": "COMPLETE",
    "producer": "https://example.org/etl",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    "run": {"runId": "01980000-0000-7000-8000-000000000001"},
    "job": {"namespace": "etl", "name": "load"},
    "inputs": [{"namespace": "postgres://db:5432", "name": "d.s.visits"}],
    "outputs": [
        {
            "namespace": "postgres://tax-db:5432",
            "name": "t.s.people",
            "facets": {"columnLineage": LINEAGE},
        }
    ],
}
OFF = [
    *("no-agreement", "agreement-not-in-force", "column-not-granted", "columns-unknown"),
    *("purpose-drift", "purpose-unknown", "onward-not-granted", "level-above-clearance"),
    *("level-above-agreement", "checks-failing", "checks-missing", "covered", "onward"),
]
FILES = {
    "headwater.yaml": f"""\
kind: workspace
id: town
lineage: [lineage/*.ndjson]
namespaces:
  - {{namespace: "postgres://tax-db:*", department: tax}}
  - {{namespace: "postgres://db:*", department: health}}
jobs: [{{namespace: etl, name: "*", purpose: marketing}}]
rules: {{off: [{", ".join(f"sharing/{name}" for name in OFF)}]}}
""",
    "lineage/events.ndjson": json.dumps(EVENT) + "\n",
    "departments.yaml": """\
kind: departments
departments:
  - {id: health, name: {en: Health, zh: 卫健委}, level: city, region: "330100", clearance: core}
  - {id: tax, name: {en: Tax, zh: 税务局}, level: city, region: "330100", clearance: general-3}
""",
    "purposes.yaml": """\
kind: purposes
purposes:
  - {id: marketing, name: {en: marketing, zh: 营销}}
  - {id: care, name: {en: care, zh: 照护}}
""",
    "policies/p.yaml": """\
kind: access-policy
id: p
title: {en: P, zh: 甲}
owner: health
basis: [PIPL-28]
effective: {from: 2026-01-01}
rules:
  - {id: sharing, allow: true, when: {action: {eq: share}}}
  - id: core
    deny: {en: core, zh: 核心}
    when: {resource.level: {present: true, eq: core}}
""",
    "tests/p.yaml": """\
kind: policy-test
id: p
policies: [p]
now: 2026-11-01
resources: {low: {level: general-1}, high: {level: core}}
contexts: {care: {purpose: care}, ads: {purpose: marketing}}
cases:
  - {resource: low, context: care, allow: true, rules: [p/sharing]}
  - {resource: high, context: care, allow: false, rules: [p/core]}
  - {resource: low, context: ads, allow: false, rules: [custom/ads/never]}
  - {action: read, resource: low, context: care, allow: false, rules: []}
""",
}
ADS = """\
package custom.headwater.ads

deny contains "custom/ads/never" if input.context.purpose[0] == "marketing"
"""


def write(root: Path, rego: str | None = None, **changed: str) -> Path:
    for name, text in {**FILES, **changed}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if rego is not None:
        (root / "policies" / "ads.rego").write_text(rego, encoding="utf-8")
    return root


def run(folder: Path, *words: str, opa: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "HEADWATER_OPA": opa}
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def answer(folder: Path, *words: str, opa: str) -> tuple[int, Any]:
    done = run(folder, *words, "--format", "json", opa=opa)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_verify_compares_the_joined_answers_and_says_what_it_cannot(
    tmp_path: Path, opa_executable: str
) -> None:
    root = write(tmp_path, ADS)
    words = ("verify", "--count", "200", *DAY)
    done = run(root, *words, opa=opa_executable)
    assert done.returncode == 0, done.stderr
    assert "Rego modules, which only OPA evaluates: 1, policies/ads.rego" in done.stdout
    assert done.stdout.splitlines()[-1] == "0 differences"
    code, found = answer(root, *words, opa=opa_executable)
    assert (code, found["equal"]) == (0, True)
    assert found["rego"]["not_compared"] == ["policies/ads.rego"]
    assert found["rego"]["refused"] > 10
    chinese = run(root, *words, "--lang", "zh", opa=opa_executable).stdout
    assert "只有 OPA 能求值的 Rego 模块：1 个，policies/ads.rego" in chinese


def test_verify_without_modules_has_none_to_speak_of(tmp_path: Path, opa_executable: str) -> None:
    root = write(tmp_path, **{"tests/p.yaml": ""})
    (root / "tests/p.yaml").unlink()
    code, found = answer(root, "verify", "--count", "10", *DAY, opa=opa_executable)
    assert (code, found["rego"]) == (0, {"not_compared": [], "refused": 0})


def test_mutate_says_that_rego_is_not_mutated_and_which_cases_it_alone_decides(
    tmp_path: Path, opa_executable: str
) -> None:
    root = write(tmp_path, ADS)
    assert run(root, "test", "--engine", "opa", opa=opa_executable).returncode == 0
    done = run(root, "mutate", opa=opa_executable)
    assert done.returncode == 0, done.stderr
    said = "Rego modules are not mutated: policies/ads.rego; cases left out as only they decide"
    assert f"{said} them: 1" in done.stdout
    _, found = answer(root, "mutate", opa=opa_executable)
    assert found["rego"] == {"not_mutated": ["policies/ads.rego"], "cases_left_out": 1}
    assert found["counts"]["killed"] > 0
    chinese = run(root, "mutate", "--lang", "zh", opa=opa_executable).stdout
    assert "Rego 模块不作变异：policies/ads.rego；只由它们判定而未计入的用例：1" in chinese


def test_diff_asks_opa_on_both_sides_and_names_the_rule_of_a_new_module(
    tmp_path: Path, opa_executable: str
) -> None:
    old, new = write(tmp_path / "old"), write(tmp_path / "new", ADS)
    code, found = answer(new, "diff", str(old), *DAY, opa=opa_executable)
    assert code == 0
    assert found["counts"]["recorded"]["newly-refused"] == 1
    (flow,) = found["flows"]
    assert (flow["turn"], flow["rules"], flow["columns"]) == (
        "newly-refused",
        ["custom/ads/never"],
        ["person"],
    )
    assert (flow["old"]["allow"], flow["new"]["allow"]) == (True, False)
    assert found["rego"] == {
        "modules": [{"file": "policies/ads.rego", "edit": "added"}],
        "elsewhere_unread": True,
    }
    assert found["complete"] is False
    text = run(new, "diff", str(old), *DAY, opa=opa_executable).stdout
    assert text.startswith("policies/ads.rego: added Rego module\n")
    assert "Rego modules decide: where nothing flows yet has not been looked into" in text


def test_diff_shows_what_a_changed_module_lets_through_and_a_limit_fails(
    tmp_path: Path, opa_executable: str
) -> None:
    old = write(tmp_path / "old", ADS)
    new = write(tmp_path / "new", ADS.replace('"marketing"', '"care"'))
    code, found = answer(
        new, "diff", str(old), *DAY, "--max-newly-allowed", "0", opa=opa_executable
    )
    assert code == 1
    (flow,) = found["flows"]
    assert (flow["turn"], flow["rules"]) == ("newly-allowed", ["custom/ads/never"])
    assert found["rego"]["modules"] == [{"file": "policies/ads.rego", "edit": "changed"}]
    words = ("diff", str(old), *DAY, "--max-openings", "1000")
    assert run(new, *words, opa=opa_executable).returncode == 1


def test_diff_without_opa_cannot_judge_modules(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old", ADS), write(tmp_path / "new", ADS)
    env = {"PATH": "/nowhere", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [*COMMAND, "diff", str(old), *DAY],
        cwd=new, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "OPA" in done.stderr


def test_conflicts_says_which_modules_it_does_not_look_at(
    tmp_path: Path, opa_executable: str
) -> None:
    root = write(tmp_path, ADS)
    _, found = answer(root, "conflicts", *DAY, opa=opa_executable)
    assert (found["complete"], found["unread"]) == (False, ["ads"])
    done = run(root, "conflicts", *DAY, opa=opa_executable)
    assert "Rego modules are not looked at: ads" in done.stdout
