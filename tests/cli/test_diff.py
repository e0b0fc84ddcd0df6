"""``headwater diff``: what a pull request changes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from headwater.catalog.change_rules import CHANGES
from headwater.catalog.text import Text
from headwater.cli.main import group
from headwater.cli.render.diff_markdown import MOST_CHARACTERS, code

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
CITY = ROOT / "examples" / "city-bare"
OFFICE = "contracts/office.odcs.yaml"
AGREEMENT = "agreements/civil-affairs-street.yaml"
LINE = "- {name: "

Edit = tuple[str, str, str]


def run(*words: object) -> Any:
    return CliRunner().invoke(group, ["diff", *map(str, words)])


def diffed(base: Path, head: Path, *words: str) -> tuple[int, Any]:
    done = run(base, head, "--as-of", "2026-11-01", "--format", "json", *words)
    assert done.stdout, done.output
    return done.exit_code, json.loads(done.stdout)


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Path]:
    """Copy the example, each file changed as it is said; return the folder."""

    def edit(*edits: Edit, name: str = "head") -> Path:
        folder = tmp_path / name
        shutil.copytree(CITY, folder, ignore=shutil.ignore_patterns(".headwater"))
        for file, before, after in edits:
            text = (folder / file).read_text(encoding="utf-8")
            assert before in text, (file, text)
            (folder / file).write_text(text.replace(before, after, 1), encoding="utf-8")
        return folder

    return edit


CONTRACT = """\
apiVersion: v3.0.2
kind: DataContract
id: office
name: offices
version: 1.0.0
status: active
tenant: civil-affairs
slaProperties: [{property: retention, value: 3, unit: y}, {property: latency, value: 4, unit: d}]
servers:
  - {server: production, type: postgres, host: civil-db, port: 5432, database: civil, schema: public}
  - {server: sample, type: local, path: data/office.csv, format: csv}
schema:
  - name: office
    physicalName: office
    quality: [{id: some-rows, type: library, metric: rowCount, mustBeGreaterThan: 0}]
    properties:
      - {name: code, logicalType: string, required: true, unique: true, classification: general-1}
      - {name: name, logicalType: string, classification: general-1, tags: [business], logicalTypeOptions: {maxLength: 80}}
