"""`policy diff` and `policy conflicts`: what a reviewer reads, and how they end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "headwater.cli.main", "policy"]
DAY = ("--as-of", "2026-11-01")
GIT = shutil.which("git")
FIELD = {"namespace": "postgres://db:5432", "name": "d.s.visits", "field": "person"}
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
            "facets": {
                "columnLineage": {
                    "_producer": "https://example.org/etl",
                    "_schemaURL": "https://openlineage.io/spec/facets/1-2-0/"
                    "ColumnLineageDatasetFacet.json",
                    "fields": {"person": {"inputFields": [FIELD]}},
                }
            },
        }
    ],
}
OFF = [
    *("no-agreement", "agreement-not-in-force", "column-not-granted", "columns-unknown"),
    *("purpose-drift", "purpose-unknown", "onward-not-granted", "level-above-clearance"),
    *("level-above-agreement", "checks-failing", "checks-missing", "covered", "onward"),
    *("not-masked", "group-too-small", "outside-location", "rows-unjudged"),
]
FILES = {
    "headwater.yaml": f"""\
kind: workspace
id: town
engine: native
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
  - {id: public-health, name: {en: public health, zh: 公共卫生}}
  - {id: marketing, name: {en: marketing, zh: 营销}}
""",
    "policies/p.yaml": """\
kind: access-policy
id: p
title: {en: P, zh: 甲}
owner: health
basis: [PIPL-28]
effective: {from: 2026-01-01}
rules:
  - id: marketing
    deny: {en: "not for {context.purpose}", zh: "不得用于{context.purpose}"}
    when: {context.purpose: {under: marketing}}
  - id: sharing
    allow: true
    when: {action: {eq: share}}
