"""Lineage of a workspace beside its events: edge lists, SQL, dbt; strict and lenient reading."""

from __future__ import annotations

import json
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from headwater.cli.guard import guarded
from headwater.cli.main import group

DB = "postgres://db:5432"
WORKSPACE = """\
kind: workspace
id: small
namespaces:
  - {namespace: "postgres://db:*", name: "shop.*", department: shop}
  - {namespace: "postgres://db:*", name: "tax.*", department: tax}
lineage: LINEAGE
engine: native
"""
DEPARTMENTS = """\
kind: departments
departments:
  - {id: shop, name: Shop, level: city, region: "330100", clearance: core}
  - {id: tax, name: Tax, level: city, region: "330100", clearance: core}
"""
EVENTS = "{events: lineage/*.ndjson, reading: MODE}"
EDGES = f"""\
kind: lineage
since: 2026-09-01
job: paper/return
edges:
  - from: {DB}/shop.public.orders#amount
    to: {DB}/tax.public.base#amount
"""
GOOD = {
    "eventTime": "2026-10-01T01:05:00Z",
    "eventType": "COMPLETE",
    "run": {"runId": "r1"},
    "job": {"namespace": "etl", "name": "load"},
    "inputs": [{"namespace": DB, "name": "shop.public.orders"}],
    "outputs": [{"namespace": DB, "name": "shop.public.daily"}],
}
BROKEN = {**GOOD, "run": {"runId": "r2"}, "inputs": [{"namespace": DB}]}


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("HEADWATER_OPA", raising=False)


def headwater(folder: Path, *words: str) -> Done:
    out, err = StringIO(), StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        code = guarded(group, list(words))
    return Done(code, out.getvalue(), err.getvalue())


def answered(folder: Path, *words: str) -> Any:
    done = headwater(folder, *words, "--format", "json")
    assert done.code == 0, done
    return json.loads(done.out)


def written(root: Path, lineage: str, files: dict[str, str]) -> Path:
    marker = WORKSPACE.replace("LINEAGE", lineage)
    for name, text in {"headwater.yaml": marker, "d.yaml": DEPARTMENTS, **files}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def lines(*events: object) -> str:
    return "".join(f"{json.dumps(event)}\n" for event in events)


# --- edge lists ---------------------------------------------------------------------------------


def test_an_edge_list_needs_no_mention_and_is_declared_where_it_stands(tmp_path: Path) -> None:
    root = written(tmp_path, "[]", {"lineage/paper.yaml": EDGES})
    found = answered(root, "lineage", "path", "orders#amount", "base#amount")
    ((edge,),) = (step["edges"] for step in found["steps"])
    assert edge["evidence"] == "declared"
    assert edge["job"] == {"namespace": "paper", "name": "return"}
    why = headwater(root, "lineage", "why", "orders", "base")
    assert "stated at lineage/paper.yaml:5" in why.out
    assert "first said 2026-09-01T00:00:00Z" in why.out


def test_an_edge_list_holds_from_its_day_on(tmp_path: Path) -> None:
    root = written(tmp_path, "[]", {"paper.yaml": EDGES})
    before = answered(root, "lineage", "downstream", "orders", "--as-of", "2026-08-31")
    after = answered(root, "lineage", "downstream", "orders", "--as-of", "2026-09-01")
    assert (len(before["nodes"]), len(after["nodes"])) == (0, 1)


def test_an_edge_that_is_taken_out_of_the_list_is_gone(tmp_path: Path) -> None:
    root = written(tmp_path, "[]", {"paper.yaml": EDGES})
    assert answered(root, "lineage", "downstream", "orders")["nodes"]
    (root / "paper.yaml").write_text(EDGES.replace("orders#amount", "bills#amount"))
    assert headwater(root, "lineage", "downstream", "orders").code == 2
    assert answered(root, "lineage", "downstream", "bills")["nodes"]


def test_a_flow_of_an_edge_list_is_judged(tmp_path: Path) -> None:
    root = written(tmp_path, "[]", {"paper.yaml": EDGES})
    done = headwater(root, "check", ".", "--format", "json")
    rules = {found["rule"] for found in json.loads(done.out)["findings"]}
    assert (done.code, "sharing/no-agreement" in rules) == (1, True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("since: 2026-09-01\n", "", "paper.yaml:1:1: the key `since` is missing"),
        ("2026-09-01", "2026-09-31", "paper.yaml:2:8: "),
        ("job: paper", "jobb: paper", "paper.yaml:3:1: unknown key `jobb`"),
        ("#amount\n    to", "#\n    to", "paper.yaml:5:11: "),
    ],
)
@pytest.mark.parametrize("mode", ["strict", "lenient"])
def test_a_wrong_edge_list_is_refused_with_its_place(
    tmp_path: Path, mode: str, old: str, new: str, said: str
) -> None:
    assert old in EDGES
    files = {"paper.yaml": EDGES.replace(old, new)}
    done = headwater(written(tmp_path, f"{{reading: {mode}}}", files), "lineage", "matrix")
    assert (done.code, done.out) == (2, "")
    assert said in done.err


