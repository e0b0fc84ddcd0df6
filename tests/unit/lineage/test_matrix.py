"""The matrix of departments against what networkx and plain counting give."""

from __future__ import annotations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.filters import Filters
from headwater.lineage.graph import Graph
from headwater.lineage.matrix import UNKNOWN, Cell, find_matrix
from headwater.lineage.model import Edge, Evidence, Node

DATASETS = [DatasetId("db", f"d{number}") for number in range(8)]
OWNERS = {each: (None, "A", "B", "C")[at % 4] for at, each in enumerate(DATASETS)}
TIME = "2026-10-01T00:00:00Z"


def edge(
    source: Node, target: Node, *, masked: bool = False, evidence: Evidence = "observed"
) -> Edge:
    job = JobId("etl", "load")
    return Edge(source, target, job, None, "direct", masked, evidence, TIME, TIME, ("r",), None)


PAIRS = st.sets(st.tuples(st.sampled_from(DATASETS), st.sampled_from(DATASETS)), max_size=25)


@settings(max_examples=200, deadline=None)
@given(PAIRS)
def test_reach_is_what_networkx_finds(pairs: set[tuple[DatasetId, DatasetId]]) -> None:
    found = find_matrix(Graph((edge(*pair) for pair in pairs), DATASETS), OWNERS.get, {})
    oracle: nx.DiGraph[DatasetId] = nx.DiGraph(list(pairs))
    oracle.add_nodes_from(DATASETS)
    assert found.reach == {
        (OWNERS[giver], OWNERS[taker])
        for giver in DATASETS
        for taker in nx.descendants(oracle, giver)
        if OWNERS[giver] and OWNERS[taker] and OWNERS[giver] != OWNERS[taker]
    }
    across = [(OWNERS[a], OWNERS[b]) for a, b in pairs if OWNERS[a] and OWNERS[b]]
    assert {pair: cell.datasets for pair, cell in found.cells.items()} == {
        pair: across.count(pair) for pair in across if pair[0] != pair[1]
    }
    assert found.nobodys == sum(OWNERS[a] is None or OWNERS[b] is None for a, b in pairs)


def test_columns_are_counted_by_label_and_masking() -> None:
    a, b = DATASETS[1], DATASETS[2]
    name, phone, note = (ColumnId(a, each) for each in ("name", "phone", "note"))
    edges = [
        edge(a, b),
        edge(name, ColumnId(b, "x")),
        edge(name, ColumnId(b, "y"), masked=True),
        edge(phone, ColumnId(b, "x"), masked=True),
        edge(note, ColumnId(b, "x")),
    ]
    found = find_matrix(Graph(edges), OWNERS.get, {name: "general-3", phone: "general-3"})
    labels = {"general-3": 2, UNKNOWN: 1}
    assert found.cells == {("A", "B"): Cell(1, 4, 2, 0, labels)}


def test_what_is_only_implied_is_counted_apart() -> None:
    a, b, c = DATASETS[1:4]
    edges = [
        edge(a, b, evidence="implied"),
        edge(a, c, evidence="implied"),
        edge(a, c, evidence="observed"),
    ]
    found = find_matrix(Graph(edges), OWNERS.get, {})
    assert (found.cells["A", "B"].implied, found.cells["A", "C"].implied) == (1, 0)
    strict = find_matrix(Graph(edges), OWNERS.get, {}, Filters(evidence="observed"))
    assert set(strict.cells) == {("A", "C")}
    assert strict.reach == {("A", "C")}
