"""Flows to entries one step away are found without walking, and are the same as by walking."""

from __future__ import annotations

from random import Random

import pytest

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage import Flow, Graph
from headwater.lineage.flows import _Exit, find_flows
from headwater.lineage.model import EVIDENCE, Edge, Node
from headwater.lineage.witness import find_witnesses

OWNERS = ("a", "b", "c", None)


def owner(dataset: DatasetId) -> str | None:
    found = dataset.namespace
    return None if found == "nobody" else found


def graph(seed: int) -> Graph:
    """Return a small graph with every kind of edge: masked, indirect, implied, of datasets."""
    chance = Random(seed)  # noqa: S311 - no secret
    datasets = [DatasetId(chance.choice(OWNERS) or "nobody", f"t{n}") for n in range(6)]
    edges = [edge(chance, *chance.sample(datasets, 2)) for _ in range(chance.randint(3, 14))]
    return Graph(edges)


def edge(chance: Random, source: DatasetId, target: DatasetId) -> Edge:
    whole = chance.random() < 0.2
    ends: tuple[Node, Node] = (source, target)
    if not whole:
        ends = (ColumnId(source, chance.choice("xy")), ColumnId(target, chance.choice("xy")))
    seen = f"2026-10-{chance.randint(1, 28):02}T00:00:00Z"
    return Edge(
        source=ends[0], target=ends[1], job=JobId("etl", f"j{chance.randint(0, 3)}"),
        purpose=chance.choice([None, "p", "q"]), kind=chance.choice(["direct", "indirect"]),
        masked=chance.random() < 0.3, evidence="implied" if whole else chance.choice(EVIDENCE[:2]),
        first_seen=seen, last_seen=seen, runs=(f"r{chance.randint(0, 9)}",), position=None,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(400))
def test_walking_finds_the_same_flows(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = graph(seed)
    found = find_flows(made, owner)
    monkeypatch.setattr(_Exit, "_leaves_at_once", lambda _: False)
    monkeypatch.setattr(_Exit, "_consumers", lambda self: tuple(sorted(self._crossings)))
    assert found == find_flows(made, owner)


def test_the_short_cut_is_taken() -> None:
    made = [graph(seed) for seed in range(40)]
    assert sum(flow.hops == 1 for each in made for flow in find_flows(each, owner)) > 50


@pytest.mark.parametrize("seed", range(200))
def test_a_witness_is_a_path_of_the_flow_and_of_its_length(seed: int) -> None:
    made = graph(seed)
    flows = find_flows(made, owner)
    for flow, way in zip(flows, find_witnesses(made, flows), strict=True):
        assert way, flow
        assert starts_there(flow, way[0].source)
        ends = [dataset(flow_edge.target) for flow_edge in way]
        passed = [each for n, each in enumerate(ends) if n == 0 or ends[n - 1] != each]
        start = [] if passed[:1] == [flow.source] else [flow.source]
        assert (*start, *passed) == flow.path
        assert way[-1].purpose == flow.tagged_purpose
        assert set(way) <= set(made.edges)


def starts_there(flow: Flow, node: Node) -> bool:
    return dataset(node) == flow.source and getattr(node, "column", flow.column) == flow.column


def dataset(node: Node) -> DatasetId:
    return node.dataset if isinstance(node, ColumnId) else node
