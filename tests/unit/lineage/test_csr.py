"""The graph in files gives the same answers as the one in memory, in every detail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.catalog.position import Position
from headwater.lineage import csr
from headwater.lineage.choose import FOLDER, choose_graph
from headwater.lineage.csr import FileGraph, open_graph
from headwater.lineage.csr_build import write_graph
from headwater.lineage.csr_matrix import find_file_matrix
from headwater.lineage.filters import Filters
from headwater.lineage.graph import Graph, LogState, trace
from headwater.lineage.impact import find_impact
from headwater.lineage.matrix import find_matrix
from headwater.lineage.model import EVIDENCE, Edge, Node
from headwater.lineage.paths import find_paths
from headwater.lineage.reader import read_bytes
from headwater.lineage.settle import NOTHING
from headwater.lineage.store import open_store

DATASETS = [
    *(DatasetId("db", f"d{number}") for number in range(5)),
    DatasetId("db/x", "y#z"),
    DatasetId("db", "x/y#z"),
    DatasetId("数据", "户籍\ud800\x00表"),
]
NODES: list[Node] = [*DATASETS, *(ColumnId(each, name) for each in DATASETS for name in "ab")]
OWNERS = {each: (None, "A", "B", "C")[at % 4] for at, each in enumerate(DATASETS)}
EDGES = st.lists(
    st.builds(
        Edge,
        source=st.sampled_from(NODES),
        target=st.sampled_from(NODES),
        job=st.sampled_from([JobId("etl", "a"), JobId("etl", 'b"\n')]),
        purpose=st.sampled_from([None, "p"]),
        kind=st.sampled_from(["direct", "indirect"]),
        masked=st.booleans(),
        evidence=st.sampled_from(EVIDENCE),
        first_seen=st.sampled_from(["2026-10-01T00:00:00Z", "2026-10-01T00:00:00.5Z"]),
        last_seen=st.just("2026-10-02T00:00:00Z"),
        runs=st.sampled_from([("r",), ("r", "s"), ()]),
        position=st.sampled_from([None, Position("lineage/e.ndjson", 3)]),
        subtypes=st.sampled_from([(), ("JOIN", "SORT")]),
        whole=st.booleans(),
        failed=st.booleans(),
        until=st.sampled_from([None, "2026-10-03T00:00:00Z"]),
    ),
    max_size=40,
    unique_by=Edge.order,
)
FILTERS = st.builds(
    Filters,
    direct_only=st.booleans(),
    unmasked_only=st.booleans(),
    evidence=st.sampled_from([None, *EVIDENCE]),
    hops=st.sampled_from([None, None, 1, 2]),
    max_nodes=st.sampled_from([None, None, 1, 3]),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graphs") / "graph"


def in_files(graph: Graph, folder: Path) -> FileGraph:
    write_graph(graph, folder, {"test": 1})
    found = open_graph(folder, {"test": 1})
    assert found is not None
    return found


@pytest.mark.parametrize("wide", [0, 10_000], ids=["numpy", "maps"])
@settings(max_examples=150, deadline=None)
@given(EDGES, FILTERS, st.sampled_from(NODES), st.sampled_from(NODES))
def test_every_answer_is_the_same(
    folder: Path, wide: int, edges: list[Edge], filters: Filters, start: Node, goal: Node
) -> None:
    graph = Graph(edges, NODES[:6])
    files = in_files(graph, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csr, "WIDE", wide)
        patch.setattr(csr, "WIDE_AT_FIRST", wide)
        for way in ("upstream", "downstream"):
            assert trace(files, start, way, filters) == trace(graph, start, way, filters)
        if _apart(start, goal):
            assert find_paths(files, start, goal, filters) == find_paths(
                graph, start, goal, filters
            )
        impacts = [
            find_impact(each, start, filters, department_of=OWNERS.get, owner_of=OWNERS.get)
            for each in (graph, files)
        ]
        assert impacts[0] == impacts[1]


def _apart(start: Node, goal: Node) -> bool:
    first, second = ((n.dataset if isinstance(n, ColumnId) else n) for n in (start, goal))
    return first != second


@settings(max_examples=150, deadline=None)
@given(EDGES, FILTERS)
def test_the_matrix_is_the_same(folder: Path, edges: list[Edge], filters: Filters) -> None:
    graph = Graph(edges, NODES)
    files = in_files(graph, folder)
    owners = [OWNERS[each] for each in files.all_datasets()]
    labels = {ColumnId(each, "a"): "core" for each in DATASETS[::2]}
    expected = find_matrix(graph, OWNERS.get, labels, filters)
    assert find_file_matrix(files, owners, labels, filters) == expected


@pytest.mark.parametrize("reference", ["d1", "db/d1", "y#z", "1", "", "户籍\ud800\x00表", "z", "/"])
def test_names_are_found_by_the_same_endings(folder: Path, reference: str) -> None:
    graph = Graph([], NODES)
    files = in_files(graph, folder)
    assert files.named(reference) == graph.named(reference)
    assert list(files.all_datasets()) == list(graph.all_datasets())
    assert [files.columns_of(each) for each in DATASETS] == [("a", "b")] * len(DATASETS)


def test_another_name_of_a_dataset_finds_it(folder: Path) -> None:
    from dataclasses import replace

    settled = replace(
        NOTHING,
        names={DatasetId("s3://lake", "resident"): DATASETS[2]},
        owners={DATASETS[2]: ("ann", "bob"), JobId("etl", "a"): ("eve",)},
    )
    graph = Graph([], NODES, settled)
    files = in_files(graph, folder)
    assert files.named("lake/resident") == graph.named("lake/resident") == [DATASETS[2]]
    assert files.owner_of(DATASETS[2]) == graph.owner_of(DATASETS[2]) == "ann, bob"
    assert files.owner_of(DATASETS[1]) is None


def test_a_node_that_is_not_there_has_nothing_beyond_it(folder: Path) -> None:
    graph = Graph([], NODES)
    files = in_files(graph, folder)
    for node in (DatasetId("no", "no"), ColumnId(DATASETS[0], "aa"), ColumnId(DATASETS[0], "")):
        assert trace(files, node, "upstream") == trace(graph, node, "upstream")


@pytest.mark.parametrize("spoil", ["state", "format", "gone", "short", "text"])
def test_files_that_do_not_fit_are_not_used(tmp_path: Path, spoil: str) -> None:
    base = tmp_path / "graph"
    in_files(Graph([], NODES), base)
    folder = csr.folder_of_state(base, {"test": 1})
    meta = folder / csr.META
    said = json.loads(meta.read_text())
    if spoil in said:
        meta.write_text(json.dumps({**said, spoil: None}))
    elif spoil == "gone":
        (folder / "out_node.npy").unlink()
    elif spoil == "short":
        path = folder / "column_bytes.npy"
        path.write_bytes(path.read_bytes()[:-1])
    else:
        meta.write_text("[]")
    assert open_graph(base, {"test": 1}) is None


def event(number: int) -> bytes:
    dataset = {"namespace": "db", "name": f"d{number}"}
    document = {
        "eventTime": "2026-10-01T01:05:00Z",
        "eventType": "COMPLETE",
        "producer": "x",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"01980000-0000-7000-8000-{number:012}"},
        "job": {"namespace": "etl", "name": "load"},
        "inputs": [dataset],
        "outputs": [{"namespace": "db", "name": f"d{number + 1}"}],
    }
    return json.dumps(document).encode()


@pytest.mark.parametrize("bulk", [True, False], ids=["from rows", "from edges"])
def test_a_large_graph_is_kept_in_files_until_the_store_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bulk: bool
) -> None:
    monkeypatch.setattr("headwater.lineage.choose.LARGE", 1)
    if not bulk:
        monkeypatch.setattr("headwater.lineage.csr_bulk.bulk_arrays", lambda _: None)
    store = open_store(tmp_path / "lineage.db")
    store.record_emitted(read_bytes(event(1), "e.json"))
    first = choose_graph(store, tmp_path, key="k")
    files = list(tmp_path.glob(f"{FOLDER}-*"))
    again = choose_graph(store, tmp_path, key="k")
    assert isinstance(first, FileGraph) is bulk
    assert isinstance(again, FileGraph)
    assert again.log == first.log == LogState(1, store.digest())
    assert len(files) == 1
    other = choose_graph(store, tmp_path, key="other")
    assert list(tmp_path.glob(f"{FOLDER}-*")) != files
    store.record_emitted(read_bytes(event(2), "e.json"))
    later = choose_graph(store, tmp_path, key="other")
    for graph, expected in ((again, ["d2"]), (other, ["d2"]), (later, ["d2", "d3"])):
        answer = trace(graph, DatasetId("db", "d1"), "downstream")
        assert [node.name for node, _ in answer.nodes if isinstance(node, DatasetId)] == expected
    store.close()


def test_a_store_made_anew_does_not_find_the_files_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headwater.lineage.choose.LARGE", 1)
    for number in (1, 2):
        store = open_store(tmp_path / "lineage.db")
        store.record_emitted(read_bytes(event(number), "e.json"))
        assert choose_graph(store, tmp_path, key="k").named(f"d{number + 1}")
        store.close()
        for path in tmp_path.glob("lineage.db*"):
            path.unlink()
    assert len(list(tmp_path.glob(f"{FOLDER}-*"))) == 1


def test_a_small_graph_is_not_kept_in_files(tmp_path: Path) -> None:
    store = open_store(tmp_path / "lineage.db")
    store.record_emitted(read_bytes(event(1), "e.json"))
    choose_graph(store, tmp_path, key="k")
    assert not list(tmp_path.glob(f"{FOLDER}*"))
    store.close()
