"""``headwater check`` from end to end, on copies of the acceptance workspace."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from headwater.catalog.visible import HIDDEN

COMMAND = [sys.executable, "-m", "headwater.cli.main"]
HOSTILE = "evil\x1b[31m\u202e\u200b\x07name"


@pytest.fixture
def workspace(mini: Path, tmp_path: Path) -> Path:
    target = tmp_path / "mini"
    shutil.copytree(mini, target, copy_function=shutil.copyfile)
    for folder, _, _ in os.walk(target):
        Path(folder).chmod(0o755)
    return target


def run(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", "LANG": "C.UTF-8", **settings}
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def check(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "check", "--as-of", "2026-11-01", *words, **settings)


def spoil(folder: Path, old: str, new: str) -> None:
    events = folder / "lineage" / "events.ndjson"
    text = events.read_text(encoding="utf-8")
    assert old in text
    events.write_text(text.replace(old, json.dumps(new)[1:-1]), encoding="utf-8")


@pytest.mark.parametrize("format_", ["text", "json", "sarif"])
def test_hostile_names_are_harmless_at_every_sink(workspace: Path, format_: str) -> None:
    spoil(workspace, "street.public.leaflet", HOSTILE)
    spoil(workspace, "treated_on", HOSTILE)
    done = check(workspace, "--format", format_, "--engine", "native")
    assert done.returncode == 1
    assert "evil" in done.stdout
    assert not HIDDEN.search(done.stdout.replace("\n", ""))
    for words in (("lineage", "flows"), ("lineage", "downstream", "population.public.resident")):
        for kind in ("text", "json"):
            answer = run(workspace, *words, "--format", kind)
            assert answer.returncode == 0
            assert not HIDDEN.search(answer.stdout.replace("\n", ""))
    lost = run(workspace, "lineage", "upstream", HOSTILE + "x")
    assert lost.returncode == 2
    assert not HIDDEN.search(lost.stderr.replace("\n", ""))


def test_a_hostile_name_in_json_is_the_name_itself(workspace: Path) -> None:
    spoil(workspace, "street.public.leaflet", HOSTILE)
    found = json.loads(check(workspace, "--format", "json").stdout)["findings"]
    assert HOSTILE in {f["subject"].get("to", {}).get("name") for f in found}


def assertions(folder: Path) -> list[Any]:
    with sqlite3.connect(folder / ".headwater" / "lineage.db") as store:
        bodies = [json.loads(body) for (body,) in store.execute("SELECT raw FROM event")]
    return [
        each["inputFacets"]["dataQualityAssertions"]["assertions"]
        for body in bodies
        for each in body.get("inputs", [])
        if "dataQualityAssertions" in each.get("inputFacets", {})
    ]


def test_check_results_enter_lineage_as_events_once(workspace: Path) -> None:
    check(workspace)
    first = assertions(workspace)
    assert {len(found) for found in first} == {2, 4}
    failed = [a for found in first for a in found if not a["success"]]
    assert [(a["assertion"], a["column"]) for a in failed] == [
        ("expect_column_values_to_be_unique", "record_id")
    ]
    check(workspace)
    assert assertions(workspace) == first


def test_the_store_may_be_deleted_at_any_time(workspace: Path) -> None:
    first = check(workspace, "--format", "json").stdout
    shutil.rmtree(workspace / ".headwater")
    assert check(workspace, "--format", "json").stdout == first


def test_a_file_of_events_that_goes_takes_its_flows_with_it(workspace: Path) -> None:
    check(workspace)
    events = workspace / "lineage" / "events.ndjson"
    lines = events.read_text(encoding="utf-8").splitlines()
    events.write_text("\n".join(lines[:2]) + "\n", encoding="utf-8")
    again = json.loads(check(workspace, "--format", "json").stdout)
    assert again["counts"]["flows"] == 1


def test_a_broken_store_says_that_it_may_be_deleted(workspace: Path) -> None:
    (workspace / ".headwater").mkdir()
    (workspace / ".headwater" / "lineage.db").write_bytes(b"not a database" * 100)
    done = check(workspace)
    assert (done.returncode, done.stdout) == (2, "")
    assert "deleted" in done.stderr


def test_the_engine_opa_without_an_opa_is_exit_2_and_nothing_is_judged(workspace: Path) -> None:
    done = check(workspace, "--engine", "opa")
    assert (done.returncode, done.stdout) == (2, "")
    assert "HEADWATER_OPA" in done.stderr


@pytest.mark.parametrize("named", ["/nowhere/opa", "/bin/true"])
def test_an_opa_that_is_none_is_exit_2(workspace: Path, named: str) -> None:
    done = check(workspace, HEADWATER_OPA=named)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_a_dead_remote_opa_is_exit_2_and_never_falls_back(workspace: Path) -> None:
    settings = workspace / "headwater.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text + 'opa: {url: "http://127.0.0.1:9"}\n', encoding="utf-8")
    done = check(workspace)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: OPA did not answer")


@pytest.mark.opa
def test_opa_and_native_give_the_same_report_but_for_the_engine(
    workspace: Path, opa_executable: str
) -> None:
    native = json.loads(check(workspace, "--format", "json", "--engine", "native").stdout)
    by_opa = json.loads(
        check(workspace, "--format", "json", "--engine", "opa", HEADWATER_OPA=opa_executable).stdout
    )
    assert by_opa.pop("engine")["name"] == "opa"
    assert native.pop("engine")["name"] == "native"
    assert native == by_opa
