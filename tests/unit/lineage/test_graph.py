"""Answers: the same that networkx gives; and what references name."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.errors import UnknownNameError
from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.graph import Direction, Graph, merge_runs
from headwater.lineage.model import Edge, Evidence, Node, RunEdge, StoredEdge
from headwater.lineage.names import resolve

DATASETS = [DatasetId("db", f"d{number}") for number in range(6)]
NODES: list[Node] = [*DATASETS, *(ColumnId(each, "c") for each in DATASETS)]


def edge(source: Node, target: Node) -> Edge:
    return Edge(
        source=source,
        target=target,
        job=JobId("etl", "load"),
        purpose=None,
        kind="direct",
        masked=False,
        evidence="observed",
        first_seen="2026-10-01T00:00:00Z",
        last_seen="2026-10-01T00:00:00Z",
        runs=("r",),
        position=None,
    )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), min_size=8, max_size=25),
    st.sampled_from(NODES),
    st.sampled_from(["upstream", "downstream"]),
)
def test_a_trace_finds_what_networkx_finds_at_the_same_distance(
    pairs: list[tuple[Node, Node]], root: Node, direction: Direction
) -> None:
    answer = Graph(edge(*pair) for pair in pairs).trace(root, direction)
    oracle: nx.DiGraph[Node] = nx.DiGraph()
    oracle.add_node(root)
    oracle.add_edges_from(pair for pair in pairs if type(pair[0]) is type(pair[1]))
    if direction == "upstream":
        oracle = oracle.reverse()
    expected = dict(nx.single_source_shortest_path_length(oracle, root))
    del expected[root]
    assert dict(answer.nodes) == expected
    assert answer.complete is not bool(answer.limits)
    built = answer.to_networkx()
    if direction == "upstream":
        built = built.reverse()
    assert set(nx.descendants(built, root)) == set(expected)
    assert {(e.source, e.target) for e in answer.edges} == {
        (source, target) if direction == "downstream" else (target, source)
        for source, target in oracle.subgraph({root, *expected}).edges
    }


@settings(max_examples=50, deadline=None)
@given(st.permutations([(DATASETS[0], each) for each in DATASETS[1:]]))
def test_an_answer_does_not_depend_on_the_order_of_edges(
    pairs: list[tuple[Node, Node]],
) -> None:
    answer = Graph(edge(*pair) for pair in pairs).trace(DATASETS[0], "downstream")
    assert [node for node, _ in answer.nodes] == DATASETS[1:]
    assert answer.edges == tuple(sorted(answer.edges, key=Edge.order))


def _stored(run: str, evidence: Evidence, first: str, last: str, *, masked: bool) -> StoredEdge:
    found = RunEdge(DATASETS[0], DATASETS[1], None, "indirect", masked, evidence)
    times = (f"2026-10-01T00:0{first}:00.000000000Z", f"2026-10-01T00:0{last}:00.000000000Z")
    return StoredEdge(found, run, JobId("etl", "load"), *times, None)


def test_edges_that_differ_only_by_run_are_one() -> None:
    (found,) = merge_runs(
        [
            _stored("r2", "observed", "1", "5", masked=True),
            _stored("r1", "observed", "2", "3", masked=False),
        ]
    )
    assert found.runs == ("r1", "r2")
    assert (found.first_seen, found.last_seen) == ("2026-10-01T00:01:00Z", "2026-10-01T00:05:00Z")
    assert not found.masked


def test_a_run_with_column_lineage_does_not_hide_one_without() -> None:
    found = merge_runs(
        [
            _stored("r1", "observed", "1", "1", masked=False),
            _stored("r2", "implied", "1", "1", masked=False),
        ]
    )
    assert sorted(each.evidence for each in found) == ["implied", "observed"]


RESIDENT = DatasetId("postgres://pop:5432", "pop.public.resident")
COPY = DatasetId("postgres://tax:5432", "tax.public.resident")
HASHED = DatasetId("s3://lake", "a#b")
GRAPH = Graph([edge(RESIDENT, HASHED)], [ColumnId(RESIDENT, "name")])


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("postgres://pop:5432/pop.public.resident", RESIDENT),
        ("resident", RESIDENT),
        ("public.resident#name", ColumnId(RESIDENT, "name")),
        ("a#b", HASHED),
        ("a#b#c", ColumnId(HASHED, "c")),
    ],
)
def test_a_reference_is_a_whole_name_or_an_ending(reference: str, expected: Node) -> None:
    assert resolve(reference, GRAPH, {HASHED: ["c"]}) == expected


def test_what_contracts_describe_is_known_too() -> None:
    assert resolve("tax.public.resident#id", GRAPH, {COPY: ["id"]}) == ColumnId(COPY, "id")


def test_a_whole_name_wins_over_an_ending_of_another() -> None:
    longer = DatasetId("x", "db/d0")
    graph = Graph([edge(longer, DATASETS[0])])
    assert resolve("db/d0", graph) == DATASETS[0]


@pytest.mark.parametrize(
    ("reference", "code", "hint"),
    [
        ("residnt", "unknown-dataset", "did you mean `resident`?"),
        ("residnt#name", "unknown-dataset", "did you mean `resident`?"),
        ("ident", "unknown-dataset", None),
        ("", "unknown-dataset", None),
        ("pop.public.resident#nam", "unknown-column", "did you mean `name`?"),
        ("pop.public.resident#", "unknown-column", None),
    ],
)
def test_an_unknown_reference_is_refused(reference: str, code: str, hint: str | None) -> None:
    with pytest.raises(UnknownNameError) as caught:
        resolve(reference, GRAPH)
    (found,) = caught.value.problems
    assert found.code == code
    assert hint is None or (found.hint and found.hint.en == hint)


def test_an_ambiguous_reference_names_at_most_ten_candidates() -> None:
    many = {DatasetId(f"n{number:02}", "same"): ["c"] for number in range(13)}
    with pytest.raises(UnknownNameError) as caught:
        resolve("same#c", GRAPH, many)
    (found,) = caught.value.problems
    assert found.code == "ambiguous-dataset"
    assert found.hint
    assert "`n09/same`, … (+3)" in found.hint.en
    assert "n10" not in found.hint.en


def test_a_column_whose_dataset_is_read_without_columns_has_no_complete_answer() -> None:
    a, b, c = DATASETS[:3]
    known = edge(ColumnId(a, "x"), ColumnId(b, "y"))
    implied = replace(edge(b, c), evidence="implied")
    influence = edge(ColumnId(b, "y"), c)
    for way in (implied, influence):
        answer = Graph([known, way]).trace(ColumnId(a, "x"), "downstream")
        assert not answer.complete
        assert answer.limits == (f"{way.source} -> {way.target}",)
    assert Graph([known, edge(b, c)]).trace(ColumnId(a, "x"), "downstream").complete
