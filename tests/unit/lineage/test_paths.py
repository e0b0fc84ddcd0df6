"""Paths: the same that networkx finds, counted over condensed cycles, with their choke points."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.errors import InputError
from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.filters import Filters
from headwater.lineage.graph import Graph
from headwater.lineage.model import Edge, Evidence, Kind, Node
from headwater.lineage.paths import COUNTED, find_paths

D = [DatasetId("db", f"d{number}") for number in range(8)]


def edge(
    source: Node,
    target: Node,
    *,
    kind: Kind = "direct",
    masked: bool = False,
    evidence: Evidence = "observed",
) -> Edge:
    time = "2026-10-01T00:00:00Z"
    job = JobId("etl", "load")
    return Edge(source, target, job, None, kind, masked, evidence, time, time, ("r",), None)


def simple_paths(pairs: set[tuple[Node, Node]], start: Node, goal: Node) -> list[list[Node]]:
    oracle: nx.DiGraph[Node] = nx.DiGraph(list(pairs))
    oracle.add_nodes_from([start, goal])
    return [list(path) for path in nx.all_simple_paths(oracle, start, goal)]


PAIRS = st.sets(
    st.tuples(st.sampled_from(D), st.sampled_from(D)).filter(lambda pair: pair[0] != pair[1]),
    min_size=6,
    max_size=18,
)


@settings(max_examples=200, deadline=None)
@given(PAIRS)
def test_the_witness_is_as_short_as_any_path_and_choke_points_lie_on_all(
    pairs: set[tuple[Node, Node]],
) -> None:
    answer = find_paths(Graph(edge(*pair) for pair in pairs), D[0], D[7])
    every = simple_paths(pairs, D[0], D[7])
    if not every:
        assert (answer.steps, answer.paths, answer.nodes, answer.cut) == ((), 0, (), ())
        return
    walked = [answer.steps[0].source, *(step.target for step in answer.steps)]
    assert walked[0] == D[0]
    assert walked[-1] == D[7]
    assert walked in every
    assert len(walked) == min(map(len, every))
    assert set(answer.choke_points) == set.intersection(*map(set, every)) - {D[0], D[7]}
    assert [walked.index(node) for node in answer.choke_points] == sorted(
        walked.index(node) for node in answer.choke_points
    )


@settings(max_examples=200, deadline=None)
@given(PAIRS)
def test_without_the_cut_no_path_is_left_and_no_smaller_cut_exists(
    pairs: set[tuple[Node, Node]],
) -> None:
    answer = find_paths(Graph(edge(*pair) for pair in pairs), D[0], D[7])
    if answer.steps:
        assert simple_paths(pairs - set(answer.cut), D[0], D[7]) == []
        oracle: nx.DiGraph[Node] = nx.DiGraph(list(pairs))
        assert len(answer.cut) == nx.edge_connectivity(oracle, D[0], D[7])


@settings(max_examples=200, deadline=None)
@given(PAIRS)
def test_without_cycles_every_simple_path_is_counted(pairs: set[tuple[Node, Node]]) -> None:
    down = {(min(pair), max(pair)) for pair in pairs}
    answer = find_paths(Graph(edge(*pair) for pair in down), D[0], D[7])
    assert answer.paths == len(simple_paths(down, D[0], D[7]))
    assert not answer.cyclic


def test_a_cycle_between_counts_as_one_place() -> None:
    pairs = [(0, 1), (1, 2), (2, 1), (2, 3), (1, 3)]
    answer = find_paths(Graph(edge(D[a], D[b]) for a, b in pairs), D[0], D[3])
    assert answer.cyclic
    assert answer.paths == 2


def test_more_paths_than_anyone_counts_are_not_counted() -> None:
    layers = [[DatasetId("db", f"l{layer:02}-{n}") for n in range(9)] for layer in range(18)]
    pairs = [(a, b) for one, two in pairwise(layers) for a in one for b in two]
    ends = [(D[0], each) for each in layers[0]] + [(each, D[1]) for each in layers[-1]]
    answer = find_paths(Graph(edge(*pair) for pair in pairs + ends), D[0], D[1])
    assert answer.paths == COUNTED
    assert len(answer.cut) == 9


def test_a_dataset_asked_about_with_a_column_stands_for_any_of_its_columns() -> None:
    a, b, c = (ColumnId(each, "x") for each in D[:3])
    other = ColumnId(D[2], "y")
    graph = Graph([edge(a, b), edge(b, c), edge(D[1], D[3])], [other])
    answer = find_paths(graph, a, D[2])
    assert [step.target for step in answer.steps] == [b, c]
    assert answer.choke_points == (b,)
    assert find_paths(graph, D[0], c).paths == 1
    assert find_paths(graph, D[0], other).paths == 0


def test_a_dataset_without_columns_is_reached_by_none() -> None:
    graph = Graph([edge(ColumnId(D[0], "x"), ColumnId(D[1], "x")), edge(D[1], D[2])])
    answer = find_paths(graph, ColumnId(D[0], "x"), D[2])
    assert answer.steps == ()
    assert answer.limits == ("db/d2: no column is known",)


def test_no_path_by_columns_is_not_complete_where_lineage_leads_on_without_them() -> None:
    a, b = ColumnId(D[0], "x"), ColumnId(D[1], "x")
    graph = Graph([edge(a, b), edge(D[1], D[2], evidence="implied")], [ColumnId(D[2], "x")])
    answer = find_paths(graph, a, ColumnId(D[2], "x"))
    assert not answer.steps
    assert not answer.complete
    assert answer.limits == ("db/d1 -> db/d2",)


@pytest.mark.parametrize(
    ("start", "goal"),
    [(D[0], D[0]), (D[0], ColumnId(D[0], "x")), (ColumnId(D[0], "x"), D[0])],
)
def test_one_place_has_no_path(start: Node, goal: Node) -> None:
    with pytest.raises(InputError) as caught:
        find_paths(Graph([edge(D[0], D[1])]), start, goal)
    assert caught.value.problems[0].code == "path-one-place"


def test_hops_leave_out_longer_paths_and_say_so() -> None:
    pairs = [(0, 1), (1, 3), (0, 2), (2, 4), (4, 3)]
    graph = Graph(edge(D[a], D[b]) for a, b in pairs)
    answer = find_paths(graph, D[0], D[3], Filters(hops=2))
    assert answer.paths == 1
    assert D[4] not in answer.nodes
    assert answer.limits == ("--hops 2",)
    assert find_paths(graph, D[0], D[3], Filters(hops=3)).complete
    answer = find_paths(graph, D[0], D[3], Filters(hops=1))
    assert not answer.steps
    assert answer.limits == ("--hops 1",)


def test_only_what_passes_the_filters_makes_a_path() -> None:
    graph = Graph(
        [edge(D[0], D[1], masked=True), edge(D[1], D[2]), edge(D[0], D[2], kind="indirect")]
    )
    assert find_paths(graph, D[0], D[2]).paths == 2
    assert find_paths(graph, D[0], D[2], Filters(unmasked_only=True)).paths == 1
    assert find_paths(graph, D[0], D[2], Filters(direct_only=True)).paths == 1
    both = Filters(direct_only=True, unmasked_only=True)
    assert find_paths(graph, D[0], D[2], both).complete
    assert not find_paths(graph, D[0], D[2], both).steps
