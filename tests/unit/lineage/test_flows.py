"""Flows: from a department's exit to another's entry, checked by hand and against all paths."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.catalog.position import Position
from headwater.lineage import Flow, Graph
from headwater.lineage.flows import find_flows
from headwater.lineage.model import EVIDENCE, Edge, Evidence, Kind, Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Owners = dict[str, str | None]


def node(text: str) -> Node:
    """``a`` is a dataset, ``a.x`` its column."""
    name, _, column = text.partition(".")
    dataset = DatasetId("db", name)
    return ColumnId(dataset, column) if column else dataset


def edge(
    source: str,
    target: str,
    *,
    kind: Kind = "direct",
    masked: bool = False,
    evidence: Evidence | None = None,
    purpose: str | None = None,
    job: str = "load",
    run: str = "r1",
) -> Edge:
    return Edge(
        source=node(source),
        target=node(target),
        job=JobId("etl", job),
        purpose=purpose,
        kind=kind,
        masked=masked,
        evidence=evidence or ("observed" if "." in source else "implied"),
        first_seen="2026-10-01T00:00:00Z",
        last_seen=f"2026-10-0{run[-1]}T00:00:00Z",
        runs=(run,),
        position=Position("e.ndjson", int(run[-1])),
    )


def flows(*edges: Edge, **owners: str | None) -> list[Flow]:
    """Flows where a dataset belongs to the department of its first letter, save ``owners``."""
    letters: Owners = {"a": "A", "b": "B", "c": "C", "d": "D"}
    known = defaultdict(lambda: None, letters) | owners
    return list(find_flows(Graph(edges), lambda dataset: known.get(dataset.name[0])))


def said(flow: Flow) -> tuple[str | None, str, tuple[str, ...], tuple[str, ...]]:
    return (flow.column, flow.target.name, flow.target_columns, flow.via)


def names(path: tuple[DatasetId, ...]) -> str:
    return " ".join(dataset.name for dataset in path)


def test_a_column_that_reaches_another_department_is_a_direct_flow() -> None:
    (flow,) = flows(edge("a.x", "b.y"), edge("a", "b", evidence="observed"))
    assert said(flow) == ("x", "b", ("y",), ())
    assert (flow.provider, flow.consumer, flow.first_recipients) == ("A", "B", ("B",))
    assert (flow.evidence, flow.influence, flow.masked) == ("observed", "direct", False)
    assert (flow.hops, names(flow.path), flow.position) == (1, "a b", Position("e.ndjson", 1))


def test_within_a_department_or_from_nobody_nothing_flows() -> None:
    assert flows(edge("a.x", "a2.y"), edge("u.x", "b.y"), edge("a.x", "u2.y")) == []


def test_data_passes_through_what_is_nobodys() -> None:
    (flow,) = flows(edge("a.x", "u.y"), edge("u.y", "v.z"), edge("v.z", "b.w"))
    assert said(flow) == ("x", "b", ("w",), ())
    assert (flow.hops, names(flow.path)) == (3, "a u v b")


def test_the_exit_is_the_last_column_of_the_department() -> None:
    found = flows(edge("a.x", "a2.y"), edge("a2.y", "b.z"))
    assert [(flow.source.name, flow.column) for flow in found] == [("a2", "y")]


def test_a_path_back_into_the_department_is_not_a_path_of_the_first_exit() -> None:
    found = flows(edge("a.x", "b.y"), edge("b.y", "a2.z"), edge("a2.z", "c.w"))
    assert [(f.provider, f.consumer, f.source.name, f.via) for f in found] == [
        ("A", "B", "a", ()),
        ("A", "C", "a2", ()),
        ("B", "A", "b", ()),
        ("B", "C", "b", ("A",)),
    ]


def test_an_onward_flow_names_those_between_and_the_first_recipients() -> None:
    found = flows(
        edge("a.x", "u.x"),
        edge("u.x", "b.y"),
        edge("b.y", "c.z"),
        edge("c.z", "d.w"),
        edge("b.y", "d.w"),
    )
    (onward,) = [flow for flow in found if (flow.provider, flow.consumer) == ("A", "D")]
    assert said(onward) == ("x", "d", ("w",), ("B", "C"))
    assert onward.first_recipients == ("B",)
    assert (onward.hops, names(onward.path)) == (3, "a u b d")


def test_the_entry_is_the_first_dataset_of_the_consumer() -> None:
    found = flows(edge("a.x", "b.y"), edge("b.y", "b2.z"), edge("b2.z", "c.w"), edge("c.w", "c2.v"))
    ends = [(flow.provider, flow.consumer, flow.source.name, flow.target.name) for flow in found]
    assert ends == [("A", "B", "a", "b"), ("A", "C", "a", "c"), ("B", "C", "b2", "c")]


def test_a_direct_path_makes_the_flow_direct_for_its_purpose_alone() -> None:
    edges = [
        edge("a.x", "c.z", purpose="tax"),
        edge("a.x", "b.y"),
        edge("b.y", "c.z", purpose="tax"),
        edge("b.y", "c.w", purpose="care"),
    ]
    found = [flow for flow in flows(*edges) if flow.provider == "A" and flow.consumer == "C"]
    assert [(flow.tagged_purpose, flow.via, flow.target_columns) for flow in found] == [
        ("care", ("B",), ("w",)),
        ("tax", (), ("z",)),
    ]


def test_an_implied_edge_is_a_flow_of_the_whole_dataset() -> None:
    (flow,) = flows(edge("a", "b"))
    assert said(flow) == (None, "b", (), ())
    assert flow.evidence == "implied"
    assert flows(edge("a", "b", evidence="observed")) == []


def test_columns_and_an_implied_edge_are_flows_apart() -> None:
    found = flows(edge("a.x", "b.y"), edge("a", "b", evidence="observed"), edge("a", "b"))
    assert [(flow.column, flow.evidence) for flow in found] == [
        (None, "implied"),
        ("x", "observed"),
    ]


def test_from_a_column_one_continues_by_its_edges_and_by_the_implied_ones() -> None:
    found = flows(edge("a.x", "u.x"), edge("u.other", "c.o"), edge("u", "b"), edge("u.x", "d.x"))
    assert [(flow.column, flow.target.name, flow.evidence) for flow in found] == [
        ("x", "b", "implied"),
        ("x", "d", "observed"),
    ]


def test_from_a_dataset_reached_as_a_whole_one_continues_by_every_column() -> None:
    whole = flows(edge("a", "u"), edge("u.y", "b.y"), edge("u", "c"))
    assert [said(flow) for flow in whole] == [(None, "b", ("y",), ()), (None, "c", (), ())]
    influence = flows(edge("a.x", "u", kind="indirect"), edge("u.y", "b.y"))
    assert [said(flow) for flow in influence] == [("x", "b", ("y",), ())]
    assert influence[0].influence == "indirect"


def test_evidence_is_that_of_the_best_path() -> None:
    (flow,) = flows(
        edge("a.x", "u.x"),
        edge("u", "b"),
        edge("u.x", "v.x", evidence="declared"),
        edge("v.x", "b.x"),
    )
    assert (flow.evidence, flow.hops) == ("declared", 2)


def test_a_flow_is_masked_only_where_every_path_is() -> None:
    masked = edge("a.x", "u.x", masked=True)
    assert flows(masked, edge("u.x", "b.x"))[0].masked
    assert not flows(masked, edge("a.x", "u.x", purpose="tax"), edge("u.x", "b.x"))[0].masked
    assert not flows(masked, edge("u.x", "b.x"), edge("a.x", "b.z"))[0].masked
    assert not flows(masked, edge("u.x", "b.x"), edge("a.x", "u", evidence="declared"))[0].masked


def test_a_detour_through_another_department_unmasks_a_direct_flow() -> None:
    found = flows(edge("a.x", "c.x", masked=True), edge("a.x", "b.x"), edge("b.x", "c.x"))
    (flow,) = [flow for flow in found if flow.provider == "A" and flow.consumer == "C"]
    assert (flow.via, flow.masked) == ((), False)


def test_runs_and_times_are_those_of_the_edges_into_the_entry() -> None:
    (flow,) = flows(
        edge("a.x", "u.x", run="r9"),
        edge("u.x", "b.x", run="r2", purpose="tax", job="one"),
        edge("u.x", "b.y", run="r3", purpose="tax", job="two"),
    )
    assert (flow.runs, flow.target_columns) == (("r2", "r3"), ("x", "y"))
    assert (flow.last_seen[:10], flow.job.name) == ("2026-10-03", "two")
    assert (flow.tagged_purpose, flow.position) == ("tax", Position("e.ndjson", 3))


def test_jobs_without_a_tagged_purpose_are_flows_apart() -> None:
    found = flows(edge("a.x", "b.x", job="one"), edge("a.x", "b.x", job="two"))
    assert [flow.job.name for flow in found] == ["one", "two"]


def test_of_shortest_paths_the_first_by_name_is_told() -> None:
    (flow,) = flows(
        edge("a.x", "v.x"),
        edge("v.x", "b.x"),
        edge("a.x", "u.x"),
        edge("u.x", "u.y"),
        edge("u.y", "b.x"),
    )
    assert (flow.hops, names(flow.path)) == (2, "a u b")


def test_circles_end() -> None:
    found = flows(
        edge("a.x", "u.x"),
        edge("u.x", "v.x"),
        edge("v.x", "u.x"),
        edge("v.x", "b.x"),
        edge("b.x", "u.x"),
    )
    assert [(flow.provider, flow.consumer) for flow in found] == [("A", "B")]


# --- against every path, enumerated ---------------------------------------------------------


@dataclass
class Found:
    """The paths of one exit, entry and group, as lists of edges."""

    direct: list[list[Edge]] = field(default_factory=list)
    all: list[list[Edge]] = field(default_factory=list)


def of(place: Node) -> DatasetId:
    return place.dataset if isinstance(place, ColumnId) else place


def enumerated(edges: list[Edge], owners: Owners) -> set[Flow]:
    """Flows by walking every path that visits no place twice."""
    paths: dict[tuple[Node, DatasetId, object], Found] = defaultdict(Found)
    for start in {each.source for each in edges}:
        provider = owners[of(start).name]
        if provider is None or (isinstance(start, DatasetId) and not implied(edges, start)):
            continue
        for path in walked([], start, edges, owners):
            group = path[-1].purpose or path[-1].job
            found = paths[start, of(path[-1].target), group]
            found.all.append(path)
            if not between(path, owners):
                found.direct.append(path)
    return {told(start, target, found, owners) for (start, target, _), found in paths.items()}


def walked(
    path: list[Edge], start: Node, edges: list[Edge], owners: Owners
) -> Iterator[list[Edge]]:
    """Yield every path to a department's first dataset on it."""
    here = path[-1].target if path else start
    for each in following(edges, here, first=not path):
        target = each.target
        owner = owners[of(target).name]
        visited = [start, *(passed.target for passed in path)]
        if owner == owners[of(start).name] or target in visited:
            continue
        longer = [*path, each]
        if owner and owner not in between(longer, owners):
            yield longer
        yield from walked(longer, start, edges, owners)


