"""``holds.yaml`` and the retention that contracts declare."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from headwater.catalog.elements import BUILT_IN
from headwater.catalog.forms import Problems
from headwater.catalog.holds import Hold, read_holds
from headwater.catalog.ids import DatasetId
from headwater.catalog.nodes import Mapping
from headwater.catalog.odcs import read_contract
from headwater.catalog.sla import retention_of
from headwater.catalog.yaml_source import parse_yaml

HOLD = """\
kind: holds
holds:
  - id: audit
    scope: [{name: "civil.public.*"}]
    reason: {en: Audit, zh: 审计}
    owner: civil-affairs
    from: 2026-03-01
    review: 2026-09-01
"""


def holds(text: str) -> tuple[tuple[Hold, ...], list[str]]:
    problems = Problems()
    node = parse_yaml(text.encode(), "holds.yaml")
    assert isinstance(node, Mapping)
    found = read_holds(node, problems)
    return found, [f"{each.position}: {each.code}" for each in problems]


@pytest.mark.parametrize(
    ("released", "day", "lasts", "overdue"),
    [
        ("", "2026-02-28", False, False),
        ("", "2026-03-01", True, False),
        ("", "2026-09-01", True, False),
        ("", "2026-09-02", True, True),
        ("    released: 2026-10-01\n", "2026-09-30", True, True),
        ("    released: 2026-10-01\n", "2026-10-01", False, False),
    ],
)
def test_a_hold_lasts_until_it_is_released_and_is_overdue_after_its_review(
    released: str, day: str, lasts: bool, overdue: bool
) -> None:
    (hold,), problems = holds(HOLD + released)
    assert problems == []
    on = datetime.date.fromisoformat(day)
    assert (hold.lasts(on), hold.overdue(on)) == (lasts, overdue)


def test_a_hold_covers_what_its_globs_match() -> None:
    (hold,), _ = holds(HOLD)
    assert hold.covers(DatasetId("postgres://a", "civil.public.benefit"))
    assert not hold.covers(DatasetId("postgres://a", "health.public.benefit"))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("    review: 2026-09-01\n", "", "holds.yaml:3:5: missing-key"),
        ("review: 2026-09-01", "review: 2026-02-01", "holds.yaml:8:13: bad-range"),
        ("review:", "reviewed:", "holds.yaml:8:5: unknown-key"),
        ("2026-03-01", "2026-02-30", "holds.yaml:7:11: bad-date"),
        ('scope: [{name: "civil.public.*"}]', "scope: []", "holds.yaml:4:12: empty"),
    ],
)
def test_what_is_wrong_with_a_hold_is_said_where_it_stands(
    old: str, new: str, problem: str
) -> None:
    assert old in HOLD
    _, problems = holds(HOLD.replace(old, new))
    assert problem in problems


CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: c
version: 1.0.0
status: active
tenant: civil-affairs
slaProperties:
  - {SLA}
servers:
  - {server: s, type: postgres, host: h, port: 5432, database: d, schema: public}
schema:
  - name: grant
    physicalName: grants
    properties: [{name: granted_on, logicalType: date}, {name: id, logicalType: string}]
  - name: other
    properties: [{name: id, logicalType: string}]
"""


def kept(sla: str) -> tuple[list[list[tuple[str, str | None]]], list[str]]:
    problems = Problems()
    node = parse_yaml(CONTRACT.replace("{SLA}", sla).encode(), "c.odcs.yaml")
    assert isinstance(node, Mapping)
    contract = read_contract(node, BUILT_IN, problems)
    if contract is None:
        return [], [f"{each.position}: {each.code}" for each in problems]
    found = [retention_of(contract, dataset) for dataset in contract.datasets]
    return [[(each.period, each.column) for each in one] for one in found], []


@pytest.mark.parametrize(
    ("sla", "found"),
    [
        ("{property: retention, value: 90, unit: d}", [[("P90D", None)], [("P90D", None)]]),
        ("{property: retention, value: P3Y, element: grant}", [[("P3Y", None)], []]),
        ("{property: retention, value: 3, unit: y, element: grants.granted_on}",
         [[("P3Y", "granted_on")], []]),
        ("{property: retention, value: 6, unit: months, element: other}",
         [[], [("P6M", None)]]),
        ("{property: latency, value: 4, unit: d}", [[], []]),
        ("{property: retention, value: 1, unit: y, element: nothing.we.know}",
         [[("P1Y", None)], [("P1Y", None)]]),
    ],
)  # fmt: skip
def test_a_contract_says_how_long_data_are_kept(
    sla: str, found: list[list[tuple[str, str | None]]]
) -> None:
    assert kept(sla) == (found, [])


@pytest.mark.parametrize(
    "sla",
    [
        "{property: retention, value: 0, unit: d}",
        "{property: retention, value: -3, unit: y}",
        "{property: retention, value: 1.5, unit: y}",
        "{property: retention, value: 3, unit: m}",
        "{property: retention, value: 3}",
        "{property: retention, value: P0D}",
        "{property: retention, value: forever}",
        "{property: retention, value: 99999999, unit: y}",
        "{property: retention, value: true, unit: y}",
    ],
)
def test_a_retention_that_means_nothing_is_refused_where_it_stands(sla: str) -> None:
    _, problems = kept(sla)
    assert any(each.startswith("c.odcs.yaml:8:") and "bad-retention" in each for each in problems)


def test_both_are_files_of_a_workspace(tmp_path: Path) -> None:
    from headwater.catalog.workspace import load_workspace

    (tmp_path / "headwater.yaml").write_text("kind: workspace\nid: w\nzone: Asia/Shanghai\n")
    (tmp_path / "holds.yaml").write_text(HOLD)
    problems = Problems()
    workspace = load_workspace(tmp_path, problems)
    assert workspace is not None
    assert workspace.zone == "Asia/Shanghai"
    assert [hold.id for hold in workspace.holds] == ["audit"]
    assert [found.code for found in problems] == ["unknown-reference"]  # no such department
