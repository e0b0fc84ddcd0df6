"""Stop-points as they are written: what may be claimed, and what is refused with its place."""

from __future__ import annotations

import pytest

from headwater.catalog.elements import BUILT_IN
from headwater.catalog.forms import Problems
from headwater.catalog.ids import DatasetId, JobId
from headwater.catalog.nodes import Mapping
from headwater.catalog.problems import Problem
from headwater.catalog.stop_points import StopPoint, read_stop_points
from headwater.catalog.yaml_source import parse_yaml

AGGREGATE = "kind: aggregate\njob: {name: j}\nlowers: {level: general-1, remove: [personal]}\n"
GROUPS = "proof: {min_group: 5, size_column: n}\n"


def read(text: str) -> tuple[StopPoint, list[Problem]]:
    lines = text.splitlines()
    body = "".join(f"    {line}\n" for line in lines)
    whole = f"kind: stop-points\nstop_points:\n  - id: s\n{body}"
    problems = Problems()
    node = parse_yaml(whole.encode(), "stop-points.yaml")
    assert isinstance(node, Mapping)
    (found,) = read_stop_points(node, BUILT_IN, problems)
    return found, list(problems)


def test_removing_personal_removes_every_sensitive_kind() -> None:
    found, problems = read(AGGREGATE + GROUPS)
    assert problems == []
    assert "health" in found.removed
    assert "business" not in found.removed
    assert found.is_of_every_column


@pytest.mark.parametrize("kind", ["pseudonymise", "mask"])
def test_what_only_deidentifies_never_removes_personal(kind: str) -> None:
    text = (
        f"kind: {kind}\ndataset: {{name: d}}\ncolumns: [c]\n"
        "lowers: {remove: [health, personal]}\nproof: {format: x}\n"
    )
    _, problems = read(text)
    assert [(p.code, p.position and p.position.line) for p in problems] == [("not-anonymised", 7)]
    assert "PIPL Art. 73" in problems[0].message.en
    _, problems = read(text.replace(", personal", ""))
    assert problems == []


@pytest.mark.parametrize("kind", ["aggregate", "k-anonymise", "drop"])
def test_what_anonymises_may(kind: str) -> None:
    proof = "" if kind == "drop" else "proof: {k: 5}\n"
    _, problems = read(
        f"kind: {kind}\ndataset: {{name: d}}\ncolumns: [c]\nlowers: {{remove: [personal]}}\n{proof}"
    )
    assert problems == []


REFUSED = {
    "neither job nor dataset": (AGGREGATE.replace("job: {name: j}\n", "") + GROUPS, "stop-point-nowhere"),
    "no lowering": (AGGREGATE.replace("level: general-1, remove: [personal]", "") + GROUPS, "stop-point-lowers-nothing"),
    "no proof": (AGGREGATE, "missing-key"),
    "a proof of something else": (AGGREGATE + "proof: {format: x}\n", "stop-point-proof"),
    "a group size without its column": (AGGREGATE + "proof: {min_group: 5}\n", "proof-needs"),
    "l without sensitive": (AGGREGATE + "proof: {k: 5, l: 2}\n", "proof-needs"),
    "sensitive without l": (AGGREGATE + "proof: {k: 5, sensitive: s}\n", "proof-needs"),
    "l without k": (AGGREGATE + "proof: {min_group: 5, size_column: n, l: 2, sensitive: s}\n", "proof-needs"),
    "a group of one": (AGGREGATE + "proof: {k: 1}\n", "proof-too-small"),
    "a group of none": (AGGREGATE + "proof: {min_group: 0, size_column: n}\n", "proof-too-small"),
    "k as text": (AGGREGATE + "proof: {k: five}\n", "wrong-type"),
    "an unknown kind": (AGGREGATE.replace("aggregate", "agregate") + GROUPS, "not-one-of"),
    "an unknown category": (AGGREGATE.replace("personal", "persnal") + GROUPS, "unknown-reference"),
    "an unknown key": (AGGREGATE.replace("remove", "removes") + GROUPS, "unknown-key"),
    "a mask of no columns": ("kind: mask\njob: {name: j}\nlowers: {level: general-1}\nproof: {format: x}\n", "missing-key"),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_a_claim_that_cannot_be_proved_is_refused(what: str) -> None:
    text, code = REFUSED[what]
    _, problems = read(text)
    assert code in {found.code for found in problems}
    assert all(found.position and found.position.line >= 3 for found in problems)


def test_job_and_dataset_must_both_match() -> None:
    found, _ = read(
        AGGREGATE.replace("{name: j}", "{namespace: 'etl*', name: 'a.*'}")
        + "dataset: {namespace: 'db:*', name: '*.stat'}\ncolumns: ['n*']\n"
        + GROUPS
    )
    assert found.is_of_job(JobId("etl-1", "a.b"))
    assert not found.is_of_job(JobId("other", "a.b"))
    assert found.is_of_dataset(DatasetId("db:1", "x.stat"))
    assert not found.is_of_dataset(DatasetId("db:1", "x.row"))
    assert found.is_of_column("number")
    assert not found.is_of_column("sum")
    assert not found.is_of_every_column
