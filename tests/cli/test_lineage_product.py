"""Every question, with every option, in every format, on a small workspace full of hostile names.

Each answer is read back from its format; there it has to say whether it is complete, by what it
was cut, as of when, from how much of the log, and with which digest: as the JSON form does.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import networkx as nx
import pytest

from headwater.cli.guard import guarded
from headwater.cli.main import group

ROWS = ("text", "table", "json", "ndjson", "csv")
PICTURES = ("mermaid", "dot", "graphml")
FORMATS = (*ROWS, *PICTURES, "openlineage")
GRAPHS = ("upstream", "downstream", "path", "why", "impact")
QUESTIONS = {
    "upstream": ("upstream", "goal"),
    "downstream": ("downstream", "start"),
    "path": ("path", "start", "goal"),
    "why": ("why", "start", "goal"),
    "impact": ("impact", "start"),
    "flows": ("flows",),
    "matrix": ("matrix",),
    "diff": ("diff", "--from", "2026-09-30", "--to", "2026-10-02"),
    "doctor": ("doctor", "--as-of", "2026-10-05"),
}
OPTIONS = {
    "none": (),
    "--column": ("--column", "c"),
    "--hops": ("--hops", "1"),
    "--as-of": ("--as-of", "2026-10-01"),
    "--direct-only": ("--direct-only",),
    "--unmasked-only": ("--unmasked-only",),
    "--evidence": ("--evidence", "declared"),
}
SENSELESS = {
    *(("matrix", option) for option in ("--column", "--hops")),
    *(("diff", option) for option in ("--hops", "--as-of")),
    *(("doctor", option) for option in OPTIONS if option not in ("none", "--as-of")),
}
"""Where an option makes no sense: the command's help says so."""

HOSTILE = (
    'q"]; click n0 "javascript:alert(1)"',
    "=cmd|' /C calc'!A0",
    "%%{init: {'theme': 'x'}}%%",
    "<script>alert(1)</script>&amp;",
    "back\\slash\\",
    "line\nbreak\ttab\x1b[31m",
    "\u202eright-to-left\u2066",
    "户籍,“引号”；end",
    "]]>\ufffe}} subgraph end | --> graph",
)
DB = "postgres://db:5432"
MARKER = """\
kind: workspace
id: hostile
namespaces:
  - {namespace: "postgres://db:*", name: "start", department: health}
  - {namespace: "postgres://db:*", name: "goal", department: tax}
  - {namespace: "postgres://db:*", name: "*", department: street}
lineage: "*.ndjson"
"""
DEPARTMENTS = """\
kind: departments
departments:
  - {id: health, name: "\u202e健康", level: city, region: "330100", clearance: core}
  - {id: tax, name: "<b>tax</b>", level: city, region: "330100", clearance: core}
  - {id: street, name: "=street", level: city, region: "330100", clearance: core}
"""


def event(number: int, source: str, target: str, step: dict[str, Any]) -> dict[str, Any]:
    field = {"namespace": DB, "name": source, "field": "c", "transformations": [step]}
    lineage = {"fields": {"c": {"inputFields": [field]}}}
    return {
        "eventTime": f"2026-10-0{1 + number % 3}T01:00:00Z",
        "eventType": "COMPLETE",
        "run": {"runId": f"00000000-0000-4000-8000-{number:012}"},
        "job": {"namespace": "etl", "name": f"job {number} {HOSTILE[number % len(HOSTILE)]}"},
        "inputs": [{"namespace": DB, "name": source}],
        "outputs": [{"namespace": DB, "name": target, "facets": {"columnLineage": lineage}}],
    }


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    steps = (
        {"type": "DIRECT", "subtype": "IDENTITY", "masking": False},
        {"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": True},
        {"type": "INDIRECT", "subtype": "FILTER", "masking": False},
    )
    events = []
    for number, name in enumerate(HOSTILE):
        events.append(event(2 * number, "start", name, steps[number % 3]))
        events.append(event(2 * number + 1, name, "goal", steps[0]))
    (root / "headwater.yaml").write_text(MARKER, encoding="utf-8")
    (root / "departments.yaml").write_text(DEPARTMENTS, encoding="utf-8")
    (root / "e.ndjson").write_text("".join(f"{json.dumps(each)}\n" for each in events))
    return root


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def run(root: Path, *words: str) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with chdir(root), redirect_stdout(out), redirect_stderr(err):
        code = guarded(group, ["lineage", *words, "--lang", "en"])
    return Done(code, out.getvalue(), err.getvalue())