""",
}


def write(root: Path, **policies: str) -> Path:
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name, text in policies.items():
        (root / "policies" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return root


def run(folder: Path, *words: str, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    env = {"PATH": path, "PYTHONUTF8": "1", "LANG": "C.UTF-8", "HOME": str(folder)}
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def answer(folder: Path, *words: str) -> tuple[int, Any]:
    done = run(folder, *words, *DAY, "--format", "json")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


OPENED = FILES["policies/p.yaml"].replace("under: marketing", "under: public-health")


def test_a_flow_that_is_newly_allowed_is_told_with_the_rule_that_let_it(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old"), write(tmp_path / "new", p=OPENED)
    code, found = answer(new, "diff", str(old))
    assert (code, found["schema"], found["complete"]) == (0, "headwater/policy-diff/1", True)
    assert found["counts"]["recorded"] == {
        "newly-allowed": 1,
        "newly-refused": 0,
        "changed-obligations": 0,
        "changed-warnings": 0,
    }
    (flow,) = found["flows"]
    assert (flow["turn"], flow["rules"], flow["columns"], flow["purposes"]) == (
        "newly-allowed",
        ["p/marketing"],
        ["person"],
        ["marketing"],
    )
    assert (flow["provider"], flow["consumer"]) == ("health", "tax")
    assert (flow["old"]["allow"], flow["new"]["allow"]) == (False, True)
    (rule,) = found["rules"]
    assert (rule["rule"], rule["edit"], [each["name"] for each in rule["aspects"]]) == (
        "p/marketing",
        "changed",
        ["when"],
    )
    (elsewhere,) = found["elsewhere"]
    assert (elsewhere["turn"], elsewhere["rules"]) == ("newly-refused", ["p/marketing"])
    assert elsewhere["witness"]["facts"] == {
        "action": "share",
        "context": {"purpose": "public-health"},
    }


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 0),
        (("--max-newly-allowed", "0"), 1),
        (("--max-newly-allowed", "1"), 0),
        (("--max-openings", "0"), 0),
        (("--max-openings", "0", "--most", "0"), 1),
    ],
)
def test_limits_decide_how_it_ends(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    old, new = write(tmp_path / "old"), write(tmp_path / "new", p=OPENED)
    assert run(new, "diff", str(old), *DAY, *words).returncode == code


def test_a_limit_on_openings_counts_what_nothing_flows_through_yet(tmp_path: Path) -> None:
    reading = FILES["policies/p.yaml"] + "  - {id: read, allow: true, when: {action: {eq: read}}}\n"
    old, new = write(tmp_path / "old"), write(tmp_path / "new", p=reading)
    done = run(new, "diff", str(old), *DAY, "--max-newly-allowed", "0")
    assert done.returncode == 0
    assert "newly allowed, where nothing flows yet" in done.stdout
    assert run(new, "diff", str(old), *DAY, "--max-openings", "0").returncode == 1
    assert run(new, "diff", str(old), *DAY, "--max-openings", "1").returncode == 0


def test_both_languages_say_the_same(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old"), write(tmp_path / "new", p=OPENED)
    english = run(new, "diff", str(old), *DAY, "--lang", "en").stdout
    chinese = run(new, "diff", str(old), *DAY, "--lang", "zh").stdout
    assert len(english.splitlines()) == len(chinese.splitlines())
    assert "newly allowed: health: d.s.visits -> tax: t.s.people" in english
    assert "新增允许：health：d.s.visits -> tax：t.s.people" in chinese
    for word in ("p/marketing", "person", '"public-health"'):
        assert english.count(word) == chinese.count(word) > 0


def test_nothing_differs_between_equals(tmp_path: Path) -> None:
    old, new = write(tmp_path / "old"), write(tmp_path / "new")
    done = run(new, "diff", str(old), *DAY, "--max-newly-allowed", "0", "--max-openings", "0")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "no rule differs")


@pytest.mark.skipif(GIT is None, reason="no git")
def test_the_old_policies_may_be_a_git_revision(tmp_path: Path) -> None:
    root = write(tmp_path / "repository" / "town")
    git = [str(GIT), "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(root.parent)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"], ["tag", "v1"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    write(root, p=OPENED)
    assert answer(root, "diff", "HEAD")[1]["counts"]["recorded"]["newly-allowed"] == 1
    assert answer(root, "diff", "v1")[1]["counts"]["recorded"]["newly-allowed"] == 1
    for name in ("v2", "--output=x", "HEAD:town", "\x1b[31m"):
        done = run(root, "diff", *DAY, "--", name)
        assert (done.returncode, done.stdout) == (2, "")
        assert "is neither a folder nor a revision" in done.stderr
        assert "\x1b" not in done.stderr
    assert not (root / "x").exists()
    write(root, p="kind: access-policy\nid: p\n")
    subprocess.run([*git, "commit", "-qam", "broken"], check=True, capture_output=True)
    write(root)
    broken = run(root, "diff", "HEAD", *DAY)
    assert broken.returncode == 2
    assert broken.stderr.startswith("HEAD:policies/p.yaml:1:1: ")
    lonely = run(root, "diff", "v1", *DAY, path="/nowhere")
    assert lonely.returncode == 2
    assert "there is no git" in lonely.stderr


@pytest.mark.skipif(GIT is None, reason="no git")
def test_a_revision_before_the_workspace_was_there_is_said(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "readme").write_text("empty\n", encoding="utf-8")
    git = [str(GIT), "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(root)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    done = run(write(root / "town"), "diff", "HEAD", *DAY)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there was no workspace" in done.stderr


CLASHING = """\
kind: access-policy
id: q
title: {en: Q, zh: 乙}
owner: tax
basis: [PIPL-28]
effective: {from: 2026-01-01}
rules:
  - {id: never, allow: true, when: {resource.level: {at_least: core, below: core}}}
  - id: core
    deny: {en: core, zh: 核心}
    when: {resource.level: {eq: core}}
  - id: high
    deny: {en: high, zh: 高}
    when: {resource.level: {at_least: important}}
  - {id: hidden, allow: true, when: {resource.level: {eq: core}, action: {eq: read}}}
"""


def test_rules_that_clash_are_told_with_facts_that_show_it(tmp_path: Path) -> None:
    root = write(tmp_path, q=CLASHING)
    code, found = answer(root, "conflicts")
    assert (code, found["schema"], found["complete"]) == (1, "headwater/conflicts/1", True)
    assert found["counts"] == {
        "rules": 6,
        "never": 1,
        "redundant": 1,
        "shadowed": 1,
        "overlaps": 3,
        "shown": 3,
    }
    faults = [each for each in found["conflicts"] if each["severity"] == "warning"]
    assert [(each["kind"], each["rule"], each["location"]["line"]) for each in faults] == [
        ("never-true", "q/never", 8),
        ("redundant", "q/core", 9),
        ("shadowed", "q/hidden", 15),
    ]
    never, redundant, shadowed = faults
    assert never["attributes"] == ["resource.level"]
    assert [each["rule"] for each in redundant["others"]] == ["q/high"]
    assert shadowed["witness"]["truths"] == {"q/hidden": True, "q/core": True}
    facts = json.dumps(shadowed["witness"]["facts"])
    decided = subprocess.run(
        [*COMMAND, "decide", *DAY, "--format", "json"],
        cwd=root, input=facts, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(decided.stdout)["decisions"][0]["allow"] is False


def test_overlaps_are_in_order_and_are_shown_as_far_as_asked(tmp_path: Path) -> None:
    root = write(tmp_path)
    done = run(root, "conflicts", *DAY)
    assert done.returncode == 0
    assert "`p/sharing` and `p/marketing` can be true at once; the denial wins" in done.stdout
    few = run(root, "conflicts", *DAY, "--overlaps", "0")
    assert few.stdout == ("rules 2: never true 0, redundant 0, shadowed 0, overlaps 1 (shown 0)\n")
    chinese = run(root, "conflicts", *DAY, "--lang", "zh").stdout
    assert "`p/sharing` 与 `p/marketing` 可同时成立；以拒绝为准" in chinese
    assert len(chinese.splitlines()) == len(done.stdout.splitlines())


def test_wrong_usage_is_exit_2(tmp_path: Path) -> None:
    root = write(tmp_path)
    for words in (("diff",), ("diff", ".", ".", "."), ("conflicts", "--overlaps", "-1")):
        done = run(root, *words)
        assert (done.returncode, done.stdout) == (2, "")


WARNING = """\
  - id: look
    warn: {en: look at it, zh: 请看一下}
    when: {context.purpose: {eq: marketing}}
