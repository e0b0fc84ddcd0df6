"""Days in named zones: midnights that are skipped or come twice, leap days, the calendar's end."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.catalog.forms import Problems
from headwater.catalog.periods import day_after, times
from headwater.catalog.position import Position
from headwater.catalog.zones import end_of_day, is_zone, local_day, zone_of

ZONES = (
    "UTC", "Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "America/Havana",
    "Pacific/Apia", "Australia/Lord_Howe", "Africa/Cairo",
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        ("2026-01-31", "Asia/Shanghai", "2026-01-31T16:00:00Z"),
        ("1990-07-01", "Asia/Shanghai", "1990-07-01T15:00:00Z"),  # summer time in China
        ("2028-02-29", "Asia/Shanghai", "2028-02-29T16:00:00Z"),
        ("2026-03-29", "Europe/Berlin", "2026-03-29T22:00:00Z"),  # a day of 23 hours
        ("2026-10-25", "Europe/Berlin", "2026-10-25T23:00:00Z"),  # a day of 25 hours
        ("2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00:00Z"),  # no midnight follows
        ("2018-02-17", "America/Sao_Paulo", "2018-02-18T03:00:00Z"),  # its last hour comes twice
        ("2026-10-31", "America/Havana", "2026-11-01T04:00:00Z"),  # midnight comes twice
        ("2011-12-29", "Pacific/Apia", "2011-12-30T10:00:00Z"),  # the next day never was
        ("9999-12-30", "UTC", "9999-12-31T00:00:00Z"),
        ("9999-12-31", "UTC", None),
    ],
)
def test_a_local_day_ends_when_the_next_begins(day: str, zone: str, end: str | None) -> None:
    assert end_of_day(datetime.date.fromisoformat(day), zone) == end


@given(st.dates(datetime.date(1970, 1, 1), datetime.date(2100, 1, 1)), st.sampled_from(ZONES))
def test_the_last_second_of_a_day_is_in_it_and_the_next_is_not(
    day: datetime.date, zone: str
) -> None:
    end = end_of_day(day, zone)
    assert end is not None
    moment = datetime.datetime.fromisoformat(end)
    assert moment.astimezone(ZoneInfo(zone)).date() > day  # the standard library agrees
    before = (moment - datetime.timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()
    assert before <= day
    assert local_day(moment, zone) == moment.astimezone(ZoneInfo(zone)).date()


def test_a_moment_belongs_to_the_day_that_it_is_there() -> None:
    late = datetime.datetime.fromisoformat("2026-10-31T16:30:00Z")
    assert local_day(late, "Asia/Shanghai") == datetime.date(2026, 11, 1)
    assert local_day(late, "UTC") == datetime.date(2026, 10, 31)
    naive = datetime.datetime.fromisoformat("2026-10-31T23:59:59")
    assert local_day(naive, "Asia/Shanghai") == datetime.date(2026, 10, 31)


def test_a_moment_outside_the_calendar_has_no_day() -> None:
    last = datetime.datetime.fromisoformat("9999-12-31T23:30:00Z")
    assert local_day(last, "Asia/Shanghai") is None


@pytest.mark.parametrize("name", ["", "Asia/Nowhere", "../UTC", "a" * 5_000, "UTC\n", "\0", "/etc"])
def test_what_is_no_zone_is_a_problem_and_not_a_crash(name: str) -> None:
    problems = Problems()
    assert not is_zone(name)
    assert zone_of(name, problems, Position("f.yaml", 1, 1)) == "UTC"
    assert [found.code for found in problems] == ["unknown-zone"]


@pytest.mark.parametrize(
    ("period", "number", "found"),
    [("P1Y", 7, "P7Y"), ("P1M2D", 3, "P3M6D"), ("P1D", 0, None), ("P1D", -3, None),
     ("P1D", 10**9, None), ("P9999Y", 2, None), ("P0D", 3, None), ("x", 3, None)],
)  # fmt: skip
def test_a_period_times_a_number_is_one_period(period: str, number: int, found: str | None) -> None:
    assert times(period, number) == found


def test_three_months_are_counted_from_the_anchor_and_not_step_by_step() -> None:
    start = datetime.date(2026, 1, 31)
    thrice = times("P1M", 3)
    assert thrice is not None
    assert day_after(start, thrice) == datetime.date(2026, 4, 30)
    by_steps = start
    for _ in range(3):
        stepped = day_after(by_steps, "P1M")
        assert stepped is not None
        by_steps = stepped
    assert by_steps == datetime.date(2026, 4, 28)