# --- SQL and dbt --------------------------------------------------------------------------------

SQL = "{sql: [{files: sql/*.sql, namespace: 'postgres://db:5432', dialect: postgres, since: 2026-09-01}]}"


def test_each_sql_file_is_a_job_of_its_own(tmp_path: Path) -> None:
    files = {
        "sql/a.sql": "create view tax.public.base as\nselect sum(amount) as s from shop.public.orders;",
        "sql/b.sql": "insert into tax.public.due (d) select s from tax.public.base;",
    }
    root = written(tmp_path, SQL, files)
    found = answered(root, "lineage", "path", "orders#amount", "due#d")
    edges = [step["edges"][0] for step in found["steps"]]
    assert [edge["job"]["name"] for edge in edges] == ["sql/a", "sql/b"]
    assert {edge["evidence"] for edge in edges} == {"declared"}
    assert "stated at sql/a.sql:1" in headwater(root, "lineage", "why", "orders", "base").out


def test_contracts_that_change_have_the_sql_read_again(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        SQL,
        {"sql/a.sql": "create view tax.public.base as select * from shop.public.orders;"},
    )
    assert answered(root, "lineage", "upstream", "base")["edges"][0]["evidence"] == "implied"
    (root / "orders.odcs.yaml").write_text(
        "apiVersion: v3.1.0\nkind: DataContract\nid: o\nversion: 1.0.0\nstatus: active\ntenant: shop\n"
        "servers: [{server: p, type: postgres, host: db, port: 5432, database: shop, schema: public}]\n"
        "schema: [{name: orders, properties: [{name: amount, logicalType: number}]}]\n"
    )
    assert (
        answered(root, "lineage", "upstream", "base#amount")["edges"][0]["evidence"] == "declared"
    )


def test_what_is_taken_whole_is_a_note_and_leaves_the_answer_complete(tmp_path: Path) -> None:
    sql = "create view tax.public.base as select * from shop.public.orders;"
    root = written(tmp_path, SQL, {"sql/a.sql": sql})
    assert answered(root, "lineage", "matrix")["complete"]
    report = json.loads(headwater(root, "check", ".", "--format", "json").out)
    notes = [f for f in report["findings"] if f["rule"] == "lineage/taken-in-part"]
    assert [(note["severity"], note["location"]["file"]) for note in notes] == [
        ("note", "sql/a.sql")
    ]
    symptoms = answered(root, "lineage", "doctor", "--as-of", "2026-10-01")["symptoms"]
    assert "taken-in-part" in {symptom["complaint"] for symptom in symptoms}


def test_wrong_sql_is_refused_or_noted_as_the_workspace_says(tmp_path: Path) -> None:
    files = {"sql/a.sql": "\nselect from where;"}
    strict = headwater(written(tmp_path, SQL, files), "lineage", "matrix")
    assert (strict.code, strict.out) == (2, "")
    assert "sql/a.sql:2" in strict.err
    lenient = answered(
        written(tmp_path, SQL.replace("{sql", "{reading: lenient, sql"), files), "lineage", "matrix"
    )
    assert lenient["limits"] == ["not understood: 1"]


def test_sql_files_that_are_not_there_are_a_problem(tmp_path: Path) -> None:
    done = headwater(written(tmp_path, SQL, {}), "lineage", "matrix")
    assert done.code == 2
    assert "`sql/*.sql` matches no file" in done.err


@pytest.mark.parametrize(
    ("lineage", "said"),
    [
        ("{reading: lax}", "headwater.yaml:6:20: `lax` is not a valid `reading`"),
        ("{event: x}", "unknown key `event`"),
        ("{events: ../x.ndjson}", "`../x.ndjson`"),
        ("{sql: [{files: /x.sql, namespace: n, since: 2026-01-01}]}", "`/x.sql`"),
        ("{sql: [{files: x.sql, namespace: n}]}", "the key `since` is missing"),
        ("{dbt: [{manifest: m.json, namespace: n, since: 2026-01-01}]}", "`m.json`"),
        ("{dbt: [{manifest: ../m.json, namespace: n, since: 2026-01-01}]}", "`../m.json`"),
    ],
)
def test_wrong_settings_are_refused_with_their_place(
    tmp_path: Path, lineage: str, said: str
) -> None:
    done = headwater(written(tmp_path, lineage, {}), "lineage", "matrix")
    assert (done.code, done.out) == (2, "")
    assert "headwater.yaml:6:" in done.err
    assert said in done.err


