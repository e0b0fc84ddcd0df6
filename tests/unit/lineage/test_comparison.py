"""What changed between two days, asked of a real store."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from headwater.lineage.comparison import Comparison, compare
from headwater.lineage.reader import read_bytes
from headwater.lineage.store import open_store


def event(
    day: str, run: int, inputs: list[str], *, masking: bool = False, state: str = "COMPLETE"
) -> dict[str, Any]:
    field = {"namespace": "db", "field": "c", "transformations": [
        {"type": "DIRECT", "subtype": "IDENTITY", "masking": masking}]}  # fmt: skip
    facet = {"_producer": "x", "_schemaURL": "x",
             "fields": {"c": {"inputFields": [{**field, "name": name} for name in inputs]}}}  # fmt: skip
    return {
        "eventTime": f"{day}T10:00:00Z",
        "eventType": state,
        "producer": "x",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"01980000-0000-7000-8000-{run:012}"},
        "job": {"namespace": "etl", "name": "load"},
        "inputs": [{"namespace": "db", "name": name} for name in inputs],
        "outputs": [{"namespace": "db", "name": "out", "facets": {"columnLineage": facet}}],
    }


def compared(tmp_path: Path, events: list[dict[str, Any]], first: int, last: int) -> Comparison:
    store = open_store(tmp_path / "lineage.db")
    lines = "\n".join(map(json.dumps, events))
    store.record_emitted(read_bytes(lines.encode(), "e.ndjson"))
    days = (datetime.date(2026, 10, first), datetime.date(2026, 10, last))
    found = compare(store.snapshot(), days, keeping=store.keeping)
    store.close()
    return found


def steps(edges: Any) -> list[str]:
    return [f"{edge.source} -> {edge.target}" for edge in edges]


EVENTS = [
    event("2026-10-02", 1, ["a", "b"]),
    event("2026-10-04", 2, ["a", "c"]),
    event("2026-10-06", 3, ["a", "b"], masking=True),
]


@pytest.mark.parametrize(
    ("first", "last", "added", "ceased", "changed"),
    [
        (1, 2, ["a", "b"], [], []),
        (1, 1, [], [], []),
        (2, 3, [], [], []),
        (2, 4, ["c"], ["b"], []),
        (4, 6, ["b"], ["c"], ["a"]),
        (2, 6, [], [], ["a", "b"]),
    ],
)
def test_steps_appear_cease_and_change(
    tmp_path: Path, first: int, last: int, added: list[str], ceased: list[str], changed: list[str]
) -> None:
    found = compared(tmp_path, EVENTS, first, last)

    def both(names: list[str]) -> list[str]:
        return [
            step for name in names for step in (f"db/{name} -> db/out", f"db/{name}#c -> db/out#c")
        ]

    assert steps(found.added) == both(added)
    assert steps(found.ceased) == both(ceased)
    assert steps(change.after for change in found.changed) == both(changed)


def test_a_failed_run_ends_nothing(tmp_path: Path) -> None:
    events = [EVENTS[0], event("2026-10-04", 2, ["c"], state="FAIL")]
    found = compared(tmp_path, events, 2, 4)
    assert (found.ceased, found.added) == ((), ())


def test_what_is_said_later_does_not_change_an_earlier_day(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    early = compared(tmp_path / "one", EVENTS[:2], 2, 4)
    late = compared(tmp_path / "two", EVENTS, 2, 4)
    assert (early.added, early.ceased, early.changed) == (late.added, late.ceased, late.changed)
