"""`headwater agreement`: what it prints, how it ends, and that hostile names stay harmless."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from headwater.catalog.problem_texts import CATALOGUE

COMMAND = [sys.executable, "-m", "headwater.cli.main", "agreement"]
DAY = ("--as-of", "2026-11-01")
HOSTILE = "=a|b`<x>@you\u202e"

FILES = {
    "headwater.yaml": """\
kind: workspace
id: town
namespaces:
  - {namespace: "postgres://police:*", department: police}
  - {namespace: "postgres://tax:*", department: tax}
lineage: ["lineage/*.ndjson"]
""",
    "purposes.yaml": """\
kind: purposes
purposes:
  - {id: taxation, name: {en: taxation, zh: 税收}}
  - {id: income-tax, under: taxation, name: {en: income tax, zh: 所得税}}
""",
    "contracts/resident.odcs.yaml": """\
apiVersion: v3.0.2
kind: DataContract
id: resident
version: 1.0.0
status: active
tenant: police
schema:
  - name: resident
    customProperties:
      - {property: dataset, value: {namespace: "postgres://police:5432", name: resident}}
    properties:
      - {name: name, logicalType: string}
      - {name: address, logicalType: string}
""",
    "agreements/police-tax.yaml": """\
kind: agreement
id: police-tax
title: {en: Residents for taxes, zh: 人口信息用于税收}
provider: police
consumer: tax
grants:
  - {contract: resident, columns: [name]}
purposes: [taxation]
legal_basis: {ground: statutory-duty, mandate: DSL-38}
valid: {from: 2026-01-01, until: 2026-11-20}
conditions: {masked: [name], min_k: 10, location: "330100", rows: {address: {not: secret}}}
retention: {at_most: P1Y, then: delete}
impact_assessment: PIA-7
""",
}


def event(*columns: str, target: str = "payer") -> str:
    origin = {"namespace": "postgres://police:5432", "name": "resident"}
    how = [{"type": "DIRECT", "subtype": "IDENTITY"}]
    fields = {
        name: {"inputFields": [{**origin, "field": name, "transformations": how}]}
        for name in columns
    }
    found = {
        "eventTime": "2026-10-05T01:00:00Z",
        "eventType": "COMPLETE",
        "producer": "https://example.org/etl",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "01980000-0000-7000-8000-000000000001"},
        "job": {
            "namespace": "etl",
            "name": target,
            "facets": {"tags": {"tags": [{"key": "purpose", "value": "income-tax"}]}},
        },
        "inputs": [origin],
        "outputs": [
            {
                "namespace": "postgres://tax:5432",
                "name": target,
                "facets": {"columnLineage": {"fields": fields}},
            }
        ],
    }
    return json.dumps(found) + "\n"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A workspace of two departments with keys, an agreement, and a flow that keeps to it."""
    lines = ["kind: departments", "departments:"]
    for name in ("police", "tax"):
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (tmp_path / f"{name}.pem").write_bytes(pem)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        body = public.decode().splitlines()[1]
        lines.append(
            f'  - {{id: {name}, name: {name}, level: city, region: "330100", '
            f'clearance: general-4, keys: [{{id: {name}-1, public_key: "{body}"}}]}}'
        )
    root = tmp_path / "town"
    departments = {"departments.yaml": "\n".join(lines) + "\n"}
    for file, text in (FILES | departments | {"lineage/events.ndjson": event("name")}).items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")
    return root


def run(town: Path, *words: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *map(str, words)], cwd=town, capture_output=True, text=True, timeout=120
    )
    assert "Traceback" not in done.stderr
    return done


def document(town: Path, *words: object) -> dict[str, Any]:
    done = run(town, *words, "--format", "json")
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_list_says_what_is_in_force_and_what_ends_soon(town: Path) -> None:
    done = run(town, "list", *DAY, "--lang", "en")
    assert done.returncode == 0
    assert (
        "police-tax  police    tax       active, expiring  2026-01-01  2026-11-20  20"
        in done.stdout
    )
    assert done.stdout.endswith(
        "agreements on 2026-11-01: 1 (active 1)\nending within 30 days: police-tax\n"
    )
    found = document(town, "list", *DAY)
    assert found["schema"] == "headwater/agreements/1"
    (row,) = found["agreements"]
    assert (row["state"], row["expiring"], row["days_left"]) == ("active", True, 20)
    assert row["signatures"]["missing"] == ["police", "tax"]
    assert not document(town, "list", *DAY, "--expiring-within", 19)["agreements"][0]["expiring"]


def test_show_says_everything_in_both_languages(town: Path) -> None:
    en, zh = (run(town, "show", "police-tax", *DAY, "--lang", each).stdout for each in ("en", "zh"))
    assert len(en.splitlines()) == len(zh.splitlines())
    for fact in (
        "330100",
        "PIA-7",
        "P1Y",
        "DSL-38",
        "10",
        "address ≠ secret",
        "2026-11-20",
        "payer",
    ):
        assert fact in en
        assert fact in zh
    found = document(town, "show", "police-tax", *DAY)
    assert found["schema"] == "headwater/agreement/1"
    assert found["used_by"][0]["columns"] == ["name"]
    assert found["conditions"]["rows"] == [
        {"column": "address", "operator": "not", "values": ["secret"]}
    ]


