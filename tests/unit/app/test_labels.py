"""Effective labels of a workspace: what the gate is told, where labels stop, what is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.app.label_findings import label_findings
from headwater.app.labels import WorkspaceLabels, labels_of_workspace
from headwater.app.store import synced_store
from headwater.catalog.forms import Problems
from headwater.catalog.ids import DatasetId
from headwater.catalog.model import Workspace
from headwater.catalog.workspace import load_workspace
from headwater.lineage import load_graph

SETTINGS = """\
kind: workspace
id: w
categories: [{id: plate, under: personal}]
namespaces:
  - {namespace: "db", name: "a.*", department: a}
  - {namespace: "db", name: "b.*", department: b}
lineage: ["events.ndjson"]
checks: {server: s}
"""
DEPARTMENTS = """\
kind: departments
departments:
  - {id: a, name: A, level: city, region: "330100", clearance: core}
  - {id: b, name: B, level: city, region: "330100", clearance: core}
"""


def contract(name: str, **columns: str) -> str:
    """Return a contract of one dataset; a column's value is its level and its tags."""
    lines = []
    for column, words in columns.items():
        level, *tags = words.split() or [""]
        said = f", classification: {level}" if level else ""
        said += f", tags: [{', '.join(tags)}]" if tags else ""
        lines.append(f"      - {{name: {column}, logicalType: string{said}}}")
    body = "\n".join(lines)
    return f"""\
apiVersion: v3.1.0
kind: DataContract
id: {name}
version: 1.0.0
status: active
tenant: {name.split(".", maxsplit=1)[0]}
servers: [{{server: s, type: local, path: data/{name}.csv, format: csv}}]
schema:
  - name: {name}
    customProperties: [{{property: dataset, value: {{namespace: db, name: {name}}}}}]
    properties:
{body}
"""


def event(
    job: str, target: str, /, *reads: str, filters: tuple[str, ...] = (), **columns: str
) -> str:
    """Return one run: ``columns`` are made from ``dataset#column``, ``reads`` name no columns."""
    facets: dict[str, Any] = {}
    if columns or filters:
        facets["columnLineage"] = {
            "fields": {
                name: {"inputFields": [_field(each, "DIRECT") for each in made.split()]}
                for name, made in columns.items()
            },
            "dataset": [_field(each, "INDIRECT") for each in filters],
        }
    used = [*filters, *(each for made in columns.values() for each in made.split())]
    inputs = sorted({*reads, *(each.split("#")[0] for each in used)})
    return json.dumps(
        {
            "eventType": "COMPLETE",
            "eventTime": "2026-10-01T00:00:00Z",
            "producer": "https://example.org",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json",
            "run": {"runId": f"00000000-0000-7000-8000-{abs(hash_of(job)):012d}"},
            "job": {"namespace": "etl", "name": job},
            "inputs": [{"namespace": "db", "name": name} for name in inputs],
            "outputs": [{"namespace": "db", "name": target, "facets": facets}],
        }
    )


def hash_of(text: str) -> int:
    """Return a small number that a text always has."""
    return sum(ord(sign) * place for place, sign in enumerate(text, 1)) % 10**12


def _field(node: str, kind: str) -> dict[str, Any]:
    dataset, column = node.split("#")
    how = {"type": kind, "subtype": "IDENTITY" if kind == "DIRECT" else "FILTER"}
    return {"namespace": "db", "name": dataset, "field": column, "transformations": [how]}


def build(
    root: Path, contracts: list[str], events: list[str], **files: str
) -> tuple[Workspace, WorkspaceLabels]:
    """Write a workspace and return it with its labels; ``more`` is appended to headwater.yaml."""
    root.mkdir(parents=True, exist_ok=True)
    more = files.pop("more", "")
    texts = {
        "headwater.yaml": SETTINGS + more,
        "departments.yaml": DEPARTMENTS,
        "events.ndjson": "".join(f"{each}\n" for each in events),
        **{f"c{number}.odcs.yaml": text for number, text in enumerate(contracts)},
        **{name.replace("__", "."): text for name, text in files.items()},
    }
    for name, text in texts.items():
        path = root / ("data" if name.endswith(".csv") else ".") / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read(root)


