"""Edges go out as OpenLineage events and come back the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.export import FACET, export_events
from headwater.lineage.graph import Graph, load_graph
from headwater.lineage.model import Edge, Evidence, Kind, Node
from headwater.lineage.reader import read_bytes
from headwater.lineage.store import open_store

A, B, C = (DatasetId("db", name) for name in ('a"\n', "b", "数"))
RUN = "01980000-0000-7000-8000-000000000001"
ANSWER: dict[str, object] = {"schema": "headwater/lineage/1", "complete": False, "limits": ["x"]}


def edge(
    source: Node,
    target: Node,
    *,
    job: str = "load",
    purpose: str | None = None,
    kind: Kind = "direct",
    masked: bool = False,
    evidence: Evidence = "observed",
) -> Edge:
    time, found = "2026-10-01T00:00:00Z", JobId("etl", job)
    runs = (RUN,) if evidence != "declared" else ()
    return Edge(source, target, found, purpose, kind, masked, evidence, time, time, runs, None)


def back(edges: list[Edge], tmp_path: Path) -> Graph:
    lines = "\n".join(export_events(edges, ANSWER))
    store = open_store(tmp_path / "lineage.db")
    store.record_emitted(read_bytes(lines.encode(), "e.ndjson"))
    graph = load_graph(store)
    store.close()
    return graph


def traits(edges: Any) -> set[tuple[object, ...]]:
    return {(e.source, e.target, e.job, e.purpose, e.kind, e.masked, e.evidence) for e in edges}


@pytest.mark.parametrize("evidence", ["observed", "declared"])
def test_edges_between_columns_come_back(tmp_path: Path, evidence: Evidence) -> None:
    edges = [
        edge(ColumnId(A, "x"), ColumnId(B, "y"), evidence=evidence, purpose="care"),
        edge(ColumnId(A, "z"), ColumnId(B, "y"), evidence=evidence, purpose="care", masked=True),
        edge(
            ColumnId(A, "z"), ColumnId(C, "w"), evidence=evidence, purpose="care", kind="indirect"
        ),
    ]
    found = back(edges, tmp_path).edges
    assert traits(e for e in found if isinstance(e.source, ColumnId)) == traits(edges)
    assert {(e.source, e.target) for e in found if isinstance(e.source, DatasetId)} == {
        (A, B),
        (A, C),
    }


def test_edges_between_datasets_come_back_and_no_others(tmp_path: Path) -> None:
    edges = [
        edge(A, B),
        edge(A, C, kind="indirect"),
        edge(B, C, job="other", masked=True, evidence="declared"),
    ]
    assert traits(back(edges, tmp_path).edges) == traits(edges)


def test_what_is_only_implied_stays_so(tmp_path: Path) -> None:
    edges = [edge(A, B, evidence="implied", purpose="care")]
    assert traits(back(edges, tmp_path).edges) == traits(edges)


def test_every_event_says_whether_the_answer_is_complete() -> None:
    for edges in ([], [edge(A, B), edge(B, C, job="other")]):
        lines = list(export_events(edges, ANSWER))
        assert len(lines) == max(1, len(edges))
        for line in lines:
            facet = json.loads(line)["job"]["facets"][FACET]
            assert facet["complete"] is False
            assert facet["limits"] == ["x"]
        assert lines == list(export_events(edges, ANSWER))