class Seal(NamedTuple):
    """What every answer carries."""

    complete: bool
    limits: str
    as_of: str | None
    sequence: int
    digest: str


# --- each format, read back ---------------------------------------------------------------------


def of_document(found: dict[str, Any]) -> Seal:
    sequence = found["log"]["sequence"]
    limits = "; ".join(found["limits"])
    return Seal(found["complete"], limits, found["as_of"], sequence, found["digest"])


def read_json(done: Done) -> Seal:
    found = json.loads(done.out)
    seal = of_document(found)
    digest = found.pop("digest")
    canonical = json.dumps(found, sort_keys=True, separators=(",", ":")).encode()
    assert digest == f"sha256:{hashlib.sha256(canonical).hexdigest()}"
    return seal


def read_ndjson(done: Done) -> Seal:
    first, *others = [json.loads(line) for line in done.out.splitlines()]
    assert first["record"] == "answer"
    assert all(other["record"] for other in others)
    return of_document(first)


def read_csv(done: Done) -> Seal:
    rows = list(csv.DictReader(io.StringIO(done.out), strict=True))
    seals = {
        (row["complete"], row["limits"], row["as_of"], row["log_sequence"], row["digest"])
        for row in rows
    }
    ((complete, limits, as_of, sequence, digest),) = seals
    for row in rows:
        for cell in row.values():
            assert cell[:1] not in tuple("=+-@"), cell
    return Seal(complete == "true", limits.removeprefix("'"), as_of or None, int(sequence), digest)


_SEAL = re.compile(
    r"schema=\S+; complete=(true|false); as_of=([^;]+); log_sequence=(\d+); digest=(sha256:\w{64})"
)


def _seal(text: str, limits: str) -> Seal:
    found = _SEAL.search(text)
    assert found, text
    as_of = None if found[2] == "everything recorded" else found[2]
    return Seal(found[1] == "true", limits, as_of, int(found[3]), found[4])


LABEL = r'"(?:[\w ./:,=+*@-]|#\d+;)*"'
MERMAID = re.compile(
    rf"subgraph g\d+\[{LABEL}\]|end|n\d+\[\[?{LABEL}\]?\]"
    rf"|n\d+ (-->|-\.->)(\|{LABEL}\|)? n\d+|cut\{{\{{{LABEL}\}}\}}"
)


def read_mermaid(done: Done) -> Seal:
    head, seal, *lines = done.out.splitlines()
    assert head == "flowchart LR"
    assert seal.startswith("  %% schema=")
    for line in lines:
        assert MERMAID.fullmatch(line.strip()), line
    cut = [line for line in lines if line.startswith("  cut")]
    said = re.sub(r"#(\d+);", lambda match: chr(int(match[1])), "".join(cut))
    return _seal(seal, said[len('  cut{{"not complete: ') : -len('"}}')])


QUOTED = r'"(?:[^"\\\n]|\\\\|\\")*"'


def read_dot(done: Done) -> Seal:
    if shutil.which("dot"):
        told = subprocess.run(
            ["dot", "-Tjson"], input=done.out, capture_output=True, text=True, check=False
        )
        assert (told.returncode, told.stderr) == (0, "")
        drawn = json.loads(told.stdout)
        assert sum("label" in node for node in drawn.get("objects", [])) > 0 or "n0" not in done.out
    cut = re.search(rf"^  label=({QUOTED}); labelloc=b", done.out, re.MULTILINE)
    said = cut[1][1:-1].removeprefix("not complete: ") if cut else ""
    return _seal(done.out.splitlines()[1], said)


def read_graphml(done: Done) -> Seal:
    graph: Any = nx.parse_graphml(done.out)
    assert all(about["name"] for _, about in graph.nodes(data=True))
    assert ElementTree.fromstring(done.out)  # noqa: S314 - our own
    limits = graph.graph.get("limits") or ""
    seal = _seal(graph.graph["seal"], limits.removeprefix("not complete: "))
    assert graph.graph["complete"] is seal.complete
    return seal