def read(root: Path) -> tuple[Workspace, WorkspaceLabels]:
    """Return the workspace in a folder and its labels."""
    problems = Problems()
    workspace = load_workspace(root, problems)
    problems.raise_any()
    assert workspace is not None
    with synced_store(workspace) as store:
        graph = load_graph(store)
    return workspace, labels_of_workspace(workspace, graph)


def words(labels: WorkspaceLabels, node: str) -> str:
    """Return the labels of ``dataset#column`` or of a dataset, in words."""
    dataset, _, column = node.partition("#")
    facts = labels.facts(DatasetId("db", dataset), column or None)
    categories = facts.get("categories")
    assert isinstance(categories, list) or categories is None
    if categories is None:
        return "unknown"
    return " ".join([str(facts.get("level", "-")), *categories])


# --- where labels travel ---

SOURCE = contract("a.src", id="general-3 personal", ill="general-4 health", day="general-1")


def test_a_column_has_the_labels_of_all_that_it_is_made_from(tmp_path: Path) -> None:
    _, labels = build(
        tmp_path,
        [SOURCE, contract("b.out", x="general-1 business")],
        [event("j", "b.out", x="a.src#id a.src#ill"), event("k", "b.far", y="b.out#x")],
    )
    assert words(labels, "b.out#x") == "general-4 business health personal"
    assert words(labels, "b.far#y") == "general-4 business health personal"
    assert words(labels, "a.src#day") == "general-1"


def test_a_table_has_the_highest_level_of_its_columns(tmp_path: Path) -> None:
    _, labels = build(tmp_path, [SOURCE], [])
    assert words(labels, "a.src") == "general-4 health personal"


def test_unknown_stays_unknown_only_where_no_input_is_known(tmp_path: Path) -> None:
    plain = contract("a.plain", p="")
    _, labels = build(
        tmp_path,
        [SOURCE, plain],
        [
            event("j", "b.one", x="a.nobody#n"),
            event("k", "b.two", x="a.nobody#n a.src#day"),
            event("l", "b.three", x="a.plain#p"),
        ],
    )
    assert words(labels, "b.one#x") == "unknown"
    assert words(labels, "b.two#x") == "general-1"
    assert words(labels, "b.three#x") == "-"  # described, and nothing is said of it


@pytest.mark.parametrize(
    ("more", "found"), [("", "general-4 health personal"), ("labels: {indirect: false}\n", "general-1")]
)  # fmt: skip
def test_influences_count_unless_the_workspace_says_no(
    tmp_path: Path, more: str, found: str
) -> None:
    events = [event("j", "b.out", filters=("a.src#ill",), x="a.src#day")]
    _, labels = build(tmp_path, [SOURCE], events, more=more)
    assert words(labels, "b.out#x") == found


def test_where_no_columns_are_named_every_column_may_have_every_label(tmp_path: Path) -> None:
    _, labels = build(
        tmp_path, [SOURCE, contract("b.out", x="general-1", y="")], [event("j", "b.out", "a.src")]
    )
    assert words(labels, "b.out#x") == words(labels, "b.out#y") == "general-4 health personal"
    assert words(labels, "b.out") == "general-4 health personal"


def test_a_whole_dataset_without_known_columns_passes_labels_on(tmp_path: Path) -> None:
    events = [event("j", "b.mid", "a.src"), event("k", "b.out", "b.mid")]
    _, labels = build(tmp_path, [SOURCE], events)
    assert words(labels, "b.out") == "general-4 health personal"


def test_a_rule_labels_what_no_contract_describes(tmp_path: Path) -> None:
    rule = '{namespace: db, name: "b.raw*", column: "ip*", level: general-2, categories: [plate]}'
    whole = '{namespace: db, name: "b.whole", level: important}'
    _, labels = build(
        tmp_path,
        [],
        [event("j", "b.out", x="b.raw#ip y".replace(" y", "")), event("k", "a.out", "b.whole")],
        more=f"labels: {{rules: [{rule}, {whole}]}}\n",
    )
    assert words(labels, "b.out#x") == "general-2 personal plate"
    assert words(labels, "a.out") == "important"


