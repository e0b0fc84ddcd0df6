"""What looks wrong, and what does not."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.doctor import Patient, Symptom, examine, plain
from headwater.lineage.graph import Graph
from headwater.lineage.model import Edge, Evidence, Node

A, B, C = (DatasetId("db", name) for name in "abc")
LOAD = JobId("etl", "load")
DAY = datetime.date(2026, 11, 1)
RECENT, OLD = "2026-10-20T00:00:00Z", "2026-05-01T00:00:00Z"


def edge(source: Node, target: Node, last: str = RECENT, evidence: Evidence = "observed") -> Edge:
    return Edge(source, target, LOAD, None, "direct", False, evidence, OLD, last, ("r",), None)


def symptoms(graph: Graph, *, jobs: dict[JobId, str] | None = None) -> list[Symptom]:
    everyone = Patient(graph, jobs or {}, lambda _: "health", lambda _: "ann")
    return list(examine(everyone, DAY, 90).symptoms)


def test_a_healthy_graph_has_no_symptoms() -> None:
    jobs = {LOAD: "2026-10-20T00:00:00.000000000Z"}
    assert symptoms(Graph([edge(A, B), edge(B, C)]), jobs=jobs) == []


def test_a_step_that_nobody_saw_for_long_is_stale_even_at_many_jobs() -> None:
    found = symptoms(Graph([edge(A, B, OLD), edge(B, C, OLD), edge(B, C)]))
    assert found == [Symptom("stale", (A, B), LOAD, OLD)]


def test_a_step_that_the_job_has_since_left_out_has_ceased() -> None:
    gone = replace(edge(A, B), until=RECENT)
    assert symptoms(Graph([gone])) == [Symptom("ceased", (A, B), LOAD, RECENT)]


def test_a_step_is_only_implied_where_no_job_says_more() -> None:
    implied = edge(A, B, evidence="implied")
    found = symptoms(Graph([implied, edge(B, C, evidence="implied"), edge(B, C)]))
    assert found == [Symptom("implied-only", (A, B), LOAD, RECENT)]


def test_jobs_that_draw_nothing_are_named_if_they_had_run_by_then() -> None:
    quiet, later = JobId("etl", "quiet"), JobId("etl", "later")
    jobs = {
        LOAD: "2026-10-20T00:00:00.000000000Z",
        quiet: "2026-10-20T00:00:00.000000000Z",
        later: "2026-11-20T00:00:00.000000000Z",
    }
    found = symptoms(Graph([edge(A, B)]), jobs=jobs)
    assert found == [Symptom("job-without-lineage", (), quiet, "2026-10-20T00:00:00Z")]


def test_nobodys_datasets_are_named() -> None:
    patient = Patient(Graph([edge(A, B)]), {}, {A: "health"}.get, {B: "ann"}.get)
    assert list(examine(patient, DAY, 90).symptoms) == [
        Symptom("no-department", (B,)),
        Symptom("no-owner", (A,)),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (DatasetId("postgresql://DB:5432", "pop.r"), DatasetId("postgres://db", "pop.r")),
        (DatasetId("s3a://lake", "/raw//x/"), DatasetId("s3://lake", "raw/x")),
        (DatasetId("db", '"Pop"."R"'), DatasetId("db", "pop.r")),
    ],
)
def test_two_ways_to_write_one_name_are_suspected(one: DatasetId, other: DatasetId) -> None:
    assert plain(one) == plain(other)
    found = symptoms(Graph([], [one, other]))
    assert found == [Symptom("two-names", tuple(sorted((one, other))))]


def test_the_same_columns_under_the_same_name_elsewhere_are_suspected_unless_copied() -> None:
    one, other = DatasetId("hive://h", "pop.r"), DatasetId("s3://lake", "pop.r")
    known = [ColumnId(each, name) for each in (one, other) for name in ("id", "name")]
    assert symptoms(Graph([], known)) == [Symptom("two-names", (one, other))]
    assert symptoms(Graph([edge(one, other)], known)) == []
    assert symptoms(Graph([], known[:3])) == []


@pytest.mark.parametrize("namespace", ["", "://", "s3://", "\n", "a://b\nc", "数据://库"])
def test_any_name_can_be_examined(namespace: str) -> None:
    assert plain(DatasetId(namespace, "x"))
