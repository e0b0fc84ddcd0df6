"""Days of records, for terms that begin with a record's own date."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.checks.dates import day_of


@given(st.datetimes(timezones=st.none() | st.just(datetime.UTC)))
def test_a_timestamp_is_of_its_own_day(moment: datetime.datetime) -> None:
    assert day_of(moment.isoformat()) == moment.date()
    assert day_of(moment) == moment.date()
    assert day_of(moment.date().isoformat()) == moment.date()


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-1-1", "20260101", "2026-02-30", "yesterday", "2026-01-01x", "0"]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert day_of(text) is None
