"""``headwater lineage reindex``: the same index again, or a wrong one mended and said so."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "headwater.cli.main", "lineage", "reindex"]


@pytest.fixture
def workspace(mini: Path, tmp_path: Path) -> Path:
    target = tmp_path / "mini"
    shutil.copytree(mini, target, copy_function=shutil.copyfile)
    for folder, _, _ in os.walk(target):
        Path(folder).chmod(0o755)
    return target


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", "LANG": "C.UTF-8"}
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_a_right_index_stays_and_a_wrong_one_is_mended(workspace: Path) -> None:
    first = run(workspace, "--format", "json")
    assert (first.returncode, first.stderr) == (0, "")
    right = json.loads(first.stdout)
    assert right["schema"] == "headwater/reindex/1"
    assert (right["events"], right["runs"], right["changed"]) == (12, 6, False)
    with closing(sqlite3.connect(workspace / ".headwater/lineage.db")) as db, db:
        db.execute("DELETE FROM edge WHERE source = (SELECT min(source) FROM edge)")
    second = run(workspace, "--format", "json")
    assert second.returncode == 1
    assert json.loads(second.stdout)["after"] == right["after"]
    third = run(workspace, "--lang", "zh")
    assert third.returncode == 0
    assert "原索引与日志一致" in third.stdout


def test_the_log_knows_when_events_were_received(workspace: Path) -> None:
    assert run(workspace).returncode == 0
    with closing(sqlite3.connect(workspace / ".headwater/lineage.db")) as db:
        received = {time for (time,) in db.execute("SELECT received FROM event")}
    assert len(received) == 1
    assert received.pop().endswith("Z")
