"""`headwater new`: what it writes, the workspace can read; nothing is overwritten or half done."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "headwater.cli.main"]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    subprocess.run([*COMMAND, "init", "w"], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path / "w"


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip


def rules_of(workspace: Path) -> str:
    return run(workspace, "policy", "list").stdout


POLICY = (
    *("new", "policy", "care", "--title", "Care only", "--owner", "clinic"),
    *("--rule", "purpose", "--effect", "deny", "--when", "not context.purpose under care"),
)


def test_a_policy_and_one_more_rule_decide_at_once(workspace: Path) -> None:
    done = run(workspace, *POLICY)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "wrote policies/care.yaml\n")
    path = workspace / "policies" / "care.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "    # stays\n", encoding="utf-8")
    more = ("--effect", "warn", "--when", "resource.column eq birth_date")
    assert run(workspace, "new", "rule", "care", "young", *more).returncode == 0
    assert "# stays" in path.read_text(encoding="utf-8")
    listed = rules_of(workspace)
    assert re.search(r"care/purpose +deny", listed)
    assert re.search(r"care/young +warn", listed)
    checked = run(workspace, "check", "--engine", "native")
    assert (checked.returncode, checked.stdout.count("care/young")) == (0, 1)


def test_a_contract_takes_its_columns_and_types_from_the_data(workspace: Path) -> None:
    (workspace / "data" / "visit.csv").write_text(
        "no,day,fee,code,ok,at\n1,2026-01-02,1.50,007,true,2026-01-02 03:04\n2,,2,010,false,\n",
        encoding="utf-8",
    )
    done = run(
        workspace, "new", "contract", "visit", "--owner", "clinic", "--data", "data/visit.csv"
    )
    assert done.returncode == 0, done.stderr
    text = (workspace / "contracts" / "visit.odcs.yaml").read_text(encoding="utf-8")
    found = [line.split("{")[1].rstrip("}") for line in text.splitlines() if "logicalType" in line]
    assert found == [
        'name: "no", logicalType: integer',
        "name: day, logicalType: date",
        "name: fee, logicalType: number",
        "name: code, logicalType: string",
        "name: ok, logicalType: boolean",
        "name: at, logicalType: timestamp",
    ]
    assert run(workspace, "check", "--engine", "native").returncode == 0


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--column", "birth_date", "--metric", "nullValues", "--value", "0"),
         "quality: [{metric: nullValues, mustBe: 0}]"),
        (("--metric", "rowCount", "--must", "mustBeBetween", "--value", "1,9"),
         "- {metric: rowCount, mustBeBetween: [1, 9]}"),
    ],
)  # fmt: skip
def test_a_check_is_put_where_it_belongs_and_is_judged(
    workspace: Path, words: tuple[str, ...], line: str
) -> None:
    before = run(workspace, "data", "check", "--format", "json").stdout.count('"status"')
    assert run(workspace, "new", "check", "resident", *words).returncode == 0
    assert line in (workspace / "contracts" / "resident.odcs.yaml").read_text(encoding="utf-8")
    after = run(workspace, "data", "check", "--format", "json")
    assert (after.returncode, after.stdout.count('"status"')) == (0, before + 1)


def test_a_failing_new_check_is_found(workspace: Path) -> None:
    words = ("--metric", "rowCount", "--must", "mustBeGreaterThan", "--value", "3")
    assert run(workspace, "new", "check", "resident", *words).returncode == 0
    assert run(workspace, "data", "check").returncode == 1


BAD = [
    ((*POLICY[:-2], "--when", "context.purpos under care"), "did you mean `context.purpose`"),
    ((*POLICY[:-2], "--when", "context.purpose"), "is not a condition"),
    ((*POLICY[:5], "--owner", "clinc", *POLICY[7:]), "clinc"),
    (("new", "rule", "care", "r", "--effect", "deny"), "there is no access policy `care`"),
    (("new", "check", "resident", "--column", "birth_dat", "--metric", "nullValues",
      "--value", "0"), "did you mean `birth_date`"),
    (("new", "check", "residnt", "--metric", "rowCount", "--value", "1"), "did you mean `resident`"),
    (("new", "check", "resident", "--metric", "rowCount", "--value", "x"), "is not a number"),
    (("new", "contract", "v", "--owner", "clinic"), "a contract needs columns"),
    (("new", "contract", "v", "--owner", "clinic", "--data", "../x.csv"), "leads outside"),
    (("new", "contract", "v", "--owner", "clinic", "--data", "data/none.csv"), "there is no file"),
    (("new", "contract", "resident", "--owner", "clinic", "--column", "a"), "already there"),
    (("new", "contract", "v", "--owner", "clinic", "--column", "a", "-o", "../v.yaml"), "outside"),
    (POLICY[:3] + POLICY[5:], "Missing option '--title'"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), BAD)
def test_what_cannot_be_read_is_not_written(
    workspace: Path, words: tuple[str, ...], said: str
) -> None:
    before = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}
    done = run(workspace, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert before == {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}


def test_a_list_that_cannot_be_changed_safely_is_left_alone(workspace: Path) -> None:
    path = workspace / "policies" / "flow.yaml"
    path.write_text(
        "kind: access-policy\nid: flow\ntitle: Flow\nowner: clinic\neffective: {from: 2026-01-01}\n"
        "rules: [{id: a, warn: a, when: {action: {eq: share}}}]\n", encoding="utf-8",
    )  # fmt: skip
    before = path.read_bytes()
    done = run(workspace, "new", "rule", "flow", "b", "--effect", "warn")
    assert (done.returncode, path.read_bytes()) == (2, before)
    assert "put this at its end yourself" in done.stderr


def test_on_a_terminal_what_is_missing_is_asked_for(workspace: Path) -> None:
    words = [*COMMAND, *POLICY[:3], *POLICY[5:], "--workspace", str(workspace)]
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["LC_ALL"] = "C.UTF-8"
        os.execv(words[0], words)  # noqa: S606 - the interpreter that runs the test
    heard = _until(terminal, "Title")
    os.write(terminal, b"Care only\n")
    heard += _until(terminal, "wrote policies/care.yaml")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)
    assert 'title: "Care only"' in (workspace / "policies" / "care.yaml").read_text("utf-8")


def _until(terminal: int, wanted: str) -> str:
    heard = ""
    end = time.monotonic() + 60
    while wanted not in heard:
        ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
        assert ready, heard
        heard += os.read(terminal, 4096).decode(errors="replace")
    return heard
