"""The state of an agreement follows from its file, dates, signatures and successor."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from headwater.app.agreement_sign import sign
from headwater.app.agreement_states import States
from headwater.catalog.errors import DocumentError

DAY = datetime.date(2026, 11, 1)
LATER = "{from: 2026-07-01, until: 2027-06-30}"


def states(town: Any, day: datetime.date = DAY) -> dict[str, str]:
    workspace = town.load()
    found = States(workspace, day)
    return {agreement.id: found.of(agreement) for agreement in workspace.agreements}


def test_an_agreement_is_superseded_from_the_first_day_of_the_next(town: Any) -> None:
    town.agree("next", supersedes="police-tax", valid=LATER)
    assert states(town) == {"police-tax": "superseded", "next": "active"}
    before = datetime.date(2026, 6, 30)
    assert states(town, before) == {"police-tax": "active", "next": "pending"}
    assert states(town, datetime.date(2026, 7, 1))["police-tax"] == "superseded"


def test_a_chain_of_three_leaves_the_last_in_force(town: Any) -> None:
    town.agree("two", supersedes="police-tax", valid="{from: 2026-02-01}")
    town.agree("three", supersedes="two", valid="{from: 2026-03-01}")
    assert states(town) == {"police-tax": "superseded", "two": "superseded", "three": "active"}


@pytest.mark.parametrize("state", ["draft", "terminated"])
def test_only_what_has_been_in_force_supersedes(town: Any, state: str) -> None:
    town.agree("next", supersedes="police-tax", valid=LATER, state=state)
    expected = "active" if state == "draft" else "superseded"
    assert states(town) == {"police-tax": expected, "next": state}


def test_what_the_file_says_comes_first(town: Any) -> None:
    town.add("agreements/police-tax.yaml", "state: terminated\n")
    town.agree("next", supersedes="police-tax", valid=LATER)
    assert states(town)["police-tax"] == "terminated"


def test_days_left_count_the_last_day(town: Any) -> None:
    town.agree("open", valid="{from: 2026-01-01}")
    workspace = town.load()
    by_id = {agreement.id: agreement for agreement in workspace.agreements}
    last = States(workspace, datetime.date(2026, 12, 31))
    assert last.days_left(by_id["police-tax"]) == 1
    assert last.days_left(by_id["open"]) is None
    assert States(workspace, datetime.date(2027, 1, 1)).days_left(by_id["police-tax"]) is None


def test_signatures_count_only_where_the_workspace_requires_them(town: Any) -> None:
    assert states(town) == {"police-tax": "active"}
    town.require_signatures()
    assert states(town) == {"police-tax": "draft"}


def test_both_sides_must_sign(town: Any) -> None:
    town.require_signatures()
    sign(town.load(), "police-tax", key=town.key("police"), department="police", as_of=DAY)
    assert states(town) == {"police-tax": "draft"}
    sign(town.load(), "police-tax", key=town.key("tax"), department="tax", as_of=DAY)
    assert states(town) == {"police-tax": "active"}


def test_an_unsigned_successor_supersedes_nothing(town: Any) -> None:
    town.require_signatures()
    for name in ("police", "tax"):
        sign(town.load(), "police-tax", key=town.key(name), department=name, as_of=DAY)
    town.agree("next", supersedes="police-tax", valid=LATER)
    assert states(town) == {"police-tax": "active", "next": "draft"}
    for name in ("police", "tax"):
        sign(town.load(), "next", key=town.key(name), department=name, as_of=DAY)
    assert states(town) == {"police-tax": "superseded", "next": "active"}


def test_a_key_vouches_only_within_its_dates(town: Any) -> None:
    town.require_signatures()
    for name in ("police", "tax"):
        sign(town.load(), "police-tax", key=town.key(name), department=name, as_of=DAY)
    town.departments(tax=", valid: {from: 2026-01-01, until: 2026-10-31}")
    assert states(town) == {"police-tax": "draft"}
    assert states(town, datetime.date(2026, 10, 31)) == {"police-tax": "active"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"supersedes": "police-taxi"}, "unknown-reference"),
        ({"supersedes": "next"}, "cycle"),
        ({"supersedes": "police-tax", "consumer": "street"}, "supersedes-other-parties"),
        ({"conditions": "{masked: [id_number]}"}, "masked-not-granted"),
        ({"conditions": "{rows: {regio: x}}"}, "no-such-row-column"),
    ],
)
def test_what_an_agreement_names_must_be_there(
    town: Any, changed: dict[str, str], code: str
) -> None:
    town.agree("next", **changed)
    with pytest.raises(DocumentError) as caught:
        town.load()
    assert [each.code for each in caught.value.problems] == [code]
    assert all(each.position for each in caught.value.problems)


def test_rows_may_be_chosen_by_a_column_that_is_not_given(town: Any) -> None:
    town.agree("next", conditions='{rows: {region: "330102"}, masked: ["n*"]}')
    assert len(town.load().agreements) == 2
