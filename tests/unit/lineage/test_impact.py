"""What a change would break: grouped by department and owner, nothing left out."""

from __future__ import annotations

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.filters import Filters
from headwater.lineage.graph import Graph
from headwater.lineage.impact import Impact, find_impact
from headwater.lineage.model import Edge, Kind, Node

SOURCE, COPY, REPORT, COUNT = (DatasetId("db", name) for name in ("s", "c", "r", "n"))
OWNERS = {COPY: "ann", REPORT: "bob"}
DEPARTMENTS = {SOURCE: "police", COPY: "health", REPORT: "health"}


def edge(source: Node, target: Node, job: str = "load", kind: Kind = "direct") -> Edge:
    time = "2026-10-01T00:00:00Z"
    found = JobId("etl", job)
    return Edge(source, target, found, None, kind, False, "observed", time, time, ("r",), None)


NAME, COPIED = ColumnId(SOURCE, "name"), ColumnId(COPY, "name")
GRAPH = Graph(
    [
        edge(SOURCE, COPY),
        edge(NAME, COPIED),
        edge(COPY, REPORT, "report"),
        edge(COPIED, ColumnId(REPORT, "title"), "report"),
        edge(SOURCE, COUNT, "count", "indirect"),
        edge(NAME, ColumnId(COUNT, "total"), "count", "indirect"),
    ],
    [ColumnId(SOURCE, "phone")],
)


def ask(node: Node, filters: Filters | None = None) -> Impact:
    return find_impact(
        GRAPH, node, filters or Filters(), department_of=DEPARTMENTS.get, owner_of=OWNERS.get
    )


def test_datasets_stand_by_department_and_owner_and_nobodys_last() -> None:
    found = ask(SOURCE)
    assert [(each.department, each.owner, each.dataset) for each in found.affected] == [
        ("health", "ann", COPY),
        ("health", "bob", REPORT),
        (None, None, COUNT),
    ]
    assert found.departments == ("health",)
    assert [each.columns for each in found.affected] == [("name",), ("title",), ("total",)]
    assert [each.jobs for each in found.affected] == [
        (JobId("etl", "load"),),
        (JobId("etl", "report"),),
        (JobId("etl", "count"),),
    ]
    assert found.complete


def test_what_only_chooses_rows_is_told_from_what_carries_values() -> None:
    assert {each.dataset: each.influence for each in ask(NAME).affected} == {
        COPY: "direct",
        REPORT: "direct",
        COUNT: "indirect",
    }


def test_a_column_that_nothing_uses_breaks_nothing() -> None:
    assert ask(ColumnId(SOURCE, "phone")).affected == ()


def test_a_cut_impact_says_so() -> None:
    found = ask(SOURCE, Filters(hops=1))
    assert not found.complete
    assert found.limits == ("--hops 1",)
    assert REPORT not in {each.dataset for each in found.affected}
