"""The example of agreements: reconcile finds what was planted, and nothing else; make.py agrees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "city-agreements"
ROOMS = ("catalog", "policies", "lineage", "checks", "cli")


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """Run a Python command as the project's own source."""
    path = os.pathsep.join(str(ROOT / room) for room in ROOMS)
    env = {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, *map(str, words)], env=env, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / EXAMPLE.name
    shutil.copytree(EXAMPLE, target, ignore=shutil.ignore_patterns(".headwater"))
    return target


def reconciled(folder: Path) -> dict[str, Any]:
    words = ("--workspace", folder, "--as-of", "2026-11-01", "--format", "json")
    done = run("-m", "headwater.cli.main", "agreement", "reconcile", *words)
    assert done.returncode == 1, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_reconcile_finds_every_planted_difference_and_no_other(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found = reconciled(folder)
    assert found["complete"] is True
    told = [
        (
            each["kind"],
            each["way"],
            each["to"]["name"] if each["to"] else None,
            each["columns"],
        )
        for each in found["differences"]
    ]
    assert told == [
        (each["kind"], each["way"], each["to"], each["columns"]) for each in manifest["reconcile"]
    ]
    for each, planted in zip(found["differences"], manifest["reconcile"], strict=True):
        assert planted.get("agreement", each["agreements"]) in (
            each["agreements"],
            *each["agreements"],
        )


def test_one_more_leave_and_one_more_flow_end_two_differences(folder: Path) -> None:
    """The agreement that names the street office must be signed again before it counts."""
    file = folder / "agreements/civil-affairs-social-insurance.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("[health]", "[health, street]"), encoding="utf-8"
    )
    kinds = {each["kind"] for each in reconciled(folder)["differences"]}
    assert "onward-not-granted" in kinds
    assert run(folder / "make.py").returncode == 0
    kinds = {each["kind"] for each in reconciled(folder)["differences"]}
    assert "onward-not-granted" not in kinds
    assert "not-in-force" in kinds, "make.py signs the changed text as it was before"


def test_what_make_writes_is_what_is_committed(folder: Path) -> None:
    before = contents(folder)
    done = run(folder / "make.py")
    assert done.returncode == 0, done.stderr
    assert contents(folder) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
