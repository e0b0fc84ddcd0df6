"""What is to be done with data on a day: the tightest maximum against the longest minimum.

Data past their maximum are to be deleted, unless a minimum or a hold still runs: then they are
kept, and used for nothing (PIPL 47). What is not known never deletes: an unknown maximum may let
data stay that should go, an unknown minimum may keep data that could go, and both are said.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from headwater.app.retention_model import Group, State, Verdict
from headwater.catalog.periods import day_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.app.retention_model import Bounds, Declared
    from headwater.checks.cohorts import Clock, Cohort
    from headwater.lineage.terms import Arrived

Days = "Mapping[Clock, datetime.date | None]"
_Ends = "list[tuple[datetime.date | None, Arrived]]"


def judge(
    bounds: Bounds, days: Mapping[Clock, datetime.date | None], as_of: datetime.date
) -> Verdict:
    """Return what is to be done with records whose clocks show ``days``.

    Args:
        bounds: What decides of their dataset.
        days: What their clocks show; a clock that is missing, or shows nothing, is unknown.
        as_of: The day.
    """
    maxima = list(_maxima(bounds, days))
    minima = [(_end_of(each, days), each) for each in bounds.minima]
    known = [(end, each) for end, each in maxima if end is not None]
    lasting = [(end, each) for end, each in minima if end is not None]
    until, maximum = min(known, key=_first) if known else (None, None)
    at_least, minimum = max(lasting, key=_last) if lasting else (None, None)
    open_ = len(known) < len(maxima)
    if until is None or until >= as_of:
        state = _running(bounds, until, open_=open_)
    else:
        state = _past(bounds, at_least, as_of, open_=len(lasting) < len(minima))
    return Verdict(
        state=state,
        until=until,
        maximum=maximum,
        at_least=at_least,
        minimum=minimum,
        frozen_since=_frozen_since(bounds, until, at_least, as_of) if state == "freeze" else None,
        conflict=until is not None and at_least is not None and at_least > until,
    )


def _maxima(
    bounds: Bounds, days: Mapping[Clock, datetime.date | None]
) -> Iterator[tuple[datetime.date | None, Arrived]]:
    arrivals = bounds.arrivals
    if arrivals.day:
        yield arrivals.day.limit.ends, arrivals.day
    if arrivals.open:
        yield None, arrivals.open
    for each in arrivals.columns:
        day = days.get((each.column or "", each.limit.zone))
        yield (day_after(day, each.limit.period) if day else None), each


def _end_of(minimum: Declared, days: Mapping[Clock, datetime.date | None]) -> datetime.date | None:
    if minimum.column is None:
        return minimum.last_end()
    return minimum.end(days.get((minimum.column, minimum.zone)))


def _first(pair: tuple[datetime.date, Arrived]) -> tuple[object, ...]:
    end, arrived = pair
    return (end, arrived.hops, arrived.limit.rule, arrived.limit.dataset)


def _last(pair: tuple[datetime.date, Declared]) -> tuple[object, ...]:
    return (pair[0], pair[1].rule)


def _running(bounds: Bounds, until: datetime.date | None, *, open_: bool) -> State:
    """Return the state of data that no known maximum ends yet."""
    if open_:
        return State.UNKNOWN
    if until is not None:
        return State.KEEP
    if bounds.arrivals.follows:
        return State.FOLLOWS
    return State.UNBOUNDED if bounds.personal else State.OPEN


def _past(
    bounds: Bounds, at_least: datetime.date | None, as_of: datetime.date, *, open_: bool
) -> State:
    """Return the state of data past a maximum."""
    if bounds.holds or (at_least is not None and at_least >= as_of):
        return State.FREEZE
    return State.UNKNOWN if open_ else State.DELETE


def _frozen_since(
    bounds: Bounds,
    until: datetime.date | None,
    at_least: datetime.date | None,
    as_of: datetime.date,
) -> datetime.date:
    """Return the first day on which data were past their maximum and something kept them."""
    following = (until or as_of) + datetime.timedelta(days=1) if until != as_of.max else as_of
    if at_least is not None and at_least >= as_of:
        return following
    return max(following, min(hold.start for hold in bounds.holds))


def group(bounds: Bounds, cohorts: Iterable[Cohort], as_of: datetime.date) -> tuple[Group, ...]:
    """Return the cohorts together by what is to be done with them; first what is due."""
    clocks = bounds.clocks
    found: dict[tuple[State, bool], list[tuple[Cohort, Verdict]]] = {}
    for cohort in cohorts:
        verdict = judge(bounds, dict(zip(clocks, cohort.days, strict=True)), as_of)
        found.setdefault((verdict.state, verdict.conflict), []).append((cohort, verdict))
    groups = [_together(members) for members in found.values()]
    return tuple(sorted(groups, key=_order))


def _together(members: list[tuple[Cohort, Verdict]]) -> Group:
    days = [day for cohort, _ in members for day in cohort.days if day]
    verdicts = [verdict for _, verdict in members]
    soonest = min(verdicts, key=lambda each: (each.until or datetime.date.max, each.state))
    return Group(
        records=sum(cohort.records for cohort, _ in members),
        oldest=min(days, default=None),
        newest=max(days, default=None),
        verdict=soonest,
    )


_URGENCY = ("delete", "freeze", "unknown", "unbounded", "keep", "follows", "open")


def _order(each: Group) -> tuple[object, ...]:
    return (_URGENCY.index(each.verdict.state), not each.verdict.conflict)
