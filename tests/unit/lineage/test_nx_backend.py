"""NetworkX's own functions run on our graph and find what they find on a copy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from networkx.utils import backends

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.graph import Graph
from headwater.lineage.model import Edge, Node
from headwater.lineage.nx_backend import FUNCTIONS, NAME, Backend, BackendGraph, about

DATASETS = [DatasetId("db", f"d{number}") for number in range(5)]
NODES: list[Node] = [*DATASETS, *(ColumnId(each, "c") for each in DATASETS)]
PAIRS = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=25)


def edge(source: Node, target: Node) -> Edge:
    time, job = "2026-10-01T00:00:00Z", JobId("etl", "load")
    return Edge(source, target, job, None, "direct", False, "observed", time, time, ("r",), None)


def graphs(pairs: list[tuple[Node, Node]]) -> tuple[BackendGraph, nx.DiGraph[Node]]:
    ours = BackendGraph(Graph((edge(*pair) for pair in pairs), NODES))
    oracle: nx.DiGraph[Node] = nx.DiGraph()
    oracle.add_nodes_from(NODES)
    oracle.add_edges_from(pair for pair in pairs if type(pair[0]) is type(pair[1]))
    return ours, oracle


@settings(max_examples=200, deadline=None)
@given(PAIRS, st.sampled_from(NODES), st.sampled_from(NODES))
@example([(NODES[0], NODES[0]), (NODES[0], NODES[1])], NODES[0], NODES[1])
def test_the_functions_find_the_same(
    pairs: list[tuple[Node, Node]], source: Node, target: Node
) -> None:
    ours, oracle = graphs(pairs)
    assert Backend.descendants(ours, source) == nx.descendants(oracle, source)
    assert Backend.ancestors(ours, source) == nx.ancestors(oracle, source)
    joined = nx.has_path(oracle, source, target)
    assert Backend.has_path(ours, source, target) is joined
    if not joined:
        with pytest.raises(nx.NetworkXNoPath):
            Backend.shortest_path(ours, source, target)
        return
    path = Backend.shortest_path(ours, source, target)
    assert nx.is_path(oracle, path)
    assert (path[0], path[-1]) == (source, target)
    assert len(path) == len(nx.shortest_path(oracle, source, target))


def test_an_unknown_node_is_refused_as_networkx_refuses_it() -> None:
    ours, oracle = graphs([])
    nobody = DatasetId("no", "no")
    functions: list[tuple[Any, Any]] = [
        (Backend.descendants, nx.descendants),
        (Backend.ancestors, nx.ancestors),
    ]
    for own, other in functions:
        with pytest.raises(nx.NetworkXError):
            own(ours, nobody)
        with pytest.raises(nx.NetworkXError):
            other(oracle, nobody)
    with pytest.raises(nx.NodeNotFound):
        Backend.has_path(ours, nobody, DATASETS[0])
    assert "text" not in ours
    assert ColumnId(DATASETS[0], "no") not in ours
    assert list(ours) == sorted(NODES, key=str)


def test_networkx_is_told_what_runs_here() -> None:
    told = about()
    assert told["backend_name"] == NAME
    assert told["functions"] == {name: {} for name in FUNCTIONS}
    assert all(hasattr(Backend, name) for name in FUNCTIONS)


SCRIPT = """
import networkx as nx
from headwater.catalog.ids import DatasetId, JobId
from headwater.lineage.graph import Graph
from headwater.lineage.model import Edge
from headwater.lineage.nx_backend import BackendGraph

D = [DatasetId("db", f"d{number}") for number in range(4)]
T = "2026-10-01T00:00:00Z"
J = JobId("etl", "load")
pairs = zip(D, D[1:])
edges = [Edge(a, b, J, None, "direct", False, "observed", T, T, ("r",), None) for a, b in pairs]
copies = []
copy = BackendGraph.to_networkx
BackendGraph.to_networkx = lambda self: copies.append(1) or copy(self)
ours = BackendGraph(Graph(edges))
assert nx.descendants(ours, D[1]) == {D[2], D[3]}
assert nx.ancestors(ours, D[1]) == {D[0]}
assert nx.has_path(ours, D[0], D[3]) and not nx.has_path(ours, D[3], D[0])
assert nx.shortest_path(ours, D[0], D[3]) == D
assert not copies
assert nx.shortest_path(ours, D[0])[D[3]] == D and copies
with nx.config(fallback_to_nx=True):
    assert nx.dag_longest_path(ours) == D
print("all ran on ours")
"""


def test_networkx_finds_the_backend_by_its_entry_point(tmp_path: Path) -> None:
    paths = [*sys.path]
    if NAME not in vars(backends)["backends"]:  # installed without its entry points
        folder = tmp_path / "a_backend-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: a-backend\nVersion: 1\n")
        module = "headwater.lineage.nx_backend"
        (folder / "entry_points.txt").write_text(
            f"[networkx.backends]\n{NAME} = {module}:Backend\n"
            f"[networkx.backend_info]\n{NAME} = {module}:about\n"
        )
        paths.insert(0, str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "all ran on ours\n", done.stderr
