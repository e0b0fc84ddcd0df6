"""What the conditions of agreements ask of a use: all of one agreement, never the mildest of each."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest

from headwater.app.conditions import Use, within
from headwater.app.group_sizes import proved_k
from headwater.app.sharing import Agreements, Onward
from headwater.catalog.ids import DatasetId

DAY = datetime.date(2026, 11, 1)
RESIDENT = DatasetId("postgres://police:5432", "resident")
USE = Use("taxation", "general-2", masked=False, region="330100", columns=("name",))


def asked(town: Any, **changed: Any) -> dict[str, object]:
    agreements = Agreements(town.load(), DAY)
    standing = agreements.standing("police", "tax", RESIDENT, "name")
    return agreements.conditions(standing, replace(USE, **changed))


def test_without_conditions_nothing_is_asked(town: Any) -> None:
    assert asked(town) == {}


def test_each_condition_becomes_a_fact(town: Any) -> None:
    town.add(
        "agreements/police-tax.yaml",
        "conditions: {max_level: general-3, masked: [name], min_k: 5, location: '330100', "
        "rows: {region: '330102'}}\n",
    )
    facts = {
        "max_level": "general-3",
        "masking_required": True,
        "min_k": 5,
        "location_agreed": True,
        "rows_limited": True,
    }
    assert asked(town) == facts
    assert asked(town, columns=("resident_id",)) == facts | {"masking_required": False}
    assert asked(town, columns=("resident_id", "name"))["masking_required"] is True
    assert asked(town, region="330200")["location_agreed"] is False
    assert asked(town, k=7)["k"] == 7
    assert "k" not in asked(town)


def test_a_use_stands_under_one_agreement_with_all_its_conditions(town: Any) -> None:
    """One wants masking, the other a low level: what meets neither is not helped by both."""
    town.add("agreements/police-tax.yaml", "conditions: {masked: [name]}\n")
    town.agree("low", conditions="{max_level: general-1}")
    assert asked(town, masked=True) == {"masking_required": True}
    assert asked(town, level="general-1") == {"max_level": "general-1"}
    broken = asked(town)
    assert broken in ({"masking_required": True}, {"max_level": "general-1"})


def test_an_agreement_for_the_purpose_comes_before_one_that_is_milder(town: Any) -> None:
    town.add("agreements/police-tax.yaml", "conditions: {masked: [name]}\n")
    town.agree("mild", purposes="[marketing]")
    assert asked(town) == {"masking_required": True}
    assert asked(town, purpose="marketing") == {}


@pytest.mark.parametrize(
    ("own", "first", "expected"),
    [
        (None, "{masked: [name]}", {"masking_required": True}),
        ("{masked: [name]}", "", {}),
        ("", "{masked: [name]}", {}),
        ("{masked: [name]}", None, {"masking_required": True}),
    ],
)
def test_onward_the_conditions_of_what_it_rests_on_count(
    town: Any, own: str | None, first: str | None, expected: dict[str, object]
) -> None:
    if own is None:
        town.change("agreements/police-tax.yaml", "[resident_id, name]", "[resident_id]")
    elif own:
        town.add("agreements/police-tax.yaml", f"conditions: {own}\n")
    changed = {"consumer": "street", "onward": "[tax]" if first is not None else "none"}
    if first:
        changed["conditions"] = first
    town.agree("first", **changed)
    agreements = Agreements(town.load(), DAY)
    way = Onward("police", ("street",), "tax", (RESIDENT, "name"))
    standing = agreements.standing("police", "tax", RESIDENT, "name")
    assert agreements.onward_conditions(way, standing, USE) == expected


def test_a_region_covers_all_below_it() -> None:
    assert within(["330000"], "330106")
    assert not within(["330106"], "330100")
    assert within(["000000"], "110000")
    assert within(["110000", "330100"], "330106")


COUNT = """\
apiVersion: v3.0.2
kind: DataContract
id: payers
version: 1.0.0
status: active
tenant: tax
schema:
  - name: payers
    customProperties:
      - {property: dataset, value: {namespace: "postgres://tax:5432", name: payers}}
    properties:
      - {name: district, logicalType: string}
      - {name: payers, logicalType: integer, required: true, logicalTypeOptions: {minimum: 10},
         customProperties: [{property: group-size, value: true}]}
"""


def least_group(town: Any, before: str = "", after: str = "", state: str = "passing") -> int | None:
    assert before in COUNT
    town.write("contracts/payers.odcs.yaml", COUNT.replace(before, after) if before else COUNT)
    (dataset,) = town.load().contracts["payers"].datasets
    return proved_k(dataset, state)


def test_a_minimum_of_a_column_that_counts_people_proves_k(town: Any) -> None:
    assert least_group(town) == 10
    assert proved_k(None, "passing") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("required: true, ", ""),
        ("logicalTypeOptions: {minimum: 10},", ""),
        ("value: true", "value: false"),
        ("group-size", "groups"),
        ("{name: district, logicalType: string}", "{name: all, logicalType: integer, "
         "customProperties: [{property: group-size, value: true}]}"),
    ],
)  # fmt: skip
def test_without_all_of_it_nothing_is_proved(town: Any, before: str, after: str) -> None:
    assert least_group(town, before, after) is None


@pytest.mark.parametrize("state", ["failing", "missing", "not-evaluated"])
def test_what_does_not_pass_proves_nothing(town: Any, state: str) -> None:
    assert least_group(town, state=state) is None