# --- strict and lenient -------------------------------------------------------------------------


def test_strict_reading_refuses_a_broken_event(tmp_path: Path) -> None:
    files = {"lineage/e.ndjson": lines(GOOD, BROKEN)}
    root = written(tmp_path, EVENTS.replace("MODE", "strict"), files)
    for words in (("check", "."), ("lineage", "matrix")):
        done = headwater(root, *words)
        assert (done.code, done.out) == (2, "")
        assert "lineage/e.ndjson:2:1: " in done.err


def test_lenient_reading_makes_it_a_finding_in_the_report(tmp_path: Path) -> None:
    files = {"lineage/e.ndjson": lines(GOOD, BROKEN, BROKEN), "paper.yaml": EDGES}
    root = written(tmp_path, EVENTS.replace("MODE", "lenient"), files)
    done = headwater(root, "check", ".", "--format", "json")
    found = [f for f in json.loads(done.out)["findings"] if f["rule"] == "lineage/not-understood"]
    assert done.code == 1
    assert [(f["severity"], f["subject"], f["location"]["line"]) for f in found] == [
        ("error", {"kind": "file", "name": "lineage/e.ndjson", "columns": []}, 2)
    ]
    assert found[0]["evidence"]["lines"] == [2, 3]
    assert set(found[0]["message"]) == {"en", "zh"}


def test_a_finding_keeps_its_fingerprint_when_the_event_moves(tmp_path: Path) -> None:
    root = written(tmp_path, EVENTS.replace("MODE", "lenient"), {"paper.yaml": EDGES})
    prints = set()
    for events in ((GOOD, BROKEN), (BROKEN, GOOD)):
        (root / "lineage").mkdir(exist_ok=True)
        (root / "lineage/e.ndjson").write_text(lines(*events))
        report = json.loads(headwater(root, "check", ".", "--format", "json").out)
        prints |= {f["fingerprint"] for f in report["findings"] if f["rule"].startswith("lineage/")}
    assert len(prints) == 1


QUESTIONS = [
    ("upstream", "daily"),
    ("downstream", "orders"),
    ("path", "orders", "daily"),
    ("why", "orders", "daily"),
    ("impact", "orders"),
    ("flows",),
    ("matrix",),
    ("diff", "--from", "2026-09-01", "--to", "2026-10-05"),
    ("doctor", "--as-of", "2026-10-05"),
]


@pytest.mark.parametrize("words", QUESTIONS, ids=lambda words: words[0])
def test_no_answer_is_complete_while_something_is_not_understood(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    files = {"lineage/e.ndjson": lines(GOOD, BROKEN)}
    root = written(tmp_path, EVENTS.replace("MODE", "lenient"), files)
    found = answered(root, "lineage", *words)
    assert (found["complete"], found["limits"]) == (False, ["not understood: 1"])
    text = headwater(root, "lineage", *words)
    assert "not complete: parts of files not understood: 1" in text.out
    refused = headwater(root, "lineage", *words, "--require-complete")
    assert (refused.code, refused.out) == (2, "")
    (root / "lineage/e.ndjson").write_text(lines(GOOD))
    assert answered(root, "lineage", *words, "--require-complete")["complete"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_doctor_lists_what_is_not_understood_with_its_place(
    tmp_path: Path, language: str
) -> None:
    files = {"lineage/e.ndjson": lines(GOOD, BROKEN)}
    root = written(tmp_path, EVENTS.replace("MODE", "lenient"), files)
    words = ("lineage", "doctor", "--as-of", "2026-10-05", "--lang", language)
    text = headwater(root, *words).out
    assert "lineage/e.ndjson:2:1" in text
    assert ("what is not understood" if language == "en" else "无法理解的内容") in text
    symptoms = json.loads(headwater(root, *words, "--format", "json").out)["symptoms"]
    assert symptoms[-1]["location"] == {"file": "lineage/e.ndjson", "line": 2, "column": 1}


def test_the_mode_may_change_and_change_back(tmp_path: Path) -> None:
    files = {"lineage/e.ndjson": lines(GOOD, BROKEN)}
    codes = []
    for mode in ("lenient", "strict", "lenient"):
        root = written(tmp_path, EVENTS.replace("MODE", mode), files)
        codes.append(headwater(root, "lineage", "downstream", "orders").code)
    assert codes == [0, 2, 0]
