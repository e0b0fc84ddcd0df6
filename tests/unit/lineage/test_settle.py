"""What all runs together come to: names, renamings, parents, nested columns, ends."""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage import Graph, Keeping, derived, load_graph, open_store, resolve
from headwater.lineage.flows import find_flows
from headwater.lineage.reader import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

TABLE, PLACE, OTHER = DatasetId("hive", "t"), DatasetId("s3", "t/"), DatasetId("db", "out")


def dataset(of: DatasetId, **facets: Any) -> dict[str, Any]:
    return {"namespace": of.namespace, "name": of.name, "facets": facets}


def symlinks(*others: tuple[DatasetId, str]) -> dict[str, Any]:
    found = [{"namespace": o.namespace, "name": o.name, "type": kind} for o, kind in others]
    return {"identifiers": found}


def renamed(old: DatasetId) -> dict[str, Any]:
    return {"lifecycleStateChange": "RENAME", "previousIdentifier": dataset(old)}


def columns(**fields: tuple[DatasetId, str]) -> dict[str, Any]:
    made = {
        column: {"inputFields": [{"namespace": o.namespace, "name": o.name, "field": field}]}
        for column, (o, field) in fields.items()
    }
    return {"fields": made}


def event(minute: int, run: str, **parts: Any) -> dict[str, Any]:
    run_facets = parts.pop("run_facets", {})
    job = parts.pop("job", f"job of {run}")
    return {
        "eventTime": f"2026-10-01T00:{minute:02}:00Z",
        "eventType": "COMPLETE",
        "run": {"runId": run, "facets": run_facets},
        "job": {"namespace": "etl", "name": job, "facets": parts.pop("job_facets", {})},
        **parts,
    }


def copying(
    minute: int, run: str, source: DatasetId, target: DatasetId, **more: Any
) -> dict[str, Any]:
    return event(minute, run, inputs=[dataset(source)], outputs=[dataset(target)], **more)


def graph(folder: Path, *events: dict[str, Any], keeping: Keeping | None = None) -> Graph:
    """The graph of the events, which is the same in whatever order they come."""
    found: list[Graph] = []
    for number, order in enumerate(list(permutations(events))[:24]):
        path = folder / f"{len(list(folder.iterdir()))}-{number}.db"
        store = open_store(path, keeping=keeping or Keeping())
        for each in order:
            store.record_emitted(read_bytes(json.dumps(each).encode(), "e.json"))
        found.append(load_graph(store))
        store.close()
    assert all(other.edges == found[0].edges for other in found)
    assert all(other.settled.names == found[0].settled.names for other in found)
    return found[0]


def pairs(of: Graph) -> set[tuple[str, str]]:
    return {(str(edge.source), str(edge.target)) for edge in of.edges}


def test_a_symlink_makes_two_names_one_and_prefers_the_table(tmp_path: Path) -> None:
    linked = dataset(PLACE, symlinks=symlinks((TABLE, "TABLE")))
    found = graph(
        tmp_path,
        event(1, "w", inputs=[dataset(OTHER)], outputs=[linked]),
        copying(2, "r", TABLE, DatasetId("db", "report")),
    )
    assert pairs(found) == {("db/out", "hive/t"), ("hive/t", "db/report")}
    assert found.settled.names == {PLACE: TABLE}
    assert PLACE not in found.datasets


def test_a_dataset_answers_to_each_of_its_names(tmp_path: Path) -> None:
    out = dataset(PLACE, symlinks=symlinks((TABLE, "TABLE")), columnLineage=columns(x=(OTHER, "n")))
    found = graph(tmp_path, event(1, "w", outputs=[out]))
    for name in ("hive/t", "s3/t/", "t"):
        assert resolve(name, found) == TABLE
        assert resolve(f"{name}#x", found) == ColumnId(TABLE, "x")


def test_a_place_is_not_preferred_to_the_name_that_an_event_uses(tmp_path: Path) -> None:
    linked = dataset(TABLE, symlinks=symlinks((PLACE, "LOCATION")))
    found = graph(tmp_path, event(1, "w", inputs=[dataset(OTHER)], outputs=[linked]))
    assert found.settled.names == {PLACE: TABLE}


