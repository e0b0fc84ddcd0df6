"""Explicit lineage: the facet ``lineage``, and what it beats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from headwater.catalog.ids import ColumnId, DatasetId
from headwater.lineage import load_graph, open_store
from headwater.lineage.reader import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.lineage import LineageStore

Edges = dict[tuple[str, str], tuple[str, str, tuple[str, ...]]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LineageStore]:
    opened = open_store(tmp_path / "lineage.db")
    yield opened
    opened.close()


def dataset(name: str, **facets: Any) -> dict[str, Any]:
    return {"namespace": "db", "name": name, "facets": facets}


def event(run: str = "r", job: str = "load", **parts: Any) -> dict[str, Any]:
    facets = parts.pop("facets", {})
    return {
        "eventTime": "2026-10-01T00:00:00Z",
        "eventType": "COMPLETE",
        "run": {"runId": run},
        "job": {"namespace": "etl", "name": job, "facets": facets},
        **parts,
    }


def source(name: str, field: str | None = None, **more: Any) -> dict[str, Any]:
    found = {"namespace": "db", "name": name, "type": "DATASET", **more}
    return found | ({"field": field} if field else {})


def job_source(name: str | None = None) -> dict[str, Any]:
    return {"type": "JOB"} | ({"namespace": "etl", "name": name} if name else {})


def entry(name: str, *inputs: dict[str, Any], **fields: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"namespace": "db", "name": name, "type": "DATASET"}
    found["inputs"] = list(inputs)
    found["fields"] = {column: {"inputs": made} for column, made in fields.items()}
    return found


def job_entry(*inputs: dict[str, Any], name: str | None = None) -> dict[str, Any]:
    return job_source(name) | {"inputs": list(inputs)}


def edges(store: LineageStore, *events: dict[str, Any]) -> Edges:
    data = "\n".join(json.dumps(each) for each in events).encode()
    store.record_file("e.ndjson", "1", read_bytes(data, "e.ndjson"))
    return {
        (short(edge.source), short(edge.target)): (edge.kind, edge.evidence, edge.subtypes)
        for edge in load_graph(store).edges
    }


def short(node: DatasetId | ColumnId) -> str:
    return f"{node.dataset.name}.{node.column}" if isinstance(node, ColumnId) else node.name


def lineage(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"lineage": {"entries": list(entries)}}


def test_a_target_is_made_from_what_its_entry_says_and_nothing_else(store: LineageStore) -> None:
    columns = {"columnLineage": {"fields": {"x": {"inputFields": [column("c", "n")]}}}}
    found = edges(
        store,
        event(
            facets=lineage(entry("out", source("a"))),
            inputs=[dataset("a"), dataset("b"), dataset("c")],
            outputs=[dataset("out", **columns)],
        ),
    )
    assert found == {("a", "out"): ("direct", "observed", ())}


def column(name: str, field: str) -> dict[str, Any]:
    return {"namespace": "db", "name": name, "field": field}


def test_an_output_without_an_entry_falls_back(store: LineageStore) -> None:
    found = edges(
        store,
        event(
            facets=lineage(entry("out", source("a"))),
            inputs=[dataset("a")],
            outputs=[dataset("out"), dataset("other")],
        ),
    )
    assert found == {
        ("a", "out"): ("direct", "observed", ()),
        ("a", "other"): ("direct", "implied", ()),
    }


def test_no_inputs_says_that_nothing_feeds_it(store: LineageStore) -> None:
    facets = lineage(entry("out"))
    given = event(facets=facets, inputs=[dataset("a")], outputs=[dataset("out")])
    assert edges(store, given) == {}
    assert load_graph(store).datasets == (DatasetId("db", "a"), DatasetId("db", "out"))


def test_columns_say_more_exactly_how_a_dataset_enters(store: LineageStore) -> None:
    how = [{"type": "DIRECT", "subtype": "Identity"}]
    made = [source("a", "n", transformations=how)]
    found = edges(store, event(facets=lineage(entry("out", source("a"), source("b"), x=made))))
    assert found == {
        ("a", "out"): ("direct", "observed", ("IDENTITY",)),
        ("a.n", "out.x"): ("direct", "observed", ("IDENTITY",)),
        ("b", "out"): ("direct", "observed", ()),
    }
    whole = {short(edge.source): edge.whole for edge in load_graph(store).edges}
    assert whole == {"a": False, "a.n": True, "b": True}


def test_a_column_that_feeds_a_dataset_influences_every_column(store: LineageStore) -> None:
    how = [{"type": "INDIRECT", "subtype": "FILTER"}]
    out = dataset("out", schema={"fields": [{"name": "y"}]})
    facets = lineage(entry("out", source("a", "k", transformations=how), x=[source("b", "n")]))
    found = edges(store, event(facets=facets, outputs=[out]))
    indirect = ("indirect", "observed", ("FILTER",))
    assert found["a.k", "out.x"] == found["a.k", "out.y"] == found["a", "out"] == indirect


def test_a_dataset_may_feed_one_column(store: LineageStore) -> None:
    found = edges(store, event(facets=lineage(entry("out", x=[source("a")]))))
    assert found == {
        ("a", "out.x"): ("direct", "observed", ()),
        ("a", "out"): ("direct", "observed", ()),
    }


def test_the_facet_of_a_dataset_declares_a_view(store: LineageStore) -> None:
    facet = {"inputs": [source("a")], "fields": {"x": {"inputs": [source("b", "n")]}}}
    view = {"eventTime": "2026-10-01T00:00:00Z", "dataset": dataset("v", lineage=facet)}
    found = edges(store, view)
    assert found["b.n", "v.x"] == ("direct", "declared", ())
    assert found["a", "v"] == ("direct", "declared", ())


def test_what_feeds_a_job_reaches_what_the_job_feeds(store: LineageStore) -> None:
    found = edges(
        store,
        event("r1", "extract", facets=lineage(job_entry(source("a", "n")))),
        event("r2", "load", facets=lineage(job_entry(job_source("extract"), name="load"))),
        event("r3", "load", facets=lineage(entry("out", x=[job_source()]))),
    )
    assert found == {
        ("a.n", "out.x"): ("direct", "observed", ()),
        ("a", "out"): ("direct", "observed", ()),
    }
    assert [edge.whole for edge in load_graph(store).edges] == [False, True]


def test_jobs_that_feed_each_other_do_not_loop(store: LineageStore) -> None:
    found = edges(
        store,
        event("r1", "one", facets=lineage(job_entry(source("a"), job_source("two")))),
        event(
            "r2", "two", facets=lineage(job_entry(job_source("one")), entry("out", job_source()))
        ),
    )
    assert found == {("a", "out"): ("direct", "observed", ())}


def test_a_generator_and_a_sink_draw_no_edge(store: LineageStore) -> None:
    found = edges(
        store,
        event("r1", "generate", facets=lineage(entry("out", x=[job_source()]))),
        event("r2", "validate", facets=lineage(job_entry(source("out")))),
    )
    assert found == {}
    assert [short(node) for node in sorted(load_graph(store).nodes, key=str)] == ["out", "out.x"]


def test_the_weakest_evidence_of_the_way_counts(store: LineageStore) -> None:
    declared = event(job="load", facets=lineage(job_entry(source("a"))))
    del declared["run"]
    found = edges(store, declared, event("r", "load", facets=lineage(entry("out", job_source()))))
    assert found == {("a", "out"): ("direct", "declared", ())}


def test_the_examples_of_the_specification_are_read(corpus: Path, store: LineageStore) -> None:
    folder = corpus / "openlineage/OpenLineage/spec/tests/LineageFacet"
    for path in sorted(folder.glob("*.json")):
        facet = json.loads(path.read_text(encoding="utf-8"))
        holder = event(path.stem, path.stem, facets=facet)
        if "entries" not in facet["lineage"]:
            holder = {"eventTime": holder["eventTime"], "dataset": dataset("v", **facet)}
        (read,) = read_bytes(json.dumps(holder).encode(), "e.json")
        store.record_emitted([read])
    assert len(list(folder.glob("*.json"))) == 7
    assert ("public.customers.id", "v.customer_id") in {
        (short(edge.source), short(edge.target)) for edge in load_graph(store).edges
    }
