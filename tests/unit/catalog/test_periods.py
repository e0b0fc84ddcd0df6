from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.catalog.periods import day_after, is_period


@pytest.mark.parametrize(
    "text", ["", "P", "PT1H", "P0D", "P0Y0M", "P-1Y", "P1.5Y", "P1DT", "P7Y\n", "2Y", "P1D1Y"]
)
def test_what_is_no_period_of_days_is_refused(text: str) -> None:
    assert not is_period(text)


@pytest.mark.parametrize(
    ("start", "period", "last"),
    [
        ("2024-02-29", "P1Y", "2025-02-28"),
        ("2024-02-29", "P4Y", "2028-02-29"),
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2026-01-31", "P2M", "2026-03-31"),
        ("2026-01-31", "P1M1D", "2026-03-01"),
        ("2026-12-31", "P2W", "2027-01-14"),
        ("9999-12-30", "P1D", "9999-12-31"),
    ],
)
def test_terms_end_on_the_calendar(start: str, period: str, last: str) -> None:
    found = day_after(datetime.date.fromisoformat(start), period)
    assert found is not None
    assert found.isoformat() == last


def test_a_term_beyond_the_year_9999_never_ends() -> None:
    assert day_after(datetime.date(9999, 12, 31), "P1D") is None


@given(st.dates(max_value=datetime.date(9000, 1, 1)), st.integers(1, 400))
def test_days_are_days(start: datetime.date, number: int) -> None:
    assert day_after(start, f"P{number}D") == start + datetime.timedelta(days=number)