def following(edges: list[Edge], here: Node, *, first: bool) -> list[Edge]:
    own = [each for each in edges if each.source == here and isinstance(here, ColumnId)]
    leaving = implied(edges, of(here))
    if first:
        return own if isinstance(here, ColumnId) else leaving
    if isinstance(here, DatasetId):
        own = [e for e in edges if isinstance(e.source, ColumnId) and e.source.dataset == here]
    return own + leaving


def implied(edges: list[Edge], dataset: DatasetId) -> list[Edge]:
    return [each for each in edges if each.source == dataset and each.evidence == "implied"]


def between(path: list[Edge], owners: Owners) -> set[str]:
    return {owner for each in path[:-1] if (owner := owners[of(each.target).name])}


def sequence(path: list[Edge]) -> tuple[DatasetId, ...]:
    visited = [of(path[0].source), *(of(each.target) for each in path)]
    return (visited[0], *(after for before, after in pairwise(visited) if after != before))


def told(start: Node, target: DatasetId, found: Found, owners: Owners) -> Flow:
    paths = found.direct or found.all
    lasts = {path[-1] for path in paths}
    latest = max(lasts, key=lambda each: (each.last_seen, each.runs, each.order()))
    firsts = [next(o for each in path if (o := owners[of(each.target).name])) for path in paths]
    worst = min(max(EVIDENCE.index(each.evidence) for each in path) for path in paths)
    shortest = min((sequence(path) for path in paths), key=lambda path: (len(path), path))
    return Flow(
        provider=owners[of(start).name] or "",
        consumer=owners[target.name] or "",
        source=of(start),
        column=start.column if isinstance(start, ColumnId) else None,
        target=target,
        target_columns=tuple(
            sorted({e.target.column for e in lasts if isinstance(e.target, ColumnId)})
        ),
        job=latest.job,
        tagged_purpose=latest.purpose,
        via=tuple(sorted({owner for path in paths for owner in between(path, owners)})),
        first_recipients=tuple(sorted(set(firsts))),
        evidence=EVIDENCE[worst],
        influence="direct"
        if any(all(e.kind == "direct" for e in p) for p in found.all)
        else "indirect",
        masked=all(any(each.masked for each in path) for path in found.all),
        hops=len(shortest) - 1,
        path=shortest,
        first_seen=min(each.first_seen for each in lasts),
        last_seen=latest.last_seen,
        runs=tuple(sorted({run for each in lasts for run in each.runs})),
        position=latest.position,
    )


