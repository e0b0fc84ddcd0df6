"""Hand-written edge lists as a source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage import load_graph, open_store
from headwater.lineage.edge_list import read_edges, split_name
from headwater.lineage.events import declared_text
from headwater.lineage.reader import read_bytes
from headwater.lineage.uses import Use

LIST = """\
kind: lineage
job: manual/export
purpose: public-health
edges:
  - from: postgres://a:5432/h.public.visit#id
    to: s3://bucket/out/visits.csv#visit
    masked: true
  - from: postgres://a:5432/h.public.visit#day
    to: s3://bucket/out/visits.csv
"""
VISIT = DatasetId("postgres://a:5432", "h.public.visit")
FILE = DatasetId("s3://bucket", "out/visits.csv")


def codes(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read_edges(text.encode(), "edges.yaml")
    return [f"{found.position} {found.code}" for found in caught.value.problems]


def edges(*rows: str) -> str:
    listed = "".join(f"  - {{{row}}}\n" for row in rows)
    return f"kind: lineage\njob: manual/export\nedges:\n{listed}"


def test_columns_lead_to_columns_and_influence_datasets() -> None:
    (found,) = read_edges(LIST.encode(), "edges.yaml").declared
    assert (found.job, found.purpose) == (JobId("manual", "export"), "public-health")
    assert (found.output, found.inputs, found.columns) == (FILE, (VISIT,), ("visit",))
    assert found.made_from == {
        "visit": frozenset({Use(ColumnId(VISIT, "id"), "TRANSFORMATION", masked=True)})
    }
    assert found.influences == frozenset({Use(ColumnId(VISIT, "day"), "FILTER")})


def test_it_becomes_the_edges_that_it_names(tmp_path: Path) -> None:
    declared = read_edges(LIST.encode(), "edges.yaml").declared
    events = read_bytes(declared_text(declared, "2026-10-01T00:00:00Z").encode(), "x.ndjson")
    store = open_store(tmp_path / "lineage.db")
    store.record_emitted(events)
    graph = load_graph(store)
    store.close()
    column_edges = {
        (edge.source, edge.target): (edge.kind, edge.masked, edge.evidence, edge.purpose)
        for edge in graph.edges
        if isinstance(edge.source, ColumnId)
    }
    assert column_edges == {
        (ColumnId(VISIT, "id"), ColumnId(FILE, "visit")): ("direct", True, "declared", "public-health"),
        (ColumnId(VISIT, "day"), ColumnId(FILE, "visit")): ("indirect", False, "declared", "public-health"),
    }  # fmt: skip


def test_whole_datasets_become_inputs_of_which_no_columns_are_said() -> None:
    (found,) = read_edges(edges("from: n/a, to: n/b").encode(), "edges.yaml").declared
    assert (found.inputs, found.made_from) == ((DatasetId("n", "a"),), None)


def test_a_job_of_several_datasets_becomes_one_for_each() -> None:
    text = edges('from: "n/a#x", to: "n/b#x"', 'from: "n/c#y", to: "n/d#y"')
    found = read_edges(text.encode(), "edges.yaml").declared
    assert [(each.job.name, each.inputs) for each in found] == [
        ("export.b", (DatasetId("n", "a"),)),
        ("export.d", (DatasetId("n", "c"),)),
    ]


def test_one_dataset_for_two_purposes_is_told_apart() -> None:
    text = edges('from: "n/a#x", to: "n/b#x", purpose: p', 'from: "n/a#y", to: "n/b#y", purpose: q')
    found = read_edges(text.encode(), "edges.yaml").declared
    assert [(each.job.name, each.purpose) for each in found] == [
        ("export.b.p", "p"),
        ("export.b.q", "q"),
    ]


def test_an_edge_may_name_its_own_job_and_way() -> None:
    row = 'from: "n/a#x", to: "n/b#x", kind: indirect, subtype: JOIN, job: other/job'
    (found,) = read_edges(edges(row).encode(), "edges.yaml").declared
    assert found.job == JobId("other", "job")
    assert (found.made_from or {})["x"] == {Use(ColumnId(DatasetId("n", "a"), "x"), "JOIN")}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("from: a, to: n/b", "edges.yaml:4:12 edge-name"),
        ('from: "n/a#", to: n/b', "edges.yaml:4:12 edge-name"),
        ("from: n/a", "edges.yaml:4:5 missing-key"),
        ('from: n/a, to: "n/b#x"', "edges.yaml:4:5 edge-whole-to-column"),
        ("from: n/a, to: n/b, masked: true", "edges.yaml:4:34 edge-whole"),
        ('from: "n/a#x", to: n/b, kind: direct', "edge-direct-to-whole"),
        ('from: "n/a#x", to: "n/b#x", kind: dirct', "not-one-of"),
        ('from: "n/a#x", to: "n/b#x", subtype: JOIN', "not-one-of"),
        ('from: "n/a#x", to: "n/b#x", mask: true', "unknown-key"),
        ('from: "n/a#x", to: "n/b#x", masked: 1', "wrong-type"),
        ('from: "n/a#x", to: "n/b#x", job: lonely', "edge-name"),
        ("from: 7, to: n/b", "quote-it"),
    ],
)
def test_what_is_wrong_is_a_problem_with_its_place(row: str, problem: str) -> None:
    (found,) = codes(edges(row))
    assert found.endswith(problem)


def test_columns_and_the_whole_of_one_dataset_contradict_each_other() -> None:
    (found,) = codes(edges('from: "n/a#x", to: "n/b#x"', "from: n/a, to: n/b"))
    assert found.endswith("edges.yaml:5:5 edge-mixed")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kind: linage\nedges: [{from: n/a, to: n/b, job: n/j}]", "not-one-of"),
        ("kind: lineage\nedges: []", "empty"),
        ("kind: lineage", "missing-key"),
        ("kind: lineage\nedges: [{from: n/a, to: n/b}]", "edge-no-job"),
        ("kind: lineage\nedges: [7]", "wrong-type"),
        ("- 1", "wrong-type"),
        ("kind: lineage\nedges: &x [*x]", "yaml-alias"),
        ("", "empty"),
        ("{", "yaml-syntax"),
    ],
)
def test_what_is_no_edge_list_is_refused(text: str, code: str) -> None:
    assert any(found.endswith(f" {code}") for found in codes(text))


def test_all_problems_come_together() -> None:
    assert len(codes(edges("from: a, to: n/b", "from: n/a, to: b"))) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres://db:5432/shop.public.orders", ("postgres://db:5432", "shop.public.orders")),
        ("s3://bucket/a/b.csv", ("s3://bucket", "a/b.csv")),
        ("bigquery/project.set.table", ("bigquery", "project.set.table")),
        ("file//data/x.csv", ("file", "/data/x.csv")),
        ("orders", None),
        ("postgres://db", None),
        ("/orders", None),
        ("n/", None),
        ("n/a\0b", None),
    ],
)
def test_a_namespace_ends_at_the_first_slash_after_its_scheme(
    text: str, expected: tuple[str, str] | None
) -> None:
    assert split_name(text) == (DatasetId(*expected) if expected else None)


def test_the_same_list_gives_the_same_bytes() -> None:
    texts = {
        declared_text(read_edges(LIST.encode(), "edges.yaml").declared, "2026-10-01T00:00:00Z")
        for _ in range(3)
    }
    (text,) = texts
    assert json.loads(text)["job"]["facets"]["documentation"]["description"] == "edges.yaml:5:5"


@pytest.mark.parametrize("time", ["yesterday", "2026-10-01", "2026-10-01T00:00:00", ""])
def test_a_time_without_a_zone_is_refused(time: str) -> None:
    with pytest.raises(DocumentError) as caught:
        declared_text(read_edges(LIST.encode(), "edges.yaml").declared, time)
    assert caught.value.problems[0].code == "event-time"


def test_times_are_written_in_one_way() -> None:
    declared = read_edges(LIST.encode(), "edges.yaml").declared
    text = declared_text(declared, "2026-10-01 08:00:00,500000000+08")
    assert json.loads(text)["eventTime"] == "2026-10-01T00:00:00.5Z"
