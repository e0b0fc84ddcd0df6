"""Use case: what will become due, frozen or unclear until a day, if nothing new is written."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.retention_judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.retention_model import Declared, Judged, State, Verdict
    from headwater.app.retention_survey import Survey, Surveyor
    from headwater.catalog.ids import DatasetId
    from headwater.checks.cohorts import Cohort

_ONE = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """Records of one dataset whose state changes on one day; ``records`` ``None``: not counted."""

    day: datetime.date
    dataset: DatasetId
    department: str | None
    before: State
    after: State
    records: int | None


@dataclass(frozen=True)
class Simulation:
    """What changes between two days."""

    survey: Survey
    until: datetime.date
    changes: tuple[Change, ...]


def simulate(surveyor: Surveyor, start: datetime.date, until: datetime.date) -> Simulation:
    """Return every change of state after ``start`` up to ``until``.

    Raises:
        EngineError: The engine gave no usable answer.
    """
    first = surveyor.on(start)
    found: list[Change] = []
    survey, day = first, start
    while True:
        following = _next_turn(surveyor, survey, day, until)
        for dataset, judged in survey.judged.items():
            found.extend(_within(dataset, judged, day, following or until + _ONE))
        if following is None:
            break
        after = surveyor.on(following)
        found.extend(_between(survey, after, following))
        survey, day = after, following
    return Simulation(first, until, tuple(sorted(found, key=_order)))


def _order(change: Change) -> tuple[object, ...]:
    return (change.day, change.dataset, change.after, change.before)


def _next_turn(
    surveyor: Surveyor, survey: Survey, day: datetime.date, until: datetime.date
) -> datetime.date | None:
    """Return the next day on which a rule, a hold or the day of a term changes what counts."""
    days = {each for each in _turns(surveyor, survey) if day < each <= until}
    return min(days, default=None)


def _turns(surveyor: Surveyor, survey: Survey) -> Iterator[datetime.date]:
    for policy in surveyor.loaded.policies.retention:
        yield from _begin_and_end(policy.dates.start, policy.dates.until)
    for hold in surveyor.loaded.workspace.holds:
        yield hold.start
        if hold.released:
            yield hold.released
    for agreement in surveyor.loaded.workspace.agreements:
        yield from _begin_and_end(agreement.start, agreement.until)
    for term in survey.terms.maxima:
        yield from _ends(term)


def _begin_and_end(
    start: datetime.date | None, until: datetime.date | None
) -> Iterator[datetime.date]:
    if start:
        yield start
    if until and until < until.max:
        yield until + _ONE


def _ends(term: Declared) -> Iterator[datetime.date]:
    """Yield the days on which it becomes unclear, and then clear, whether a term is over."""
    for end in (term.first_end(), term.last_end()):
        if term.column is None and end and end < end.max:
            yield end + _ONE


def _within(
    dataset: DatasetId, judged: Judged, day: datetime.date, stop: datetime.date
) -> Iterator[Change]:
    """Yield the changes after ``day`` and before ``stop``, while nothing turns."""
    changes: dict[tuple[datetime.date, State, State], int | None] = {}
    for days, records in _cohorts(judged):
        state = judge(judged.bounds, days, day)
        for then in sorted(_moments(state)):
            if day < then < stop:
                after = judge(judged.bounds, days, then)
                _count(changes, (then, state.state, after.state), records)
                state = after
    for (then, before, after_), number in changes.items():
        if before is not after_:
            yield Change(then, dataset, judged.department, before, after_, number)


def _cohorts(
    judged: Judged,
) -> Iterator[tuple[dict[tuple[str, str], datetime.date | None], int | None]]:
    clocks = judged.bounds.clocks
    if not judged.cohorts and (judged.why or not clocks):
        yield {}, None
    for cohort in judged.cohorts:
        yield _days(clocks, cohort), cohort.records


def _days(
    clocks: tuple[tuple[str, str], ...], cohort: Cohort
) -> dict[tuple[str, str], datetime.date | None]:
    return dict(zip(clocks, cohort.days, strict=True))


def _moments(verdict: Verdict) -> set[datetime.date]:
    ends = (verdict.until, verdict.at_least)
    return {end + _ONE for end in ends if end and end < end.max}


def _count(
    changes: dict[tuple[datetime.date, State, State], int | None],
    key: tuple[datetime.date, State, State],
    records: int | None,
) -> None:
    known = changes.get(key, 0)
    changes[key] = None if known is None or records is None else known + records


def _between(survey: Survey, after: Survey, day: datetime.date) -> Iterator[Change]:
    """Yield what changes on a day because something turned."""
    eve = day - _ONE
    for dataset, judged in survey.judged.items():
        then = after.judged[dataset]
        changes: dict[tuple[datetime.date, State, State], int | None] = {}
        if judged.bounds.clocks == then.bounds.clocks:
            for days, records in _cohorts(judged):
                before, now = judge(judged.bounds, days, eve), judge(then.bounds, days, day)
                _count(changes, (day, before.state, now.state), records)
        elif _states(judged) != _states(then):
            before_state, now_state = judged.groups[:1], then.groups[:1]
            if before_state and now_state:
                states = (before_state[0].verdict.state, now_state[0].verdict.state)
                changes[day, *states] = None
        for (when, old, new), number in changes.items():
            if old is not new:
                yield Change(when, dataset, judged.department, old, new, number)


def _states(judged: Judged) -> set[State]:
    return {each.verdict.state for each in judged.groups}