def test_columns_follow_their_dataset(tmp_path: Path) -> None:
    out = dataset(PLACE, symlinks=symlinks((TABLE, "TABLE")), columnLineage=columns(x=(OTHER, "n")))
    found = graph(tmp_path, event(1, "w", outputs=[out]))
    assert ("db/out#n", "hive/t#x") in pairs(found)


def test_the_name_of_a_contract_is_preferred_and_two_contracts_stay_apart(tmp_path: Path) -> None:
    linked = dataset(PLACE, symlinks=symlinks((TABLE, "TABLE")))
    events = [event(1, "w", inputs=[dataset(OTHER)], outputs=[linked])]
    one = graph(tmp_path, *events, keeping=Keeping({PLACE}))
    assert one.settled.names == {TABLE: PLACE}
    two = graph(tmp_path, *events, keeping=Keeping({PLACE, TABLE}))
    assert two.settled.names == {}
    assert pairs(two) == {("db/out", "s3/t/"), ("s3/t/", "hive/t"), ("hive/t", "s3/t/")}


def test_a_symlink_between_departments_is_a_flow_and_hides_none(tmp_path: Path) -> None:
    """Were they made one, a department could hide what it takes by calling it another's."""
    department = {"hive": "tax", "s3": "police"}
    keeping = Keeping(department_of=lambda of: department.get(of.namespace))
    linked = dataset(PLACE, symlinks=symlinks((TABLE, "TABLE")))
    found = graph(tmp_path, event(1, "w", outputs=[linked]), keeping=keeping)
    flows = find_flows(found, keeping.department_of)
    assert {(flow.provider, flow.consumer, flow.evidence) for flow in flows} == {
        ("police", "tax", "declared"),
        ("tax", "police", "declared"),
    }


def test_names_joined_by_a_third_stay_apart_if_any_two_must(tmp_path: Path) -> None:
    third = DatasetId("nobody", "t")
    department = {"hive": "tax", "s3": "police"}
    keeping = Keeping(department_of=lambda of: department.get(of.namespace))
    linked = dataset(third, symlinks=symlinks((TABLE, "TABLE"), (PLACE, "LOCATION")))
    found = graph(tmp_path, event(1, "w", outputs=[linked]), keeping=keeping)
    assert len(find_flows(found, keeping.department_of)) == 2


OLD, NEW = DatasetId("db", "old"), DatasetId("db", "new")


def renaming(minute: int) -> dict[str, Any]:
    return event(minute, "alter", outputs=[dataset(NEW, lifecycleStateChange=renamed(OLD))])


def test_a_renamed_dataset_has_its_new_name_before_and_after(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        copying(1, "before", OTHER, OLD),
        renaming(2),
        copying(3, "after", NEW, DatasetId("db", "report")),
        copying(4, "late", OLD, DatasetId("db", "late")),
    )
    assert pairs(found) == {
        ("db/out", "db/new"),
        ("db/new", "db/report"),
        ("db/new", "db/late"),
    }
    assert found.settled.names == {OLD: NEW}


def test_a_name_that_is_written_again_is_of_something_new(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        copying(1, "before", OTHER, OLD),
        renaming(2),
        copying(3, "again", DatasetId("db", "b"), OLD),
        copying(4, "read", OLD, DatasetId("db", "report")),
    )
    assert pairs(found) == {("db/out", "db/new"), ("db/b", "db/old"), ("db/old", "db/report")}
    assert found.settled.names == {}


def test_the_renaming_itself_is_no_edge_even_if_it_lists_both(tmp_path: Path) -> None:
    both = event(
        2, "alter", inputs=[dataset(OLD)], outputs=[dataset(NEW, lifecycleStateChange=renamed(OLD))]
    )
    assert pairs(graph(tmp_path, copying(1, "w", OTHER, OLD), both)) == {("db/out", "db/new")}