def read_openlineage(done: Done) -> Seal:
    facets = [
        json.loads(line)["job"]["facets"]["headwater_answer"] for line in done.out.splitlines()
    ]
    assert facets
    assert all(facet == facets[0] for facet in facets)
    if facets[0]["as_of"] == "everything recorded":
        facets[0]["as_of"] = None
    return of_document(facets[0])


def read_text(done: Done) -> Seal:
    """A text for people has its verdict on stdout, and the rest in one line on stderr."""
    told = re.fullmatch(r"as of (.+); log sequence (\d+); (sha256:\w{64})\n", done.err)
    assert told, done.err
    verdict = re.search(r"\((complete|not complete: .*?)\)", done.out)
    assert verdict or done.out.startswith("nothing"), done.out
    said = verdict[1] if verdict else "complete"
    limits = said.removeprefix("complete").removeprefix("not complete: ").removeprefix("cut by ")
    as_of = None if told[1] == "everything recorded" else told[1]
    return Seal(said == "complete", limits, as_of, int(told[2]), told[3])


READ = {
    "text": read_text,
    "table": read_text,
    "json": read_json,
    "ndjson": read_ndjson,
    "csv": read_csv,
    "mermaid": read_mermaid,
    "dot": read_dot,
    "graphml": read_graphml,
    "openlineage": read_openlineage,
}


def offered(name: str) -> tuple[str, ...]:
    if name in GRAPHS:
        return FORMATS
    return ROWS if name == "doctor" else (*ROWS, *PICTURES)


CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_answer_carries_its_seal_in_every_format(
    workspace: Path, name: str, option: str
) -> None:
    words = (*QUESTIONS[name], *OPTIONS[option])
    if (name, option) in SENSELESS:
        refused = run(workspace, *words)
        assert (refused.code, refused.out) == (2, "")
        assert "No such option" in refused.err
        return
    truth = read_json(run(workspace, *words, "--format", "json"))
    for format_ in offered(name):
        done = run(workspace, *words, "--format", format_)
        assert done.code == 0, (format_, done.err)
        assert not CONTROL.search(done.out), format_
        assert READ[format_](done) == truth, format_
        strict = run(workspace, *words, "--format", format_, "--require-complete")
        assert strict.code == (0 if truth.complete else 2)
        answer = done.out if truth.complete else ""
        assert strict.out == answer or json.loads(strict.out)["schema"] == "headwater/error/1"


@pytest.mark.parametrize("name", ["upstream", "downstream", "impact", "path", "why"])
def test_a_step_too_few_is_a_cut_answer(workspace: Path, name: str) -> None:
    truth = read_json(run(workspace, *QUESTIONS[name], "--hops", "1", "--format", "json"))
    assert (truth.complete, truth.limits) == (False, "--hops 1")


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_format_that_makes_no_sense_is_refused_and_the_help_says_so(
    workspace: Path, name: str
) -> None:
    for format_ in set(FORMATS) - set(offered(name)):
        assert run(workspace, *QUESTIONS[name], "--format", format_).code == 2
    told = run(workspace, name, "--help").out
    senseless = {option for command, option in SENSELESS if command == name}
    assert ("openlineage" in told) or "no picture" in told
    if senseless & {"--hops"}:
        assert re.search(r"no\s+--hops", told)


def test_hostile_names_are_all_there(workspace: Path) -> None:
    found = json.loads(run(workspace, "downstream", "start", "--format", "json").out)
    assert {node["name"] for node in found["nodes"]} == {*HOSTILE, "goal"}


def test_events_exported_and_read_again_are_the_same_lineage(
    workspace: Path, tmp_path: Path
) -> None:
    words = ("downstream", "start#c")
    for name in ("headwater.yaml", "departments.yaml"):
        shutil.copy(workspace / name, tmp_path / name)
    events = run(workspace, *words, "--format", "openlineage").out
    (tmp_path / "e.ndjson").write_text(events, encoding="utf-8")
    first, second = (
        json.loads(run(root, *words, "--format", "json").out) for root in (workspace, tmp_path)
    )
    assert first["edges"]
    assert [first["nodes"], first["edges"]] == [second["nodes"], second["edges"]]
