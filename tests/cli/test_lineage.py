"""``headwater lineage``: every question in every format, on copies of the acceptance workspace."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shutil
import signal
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import networkx as nx
import pytest

from headwater.catalog.visible import HIDDEN, visible
from headwater.cli.guard import guarded
from headwater.cli.main import group

QUESTIONS = {
    "upstream": ("upstream", "claim"),
    "downstream": ("downstream", "resident"),
    "path": ("path", "resident", "claim"),
    "why": ("why", "resident", "claim"),
    "impact": ("impact", "resident"),
    "flows": ("flows",),
    "matrix": ("matrix",),
    "diff": ("diff", "--from", "2026-10-02", "--to", "2026-10-05"),
    "doctor": ("doctor", "--as-of", "2027-06-01"),
}
ROWS = ("text", "table", "json", "ndjson", "csv")
PICTURES = ("mermaid", "dot", "graphml")
GRAPHS = ("upstream", "downstream", "path", "why", "impact")
WRITTEN = [
    *((name, format_) for name in QUESTIONS for format_ in ROWS),
    *((name, format_) for name in QUESTIONS if name != "doctor" for format_ in PICTURES),
    *((name, "openlineage") for name in GRAPHS),
]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture(scope="module")
def workspace(mini: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(mini, tmp_path_factory.mktemp("lineage") / "mini")


def copied(mini: Path, target: Path) -> Path:
    shutil.copytree(mini, target, copy_function=shutil.copyfile)
    for folder, _, _ in os.walk(target):
        Path(folder).chmod(0o755)
    return target


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def run(folder: Path, *words: str) -> Done:
    """Run the command in this process: these tests ask hundreds of questions."""
    out, err = io.StringIO(), io.StringIO()
    stop = signal.getsignal(signal.SIGTERM)
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        code = guarded(group, ["lineage", *words])
    signal.signal(signal.SIGTERM, stop)
    return Done(code, out.getvalue(), err.getvalue())


def answer(folder: Path, *words: str) -> Any:
    done = run(folder, *words, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("name", "format_"), WRITTEN)
def test_every_question_is_answered_in_every_format(
    workspace: Path, name: str, format_: str
) -> None:
    done = run(workspace, *QUESTIONS[name], "--format", format_)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert run(workspace, *QUESTIONS[name], "--format", format_).stdout == done.stdout
    READ[format_](done.stdout)


def read_csv(text: str) -> list[dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows
    assert all(row["complete"] == "true" and row["digest"] for row in rows)
    return rows


def read_mermaid(text: str) -> None:
    assert text.startswith("flowchart LR\n")
    for line in text.splitlines()[2:]:
        assert MERMAID.fullmatch(line.strip()), line


LABEL = r'"(?:[\w ./:,=+*@-]|#\d+;)*"'
MERMAID = re.compile(
    rf"subgraph g\d+\[{LABEL}\]|end|n\d+\[\[?{LABEL}\]?\]"
    rf"|n\d+ (-->|-\.->)(\|{LABEL}\|)? n\d+|cut\{{\{{{LABEL}\}}\}}"
)
QUOTED = r'"(?:[^"\\\n]|\\\\|\\")*"'
DOT = re.compile(
    rf"digraph lineage {{|// .*|rankdir=LR; [^{{}}]*;|(node|edge) \[[^{{}}\[\]]*\];"
    rf"|label={QUOTED}; labelloc=b; fontsize=11;"
    rf"|subgraph cluster_\d+ {{ label={QUOTED}; labelloc=t; [^{{}}]*;|}}|n\d+ \[label={QUOTED}( peripheries=2)?\];"
    rf"|n\d+ -> n\d+ \[label={QUOTED}( style=dashed)?\];"
)


def read_dot(text: str) -> None:
    for line in text.splitlines():
        assert DOT.fullmatch(line.strip()), line


def read_graphml(text: str) -> None:
    graph: Any = nx.parse_graphml(text)
    assert graph.number_of_nodes() > 1
    assert ElementTree.fromstring(text)  # noqa: S314 - our own


def read_lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


READ: dict[str, Any] = {
    "text": str,
    "table": lambda text: text.endswith("(complete)\n") or pytest.fail(text),
    "json": json.loads,
    "ndjson": read_lines,
    "csv": read_csv,
    "mermaid": read_mermaid,
    "dot": read_dot,
    "graphml": read_graphml,
    "openlineage": read_lines,
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_answer_carries_what_it_is_worth(workspace: Path, name: str) -> None:
    found = answer(workspace, *QUESTIONS[name])
    assert found["complete"] is True
    assert found["limits"] == []
    assert found["log"]["sequence"] == 12
    assert re.fullmatch("sha256:[0-9a-f]{64}", found["log"]["digest"])
    assert found["as_of"] == {"diff": "2026-10-05", "doctor": "2027-06-01"}.get(name)
    digest = found.pop("digest")
    canonical = json.dumps(found, sort_keys=True, separators=(",", ":"))
    assert digest == f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
    assert digest in run(workspace, *QUESTIONS[name]).stderr


CUT = ("downstream", "resident", "--hops", "1")


@pytest.mark.parametrize("format_", [*ROWS, *PICTURES, "openlineage"])
def test_a_cut_answer_says_so_in_every_format(workspace: Path, format_: str) -> None:
    done = run(workspace, *CUT, "--format", format_)
    assert done.returncode == 0
    assert "--hops 1" in done.stdout.replace("#32;", " ")
    assert re.search(r"not complete|false", done.stdout)
    assert not re.search(r"\((complete|完整)\)|complete\W+true", done.stdout)


def test_a_cut_answer_without_rows_still_says_so_in_csv(mini: Path, tmp_path: Path) -> None:
    folder = copied(mini, tmp_path / "mini")
    done = run(folder, "downstream", "vaccination#dose_date", "--max-nodes", "1", "--format", "csv")
    assert len(read_any(done.stdout)) == 1
    strict = ("--evidence", "observed", "--masked-only")
    assert run(folder, "downstream", "resident", *strict).returncode == 2


def read_any(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    "words",
    [
        CUT,
        ("downstream", "resident", "--max-nodes", "2"),
        ("impact", "resident", "--hops", "1"),
        ("path", "resident", "follow_up", "--hops", "2"),
        ("flows", "--hops", "1", "--from", "police", "--to", "insurance"),
    ],
)
def test_require_complete_gives_no_answer_but_exit_2(
    workspace: Path, words: tuple[str, ...]
) -> None:
    complete = answer(workspace, *words)["complete"]
    done = run(workspace, *words, "--require-complete", "--format", "json")
    if complete:
        assert done.returncode == 0
        return
    assert done.returncode == 2
    (error,) = json.loads(done.stdout)["errors"]
    assert error["code"] == "answer-incomplete"
    assert "--hops" in done.stderr or "--max-nodes" in done.stderr


def test_a_column_may_be_named_apart(workspace: Path) -> None:
    one = run(workspace, "downstream", "resident#name", "--format", "csv")
    two = run(workspace, "downstream", "resident", "--column", "name", "--format", "csv")
    assert one.stdout == two.stdout
    assert {row["from_column"] for row in read_any(one.stdout)} == {"name"}


def test_what_was_known_on_a_day_is_answered_as_on_that_day(workspace: Path) -> None:
    names = [
        [node["name"] for node in answer(workspace, "downstream", "resident", *day)["nodes"]]
        for day in ((), ("--as-of", "2026-10-01"), ("--as-of", "2026-09-30"))
    ]
    assert [len(found) for found in names] == [6, 1, 0]


def test_flows_are_chosen_by_department_and_purpose(workspace: Path) -> None:
    every = answer(workspace, "flows")["flows"]
    some = answer(workspace, "flows", "--from", "health", "--to", "street")["flows"]
    assert some == [f for f in every if (f["provider"], f["consumer"]) == ("health", "street")]
    named = answer(workspace, "flows", "--purpose", "public-health")["flows"]
    assert named
    under = {"public-health", "immunisation"}
    assert all(under & set(flow["purposes"]) for flow in named)
    assert len(named) < len(every)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("flows", "--from", "helth"), "unknown-department"),
        (("flows", "--purpose", "no-purpose"), "unknown-purpose"),
        (("path", "resident", "resident"), "path-one-place"),
        (("diff", "--from", "2026-10-05", "--to", "2026-10-02"), "days-reversed"),
        (("impact", "no.such"), "unknown-dataset"),
        (("why", "resident#no", "claim"), "unknown-column"),
        (("matrix", "--format", "openlineage"), "usage"),
        (("flows", "--max-nodes", "3"), "usage"),
    ],
)
def test_a_wrong_question_is_exit_2_and_says_why(
    workspace: Path, words: tuple[str, ...], code: str
) -> None:
    done = run(workspace, *words, *(() if "--format" in words else ("--format", "json")))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    if "--format" not in words:
        assert [each["code"] for each in json.loads(done.stdout)["errors"]] == [code]


def test_why_tells_the_way_in_both_languages(workspace: Path) -> None:
    english = run(workspace, "why", "resident", "claim").stdout
    assert "1. the job etl/health.load wrote health.public.vaccination" in english
    assert "01980000-0000-7000-8000-000000000001" in english
    assert "2026-10-01T01:05:00Z" in english
    assert "lineage/events.ndjson:2" in english
    chinese = run(workspace, "why", "resident", "claim", "--lang", "zh").stdout
    assert "作业 etl/health.load" in chinese
    for step in answer(workspace, "why", "resident", "claim")["steps"]:
        for sentence in step["sentences"]:
            assert re.search("[\u4e00-\u9fff]", sentence["zh"])
            assert not re.search("[\u4e00-\u9fff{]", sentence["en"])


HOSTILE = [
    "evil\x1b[31m\u202e\u200b\x07name",
    '=cmd|"/c calc"!A1',
    "@SUM(1)\n+2",
    'a"] --> n9["x',
    "%%{init: {'theme':'x'}}%%",
    "end\nsubgraph x",
    '\\" ] ; } digraph {',
    "</data><script>&amp;]]>\ufffe",
    "#34;<b>&lt;`code`",
    "x#y",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_do_no_harm_in_any_format(mini: Path, tmp_path: Path, name: str) -> None:
    folder = copied(mini, tmp_path / "mini")
    events = folder / "lineage" / "events.ndjson"
    text = events.read_text(encoding="utf-8")
    for old in ("street.public.leaflet", "street.leaflet", "recipient"):
        assert old in text
        text = text.replace(f'"{old}"', json.dumps(name))
    events.write_text(text, encoding="utf-8")
    for words in (("downstream", "resident"), ("downstream", "resident#name"), ("matrix",)):
        for format_ in (*ROWS, *PICTURES, *(["openlineage"] if words[0] != "matrix" else [])):
            done = run(folder, *words, "--format", format_)
            assert done.returncode == 0, done.stderr
            assert not HIDDEN.search(done.stdout.replace("\n", ""))
            READ[format_](done.stdout)
            if format_ == "mermaid":
                assert "%%{" not in done.stdout
            if format_ == "csv":
                assert_no_formula(done.stdout)
    nodes = answer(folder, "downstream", "resident")["nodes"]
    assert name in {node["name"] for node in nodes}
    rows = read_any(run(folder, "downstream", "resident", "--format", "csv").stdout)
    assert visible(name) in {row["to_name"].removeprefix("'") for row in rows}
    graph: Any = nx.parse_graphml(
        run(folder, "downstream", "resident", "--format", "graphml").stdout
    )
    shown = visible(name).replace("\ufffe", "\\ufffe")
    assert shown in {data["label"] for _, data in graph.nodes(data=True)}


def assert_no_formula(text: str) -> None:
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "@")), cell
            assert not re.match(r"\s*-[^\d]", cell), cell


def test_what_is_exported_is_read_again(workspace: Path, mini: Path, tmp_path: Path) -> None:
    again = copied(mini, tmp_path / "mini")
    exported = run(workspace, "downstream", "resident", "--format", "openlineage").stdout
    (again / "lineage" / "events.ndjson").write_text(exported, encoding="utf-8")
    first, second = (answer(each, "downstream", "resident") for each in (workspace, again))
    assert (first["nodes"], first["edges"]) == (second["nodes"], second["edges"])
