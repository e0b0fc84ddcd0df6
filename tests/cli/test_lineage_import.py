"""``headwater lineage import``: SQL, dbt and edge lists become events that the workspace reads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "headwater.cli.main", "lineage"]
SQL = "create view mart.risk as\nselect r.*, md5(r.resident_id) as who from public.resident as r\n"
POSTGRES = ("--dialect", "postgres", "--namespace", "postgres://pop-db:5432")
JOB = (*POSTGRES, "--database", "population", "--schema", "public", "--job", "etl/risk")
TIME = ("--event-time", "2026-10-01T00:00:00Z")


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


def imported(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "import", *words)


def test_imported_sql_is_part_of_the_next_answer(workspace: Path) -> None:
    (workspace / "risk.sql").write_text(SQL, encoding="utf-8")
    done = imported(workspace, "sql", "risk.sql", *JOB, *TIME, "-o", "lineage/risk.ndjson")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "wrote lineage/risk.ndjson (datasets: 1)\n"
    answer = json.loads(run(workspace, "upstream", "risk#who", "--format", "json").stdout)
    assert [(edge["from"]["column"], edge["evidence"]) for edge in answer["edges"]] == [
        ("resident_id", "declared")
    ]


def test_contracts_tell_the_columns_behind_a_star(workspace: Path) -> None:
    (workspace / "risk.sql").write_text(SQL, encoding="utf-8")
    done = imported(workspace, "sql", "risk.sql", *JOB, *TIME)
    (output,) = json.loads(done.stdout)["outputs"]
    assert output["name"] == "population.mart.risk"
    assert {"name", "who"} <= {field["name"] for field in output["facets"]["schema"]["fields"]}


def test_the_same_files_give_the_same_bytes(workspace: Path) -> None:
    (workspace / "risk.sql").write_text(SQL, encoding="utf-8")
    texts = {imported(workspace, "sql", "risk.sql", *JOB, *TIME).stdout for _ in range(2)}
    assert len(texts) == 1


def test_without_a_workspace_a_star_is_noted_on_stderr_alone(tmp_path: Path) -> None:
    (tmp_path / "risk.sql").write_text(SQL, encoding="utf-8")
    done = imported(tmp_path, "sql", "risk.sql", *JOB, *TIME)
    assert done.returncode == 0
    assert "columnLineage" not in json.loads(done.stdout)["outputs"][0]["facets"]
    assert done.stderr.startswith("risk.sql:1:13: not all columns of ")


def test_a_table_may_be_a_dataset_elsewhere(workspace: Path) -> None:
    (workspace / "q.sql").write_text("select name from people", encoding="utf-8")
    rows = ("--table", "people=resident", "--name", "out")
    done = imported(workspace, "sql", "q.sql", *JOB, *rows, *TIME)
    (read,) = json.loads(done.stdout)["inputs"]
    assert (read["namespace"], read["name"]) == ("postgres://pop-db:5432", "population.public.resident")  # fmt: skip


def test_an_edge_list_and_a_manifest_are_imported(tmp_path: Path) -> None:
    listed = "kind: lineage\njob: manual/j\nedges: [{from: 'n/a#x', to: 'n/b#x'}]\n"
    (tmp_path / "edges.yaml").write_text(listed, encoding="utf-8")
    done = imported(tmp_path, "edges", "edges.yaml", *TIME)
    assert (done.returncode, json.loads(done.stdout)["job"]["name"]) == (0, "j")
    node = {
        "unique_id": "model.p.m",
        "resource_type": "model",
        "name": "m",
        "relation_name": '"d"."s"."m"',
        "compiled_code": 'select x from "d"."s"."raw"',
    }
    manifest = {
        "metadata": {"dbt_schema_version": "manifest/v12.json", "adapter_type": "postgres"},
        "nodes": {"model.p.m": node},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    done = imported(tmp_path, "dbt", "manifest.json", "--namespace", "postgres://d:1", *TIME)
    assert (done.returncode, json.loads(done.stdout)["job"]["name"]) == (0, "model.p.m")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("sql", "bad.sql", *JOB), "bad.sql:1:8: it cannot be told where the column `v`"),
        (("sql", "none.sql", *JOB), "none.sql:1:1: "),
        (("sql", "empty.sql", *JOB), "error: nothing here writes a dataset"),
        (("sql", "good.sql", *JOB, "--event-time", "yesterday"), "`eventTime` is `yesterday`"),
        (("sql", "good.sql", *JOB, "--dialect", "postgress"), "no SQL dialect `postgress`"),
        (("sql", "good.sql", *JOB, "--job", "lonely"), "write NAMESPACE/NAME"),
        (("sql", "good.sql", *JOB, "--table", "x"), "write TABLE=DATASET"),
        (("sql", "good.sql", *JOB, "--table", "x=y"), "no dataset `y` is known"),
        (("sql", "good.sql", *JOB, "--workspace", "/nowhere"), "no `headwater.yaml`"),
        (("sql", "good.sql", *JOB, "-o", "x.json"), "call it .ndjson"),
        (("sql", "good.sql", *JOB, "-o", "nowhere/x.ndjson"), "nowhere/x.ndjson"),
        (("edges", "good.sql"), "good.sql:1:1: "),
        (("dbt", "good.sql", "--namespace", "n"), "good.sql:1:1: this is not an artifact of dbt"),
        (("sql",), "FILES"),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_exit_2_and_nothing_is_written(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    (tmp_path / "bad.sql").write_text("select v from m, n", encoding="utf-8")
    (tmp_path / "good.sql").write_text("create view v as select x from t", encoding="utf-8")
    (tmp_path / "empty.sql").write_text("-- nothing yet\n", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    done = imported(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_problems_are_said_in_chinese_too(tmp_path: Path) -> None:
    (tmp_path / "bad.sql").write_text("call f()", encoding="utf-8")
    done = imported(tmp_path, "sql", "bad.sql", *JOB, "--lang", "zh")
    assert done.returncode == 2
    assert "无法从文本判断 `CALL` 对数据做了什么" in done.stderr
