"""The fold: what the events of a run come to, whatever their order."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage import draft
from headwater.lineage.fold import fold_run
from headwater.lineage.model import RunEdge

if TYPE_CHECKING:
    import random

A, B, C, OUT = (DatasetId("db", name) for name in ("a", "b", "c", "out"))
Stored = tuple[str, str, str]


def stored(minute: int, **parts: Any) -> Stored:
    """An event as the store keeps it: moment, digest, body."""
    body = json.dumps(
        {
            "eventTime": "2026-10-01T00:00:00Z",
            "run": {"runId": "r"},
            "job": {"namespace": "etl", "name": "load"},
            **parts,
        },
        sort_keys=True,
        separators=(",", ":"),
    )
    time = f"2026-10-01T00:{minute:02}:00.000000000Z"
    return (time, hashlib.sha256(body.encode()).hexdigest(), body)


def dataset(of: DatasetId, **facets: Any) -> dict[str, Any]:
    return {"namespace": of.namespace, "name": of.name, "facets": facets}


def entering(of: DatasetId, field: str, *transformations: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"namespace": of.namespace, "name": of.name, "field": field}
    return found | ({"transformations": list(transformations)} if transformations else {})


def lineage(*dataset_wide: dict[str, Any], **fields: list[dict[str, Any]]) -> dict[str, Any]:
    found = {column: {"inputFields": inputs} for column, inputs in fields.items()}
    return {"fields": found, "dataset": list(dataset_wide)}


def edges(*events: Stored, key: str = "run:r") -> dict[tuple[str, str], tuple[str, bool, str]]:
    return {
        (short(edge.source), short(edge.target)): (edge.kind, edge.masked, edge.evidence)
        for edge in fold_run(key, events).edges
    }


def short(node: DatasetId | ColumnId) -> str:
    return f"{node.dataset.name}.{node.column}" if isinstance(node, ColumnId) else node.name


def test_column_lineage_gives_column_edges_and_one_between_the_datasets() -> None:
    found = edges(
        stored(1, inputs=[dataset(A)]),
        stored(2, outputs=[dataset(OUT, columnLineage=lineage(x=[entering(A, "n")]))]),
    )
    assert found == {
        ("a", "out"): ("direct", False, "observed"),
        ("a.n", "out.x"): ("direct", False, "observed"),
    }


def test_an_input_that_no_column_mentions_is_implied() -> None:
    found = edges(
        stored(
            1,
            inputs=[dataset(A), dataset(B), dataset(OUT)],
            outputs=[dataset(OUT, columnLineage=lineage(x=[entering(A, "n")]))],
        )
    )
    assert found["b", "out"] == ("direct", False, "implied")
    assert found["a", "out"][2] == "observed"
    assert ("out", "out") not in found


def test_without_column_lineage_every_input_is_implied() -> None:
    found = edges(stored(1, inputs=[dataset(A)]), stored(2, outputs=[dataset(OUT)]))
    assert found == {("a", "out"): ("direct", False, "implied")}


@pytest.mark.parametrize(
    ("transformations", "expected"),
    [
        ([{"type": "DIRECT", "masking": True}], ("direct", True)),
        ([{"type": "DIRECT", "masking": True}, {"type": "DIRECT"}], ("direct", False)),
        ([{"type": "INDIRECT", "subtype": "JOIN"}], ("indirect", False)),
        ([{"type": "INDIRECT"}, {"type": "DIRECT"}], ("direct", False)),
        ([{"type": "UNHEARD-OF"}], ("direct", False)),
        ([], ("direct", False)),
    ],
)
def test_kind_and_masking_come_from_the_transformations(
    transformations: list[dict[str, Any]], expected: tuple[str, bool]
) -> None:
    facet = lineage(x=[entering(A, "n", *transformations)])
    found = edges(stored(1, outputs=[dataset(OUT, columnLineage=facet)]))
    assert found["a.n", "out.x"][:2] == expected


def test_one_unmasked_mention_unmasks_an_edge_and_one_direct_one_makes_it_direct() -> None:
    masked = entering(A, "n", {"type": "DIRECT", "masking": True})
    joined = entering(A, "n", {"type": "INDIRECT"})
    found = edges(stored(1, outputs=[dataset(OUT, columnLineage=lineage(joined, x=[masked]))]))
    assert found["a.n", "out.x"] == ("direct", False, "observed")


def test_the_deprecated_masked_counts_where_there_are_no_transformations() -> None:
    facet = {
        "fields": {"x": {"inputFields": [entering(A, "n")], "transformationType": "MASKED"}},
    }
    found = edges(stored(1, outputs=[dataset(OUT, columnLineage=facet)]))
    assert found["a.n", "out.x"] == ("direct", True, "observed")


def test_influence_on_the_dataset_reaches_every_known_column() -> None:
    facets = {
        "columnLineage": lineage(entering(B, "k"), x=[entering(A, "n")]),
        "schema": {"fields": [{"name": "y", "type": "text"}]},
    }
    found = edges(stored(1, outputs=[dataset(OUT, **facets)]))
    assert found["b.k", "out.x"] == found["b.k", "out.y"] == ("indirect", False, "observed")
    assert found["b", "out"] == ("indirect", False, "observed")


def test_influence_on_a_dataset_without_known_columns_reaches_the_dataset() -> None:
    found = edges(stored(1, outputs=[dataset(OUT, columnLineage=lineage(entering(B, "k")))]))
    assert set(found) == {("b.k", "out"), ("b", "out")}


def test_a_column_made_from_another_of_its_dataset_is_an_edge_and_from_itself_is_not() -> None:
    facet = lineage(x=[entering(OUT, "x"), entering(OUT, "y")])
    assert set(edges(stored(1, outputs=[dataset(OUT, columnLineage=facet)]))) == {
        ("out.y", "out.x")
    }


def test_a_later_facet_replaces_the_earlier_one_and_deletion_removes_it() -> None:
    first = stored(1, outputs=[dataset(OUT, columnLineage=lineage(x=[entering(A, "n")]))])
    second = stored(2, outputs=[dataset(OUT, columnLineage=lineage(x=[entering(B, "m")]))])
    third = stored(3, inputs=[dataset(C)], outputs=[dataset(OUT, columnLineage={"_deleted": True})])
    assert ("a.n", "out.x") in edges(first)
    assert set(edges(first, second)) == {("b", "out"), ("b.m", "out.x")}
    assert edges(first, second, third) == {("c", "out"): ("direct", False, "implied")}


def test_events_without_a_run_declare() -> None:
    facet = dataset(OUT, columnLineage=lineage(x=[entering(A, "n")]))
    event = stored(1, run=None, inputs=[dataset(B)], outputs=[facet])
    found = edges(event, key='job:["etl", "load"]')
    assert found["a.n", "out.x"][2] == found["a", "out"][2] == "declared"
    assert found["b", "out"][2] == "implied"
    view = stored(1, run=None, job=None, dataset=facet)
    index = fold_run('dataset:["db", "out"]', [view])
    assert {edge.evidence for edge in index.edges} == {"declared"}
    assert index.job == JobId("db", "out")


def test_what_an_input_says_of_itself_is_declared_not_lost() -> None:
    told = dataset(A, columnLineage=lineage(n=[entering(B, "m")]))
    found = edges(stored(1, inputs=[told], outputs=[dataset(OUT)]))
    assert found["b.m", "a.n"] == ("direct", False, "declared")


def test_what_the_run_did_counts_before_what_an_input_declares() -> None:
    told = dataset(OUT, columnLineage=lineage(x=[entering(A, "n")]))
    found = edges(stored(1, inputs=[dataset(A), told], outputs=[dataset(OUT)]))
    assert (found["a", "out"][2], found["a.n", "out.x"][2]) == ("implied", "declared")


def test_a_job_of_two_purposes_has_each_edge_for_both() -> None:
    tags = {"tags": [{"key": "purpose", "value": value} for value in ("tax", "care", "tax")]}
    job = {"namespace": "etl", "name": "load", "facets": {"tags": tags}}
    event = stored(1, job=job, inputs=[dataset(A)], outputs=[dataset(OUT)])
    assert [edge.purpose for edge in fold_run("run:r", [event]).edges] == ["care", "tax"]


def test_known_columns_and_times_are_kept() -> None:
    event = stored(1, inputs=[dataset(A, schema={"fields": [{"name": "n"}]})])
    index = fold_run("run:r", [event, stored(4)])
    assert index.known == (A, ColumnId(A, "n"))
    assert (index.first[14:16], index.last[14:16]) == ("01", "04")


def test_a_run_that_draws_edges_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft, "RUN_EDGES", 50)
    wide = lineage(
        *(entering(A, f"i{number}") for number in range(10)),
        **{f"c{number}": [] for number in range(10)},
    )
    with pytest.raises(DocumentError) as caught:
        fold_run("run:r", [stored(1, outputs=[dataset(OUT, columnLineage=wide)])])
    assert caught.value.problems[0].code == "run-too-large"


def _facets() -> st.SearchStrategy[dict[str, Any]]:
    field = st.builds(entering, st.sampled_from([A, B, C]), st.sampled_from("nm"))
    columns = st.dictionaries(st.sampled_from("xy"), st.lists(field, max_size=2), max_size=2)
    facet = st.builds(lambda fields: lineage(**fields), columns) | st.just({"_deleted": True})
    return st.builds(lambda found: {"columnLineage": found}, facet) | st.just({})


def _events() -> st.SearchStrategy[list[Stored]]:
    some = st.lists(st.sampled_from([A, B, C]).map(dataset), max_size=2)
    outputs = st.lists(st.builds(lambda facets: dataset(OUT, **facets), _facets()), max_size=1)
    # Few distinct minutes: equal times are frequent.
    return st.lists(
        st.builds(
            lambda minute, inputs, made: stored(minute, inputs=inputs, outputs=made),
            st.integers(1, 3),
            some,
            outputs,
        ),
        min_size=1,
        max_size=5,
    )


@settings(max_examples=100, deadline=None)
@given(_events(), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_events_matters(
    events: list[Stored], chance: random.Random
) -> None:
    again = [*events, *chance.sample(events, chance.randint(0, len(events)))]
    chance.shuffle(again)
    assert fold_run("run:r", again) == fold_run("run:r", events)


def test_edges_are_sorted_and_unique() -> None:
    facet = lineage(x=[entering(B, "n"), entering(A, "n"), entering(A, "n")])
    found = fold_run("run:r", [stored(1, outputs=[dataset(OUT, columnLineage=facet)])]).edges
    assert len({(edge.source, edge.target) for edge in found}) == len(found)
    assert [short(edge.source) for edge in found] == ["a", "a.n", "b", "b.n"]
    assert all(isinstance(edge, RunEdge) for edge in found)