PLACES = [f"d{number}{column}" for number in range(5) for column in ("", ".x")] + ["d1.y", "d2.y"]


def _edge(ends: tuple[str, str], marks: tuple[Kind, bool, str | None, str]) -> Edge:
    source, target = ends
    kind, masked, purpose, run = marks
    evidence: Evidence = "declared" if "." in source and run == "r3" else "observed"
    return edge(
        source,
        target,
        kind=kind,
        masked=masked,
        purpose=purpose,
        run=run,
        evidence=evidence if "." in source else "implied",
    )


def _random_edges(*, circles: bool) -> st.SearchStrategy[list[Edge]]:
    marks: st.SearchStrategy[tuple[Kind, bool, str | None, str]] = st.tuples(
        st.sampled_from(["direct", "direct", "indirect"]),
        st.booleans(),
        st.sampled_from([None, "tax"]),
        st.sampled_from(["r1", "r2", "r3"]),
    )
    pairs = [pair for pair in product(PLACES, PLACES) if _sensible(*pair, circles=circles)]
    drawn = st.builds(_edge, st.sampled_from(pairs), marks)
    return st.lists(drawn, min_size=8, max_size=14, unique_by=Edge.order)


def _sensible(source: str, target: str, *, circles: bool) -> bool:
    """An edge that the fold could draw; without circles, and mostly short ones, for long paths."""
    apart = int(target[1]) - int(source[1])
    if apart == 0:
        return source != target and "." in source and "." in target
    return ("." in source or "." not in target) and (circles or apart in (1, 2))