POINT = """\
kind: stop-points
stop_points:
  - id: s
    kind: %s
    job: {name: j}
    columns: %s
    lowers: {level: general-1, remove: [%s]}
    proof: %s
"""
GROUPS = "{min_group: 10, size_column: n}"
EVENTS = [
    event("j", "b.out", filters=("a.src#ill",), x="a.src#id", n="a.src#id"),
    event("far", "a.far", z="b.out#x"),
]
OUT = contract("b.out", x="general-1", n="general-1")


@pytest.mark.parametrize(
    ("rows", "found"),
    [("p,10\nq,12\n", "general-1"), ("p,10\nq,9\n", "general-4 health personal"),
     ("", "general-4 health personal")],
)  # fmt: skip
def test_labels_drop_only_while_the_data_proves_it(tmp_path: Path, rows: str, found: str) -> None:
    point = POINT % ("aggregate", '["*"]', "personal", GROUPS)
    files = {"stop-points.yaml": point, "b.out.csv": f"x,n\n{rows}"}
    _, labels = build(tmp_path, [SOURCE, OUT], EVENTS, **files)
    assert words(labels, "b.out#x") == words(labels, "a.far#z") == found


def test_another_job_that_writes_the_same_column_is_not_the_stop_point(tmp_path: Path) -> None:
    point = POINT % ("aggregate", '["*"]', "personal", GROUPS)
    files = {"stop-points.yaml": point, "b.out.csv": "x,n\np,10\n"}
    events = [*EVENTS, event("other", "b.out", x="a.src#id")]
    _, labels = build(tmp_path, [SOURCE, OUT], events, **files)
    assert words(labels, "b.out#x") == "general-3 personal"
    assert words(labels, "b.out#n") == "general-1"


def test_what_masks_a_value_does_not_hide_what_chose_the_row(tmp_path: Path) -> None:
    point = POINT % ("mask", "[x]", "plate", '{format: "[*]+"}')
    files = {"stop-points.yaml": point, "b.out.csv": "x,n\n***,1\n"}
    _, labels = build(tmp_path, [SOURCE, OUT], EVENTS, **files)
    assert words(labels, "b.out#x") == "general-4 health personal"
    _, labels = build(
        tmp_path / "direct", [SOURCE, OUT], [event("j", "b.out", x="a.src#id")], **files
    )
    assert words(labels, "b.out#x") == "general-1 personal"


def test_columns_that_the_proof_did_not_look_at_keep_their_labels(tmp_path: Path) -> None:
    proof = "{k: 2, quasi_identifiers: [x]}"
    point = POINT % ("k-anonymise", '["*"]', "personal", proof)
    files = {"stop-points.yaml": point, "b.out.csv": "x,n\np,1\np,2\n"}
    _, labels = build(tmp_path, [SOURCE, OUT], EVENTS, **files)
    assert words(labels, "b.out#x") == "general-1"
    assert words(labels, "b.out#n") == "general-4 health personal"


def test_what_is_declared_at_the_output_itself_is_never_lowered(tmp_path: Path) -> None:
    point = POINT % ("aggregate", '["*"]', "personal", GROUPS)
    files = {"stop-points.yaml": point, "b.out.csv": "x,n\np,10\n"}
    declared = contract("b.out", x="general-2 personal", n="general-1")
    _, labels = build(tmp_path, [SOURCE, declared], EVENTS, **files)
    assert words(labels, "b.out#x") == "general-2 personal"


def test_a_stop_point_holds_for_edges_that_name_no_columns_if_it_is_of_all(tmp_path: Path) -> None:
    point = POINT % ("aggregate", '["*"]', "personal", GROUPS)
    files = {"stop-points.yaml": point, "b.out.csv": "x,n\np,10\n"}
    _, labels = build(tmp_path, [SOURCE, OUT], [event("j", "b.out", "a.src")], **files)
    assert words(labels, "b.out") == "general-1"
    files["stop-points.yaml"] = point.replace('["*"]', "[x]")
    _, labels = build(tmp_path / "x", [SOURCE, OUT], [event("j", "b.out", "a.src")], **files)
    assert words(labels, "b.out#x") == "general-1"
    assert words(labels, "b.out") == "general-4 health personal"


# --- what is found ---