def test_a_failed_renaming_renames_nothing(tmp_path: Path) -> None:
    failed = renaming(2) | {"eventType": "FAIL"}
    assert pairs(graph(tmp_path, copying(1, "w", OTHER, OLD), failed)) == {("db/out", "db/old")}


def test_a_renaming_hides_neither_a_contract_nor_a_department(tmp_path: Path) -> None:
    events = [copying(1, "w", OTHER, OLD), renaming(2)]
    described = graph(tmp_path, *events, keeping=Keeping({OLD}))
    assert pairs(described) == {("db/out", "db/old"), ("db/old", "db/new")}
    owners = {OLD: "police", NEW: "tax"}
    moved = graph(tmp_path, *events, keeping=Keeping(department_of=owners.get))
    assert [flow.consumer for flow in find_flows(moved, owners.get)] == ["tax"]


def test_renamings_in_a_ring_end(tmp_path: Path) -> None:
    back = event(2, "back", outputs=[dataset(OLD, lifecycleStateChange=renamed(NEW))])
    found = graph(tmp_path, copying(1, "w", OTHER, OLD), renaming(2), back)
    assert len(pairs(found)) == 1


def child_of(run: str) -> dict[str, Any]:
    return {"parent": {"run": {"runId": run}, "job": {"namespace": "etl", "name": "all"}}}


def test_a_parent_does_not_imply_what_its_children_say(tmp_path: Path) -> None:
    a, b, x, y = (DatasetId("db", name) for name in "abxy")
    parent = event(
        3, "p", inputs=[dataset(a), dataset(b)], outputs=[dataset(x), dataset(y)], job="all"
    )
    found = graph(
        tmp_path,
        parent,
        copying(1, "c1", a, x, run_facets=child_of("p"), job="one"),
        copying(2, "c2", b, y, run_facets=child_of("p"), job="two"),
    )
    assert pairs(found) == {("db/a", "db/x"), ("db/b", "db/y")}
    assert found.settled.parents == {
        JobId("etl", "one"): (JobId("etl", "all"),),
        JobId("etl", "two"): (JobId("etl", "all"),),
    }


def test_a_parent_counts_for_what_no_child_says_and_a_ring_of_parents_ends(tmp_path: Path) -> None:
    a, x = DatasetId("db", "a"), DatasetId("db", "x")
    parent = copying(3, "p", a, x, run_facets=child_of("c"), job="all")
    child = event(1, "c", outputs=[dataset(x)], run_facets=child_of("p"))
    assert pairs(graph(tmp_path, parent, child)) == {("db/a", "db/x")}


def test_nested_columns_are_reached_through_the_column_that_holds_them(tmp_path: Path) -> None:
    a, b, c = (DatasetId("db", name) for name in "abc")
    nested = {"fields": [{"name": "s", "fields": [{"name": "p"}, {"name": "q"}]}]}
    found = graph(
        tmp_path,
        event(1, "w", outputs=[dataset(b, schema=nested, columnLineage=columns(s=(a, "n")))]),
        event(2, "r", outputs=[dataset(c, columnLineage=columns(x=(b, "s.p"), y=(b, "s")))]),
    )
    assert set(found.columns_of(b)) == {"s", "s.p", "s.q"}
    answer = found.trace(ColumnId(a, "n"), "downstream")
    assert {str(node) for node, _ in answer.nodes} == {
        *("db/b#s", "db/b#s.p", "db/b#s.q", "db/c#x", "db/c#y")
    }
    # One part of a column says nothing of another part.
    up = found.trace(ColumnId(c, "x"), "upstream")
    assert {str(node) for node, _ in up.nodes} == {"db/b#s.p", "db/a#n"}