OWNERS = st.fixed_dictionaries(
    {f"d{number}": st.sampled_from(["A", "B", "C", None, None]) for number in range(5)}
)


@settings(max_examples=400, deadline=None)
@given(_random_edges(circles=False), OWNERS)
def test_flows_are_what_all_paths_come_to(edges: list[Edge], owners: Owners) -> None:
    found = find_flows(Graph(edges), lambda dataset: owners[dataset.name])
    assert set(found) == enumerated(edges, owners)
    assert len(set(found)) == len(found)


@settings(max_examples=200, deadline=None)
@given(_random_edges(circles=True), OWNERS)
def test_flows_are_what_all_paths_come_to_even_in_circles(
    edges: list[Edge], owners: Owners
) -> None:
    found = find_flows(Graph(edges), lambda dataset: owners[dataset.name])
    # A walk in circles may pass departments that no path without repetition does.
    assert bare(found) == bare(enumerated(edges, owners))


def bare(found: Iterable[Flow]) -> set[Flow]:
    return {replace(flow, via=(), first_recipients=()) for flow in found}


@settings(max_examples=50, deadline=None)
@given(_random_edges(circles=True), OWNERS, st.data())
def test_flows_do_not_depend_on_the_order_of_edges(
    edges: list[Edge], owners: Owners, data: st.DataObject
) -> None:
    turned = data.draw(st.permutations(edges))
    assert find_flows(Graph(turned), lambda dataset: owners[dataset.name]) == (
        find_flows(Graph(edges), lambda dataset: owners[dataset.name])
    )


@pytest.mark.slow
def test_thirty_thousand_edges_take_seconds() -> None:
    layers, width, columns = 10, 60, 20
    edges = []
    for layer in range(1, layers):
        for number in range(width):
            for column in range(columns):
                for offset in range(3):
                    source = f"t{layer - 1}_{(number * 7 + offset * 31) % width}.c{column}"
                    edges.append(edge(source, f"t{layer}_{number}.c{column}"))
    owners = {
        f"t{layer}_{number}": f"D{number % 8}" for layer in range(layers) for number in range(width)
    }
    graph = Graph(edges)
    begun = time.process_time()
    found = find_flows(graph, lambda dataset: owners[dataset.name] if dataset.name > "t6" else "D0")
    assert found
    assert time.process_time() - begun < 30