def test_an_unknown_agreement_is_exit_2_with_a_suggestion(town: Path) -> None:
    for words in (
        ("show", "police-tex"),
        ("verify", "police-tex"),
        ("diff", "police-tex", "police-tax"),
    ):
        done = run(town, *words, "--lang", "en")
        assert done.returncode == 2
        assert "did you mean `police-tax`?" in done.stderr


def test_sign_and_verify(town: Path) -> None:
    assert run(town, "verify", "police-tax", *DAY).returncode == 1
    for name in ("police", "tax"):
        done = run(
            town,
            "sign",
            "agreements/police-tax.yaml",
            "--key",
            f"../{name}.pem",
            "--department",
            name,
        )
        assert done.returncode == 0, done.stderr
    done = run(town, "verify", "police-tax", *DAY, "--lang", "en")
    assert (done.returncode, done.stdout) == (
        0,
        "`police-tax`: the text as it is now is signed (agreements/police-tax.dsse.json)\n"
        "  police-1 of police: valid\n  tax-1 of tax: valid\n  signed by both sides\n",
    )
    file = town / "agreements/police-tax.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("P1Y", "P2Y"), encoding="utf-8")
    done = run(town, "verify", "police-tax", *DAY, "--lang", "zh")
    assert done.returncode == 1
    assert "协议在签名后被更改" in done.stdout
    assert "尚未签名：police、tax" in done.stdout
    found = document(town, "verify", "police-tax", *DAY)
    assert (found["schema"], found["envelope"]) == (
        "headwater/agreement-signatures/1",
        "other-text",
    )


def test_signing_with_a_key_that_is_not_the_departments_writes_nothing(town: Path) -> None:
    done = run(town, "sign", "police-tax", "--key", "../police.pem", "--department", "tax")
    assert done.returncode == 2
    assert not (town / "agreements/police-tax.dsse.json").exists()


def test_check_refuses_what_a_changed_text_no_longer_covers(town: Path) -> None:
    with (town / "headwater.yaml").open("a", encoding="utf-8") as file:
        file.write("agreements: {require_signatures: true}\n")
    check: list[str] = [
        sys.executable,
        "-m",
        "headwater.cli.main",
        "check",
        str(town),
        *DAY,
        "--engine",
        "native",
        "--format",
        "json",
    ]

    def rules() -> list[str]:
        done = subprocess.run(check, capture_output=True, text=True, timeout=120)
        return [found["rule"] for found in json.loads(done.stdout)["findings"]]

    assert "sharing/agreement-not-in-force" in rules()
    for name in ("police", "tax"):
        run(town, "sign", "police-tax", "--key", f"../{name}.pem", "--department", name)
    assert "sharing/agreement-not-in-force" not in rules()
    assert {"sharing/not-masked", "sharing/group-too-small", "sharing/rows-unjudged"} <= set(
        rules()
    )


def test_reconcile_ends_as_it_says(town: Path) -> None:
    assert run(town, "reconcile", *DAY).returncode == 0
    (town / "lineage/events.ndjson").write_text(event("name", "address"), encoding="utf-8")
    done = run(town, "reconcile", *DAY)
    assert done.returncode == 1
    found = document(town, "reconcile", *DAY)
    assert (found["schema"], found["outcome"]) == ("headwater/reconciliation/1", "differs")
    assert [each["kind"] for each in found["differences"]] == ["column-not-granted"]
    (town / "lineage/events.ndjson").write_text(event(), encoding="utf-8")
    assert run(town, "reconcile", *DAY).returncode == 2
    assert document(town, "reconcile", *DAY)["complete"] is False
    (town / "lineage/events.ndjson").write_text("", encoding="utf-8")
    assert run(town, "reconcile", *DAY).returncode == 2


def test_reconcile_writes_hostile_names_harmlessly(town: Path) -> None:
    (town / "lineage/events.ndjson").write_text(event("address", target=HOSTILE), encoding="utf-8")
    text = run(town, "reconcile", *DAY, "--lang", "en").stdout
    assert "\u202e" not in text
    assert "\\u202e" in text
    (row, *_) = csv.DictReader(io.StringIO(run(town, "reconcile", *DAY, "--format", "csv").stdout))
    assert row["to_name"].startswith("'=a|b")
    lines = run(town, "reconcile", *DAY, "--format", "markdown", "--lang", "en").stdout.splitlines()
    assert "\\|b\\`\\<x\\>&#64;you" in lines[2]
    assert len({line.replace("\\|", "").count("|") for line in lines[:3]}) == 1


def test_the_same_question_gives_the_same_bytes(town: Path) -> None:
    for format_ in ("text", "json", "csv", "markdown"):
        words = ("reconcile", *DAY, "--format", format_)
        assert run(town, *words).stdout == run(town, *words).stdout