def found(
    root: Path, contracts: list[str], events: list[str], **files: str
) -> list[tuple[str, tuple[str, ...]]]:
    workspace, labels = build(root, [SOURCE, *contracts], events, **files)
    told = label_findings(workspace, labels)
    return [(each.rule, getattr(each.subject, "columns", ())) for each in told]


@pytest.mark.parametrize(
    ("declared", "made", "rule"),
    [
        ("general-2 personal", "a.src#id", "labels/declared-too-low"),
        ("general-3", "a.src#id", "labels/declared-too-low"),
        ("general-3 personal", "a.src#id", None),
        ("general-3 health", "a.src#id", "labels/without-source"),
        ("general-4 personal", "a.src#id", "labels/without-source"),
        ("", "a.src#id", "labels/unlabelled"),
        ("", "a.nobody#n", None),
        ("general-4 health", "a.nobody#n a.src#day", None),
        ("general-4 health", "", None),
    ],
)
def test_a_contract_is_compared_with_what_arrives(
    tmp_path: Path, declared: str, made: str, rule: str | None
) -> None:
    events = [event("j", "b.out", x=made)] if made else []
    wanted = [(rule, ("x",))] if rule else []
    assert found(tmp_path, [contract("b.out", x=declared)], events) == wanted


def test_what_arrives_by_implied_edges_alone_is_only_a_warning(tmp_path: Path) -> None:
    events = [event("j", "b.out", "a.src")]
    rules = found(tmp_path, [contract("b.out", x="general-1", y="")], events)
    assert rules == [("labels/maybe-too-low", ("x", "y"))]


def test_both_ways_of_arriving_are_told_apart(tmp_path: Path) -> None:
    events = [event("j", "b.out", x="a.src#id"), event("k", "b.out", "a.src")]
    rules = found(tmp_path, [contract("b.out", x="general-1", y="general-1")], events)
    assert sorted(rules) == [("labels/declared-too-low", ("x",)), ("labels/maybe-too-low", ("y",))]


def test_a_column_that_the_contract_does_not_list_is_unlabelled(tmp_path: Path) -> None:
    events = [event("j", "b.out", hidden="a.src#id")]
    rules = found(tmp_path, [contract("b.out", x="general-1")], events)
    assert rules == [("labels/unlabelled", ("hidden",))]


def test_a_dataset_without_a_contract_is_left_to_another_rule(tmp_path: Path) -> None:
    assert found(tmp_path, [], [event("j", "b.out", x="a.src#id")]) == []


def test_a_finding_names_where_the_labels_come_from(tmp_path: Path) -> None:
    workspace, labels = build(
        tmp_path,
        [SOURCE, contract("b.out", x="general-1")],
        [event("j", "b.mid", m="a.src#ill"), event("k", "b.out", x="b.mid#m a.src#day")],
    )
    (finding,) = label_findings(workspace, labels)
    assert finding.evidence["columns"] == [
        {
            "column": "x",
            "declared": {"categories": [], "level": "general-1"},
            "received": {"categories": ["health", "personal"], "level": "general-4"},
            "from": ["db/b.mid#m"],
        }
    ]
    assert finding.location.file == "c1.odcs.yaml"
    assert "`x` declares general-1 and receives general-4, health, personal" in finding.message.en
    assert "`x` 声明为 general-1，所接收为 general-4、health、personal" in finding.message.zh


def test_a_label_that_only_a_cycle_carries_is_not_invented(tmp_path: Path) -> None:
    events = [event("j", "b.out", x="b.loop#y"), event("k", "b.loop", y="b.out#x")]
    assert found(tmp_path, [contract("b.out", x="general-1")], events) == []


def test_a_stop_point_that_matches_nothing_is_found(tmp_path: Path) -> None:
    point = """\
kind: stop-points
stop_points:
  - {id: s, kind: drop, dataset: {name: b.out}, columns: [zzz], lowers: {level: general-1}}
"""
    files = {"stop-points.yaml": point}
    rules = found(
        tmp_path,
        [contract("b.out", x="general-1")],
        [event("j", "b.out", x="a.src#day")],
        **files,
    )
    assert rules == [("labels/stop-point-unused", ())]
