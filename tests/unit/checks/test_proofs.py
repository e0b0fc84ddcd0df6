"""Proofs on real files: what passes, what fails, and what proves nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from headwater.catalog.forms import Problems
from headwater.catalog.globs import Glob
from headwater.catalog.model import Workspace
from headwater.catalog.position import Position
from headwater.catalog.stop_points import Proof, StopPoint
from headwater.catalog.text import Text
from headwater.catalog.workspace import load_workspace
from headwater.checks.proofs import Proved, prove

HERE = Position("stop-points.yaml")
EMPTY = Proof(None, (), None, None, None, None, None, HERE)
FILES = {
    "headwater.yaml": "kind: workspace\nid: w\nchecks: {server: s}\n",
    "departments.yaml": """\
kind: departments
departments: [{id: a, name: A, level: city, region: "330100", clearance: core}]
""",
    "c.odcs.yaml": """\
apiVersion: v3.1.0
kind: DataContract
id: c
version: 1.0.0
status: active
tenant: a
servers: [{server: s, type: local, path: x.csv, format: csv}]
schema: [{name: t, properties: [{name: a, logicalType: string}]}]
""",
}


def workspace_with(root: Path, data: str | None) -> Workspace:
    for name, text in FILES.items():
        (root / name).write_text(text, encoding="utf-8")
    if data is not None:
        (root / "x.csv").write_text(data, encoding="utf-8")
    problems = Problems()
    workspace = load_workspace(root, problems)
    assert workspace is not None
    assert not problems
    return workspace


def tried(
    root: Path, data: str | None, kind: Any, columns: tuple[str, ...] = (), **proof: Any
) -> Proved:
    workspace = workspace_with(root, data)
    point = StopPoint(
        id="s",
        title=Text("s", "s"),
        kind=kind,
        job=None,
        dataset=None,
        columns=(Glob("*"),),
        level="general-1",
        removed=(),
        proof=replace(EMPTY, **proof),
        position=HERE,
    )
    (dataset,) = workspace.datasets.values()
    return prove(workspace, dataset, point, columns)


PAIRS = "a,b,n\n" + "x,1,9\n" * 3 + "y,1,9\n" * 2


@pytest.mark.parametrize(
    ("k", "quasi", "state"),
    [(2, ("a",), "passing"), (3, ("a",), "failing"), (5, ("b",), "passing"), (2, (), "passing")],
)
def test_k_is_the_size_of_the_smallest_group(
    tmp_path: Path, k: int, quasi: tuple[str, ...], state: str
) -> None:
    found = tried(tmp_path, PAIRS, "k-anonymise", k=k, quasi_identifiers=quasi)
    assert found.state == state
    if state == "failing":
        assert "2 of at least 3" in found.reason.en


def test_an_empty_value_makes_a_group_of_its_own(tmp_path: Path) -> None:
    data = "a,b\n" + "x,1\n" * 3 + ",1\n"
    assert tried(tmp_path, data, "k-anonymise", k=2, quasi_identifiers=("a",)).state == "failing"


def test_only_columns_that_were_looked_at_are_covered(tmp_path: Path) -> None:
    found = tried(tmp_path, PAIRS, "k-anonymise", k=2, quasi_identifiers=("a",))
    assert found.covers == frozenset({"a"})
    assert tried(tmp_path, PAIRS, "k-anonymise", k=2).covers == frozenset({"a", "b", "n"})


@pytest.mark.parametrize(("least", "state"), [(2, "passing"), (3, "failing")])
def test_l_is_the_least_variety_of_a_group(tmp_path: Path, least: int, state: str) -> None:
    data = "a,s\n" + "x,1\nx,2\nx,3\ny,1\ny,2\ny,2\n"
    found = tried(
        tmp_path, data, "k-anonymise", k=3, quasi_identifiers=("a",), l=least, sensitive="s"
    )
    assert found.state == state
    if state == "passing":
        assert found.covers == frozenset({"a", "s"})


@pytest.mark.parametrize(
    ("numbers", "state"),
    [("10\n11", "passing"), ("10\n9", "failing"), ("10\n", "passing"), ("10\nmany", "failing"),
     ("10\ninf", "failing"), ("10\n\"\"", "failing"), ("1e2\n10.0", "passing"), ("-10\n10", "failing")],
)  # fmt: skip
def test_every_record_counts_enough(tmp_path: Path, numbers: str, state: str) -> None:
    rows = "".join(f"g,{number}\n" for number in numbers.splitlines())
    found = tried(tmp_path, f"a,n\n{rows}", "aggregate", min_group=10, size_column="n")
    assert found.state == state
    assert found.covers == (None if state == "passing" else frozenset())


@pytest.mark.parametrize(
    ("pattern", "state"),
    [("[0-9a-f]{4}", "passing"), ("[0-9a-f]{3}", "failing"), ("[0-9a-f]+", "passing"),
     ("(?=x)", "unproven"), ("a(b", "unproven")],
)  # fmt: skip
def test_every_value_fits_the_whole_pattern(tmp_path: Path, pattern: str, state: str) -> None:
    found = tried(tmp_path, "a,b\n00ff,1\nbeef,2\n,3\n", "mask", ("a",), format=pattern)
    assert found.state == state


def test_a_pattern_made_to_take_for_ever_does_not(tmp_path: Path) -> None:
    data = f"a,b\n{'a' * 5000}!,1\n"
    assert tried(tmp_path, data, "mask", ("a",), format="(a+)+").state == "failing"


@pytest.mark.parametrize(
    ("data", "state"),
    [("a,b\n,1\n,2\n", "passing"), ("b\n1\n", "passing"), ("a,b\n,1\nx,2\n", "failing")],
)
def test_a_dropped_column_has_nothing_left(tmp_path: Path, data: str, state: str) -> None:
    assert tried(tmp_path, data, "drop", ("a",)).state == state


@pytest.mark.parametrize(
    ("data", "words"),
    [(None, "there is no file"), ("", "is empty"), ("a,b,n\n", "no records"),
     ("b,n\n1,2\n", "no column"), ("a,a\n1,2\n", "several columns")],
)  # fmt: skip
def test_data_that_is_not_there_proves_nothing(
    tmp_path: Path, data: str | None, words: str
) -> None:
    found = tried(tmp_path, data, "k-anonymise", k=2, quasi_identifiers=("a",))
    assert found.state == "unproven"
    assert words in found.reason.en


def test_a_column_without_any_value_proves_no_format(tmp_path: Path) -> None:
    assert tried(tmp_path, "a,b\n,1\n", "mask", ("a",), format="x").state == "unproven"


def test_a_stop_point_of_no_columns_proves_nothing(tmp_path: Path) -> None:
    assert tried(tmp_path, "a,b\nx,1\n", "mask", (), format="x").state == "unproven"


def test_no_value_of_the_data_is_told(tmp_path: Path) -> None:
    found = tried(tmp_path, "a,b\nsecret,1\n", "mask", ("a",), format="x")
    assert "secret" not in found.reason.en + found.reason.zh


def test_all_parts_of_a_proof_must_pass(tmp_path: Path) -> None:
    found = tried(
        tmp_path, PAIRS, "aggregate", k=2, quasi_identifiers=("a",), min_group=10, size_column="n"
    )
    assert found.state == "failing"