def test_new_writes_what_check_can_read_and_overwrites_nothing(town: Path) -> None:
    words = (
        *("new", "police-tax-2", "--provider", "police", "--consumer", "tax"),
        *("--contract", "resident", "--column", "name", "--column", "addr*"),
        *("--purpose", "income-tax", "--from", "2026-12-01", "--until", "2027-11-30"),
        *("--title", 'yes: "{x}" # 税', "--mandate", "no", "--mode", "entrust", "--min-k", 5),
        *("--max-level", "general-2", "--masked", "name", "--location", "330100"),
        *("--at-most", "P1Y", "--then", "return", "--assessment", "PIA-8"),
        *("--supersedes", "police-tax"),
    )
    done = run(town, *words)
    assert (done.returncode, done.stdout) == (0, "")
    file = town / "agreements/police-tax-2.yaml"
    before = file.read_bytes()
    found = document(town, "show", "police-tax-2", "--as-of", "2026-12-01")
    assert found["title"]["zh"] == 'yes: "{x}" # 税'
    assert found["legal_basis"] == {"ground": "statutory-duty", "mandate": "no"}
    assert (found["mode"], found["state"], found["supersedes"]) == (
        "entrust",
        "active",
        "police-tax",
    )
    assert run(town, *words).returncode == 2
    assert file.read_bytes() == before
    states = document(town, "list", "--as-of", "2026-12-01")["agreements"]
    assert [(row["id"], row["state"]) for row in states] == [
        ("police-tax", "superseded"),
        ("police-tax-2", "active"),
    ]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (("--provider", "polic"), "unknown-reference"),
        (("--purpose", "tax"), "unknown-reference"),
        (("--contract", "residents"), "unknown-reference"),
        (("--column", "nam"), "matches-no-column"),
        (("--location", "here"), "bad-region"),
        (("--at-most", "long"), "bad-period"),
        (("--until", "2026-01-01"), "bad-range"),
        (("--output", "../out.yaml"), "file-outside"),
        (("--output", "out.txt"), "not-yaml-name"),
        (("--output", "headwater.yaml"), "file-exists"),
        (("--title", " "), "empty"),
    ],
)
def test_new_refuses_what_the_workspace_could_not_read(
    town: Path, changed: tuple[str, str], code: str
) -> None:
    options = {
        "--provider": "police", "--consumer": "tax", "--contract": "resident", "--column": "name",
        "--purpose": "taxation", "--from": "2026-12-01",
    } | dict([changed])  # fmt: skip
    before = sorted(town.rglob("*"))
    words = [word for pair in options.items() for word in pair]
    done = run(town, "new", "x", *words, "--lang", "en")
    assert done.returncode == 2, done.stdout
    assert CATALOGUE[code][0].en.split("`")[-1].split("{")[0].strip() in done.stderr
    assert sorted(town.rglob("*")) == before


def test_diff_says_what_is_granted_and_withdrawn(town: Path) -> None:
    text = FILES["agreements/police-tax.yaml"]
    new = town.parent / "new.yaml"
    new.write_text(
        text.replace("columns: [name]", 'columns: ["*"]')
        .replace("purposes: [taxation]", "purposes: [income-tax]")
        .replace("min_k: 10", "min_k: 20")
        .replace("masked: [name], ", "")
        .replace("until: 2026-11-20", "until: 2027-11-20"),
        encoding="utf-8",
    )
    done = run(town, "diff", "police-tax", new, "--lang", "en")
    assert (done.returncode, done.stdout.splitlines()) == (1, [
        "`police-tax` → `police-tax`",
        "",
        "newly granted:",
        "- columns: resident.resident#address",
        "- last day: 2027-11-20 (before: 2026-11-20)",
        "- no longer masked only: name",
        "",
        "withdrawn:",
        "- purposes: taxation",
        "- smallest group of people: 20 (before: 10)",
        "",
        "newly granted: 3; withdrawn: 2; changed: 0",
    ])  # fmt: skip
    back = document(town, "diff", new, "police-tax")
    directions = [(each["key"], each["direction"]) for each in back["changes"]]
    assert ("columns", "withdrawn") in directions
    assert ("purposes", "granted") in directions
    assert run(town, "diff", "police-tax", "agreements/police-tax.yaml").returncode == 0


def test_diff_reads_a_git_revision(town: Path) -> None:
    def git(*words: str) -> None:
        author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *author, *words], cwd=town, check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "one")
    file = town / "agreements/police-tax.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("[name]}", "[address]}"), encoding="utf-8"
    )
    text = file.read_text(encoding="utf-8").replace("masked: [name], ", "")
    file.write_text(text, encoding="utf-8")
    found = document(town, "diff", "HEAD:police-tax", "police-tax")
    assert [(each["direction"], each["after"] or each["before"]) for each in found["changes"]] == [
        ("granted", ["resident.resident#address"]),
        ("withdrawn", ["resident.resident#name"]),
        ("granted", ["name"]),
    ]
    assert run(town, "diff", "--", "--output=x:police-tax", "police-tax").returncode == 2
    assert run(town, "diff", "nowhere:police-tax", "police-tax").returncode == 2