def test_a_copy_joins_only_parts_of_the_same_name(tmp_path: Path) -> None:
    a, b = DatasetId("db", "a"), DatasetId("db", "b")
    nested = {"fields": [{"name": "s", "fields": [{"name": "p"}, {"name": "q"}]}]}
    made = columns(s=(a, "s"))
    made["fields"]["s"]["inputFields"][0]["transformations"] = [
        {"type": "DIRECT", "subtype": "IDENTITY"}
    ]
    found = graph(
        tmp_path,
        event(
            1,
            "w",
            inputs=[dataset(a, schema=nested)],
            outputs=[dataset(b, schema=nested, columnLineage=made)],
        ),
    )
    assert ("db/a#s.p", "db/b#s.p") in pairs(found)
    assert ("db/a#s.p", "db/b#s") in pairs(found)
    assert ("db/a#s.p", "db/b#s.q") not in pairs(found)


def test_edges_that_follow_without_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derived, "DERIVED_EDGES", 3)
    a, b = DatasetId("db", "a"), DatasetId("db", "b")
    nested = {"fields": [{"name": "s", "fields": [{"name": f"p{n}"} for n in range(9)]}]}
    out = dataset(b, schema=nested, columnLineage=columns(s=(a, "n")))
    with pytest.raises(DocumentError) as caught:
        graph(tmp_path, event(1, "w", outputs=[out]))
    assert caught.value.problems[0].code == "graph-too-large"


def test_an_edge_holds_until_its_job_writes_the_target_without_it(tmp_path: Path) -> None:
    a, b, out = (DatasetId("db", name) for name in ("a", "b", "out"))
    found = graph(
        tmp_path,
        copying(1, "r1", a, out, job="load"),
        copying(2, "r2", a, out, job="load"),
        copying(3, "r3", b, out, job="load"),
        copying(4, "r4", b, out, job="load"),
    )
    until = {str(edge.source): edge.until for edge in found.edges}
    assert until == {"db/a": "2026-10-01T00:03:00Z", "db/b": None}


def test_a_failed_run_marks_its_edges_and_ends_none(tmp_path: Path) -> None:
    a, b, out = (DatasetId("db", name) for name in ("a", "b", "out"))
    failed = copying(2, "r2", b, out, job="load") | {"eventType": "ABORT"}
    found = graph(tmp_path, copying(1, "r1", a, out, job="load"), failed)
    assert {(str(edge.source), edge.failed, edge.until) for edge in found.edges} == {
        ("db/a", False, None),
        ("db/b", True, None),
    }


def test_a_dropped_dataset_ends_its_edges_unless_it_is_used_again(tmp_path: Path) -> None:
    a, out = DatasetId("db", "a"), DatasetId("db", "out")
    drop = event(
        2, "drop", outputs=[dataset(out, lifecycleStateChange={"lifecycleStateChange": "DROP"})]
    )
    found = graph(tmp_path, copying(1, "w", a, out), drop)
    assert found.settled.dropped == {out: "2026-10-01T00:02:00.000000000Z"}
    assert [edge.until for edge in found.edges] == ["2026-10-01T00:02:00Z"]
    again = graph(tmp_path, copying(1, "w", a, out), drop, copying(3, "again", a, out))
    assert again.settled.dropped == {}


def test_the_latest_owners_and_tags_count(tmp_path: Path) -> None:
    a = DatasetId("db", "a")
    first = {
        "ownership": {"owners": [{"name": "team:one", "type": "owner"}]},
        "tags": {"tags": [{"key": "pii", "value": "yes", "field": "n"}, {"key": "k", "value": 5}]},
    }
    found = graph(
        tmp_path,
        event(1, "r1", inputs=[dataset(a, **first)]),
        event(2, "r2", inputs=[dataset(a, ownership={"owners": [{"name": "team:two"}]})]),
        event(3, "r3", inputs=[dataset(a)], job_facets={"ownership": {"owners": [{"name": "me"}]}}),
    )
    assert found.settled.owners == {a: ("team:two",), JobId("etl", "job of r3"): ("me",)}
    assert found.settled.tags == {a: (("k", "5"),), ColumnId(a, "n"): (("pii", "yes"),)}
    gone = graph(
        tmp_path,
        event(1, "r1", inputs=[dataset(a, **first)]),
        event(2, "r2", inputs=[dataset(a, ownership={"_deleted": True})]),
    )
    assert a not in gone.settled.owners
