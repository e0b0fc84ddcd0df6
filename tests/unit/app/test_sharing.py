"""How agreements stand between two departments."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from headwater.app.agreement_states import state_by_dates
from headwater.app.conditions import Use
from headwater.app.loading import load
from headwater.app.sharing import Agreements, Onward, Standing
from headwater.catalog.globs import Glob
from headwater.catalog.ids import DatasetId
from headwater.catalog.model import Agreement, Grant, Workspace

DAY = datetime.date(2026, 11, 1)
RESIDENT = DatasetId("postgres://pop-db:5432", "population.public.resident")
BETWEEN = ("police", "health", RESIDENT)


@pytest.fixture
def workspace(mini: Path) -> Workspace:
    return load(mini).workspace


@pytest.fixture
def base(workspace: Workspace) -> Agreement:
    return next(a for a in workspace.agreements if a.id == "police-health")


def standing_of(workspace: Workspace, *agreements: Agreement) -> Agreements:
    return Agreements(replace(workspace, agreements=agreements), DAY)


def granting(base: Agreement, *columns: str) -> Agreement:
    grant = Grant("resident", None, tuple(Glob(name) for name in columns), base.position)
    return replace(base, grants=(grant,))


@pytest.mark.parametrize(
    ("start", "until", "state", "expected"),
    [
        ("2026-11-01", "2026-11-01", None, "active"),
        ("2026-11-02", None, None, "pending"),
        ("2020-01-01", "2026-10-31", None, "expired"),
        ("2020-01-01", None, None, "active"),
        ("2020-01-01", None, "terminated", "terminated"),
        ("2030-01-01", None, "draft", "draft"),
    ],
)
def test_a_state_is_what_the_file_says_else_what_the_dates_say(
    base: Agreement, start: str, until: str | None, state: str | None, expected: str
) -> None:
    agreement = replace(
        base,
        start=datetime.date.fromisoformat(start),
        until=datetime.date.fromisoformat(until) if until else None,
        state=state,
    )
    assert state_by_dates(agreement, DAY) == expected


def test_without_an_agreement_there_is_none(workspace: Workspace) -> None:
    assert standing_of(workspace).standing(*BETWEEN, "name").state == "none"


def test_an_active_agreement_outweighs_an_expired_one(
    workspace: Workspace, base: Agreement
) -> None:
    old = replace(base, id="old", until=datetime.date(2026, 1, 2))
    found = standing_of(workspace, old, base).standing(*BETWEEN, "name")
    assert (found.state, found.all_granted) == ("active", True)
    assert found.granting == (base,)
    alone = standing_of(workspace, old).standing(*BETWEEN, "name")
    assert (alone.state, alone.all_granted, alone.granting) == ("expired", False, ())


def test_two_agreements_together_grant_the_whole_dataset(
    workspace: Workspace, base: Agreement
) -> None:
    one, rest = granting(base, "resident_id"), granting(base, "n*", "a*", "b*", "c*")
    assert not standing_of(workspace, one).standing(*BETWEEN, None).all_granted
    assert standing_of(workspace, one, rest).standing(*BETWEEN, None).all_granted


def test_a_ceiling_is_that_of_the_agreement_for_the_purpose(
    workspace: Workspace, base: Agreement
) -> None:
    low = replace(base, max_level="general-1", purposes=("marketing",))
    high = replace(base, max_level="general-3")
    agreements = standing_of(workspace, low, high)
    found = agreements.standing(*BETWEEN, "name")
    assert ceiling(agreements, found, "immunisation") == "general-3"
    assert ceiling(agreements, found, "marketing") == "general-1"
    assert ceiling(agreements, found, None) == "general-3"
    open_ended = standing_of(workspace, replace(base, max_level=None), replace(base, id="b"))
    assert ceiling(open_ended, open_ended.standing(*BETWEEN, "name"), "immunisation") is None


def ceiling(agreements: Agreements, found: Standing, purpose: str | None) -> object:
    use = Use(purpose, "general-2", masked=False, region="330100", columns=("name",))
    return agreements.conditions(found, use).get("max_level")


def test_a_purpose_is_agreed_where_it_lies_under_one_named(
    workspace: Workspace, base: Agreement
) -> None:
    agreements = standing_of(workspace, base)
    found = agreements.standing(*BETWEEN, "name")
    assert agreements.purpose_agreed(found, "immunisation")
    assert not agreements.purpose_agreed(found, "marketing")
    assert not agreements.purpose_agreed(found, "never-declared")


@pytest.mark.parametrize(
    ("onward", "expected"),
    [(None, True), (frozenset(), False), (frozenset({"street"}), True), (frozenset({"x"}), False)],
)
def test_onward_needs_every_first_recipient_to_be_allowed(
    workspace: Workspace, base: Agreement, onward: frozenset[str] | None, expected: bool
) -> None:
    agreements = standing_of(workspace, replace(base, onward=onward))
    way = Onward("police", ("health",), "street", (RESIDENT, "name"))
    assert agreements.onward_granted(way) is expected
    both = replace(way, recipients=("health", "insurance"))
    assert not agreements.onward_granted(both)
