"""The files written from a store's rows hold what those written from its edges hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headwater.lineage.csr import FileGraph, open_graph
from headwater.lineage.csr_build import graph_arrays
from headwater.lineage.csr_bulk import bulk_arrays
from headwater.lineage.csr_files import write_arrays
from headwater.lineage.graph import NO_LOG, load_graph
from headwater.lineage.model import Edge, Node
from headwater.lineage.reader import read_bytes
from headwater.lineage.store import LineageStore, open_store

NAMES = ["a", "b", "c", "d"]
FIELDS = ["x", "y.z"]
TRANSFORMATIONS: list[list[dict[str, Any]]] = [
    [],
    [{"type": "DIRECT", "subtype": "IDENTITY", "masking": False}],
    [{"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": True}],
    [{"type": "INDIRECT", "subtype": "FILTER"}, {"type": "INDIRECT", "subtype": "JOIN"}],
]
WAY = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(FIELDS),
    st.sampled_from(FIELDS),
    st.sampled_from(TRANSFORMATIONS),
)
RUN = st.fixed_dictionaries(
    {
        "run": st.one_of(st.none(), st.integers(1, 6)),
        "day": st.integers(1, 5),
        "state": st.sampled_from(["COMPLETE", "FAIL", "START"]),
        "job": st.sampled_from(["load", "copy"]),
        "inputs": st.lists(st.sampled_from(NAMES), max_size=3, unique=True),
        "output": st.sampled_from(NAMES),
        "ways": st.lists(WAY, max_size=3),
        "everywhere": st.lists(WAY, max_size=1),
        "purposes": st.lists(st.sampled_from(["care", "tax"]), max_size=2, unique=True),
        "owner": st.sampled_from([None, "ann"]),
        "parent": st.sampled_from([None, None, 7]),
    }
)


def entering(way: tuple[str, str, str, list[dict[str, Any]]]) -> dict[str, Any]:
    name, source, _, transformations = way
    return {"namespace": "db", "name": name, "field": source, "transformations": transformations}


def facet(**words: Any) -> dict[str, Any]:
    return {"_producer": "x", "_schemaURL": "x", **words}


def event(said: dict[str, Any]) -> str:
    fields: dict[str, Any] = {}
    for way in said["ways"]:
        fields.setdefault(way[2], {"inputFields": []})["inputFields"].append(entering(way))
    facets = {}
    if fields or said["everywhere"]:
        others = [entering(way) for way in said["everywhere"]]
        facets["columnLineage"] = facet(fields=fields, dataset=others)
    if said["owner"]:
        facets["ownership"] = facet(owners=[{"name": said["owner"], "type": "OWNER"}])
    tags = [{"key": "purpose", "value": value, "source": "x"} for value in said["purposes"]]
    document: dict[str, Any] = {
        "eventTime": f"2026-10-0{said['day']}T01:05:00Z",
        "producer": "x",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json",
        "job": {
            "namespace": "etl",
            "name": said["job"],
            "facets": {"tags": facet(tags=tags)} if tags else {},
        },
        "inputs": [{"namespace": "db", "name": name} for name in said["inputs"]],
        "outputs": [{"namespace": "db", "name": said["output"], "facets": facets}],
    }
    if said["run"] is not None:
        document["eventType"] = said["state"]
        document["run"] = {"runId": run_id(said["run"])}
        if said["parent"]:
            run = {"run": {"runId": run_id(said["parent"])}, "job": {"namespace": "e", "name": "p"}}
            document["run"]["facets"] = {"parent": facet(**run)}
    return json.dumps(document)


def repeat(run: int, day: int) -> dict[str, Any]:
    """What runs say that repeat one another."""
    said: dict[str, Any] = {"state": "COMPLETE", "job": "load", "inputs": ["a"], "output": "b"}
    ways = [("a", "x", "x", TRANSFORMATIONS[1])]
    rest: dict[str, Any] = {"everywhere": [], "purposes": [], "owner": None, "parent": None}
    return {**said, **rest, "ways": ways, "run": run, "day": day}


def run_id(number: int) -> str:
    return f"01980000-0000-7000-8000-{number:012}"


def all_of(arrays: dict[str, Any], base: Path) -> FileGraph:
    write_arrays(arrays, {}, NO_LOG, base=base, state={})
    found = open_graph(base, {})
    assert found is not None
    return found


def content(graph: FileGraph) -> tuple[list[Node], list[Edge], list[list[int]]]:
    pointer = graph.arrays["out_pointer"].view
    edges = [
        graph.edge(source, row)
        for source in range(graph.count)
        for row in range(pointer[source], pointer[source + 1])
    ]
    same = ("out_flags", "in_pointer", "in_node", "in_flags", "columnless_out", "columnless_in")
    numbers = [list(graph.arrays[name].view) for name in same]
    return [graph.node(number) for number in range(graph.count)], edges, numbers


def assert_same(store: LineageStore, folder: Path) -> None:
    expected = all_of(graph_arrays(load_graph(store)), folder / "slow")
    with store.raw() as raw:
        arrays = bulk_arrays(raw)
    assert arrays is not None
    found = all_of(arrays, folder / "fast")
    assert content(found) == content(expected)
    assert list(found.all_datasets()) == list(expected.all_datasets())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bulk")


@settings(max_examples=150, deadline=None)
@given(st.lists(RUN, max_size=10), st.lists(RUN, max_size=4))
@example([], [])
@example([repeat(1, 3), repeat(2, 1), repeat(3, 2), {**repeat(4, 4), "ways": []}], [])
def test_rows_come_to_what_edges_come_to(
    folder: Path, emitted: list[dict[str, Any]], filed: list[dict[str, Any]]
) -> None:
    for path in folder.glob("lineage.db*"):
        path.unlink()
    store = open_store(folder / "lineage.db")
    try:
        for said in emitted:
            store.record_emitted(read_bytes(event(said).encode(), "e.json"))
        lines = "\n".join(map(event, filed))
        store.record_file("lineage/e.ndjson", "1", read_bytes(lines.encode(), "e.ndjson"))
        assert_same(store, folder)
        store.forget_files(())
        assert_same(store, folder)
    finally:
        store.close()


def record(tmp_path: Path, *documents: dict[str, Any]) -> LineageStore:
    store = open_store(tmp_path / "lineage.db")
    lines = "\n".join(map(json.dumps, documents))
    store.record_emitted(read_bytes(lines.encode(), "e.ndjson"))
    return store


def document(**words: Any) -> dict[str, Any]:
    said = {"run": 1, "day": 1, "state": "COMPLETE", "job": "load", "inputs": ["a"],
            "output": "b", "ways": [], "everywhere": [], "purposes": [], "owner": None,
            "parent": None}  # fmt: skip
    found: dict[str, Any] = json.loads(event({**said, **words}))
    return found


def with_facet(name: str, value: dict[str, Any]) -> dict[str, Any]:
    found = document()
    found["outputs"][0]["facets"][name] = facet(**value)
    return found


@pytest.mark.parametrize(
    "documents",
    [
        [with_facet("symlinks", {"identifiers": [
            {"namespace": "s3", "name": "b", "type": "TABLE"}]})],
        [with_facet("lifecycleStateChange", {"lifecycleStateChange": "DROP"})],
        [document(ways=[("a", "y", "y.z", [])]), document(run=2, ways=[("a", "y.z", "x", [])])],
        [document(run=2), document(run=1, parent=2, ways=[("a", "x", "x", [])])],
    ],
    ids=["another name", "dropped", "nested", "a parent that implies"],
)  # fmt: skip
def test_what_runs_say_of_one_another_is_left_to_the_slower_way(
    tmp_path: Path, documents: list[dict[str, Any]]
) -> None:
    store = record(tmp_path, *documents)
    with store.raw() as raw:
        assert bulk_arrays(raw) is None
    store.close()


def test_the_jobs_of_the_index_have_the_latest_time(tmp_path: Path) -> None:
    store = record(tmp_path, document(day=2), document(run=2, day=4), document(run=3, job="copy"))
    with store.raw() as raw:
        assert {job.name: last[:10] for job, last in raw.jobs().items()} == {
            "copy": "2026-10-01",
            "load": "2026-10-04",
        }
    store.close()