"""
SAID = [
    ("contracts/removed", None),
    ("contracts/owner-changed", ("tenant: civil-affairs", "tenant: street")),
    ("contracts/status-changed", ("status: active", "status: draft")),
    ("contracts/withdrawn", ("status: active", "status: deprecated")),
    ("contracts/retention-changed", ("value: 3", "value: 2")),
    ("contracts/sla-changed", ("value: 4", "value: 9")),
    ("contracts/dataset-removed", ("- name: office\n", "- name: desk\n")),
    ("contracts/dataset-added", ("- name: office\n", "- name: desk\n")),
    ("contracts/dataset-moved", ("physicalName: office", "physicalName: desk")),
    ("contracts/column-removed", ("name: name", "name: title")),
    ("contracts/column-added", ("name: name", "name: title")),
    ("contracts/required-column-added", ("name: name,", "name: title, required: true,")),
    ("contracts/type-narrowed", ("name: name, ", "name: name, ")),
    ("contracts/type-changed", ("name, logicalType: string", "name, logicalType: integer")),
    ("contracts/limit-tightened", ("maxLength: 80", "maxLength: 40")),
    ("contracts/limit-loosened", ("maxLength: 80", "maxLength: 90")),
    ("contracts/limit-changed", ("maxLength: 80", "maxLength: many")),
    ("contracts/required-added", ("name: name,", "name: name, required: true,")),
    ("contracts/required-removed", ("required: true, ", "")),
    ("contracts/unique-added", ("name: name,", "name: name, unique: true,")),
    ("contracts/unique-removed", ("unique: true, ", "")),
    ("contracts/quality-added", ("id: some-rows", "id: few-rows")),
    ("contracts/quality-removed", ("id: some-rows", "id: few-rows")),
    ("contracts/quality-tightened", ("mustBeGreaterThan: 0", "mustBeGreaterThan: 5")),
    ("contracts/quality-loosened", ("mustBeGreaterThan: 0", "mustBeGreaterThan: -1")),
    ("contracts/quality-changed", ("mustBeGreaterThan: 0", "mustBe: 3")),
    ("labels/level-raised", ("true, classification: general-1", "true, classification: general-2")),
    ("labels/category-added", ("[business]", "[business, health]")),
    ("labels/category-removed", ("[business]", "[]")),
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base") / "base"
    shutil.copytree(CITY, folder, ignore=shutil.ignore_patterns(".headwater"))
    (folder / OFFICE).write_text(CONTRACT, encoding="utf-8")
    (folder / AGREEMENT).write_text(GRANTED, encoding="utf-8")
    return folder


GRANTED = """\
kind: agreement
id: civil-affairs-street
title: offices
provider: civil-affairs
consumer: street
grants: [{contract: roster, columns: ["*"]}]
purposes: [community-service]
legal_basis: {ground: statutory-duty, mandate: DSL-38}
valid: {from: 2026-01-01, until: 2027-12-31}
conditions: {max_level: general-3}
onward: [civil-affairs]
"""


def rules_of(found: Any) -> dict[str, list[str]]:
    return {each["rule"]: each["breaks"] for each in found["changes"]}


@pytest.mark.parametrize(("rule", "edit"), SAID, ids=[rule for rule, _ in SAID])
def test_each_change_of_a_contract_has_its_rule_and_says_whom_it_breaks(
    rule: str, edit: tuple[str, str] | None, base: Path, tmp_path: Path
) -> None:
    head = tmp_path / "head"
    shutil.copytree(base, head)
    if edit is None:
        (head / OFFICE).unlink()
    else:
        before, after = edit
        if rule == "contracts/type-narrowed":
            before, after = "- {name: name, logicalType: string", "- {name: name, logicalType: date"
            wide = (
                (base / OFFICE)
                .read_text(encoding="utf-8")
                .replace(before, f"{LINE}name, logicalType: timestamp")
                .replace(", logicalTypeOptions: {maxLength: 80}", "")
            )
            start = tmp_path / "wide"
            shutil.copytree(base, start)
            (start / OFFICE).write_text(wide, encoding="utf-8")
            (head / OFFICE).write_text(wide.replace("timestamp", "date"), encoding="utf-8")
            assert set(rules_of(diffed(start, head)[1])) == {rule}
            assert set(rules_of(diffed(head, start)[1])) == {"contracts/type-widened"}
            return
        assert CONTRACT.count(before) == 1
        (head / OFFICE).write_text(CONTRACT.replace(before, after), encoding="utf-8")
    exit_code, found = diffed(base, head)
    said = rules_of(found)
    assert said[rule] == list(CHANGES[rule].breaks)
    assert exit_code == int(any(said.values()) or bool(found["counts"]["newly-refused"]))
    assert diffed(base, base)[0] == 0


AGREED = [
    ("agreements/columns-granted", '["*"]}', '["*"]}, {contract: office, columns: [code]}'),
    ("agreements/columns-withdrawn", '"*"', "roster_no"),
    ("agreements/purposes-added", "[community-service]", "[community-service, PURPOSE]"),
    ("agreements/purposes-removed", "[community-service]", "[PURPOSE]"),
    ("agreements/shortened", "2027-12-31", "2027-06-30"),
    ("agreements/shortened", "from: 2026-01-01", "from: 2026-01-02"),
    ("agreements/extended", ", until: 2027-12-31", ""),
    ("agreements/put-out-of-force", "onward:", "state: draft\nonward:"),
    ("agreements/level-lowered", "general-3", "general-2"),
    ("agreements/level-raised", "general-3", "general-4"),
    ("agreements/onward-added", "[civil-affairs]", "any"),
    ("agreements/onward-removed", "[civil-affairs]", "none"),
    ("agreements/terms-changed", "mandate: DSL-38", "mandate: DSL-21"),
    ("agreements/added", "id: civil-affairs-street", "id: other"),
    ("agreements/removed", "id: civil-affairs-street", "id: other"),
]


@pytest.mark.parametrize(("rule", "before", "after"), AGREED)
def test_each_change_of_an_agreement_has_its_rule(
    rule: str, before: str, after: str, base: Path, tmp_path: Path
) -> None:
    head = tmp_path / "head"
    shutil.copytree(base, head)
    purposes = (head / "purposes.yaml").read_text(encoding="utf-8")
    names = [name for name in re.findall(r"id: ([\w-]+)", purposes) if name != "community-service"]
    if not names:
        names = ["other"]
        more = "  - {id: other, name: {en: other, zh: 其他}}\n"
        for folder in (base, head):
            (folder / "purposes.yaml").write_text(purposes + more, encoding="utf-8")
    after = after.replace("PURPOSE", names[0])
    assert GRANTED.count(before) == 1
    (head / AGREEMENT).write_text(GRANTED.replace(before, after), encoding="utf-8")
    _, found = diffed(base, head)
    assert rules_of(found)[rule] == list(CHANGES[rule].breaks)


def test_a_flow_newly_refused_names_the_rule_and_fails(edited: Callable[..., Path]) -> None:
    head = edited((AGREEMENT, "until: 2027-12-31", "until: 2026-10-31"))
    code_, found = diffed(CITY, head, "--fail-on", "refused")
    (flow,) = found["flows"]
    assert (flow["turn"], flow["rules"]) == ("newly-refused", ["sharing/agreement-not-in-force"])
    assert (flow["from"]["name"], flow["columns"]) == ("civil.public.office", ["code", "name"])
    assert code_ == 1


def test_a_flow_newly_allowed_names_what_refused_it(edited: Callable[..., Path]) -> None:
    head = edited(
        (AGREEMENT, 'columns: ["*"]}', 'columns: ["*"]}\n  - {contract: roster, columns: ["*"]}')
    )
    code_, found = diffed(CITY, head)
    (flow,) = found["flows"]
    assert (flow["turn"], flow["rules"]) == ("newly-allowed", ["sharing/not-allowed"])
    assert code_ == 0
    assert diffed(CITY, head, "--fail-on", "allowed")[0] == 1
    assert diffed(CITY, head, "--fail-on", "any")[0] == 1
    assert diffed(CITY, head, "--fail-on", "any", "--fail-on", "never")[0] == 0


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=e@x", *words],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_revisions_of_the_workspace_here_are_compared(edited: Callable[..., Path]) -> None:
    folder = edited(name="repo")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    agreement = folder / AGREEMENT
    agreement.write_text(
        agreement.read_text(encoding="utf-8").replace("2027-12-31", "2026-10-31"), encoding="utf-8"
    )
    words = ("--workspace", folder, "--as-of", "2026-11-01", "--format", "json")
    assert json.loads(run("main", *words).stdout)["counts"]["newly-refused"] == 1
    git(folder, "commit", "-qam", "two")
    between = json.loads(run("HEAD~1", "HEAD", *words).stdout)
    assert rules_of(between) == {"agreements/shortened": ["consumer"]}
    assert json.loads(run("HEAD", "HEAD", *words).stdout)["changes"] == []


@pytest.mark.parametrize("name", ["nope", "--output=x", "HEAD;id", "$(id)", "a..b", ":/x", "\n"])
def test_a_revision_that_is_none_is_refused_and_nothing_is_written(
    name: str, edited: Callable[..., Path]
) -> None:
    folder = edited(name="repo")
    git(folder, "init", "-q", "-b", "main")
    before = sorted(path for path in folder.rglob("*") if ".git" not in path.parts)
    done = subprocess.run(
        [sys.executable, "-m", "headwater.cli.main", "diff", "--workspace", folder, "--", name],
        capture_output=True, text=True, cwd=folder, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout
    assert done.stderr
    assert "Traceback" not in done.stderr
    after = sorted(path for path in folder.rglob("*") if ".git" not in path.parts)
    assert [path for path in after if ".headwater" not in path.parts] == before


def test_markdown_is_bounded_and_nothing_in_it_comes_alive(edited: Callable[..., Path]) -> None:
    bad = "@all <img src=x> [a](b) `|` #1"
    lines = "".join(
        f"      - {{name: {json.dumps(f'{bad} {number} ' + 'x' * 150)}, logicalType: string}}\n"
        for number in range(400)
    )
    folder = edited()
    contract = folder / OFFICE
    text = contract.read_text(encoding="utf-8")
    contract.write_text(
        text.replace("    properties:\n", f"    properties:\n{lines}"), encoding="utf-8"
    )
    for most in ("50", "10000"):
        done = run(CITY, folder, "--as-of", "2026-11-01", "--format", "markdown", "--most", most)
        assert done.exit_code == 0, done.output
        assert len(done.stdout) < MOST_CHARACTERS + 100
        assert re.search(r"and \d+ more", done.stdout)
        spans_out = re.sub(r"(`+) .*? \1(?!`)|`[^`\n]*`", "", done.stdout)
        for alive in ("@all", "<img", "[a](b)", "#1 "):
            assert alive not in spans_out


@pytest.mark.parametrize(
    "name", ["a", "`", "``", "a`b``c", "|", "\\|", "\n", "\u202e", " ", "", "x" * 999]
)
def test_a_name_is_one_code_span_of_one_cell(name: str) -> None:
    span = code(name)
    assert "\n" not in span
    assert len(span) < 300
    assert not re.search(r"(?<!\\)\|", span)
    fence = re.match("`+", span)
    assert fence
    assert span.endswith(fence[0])
    inner = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall("`+", inner)


@pytest.mark.parametrize("rule", sorted(CHANGES))
def test_a_kind_of_change_says_the_same_in_both_languages(rule: str) -> None:
    text: Text = CHANGES[rule].text
    assert re.search("[\u4e00-\u9fff]", text.zh)
    blanks = re.compile(r"\{\w+\}")
    assert set(blanks.findall(text.en)) == set(blanks.findall(text.zh))


def test_every_kind_of_change_is_shown_by_a_test_here() -> None:
    shown = {rule for rule, *_ in [*SAID, *AGREED]}
    once = {"contracts/added", "contracts/type-widened", "labels/level-lowered",
            "agreements/put-in-force", "agreements/parties-changed"}  # fmt: skip
    assert shown | once == set(CHANGES)


def test_what_is_turned_round_is_told_the_other_way(base: Path, tmp_path: Path) -> None:
    head = tmp_path / "head"
    shutil.copytree(base, head)
    (head / OFFICE).write_text(
        CONTRACT.replace("true, classification: general-1", "true, classification: general-2"),
        encoding="utf-8",
    )
    (head / AGREEMENT).write_text(
        GRANTED.replace("onward:", "state: draft\nonward:"), encoding="utf-8"
    )
    _, found = diffed(head, base)
    assert set(rules_of(found)) == {"labels/level-lowered", "agreements/put-in-force"}
    (head / OFFICE).unlink()
    (head / AGREEMENT).unlink()
    assert set(rules_of(diffed(head, base)[1])) == {"contracts/added", "agreements/added"}
