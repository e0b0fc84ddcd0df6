"""Every way a command can end has a message and an exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "headwater.cli.main"]


def run(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", "LANG": "C.UTF-8", **settings}
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def test_no_workspace_is_exit_2_with_a_hint(tmp_path: Path) -> None:
    done = run(tmp_path, "check")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: no `headwater.yaml` in . or above it [no-workspace]\n"
        "  hint: go to a workspace, or name one\n"
    )


def test_the_locale_chooses_chinese(tmp_path: Path) -> None:
    done = run(tmp_path, "check", LANG="zh_CN.UTF-8")
    assert done.stderr.startswith("错误：")


def test_errors_are_json_where_json_is_asked_for(tmp_path: Path) -> None:
    done = run(tmp_path, "check", "--format", "json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["schema"]) == (2, "headwater/error/1")
    assert document["errors"][0]["code"] == "no-workspace"


@pytest.mark.parametrize(
    "words",
    [
        ("chek",),
        ("check", "--format", "yaml"),
        ("check", "--as-of", "2026-02-30"),
        ("check", "--as-of", "20260201"),
        ("policy", "build"),
        ("lineage", "upstream"),
        ("lineage", "flows", "--hops", "0"),
    ],
)
def test_wrong_usage_is_exit_2_and_nothing_on_stdout(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = run(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_exit_2() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*COMMAND, "--help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr.startswith("error: cannot write standard output")


def test_a_closed_pipe_is_silent() -> None:
    done = subprocess.run(  # noqa: S602 - a pipe is what is tested
        f"{sys.executable} -m headwater.cli.main --help | true",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_a_workspace_with_nothing_to_judge_is_never_a_pass(tmp_path: Path) -> None:
    (tmp_path / "headwater.yaml").write_text("kind: workspace\nid: empty\n", encoding="utf-8")
    done = run(tmp_path, "check")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: nothing was judged")