"""


def test_changed_warnings_and_changed_messages_are_kinds_of_their_own(tmp_path: Path) -> None:
    before = FILES["policies/p.yaml"]
    old = write(tmp_path / "old")
    new = write(tmp_path / "new", p=before.replace("not for {", "never for {") + WARNING)
    code, found = answer(new, "diff", str(old), "--max-newly-allowed", "0")
    assert code == 0
    assert found["counts"]["rules"] == {"added": 1, "removed": 0, "changed": 0, "reworded": 1}
    added, reworded = found["rules"]
    assert (added["rule"], added["edit"]) == ("p/look", "added")
    assert (reworded["rule"], reworded["edit"]) == ("p/marketing", "reworded")
    (message,) = reworded["aspects"]
    assert message == {
        "name": "message",
        "old": {"en": "not for {context.purpose}", "zh": "不得用于{context.purpose}"},
        "new": {"en": "never for {context.purpose}", "zh": "不得用于{context.purpose}"},
    }
    assert found["counts"]["recorded"] == {
        "newly-allowed": 0,
        "newly-refused": 0,
        "changed-obligations": 0,
        "changed-warnings": 1,
    }
    (flow,) = found["flows"]
    assert (flow["turn"], flow["rules"]) == ("changed-warnings", ["p/look"])
    assert (flow["old"]["warnings"], flow["new"]["warnings"]) == ([], ["p/look"])
    english = run(new, "diff", str(old), *DAY).stdout
    chinese = run(new, "diff", str(old), *DAY, "--lang", "zh").stdout
    assert "reworded `p/marketing`\n  message: not for {context.purpose} -> never for" in english
    assert "warnings changed: health: d.s.visits -> tax: t.s.people" in english
    assert "; warned of by `p/look`" in english
    assert "警告有变：health" in chinese
    assert len(english.splitlines()) == len(chinese.splitlines())


def test_a_warning_that_changes_where_nothing_flows_is_shown_by_facts(tmp_path: Path) -> None:
    other = WARNING.replace("marketing", "public-health")
    before = FILES["policies/p.yaml"]
    old, new = write(tmp_path / "old", p=before + other), write(tmp_path / "new")
    _, found = answer(new, "diff", str(old))
    assert found["flows"] == []
    assert found["counts"]["elsewhere"]["changed-warnings"] == len(found["elsewhere"]) == 1
    (elsewhere,) = found["elsewhere"]
    assert (elsewhere["turn"], elsewhere["rules"]) == ("changed-warnings", ["p/look"])
    assert elsewhere["old"]["warnings"] == ["p/look"]
    assert elsewhere["new"]["warnings"] == []


def test_a_changed_row_filter_is_a_changed_obligation(tmp_path: Path) -> None:
    owed = (
        "    obligations: [{filter_rows: {resource.region: {eq: {attribute: subject.region}}}}]\n"
    )
    before = FILES["policies/p.yaml"].replace("under: marketing", "under: public-health") + owed
    old = write(tmp_path / "old", p=before)
    new = write(tmp_path / "new", p=before.replace("{eq: {attr", "{not: {attr"))
    code, found = answer(new, "diff", str(old))
    assert code == 0
    assert found["counts"]["recorded"]["changed-obligations"] == 1
    (flow,) = found["flows"]
    assert flow["rules"] == ["p/sharing"]
    row = {"attribute": "subject.region"}
    assert flow["old"]["obligations"] == [{"filter_rows": {"resource.region": {"eq": row}}}]
    assert flow["new"]["obligations"] == [{"filter_rows": {"resource.region": {"not": row}}}]
    (edit,) = found["rules"]
    assert edit["aspects"][0]["old"] == flow["old"]["obligations"]
