"""`policy explain`, `list`, `lint` and `filter`: what a steward reads, and how they end."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "headwater.cli.main", "policy"]
DAY = ("--as-of", "2026-11-01")
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
                    "fields": {
                        "person": {
                            "inputFields": [
                                {
                                    "namespace": "postgres://db:5432",
                                    "name": "d.s.visits",
                                    "field": "person",
                                    "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}],
                                }
                            ]
                        }
                    },
                }
            },
        }
    ],
}
FILES = {
    "headwater.yaml": """\
kind: workspace
id: town
engine: native
lineage: [lineage/*.ndjson]
namespaces: [{namespace: "postgres://tax-db:*", department: tax}]
jobs: [{namespace: etl, name: "*", purpose: marketing}]
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
    "contracts/visits.odcs.yaml": """\
kind: DataContract
apiVersion: v3.0.2
id: visits
version: 1.0.0
status: active
tenant: health
servers: [{server: db, type: postgres, host: db, port: 5432, database: d, schema: s}]
schema:
  - name: visits
    physicalName: visits
    logicalType: object
    properties:
      - {name: person, logicalType: string, classification: general-3, tags: [personal]}
      - {name: diagnosis, logicalType: string, classification: core, tags: [health]}
      - {name: region_code, logicalType: string, classification: general-1}
""",
    "policies/health.yaml": """\
kind: access-policy
id: health-data
title: {en: Health data serves public health, zh: 健康数据只用于公共卫生}
owner: health
basis: [PIPL-28]
effective: {from: 2026-01-01}
rules:
  - id: purpose
    deny: {en: "not for {context.purpose}", zh: "不得用于{context.purpose}"}
    when: {not: {context.purpose: {under: public-health}}}
    remedy: {en: choose another purpose, zh: 请改变用途}
  - id: own-region
    allow: true
    when:
      all:
        - action: {eq: read}
        - resource.region: {eq: {attribute: subject.region}}
        - context.purpose: {under: public-health}
    obligations: [{mask: {category: personal, with: generalise}}]
  - id: level
    deny: {en: "above the clearance", zh: "高于可见级别"}
    when: {resource.level: {above: {attribute: subject.clearance}}}
    remedy: {en: leave it out, zh: 请去掉}
""",
}
QUESTION = {
    "action": "read",
    "subject": {"department": "tax", "clearance": "general-3", "region": "330100"},
    "resource": {"department": "health", "level": "general-2", "region": "330100"},
    "context": {"purpose": "marketing"},
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root: Path = tmp_path_factory.mktemp("town")
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def run(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", "LANG": "C.UTF-8"}
    return subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def answer(folder: Path, *words: str, stdin: str = "") -> dict[str, Any]:
    done = run(folder, *words, "--format", "json", stdin=stdin)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_refusal_is_explained_by_its_true_conditions_and_the_nearest_allow(town: Path) -> None:
    done = run(town, "explain", *DAY, stdin=json.dumps(QUESTION))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "question 1: refused by `health-data/purpose`\n"
        "  `health-data/purpose` denies: not for marketing\n"
        "    because the purpose (marketing) does not lie under public health\n"
        "    what to do: choose another purpose\n"
        "    basis: PIPL-28\n"
        "    owner: Health; policies/health.yaml:8:9\n"
        "  it would be allowed, by `health-data/own-region`, if\n"
        "    the purpose were public health (now: marketing)\n"
        "    proved: decided again with these changes, it is allowed\n"
    )


def test_the_same_explanation_reads_in_chinese(town: Path) -> None:
    done = run(town, "explain", *DAY, "--lang", "zh", stdin=json.dumps(QUESTION))
    assert done.stdout == (
        "问题 1：拒绝，依据 `health-data/purpose`\n"
        "  `health-data/purpose` 拒绝：不得用于营销\n"
        "    因为用途（营销）不属于“公共卫生”\n"
        "    处理办法：请改变用途\n"
        "    依据：PIPL-28\n"
        "    负责部门：卫健委；policies/health.yaml:8:9\n"
        "  若作以下改变，即可依据 `health-data/own-region` 得到允许：\n"
        "    用途改为“公共卫生”（现为“营销”）\n"
        "    已证实：按这些更改重新判定，结果为允许\n"
    )


def test_the_json_carries_both_languages_with_the_same_facts(town: Path) -> None:
    question = json.loads(json.dumps(QUESTION))
    question["resource"]["level"] = "core"
    (told,) = answer(town, "explain", *DAY, stdin=json.dumps(question))["explanations"]
    assert told["rules"] == ["health-data/level", "health-data/purpose"]
    level = told["causes"][0]
    assert (level["owner"], level["basis"], level["policy"]) == (
        "health",
        ["PIPL-28"],
        "health-data",
    )
    (said,) = level["true"]
    assert (said["attribute"], said["op"], said["operand"]) == (
        "resource.level",
        "above",
        {"attribute": "subject.clearance"},
    )
    assert (said["value"], said["other_value"]) == ("core", "general-3")
    for language in ("en", "zh"):
        assert {"core", "general-3"} <= set(re.findall(r"[\w-]+", said["text"][language], re.ASCII))
    nearest = told["nearest"]
    assert nearest["proof"]["allow"] is True
    assert {change["attribute"]: change["to"] for change in nearest["changes"]} == {
        "context.purpose": "public-health",
        "subject.clearance": "core",
    }
    again = answer(town, "explain", *DAY, stdin=json.dumps(nearest["facts"]))
    assert again["explanations"][0]["allow"] is True


def test_what_is_not_known_is_said_to_be_so(town: Path) -> None:
    question = {**QUESTION, "context": {}}
    (told,) = answer(town, "explain", *DAY, stdin=json.dumps(question))["explanations"]
    (cause,) = told["causes"]
    assert (told["unknown"], cause["true"]) == (["context.purpose"], [])
    (said,) = cause["open"]
    assert (said["holds"], said["value"]) == (None, None)
    done = run(town, "explain", *DAY, stdin=json.dumps(question))
    assert "it is not known whether the purpose (not known) lies under public health" in done.stdout


def test_a_refusal_that_nothing_allows_says_what_is_lacking(town: Path) -> None:
    question = {**QUESTION, "action": "export", "context": {"purpose": "public-health"}}
    done = run(town, "explain", *DAY, stdin=json.dumps(question))
    assert done.stdout.startswith("question 1: refused, nothing allows it\n")
    assert (
        "`health-data/own-region` would allow it, but the action (export) is not read"
        in done.stdout
    )
    assert "the action were read (now: export)" in done.stdout


def test_an_allow_is_explained_by_what_holds(town: Path) -> None:
    question = {**QUESTION, "context": {"purpose": "public-health"}}
    (told,) = answer(town, "explain", *DAY, stdin=json.dumps(question))["explanations"]
    assert (told["allow"], told["nearest"], told["unmet"]) == (True, None, [])
    assert [said["attribute"] for said in told["causes"][0]["true"]] == [
        "action",
        "resource.region",
        "context.purpose",
    ]


def test_a_flow_is_explained_as_the_gate_asks_about_it(town: Path) -> None:
    words = ("explain", *DAY, "--flow", "visits", "people")
    (told,) = answer(town, *words)["explanations"]
    flow = told["flow"]
    assert (flow["provider"], flow["consumer"], flow["column"], flow["purpose"]) == (
        "health",
        "tax",
        "person",
        "marketing",
    )
    assert told["rules"] == [
        "health-data/purpose",
        "sharing/checks-missing",
        "sharing/no-agreement",
    ]
    assert {change["attribute"]: change["to"] for change in told["nearest"]["changes"]} == {
        "context.agreement": "active",
        "context.checks": "passing",
        "context.granted": True,
        "context.purpose": "public-health",
        "context.purpose_agreed": True,
    }
    assert told["nearest"]["assumed"] == ["context.max_level"]
    done = run(town, *words, "--column", "person", "--lang", "zh")
    assert done.stdout.startswith(
        "卫健委：d.s.visits -> 税务局：t.s.people；字段 `person`；用于营销：拒绝，依据 "
    )
    assert "有效协议授权了该字段" in done.stdout


@pytest.mark.parametrize(
    ("words", "stdin", "code"),
    [
        (("explain", "--column", "x"), "{}", "explain-input"),
        (("explain", "--flow", "visits", "nowhere"), "", "unknown-dataset"),
        (("explain", "--flow", "people", "visits"), "", "no-such-flow"),
        (("explain", "--flow", "visits", "people", "--column", "diagnosis"), "", "no-such-flow"),
        (("explain",), "[", "bad-json"),
        (("explain",), '{"subjet": {}}', "unknown-attribute"),
        (("filter", "--dialect", "sqlite", "--subject", "[]", "--dataset", "visits"), "", "file-unreadable"),
        (("filter", "--dialect", "sqlite", "--subject", "{}", "--dataset", "visits"), "", "filter-subject"),
        (("filter", "--dialect", "sqlite", "--subject", '{"department": "tax"}', "--dataset", "visit"), "", "unknown-dataset"),
        (("filter", "--dialect", "sqlite", "--subject", '{"department": "tux"}', "--dataset", "visits"), "", "bad-fact"),
        (("filter", "--dialect", "sqlite", "--subject", '{"department": "tax"}', "--dataset", "visits", "--columns-map", "resource.region=x"), "", "unknown-column"),
        (("filter", "--dialect", "sqlite", "--subject", '{"department": "tax"}', "--dataset", "visits", "--columns-map", "resource.categories=person"), "", "filter-map"),
        (("filter", "--dialect", "sqlite", "--subject", '{"department": "tax"}', "--dataset", "visits", "--columns-map", "subject.region=person"), "", "filter-map"),
        (("filter", "--dialect", "mysql", "--subject", '{"department": "tax"}', "--dataset", "visits", "--table", "a%b"), "", "filter-name"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_exit_2_with_a_code(
    town: Path, words: tuple[str, ...], stdin: str, code: str
) -> None:
    done = run(town, *words, *DAY, "--format", "json", stdin=stdin)
    assert done.returncode == 2
    assert json.loads(done.stdout)["errors"][0]["code"] == code
    assert "Traceback" not in done.stderr


def test_the_list_says_what_is_in_force(town: Path) -> None:
    found = answer(town, "list", *DAY)
    assert found["schema"] == "headwater/policies/1"
    health = next(policy for policy in found["policies"] if policy["id"] == "health-data")
    assert (health["in_force"], health["owner"], health["mode"]) == (True, "health", "enforce")
    assert [(rule["id"], rule["effect"]) for rule in health["rules"]] == [
        ("health-data/purpose", "deny"),
        ("health-data/own-region", "allow"),
        ("health-data/level", "deny"),
    ]
    assert health["rules"][0]["when"] == {
        "en": "the purpose does not lie under public health",
        "zh": "用途不属于“公共卫生”",
    }
    before = answer(town, "list", "--as-of", "2025-12-31")
    assert [policy["in_force"] for policy in before["policies"]] == [False, True]


def test_the_table_lines_up_in_chinese_too(town: Path) -> None:
    from headwater.cli.render.table import cells

    done = run(town, "list", *DAY, "--lang", "zh")
    rows = [line for line in done.stdout.splitlines() if line.startswith("    health-data/")]
    assert len(rows) == 3
    starts = {cells(line[: line.index("PIPL")]) for line in rows}
    assert len(starts) == 1
    assert "允许" in rows[1]


def test_lint_warns_and_fails_only_where_asked(town: Path) -> None:
    found = answer(town, "lint", *DAY)
    assert found["counts"]["findings"] == {"error": 0, "warning": 0, "note": 2}
    assert {each["rule"] for each in found["findings"]} == {"lint/unknown-prone"}
    assert run(town, "lint", *DAY, "--fail-on", "warning").returncode == 0
    assert run(town, "lint", *DAY, "--fail-on", "note").returncode == 1


def test_lint_lists_every_problem_with_its_position(town: Path, tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            text.replace("under: public-health}", "undr: public-health}").replace(
                "owner: health", "owner: helth"
            ),
            encoding="utf-8",
        )
    done = run(tmp_path, "lint", *DAY)
    assert (done.returncode, done.stdout) == (2, "")
    places = re.findall(r"^(policies/health\.yaml:\d+:\d+): ", done.stderr, re.MULTILINE)
    assert places == [
        "policies/health.yaml:4:8",
        "policies/health.yaml:10:36",
        "policies/health.yaml:18:29",
    ]


def test_a_filter_masks_columns_and_binds_values(town: Path) -> None:
    subject = json.dumps({"department": "tax"})
    found = answer(
        town, "filter", *DAY, "--dialect", "sqlite", "--subject", subject, "--dataset", "visits",
        "--purpose", "public-health", "--columns-map", "resource.region=region_code",
        "--table", "visits",
    )  # fmt: skip
    assert [(c["name"], c["shown"], c["mask"]) for c in found["columns"]] == [
        ("person", "rows", "generalise"),
        ("diagnosis", "never", None),
        ("region_code", "rows", None),
    ]
    assert found["columns"][1]["refused_by"] == ["health-data/level"]
    assert found["where"]["parameters"] == ["330100"]
    own = sqlite3.connect(":memory:")
    own.execute("CREATE TABLE visits (person TEXT, diagnosis TEXT, region_code TEXT)")
    rows = [("张三", "flu", "330100"), ("李四", "flu", "110000"), ("王五", "flu", None)]
    own.executemany("INSERT INTO visits VALUES (?, ?, ?)", rows)
    query = found["query"]
    seen = own.execute(query["sql"], query["parameters"]).fetchall()
    assert seen == [("张**", None, "330100")]
    for statement in found["view"]:
        own.execute(statement["sql"], statement["parameters"])
    assert own.execute("SELECT * FROM visits_filtered").fetchall() == seen
    own.close()


def test_a_filter_that_allows_nothing_says_where_false(town: Path) -> None:
    subject = json.dumps({"department": "tax"})
    words = ("filter", *DAY, "--dialect", "postgresql", "--subject", subject, "--dataset", "visits")
    found = answer(town, *words, "--purpose", "marketing")
    assert found["where"] == {"sql": "FALSE", "parameters": []}
    assert {column["shown"] for column in found["columns"]} == {"never"}


def test_a_subject_may_stand_in_a_file(town: Path, tmp_path: Path) -> None:
    path = tmp_path / "subject.json"
    path.write_text(json.dumps({"department": "tax", "region": "110000"}), encoding="utf-8")
    words = ("filter", *DAY, "--dialect", "duckdb", "--dataset", "visits", "--purpose")
    found = answer(town, *words, "public-health", "--subject", str(path))
    assert found["facts"]["subject"] == {
        "level": "city",
        "region": "110000",
        "clearance": "general-3",
        "department": "tax",
    }
