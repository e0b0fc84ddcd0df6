"""Files written from rows, and what is newer laid over them, hold what edges hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headwater.catalog.ids import ColumnId, DatasetId
from headwater.lineage import csr
from headwater.lineage.choose import FOLDER, choose_graph
from headwater.lineage.csr import FileGraph, open_graph
from headwater.lineage.csr_build import graph_arrays
from headwater.lineage.csr_bulk import bulk_arrays
from headwater.lineage.csr_files import write_arrays
from headwater.lineage.csr_overlay import OverlaidGraph
from headwater.lineage.filters import Filters
from headwater.lineage.graph import NO_LOG, LineageGraph, load_graph
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


ASKED = [
    Filters(),
    Filters(direct_only=True),
    Filters(unmasked_only=True),
    Filters(evidence="observed"),
    Filters(hops=1),
    Filters(max_nodes=2),
]


@pytest.fixture
def _always_in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headwater.lineage.choose.LARGE", 1)


def emit(store: LineageStore, *documents: dict[str, Any]) -> None:
    store.record_emitted(read_bytes("\n".join(map(json.dumps, documents)).encode(), "e.ndjson"))


def assert_same_answers(store: LineageStore, found: LineageGraph) -> None:
    expected = load_graph(store)
    assert found.log == expected.log
    assert tuple(found.all_datasets()) == expected.datasets
    for dataset in expected.datasets:
        assert found.columns_of(dataset) == expected.columns_of(dataset)
        assert found.owner_of(dataset) == expected.owner_of(dataset)
        assert found.named(dataset.name) == expected.named(dataset.name)
    nodes: list[Node] = [*expected.nodes, DatasetId("no", "no")]
    assert found.edges_among(nodes, Filters()) == expected.edges_among(nodes, Filters())
    for filters in ASKED:
        for node in nodes:
            for way in ("upstream", "downstream"):
                one, two = found.reach([node], way, filters), expected.reach([node], way, filters)
                assert list(one.hops.items()) == list(two.hops.items())
                assert one.limits == two.limits
        some = nodes[::2]
        assert found.edges_among(some, filters) == expected.edges_among(some, filters)


@pytest.mark.usefixtures("_always_in_files")
@pytest.mark.usefixtures("_always_in_files")
@pytest.mark.parametrize("wide", [True, False], ids=["numpy", "maps"])
@settings(max_examples=150, deadline=None)
@given(st.lists(RUN, min_size=1, max_size=6), st.lists(RUN, min_size=1, max_size=5), st.booleans())
@example([repeat(1, 3), repeat(2, 1)], [{**repeat(1, 4), "ways": []}, repeat(3, 5)], False)
def test_what_is_newer_comes_to_what_all_of_it_comes_to(
    folder: Path, wide: bool, first: list[dict[str, Any]], second: list[dict[str, Any]], filed: bool
) -> None:
    for path in folder.glob("lineage.db*"):
        path.unlink()
    store = open_store(folder / "lineage.db")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(csr, "WIDE", 0 if wide else 10**9)
            patch.setattr(csr, "WIDE_AT_FIRST", 0 if wide else 10**9)
            lines = "\n".join(map(event, first))
            store.record_file("lineage/e.ndjson", "1", read_bytes(lines.encode(), "e.ndjson"))
            before = choose_graph(store, folder, key="k")
            assert isinstance(before, FileGraph)
            lines = "\n".join(map(event, second))
            events = read_bytes(lines.encode(), "e.ndjson")
            if filed:
                store.record_file("lineage/e.ndjson", "2", events)
            else:
                store.record_emitted(events)
            found = choose_graph(store, folder, key="k")
            assert_same_answers(store, found)
    finally:
        store.close()


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.glob(f"{FOLDER}*"))


@pytest.mark.usefixtures("_always_in_files")
def test_newer_events_are_laid_over_the_files_and_nothing_is_written(tmp_path: Path) -> None:
    store = record(tmp_path, document(ways=[("a", "x", "x", [])]))
    assert type(choose_graph(store, tmp_path, key="k")) is FileGraph
    before = files(tmp_path)
    emit(store, document(run=2, day=2, inputs=["c"], output="d", ways=[("c", "x", "x", [])]))
    found = choose_graph(store, tmp_path, key="k")
    assert type(found) is OverlaidGraph
    assert files(tmp_path) == before
    assert_same_answers(store, found)
    assert found.number(ColumnId(DatasetId("db", "d"), "x")) == found.size - 1
    store.close()


@pytest.mark.usefixtures("_always_in_files")
def test_a_run_that_began_before_and_ended_since_is_laid_over_too(tmp_path: Path) -> None:
    """What its beginning only implied is no more; what it says at its end holds."""
    store = record(tmp_path, document(state="START"))
    choose_graph(store, tmp_path, key="k")
    implied = load_graph(store).edges
    emit(store, document(day=2, ways=[("a", "x", "x", [])]))
    found = choose_graph(store, tmp_path, key="k")
    assert type(found) is OverlaidGraph
    assert {edge.evidence for edge in implied} == {"implied"}
    assert {edge.evidence for edge in load_graph(store).edges} == {"observed"}
    assert_same_answers(store, found)
    store.close()


@pytest.mark.usefixtures("_always_in_files")
@pytest.mark.parametrize(
    "newer",
    [
        with_facet("symlinks", {"identifiers": [
            {"namespace": "s3", "name": "b", "type": "TABLE"}]}),
        with_facet("lifecycleStateChange", {"lifecycleStateChange": "DROP"}),
        document(run=2, ways=[("a", "x.y", "x", [])]),
        document(run=2, parent=1, ways=[("a", "x", "x", [])]),
    ],
    ids=["another name", "dropped", "nested", "a parent that implies"],
)  # fmt: skip
def test_what_changes_other_runs_edges_is_not_laid_over(
    tmp_path: Path, newer: dict[str, Any]
) -> None:
    """A graph is then worked out anew."""
    store = record(tmp_path, document(), document(run=9, ways=[("a", "x", "x", [])]))
    assert isinstance(choose_graph(store, tmp_path, key="k"), FileGraph)
    emit(store, newer)
    assert not isinstance(choose_graph(store, tmp_path, key="k"), OverlaidGraph)
    store.close()


@pytest.mark.usefixtures("_always_in_files")
def test_too_much_that_is_newer_is_not_laid_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headwater.lineage.sqlite_newer.MOST", 5)
    store = record(tmp_path, document())
    choose_graph(store, tmp_path, key="k")
    emit(store, document(run=2, day=2))
    assert type(choose_graph(store, tmp_path, key="k")) is OverlaidGraph
    emit(store, *(document(run=number, day=2) for number in range(3, 9)))
    assert type(choose_graph(store, tmp_path, key="k")) is FileGraph
    assert len(list(tmp_path.glob(f"{FOLDER}-*"))) == 1
    store.close()


@pytest.mark.usefixtures("_always_in_files")
def test_a_reindexed_store_is_not_laid_over_files_of_before(tmp_path: Path) -> None:
    store = record(tmp_path, document())
    choose_graph(store, tmp_path, key="k")
    before = files(tmp_path)
    store.reindex()
    assert type(choose_graph(store, tmp_path, key="k")) is FileGraph
    assert files(tmp_path) != before
    store.close()


@pytest.mark.usefixtures("_always_in_files")
def test_a_store_brought_back_from_a_copy_is_not_taken_for_what_it_became(tmp_path: Path) -> None:
    store = record(tmp_path, document())
    store.close()
    kept = (tmp_path / "lineage.db").read_bytes()
    store = open_store(tmp_path / "lineage.db")
    emit(store, document(run=2, day=2, output="lost"))
    choose_graph(store, tmp_path, key="k")
    store.close()
    for path in tmp_path.glob("lineage.db*"):
        path.unlink()
    (tmp_path / "lineage.db").write_bytes(kept)
    store = open_store(tmp_path / "lineage.db")
    emit(store, document(run=2, day=2, output="c"))
    emit(store, document(run=3, day=2, output="c"))
    found = choose_graph(store, tmp_path, key="k")
    assert not found.named("lost")
    assert_same_answers(store, found)
    store.close()


@pytest.mark.usefixtures("_always_in_files")
def test_whoever_asks_about_the_whole_gets_files_of_this_very_state(tmp_path: Path) -> None:
    store = record(tmp_path, document())
    choose_graph(store, tmp_path, key="k")
    emit(store, document(run=2, day=2))
    assert type(choose_graph(store, tmp_path, key="k", overlay=False)) is FileGraph
    store.close()
