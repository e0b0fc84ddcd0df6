"""An independent model of retention on small graphs: slow, and written another way.

It shares no code with what it judges. Walks are sets of states grown until nothing is new, one
limit at a time; the calendar clips months by hand; what is due is asked day by day.
"""

from __future__ import annotations

import calendar
import datetime
import random
from dataclasses import dataclass, replace

PERIODS = ("P1M", "P90D", "P1Y", "P2Y", "P4Y")
DAY0 = datetime.date(2024, 2, 29)


@dataclass(frozen=True)
class Term:
    """A maximum or a minimum of one dataset."""

    rule: str
    at: int
    period: str
    column: int | None
    start: datetime.date | None
    spread: int
    unknown: bool

    @property
    def first(self) -> datetime.date | None:
        """The first day that it may have begun; ``start`` is the last."""
        return self.start - datetime.timedelta(days=self.spread) if self.start else None


@dataclass(frozen=True)
class World:
    """Up to eight datasets of two columns, copies between them, and terms."""

    size: int
    edges: frozenset[tuple[int, int]]
    same: frozenset[tuple[int, int, int, int]]
    maxima: tuple[Term, ...]
    minima: tuple[Term, ...]
    held: frozenset[int]
    personal: frozenset[int]
    records: dict[int, tuple[tuple[datetime.date | None, ...], ...]]
    as_of: datetime.date


def world(seed: int) -> World:
    """Return a random world; circles, copies of copies and gaps are all likely."""
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    size = dice.randint(1, 8)
    pairs = [(a, b) for a in range(size) for b in range(size) if a != b]
    edges = frozenset(dice.sample(pairs, min(len(pairs), dice.randint(0, 12))))
    same = frozenset(
        (a, dice.randint(0, 1), b, dice.randint(0, 1))
        for a, b in (*sorted(edges) * 2, *pairs[:2])  # the last may be ended by a stop-point
        if dice.random() < 0.6
    )
    made = World(
        size=size,
        edges=edges,
        same=same,
        maxima=tuple(
            Term(f"max{n}", dice.randrange(size), dice.choice(PERIODS), *_clock(dice))
            for n in range(dice.randint(0, 4))
        ),
        minima=tuple(
            Term(f"min{n}", dice.randrange(size), dice.choice(PERIODS), *_clock(dice))
            for n in range(dice.randint(0, 3))
        ),
        held=frozenset(n for n in range(size) if dice.random() < 0.15),
        personal=frozenset(n for n in range(size) if dice.random() < 0.6),
        records={
            n: tuple((_day(dice), _day(dice)) for _ in range(dice.randint(0, 4)))
            for n in range(size)
        },
        as_of=DAY0 + datetime.timedelta(days=dice.randint(0, 2_000)),
    )
    return replace(made, as_of=dice.choice(_turns(made)))


def _turns(of: World) -> list[datetime.date]:
    """Return days that matter: the last of terms, the day before and the day after."""
    found = [of.as_of]
    for term in (*of.maxima, *of.minima):
        days = (
            [term.start, term.first]
            if term.column is None
            else [record[term.column] for n in range(of.size) for record in of.records[n]]
        )
        ends = [after(day, term.period) for day in days if day]
        found += [end + datetime.timedelta(days=n) for end in ends for n in (-1, 0, 1)]
    return sorted(found)


_Clock = tuple[int | None, datetime.date | None, int, bool]


def _clock(dice: random.Random) -> _Clock:
    kind, unknown = dice.random(), dice.random() < 0.08
    if kind < 0.55:
        return dice.randint(0, 1), None, 0, unknown
    start = None if kind < 0.6 else _day(dice) or DAY0
    return None, start, dice.choice((0, 0, 1, 200)), unknown


def _day(dice: random.Random) -> datetime.date | None:
    if dice.random() < 0.1:
        return None
    return DAY0 + datetime.timedelta(days=dice.choice((0, 1, 2, 366, dice.randint(-800, 1_500))))


def after(day: datetime.date, period: str) -> datetime.date:
    """Return the last day of a term: months and years clip to the month's last day."""
    number, unit = int(period[1:-1]), period[-1]
    if unit == "D":
        return day + datetime.timedelta(days=number)
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "Y" else 1)
    year, month = divmod(months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Reached:
    """What reaches one dataset: days, whether one is not known, clocks, and clocks lost."""

    days: frozenset[datetime.date]
    open: bool
    columns: frozenset[tuple[int, str]]
    lost: frozenset[str]


def reached(of: World) -> dict[int, Reached]:
    """Return what reaches each dataset, one limit at a time."""
    days: dict[int, set[datetime.date]] = {n: set() for n in range(of.size)}
    opened: set[int] = set()
    columns: dict[int, set[tuple[int, str]]] = {n: set() for n in range(of.size)}
    lost: dict[int, set[str]] = {n: set() for n in range(of.size)}
    for limit in of.maxima:
        end = _certain_end(limit, of.as_of)
        for at, column in _states(of, limit.at, limit.column):
            if limit.unknown or (limit.column is None and end is None):
                opened.add(at)
            elif end is not None:
                days[at].add(end)
            elif column is None:
                lost[at].add(limit.period)
            else:
                columns[at].add((column, limit.period))
    return {
        n: Reached(frozenset(days[n]), n in opened, frozenset(columns[n]), frozenset(lost[n]))
        for n in range(of.size)
    }


def _certain_end(limit: Term, as_of: datetime.date) -> datetime.date | None:
    """Return its last day, unless it may be over and may not."""
    if limit.start is None or limit.first is None:
        return None
    first, last = after(limit.first, limit.period), after(limit.start, limit.period)
    return last if (as_of > first) == (as_of > last) else None


def _states(of: World, at: int, column: int | None) -> set[tuple[int, int | None]]:
    known: set[tuple[int, int | None]] = {(at, column)}
    while True:
        more = {
            state
            for place, clock in known
            for source, target in of.edges
            if source == place
            for state in _step(of, source, target, clock)
        }
        if more <= known:
            return known
        known |= more


def _step(of: World, source: int, target: int, clock: int | None) -> set[tuple[int, int | None]]:
    if clock is None:
        return {(target, None)}
    kept = {(target, d) for a, c, b, d in of.same if (a, c, b) == (source, clock, target)}
    return set(kept) or {(target, None)}


def state(of: World, at: int, record: tuple[datetime.date | None, ...], what: Reached) -> str:
    """Return what is to be done with one record on the day of the world."""
    ends = [_end(record, column, period) for column, period in what.columns]
    known = [*what.days, *(end for end in ends if end)]
    unknown = what.open or None in ends
    over = any(of.as_of > end for end in known)
    if not over:
        if unknown:
            return "unknown"
        if known:
            return "keep"
        if what.lost:
            return "follows"
        return "unbounded" if at in of.personal else "open"
    minima = [_minimum(each, record) for each in of.minima if each.at == at]
    if at in of.held or any(end and of.as_of <= end for end in minima):
        return "freeze"
    return "unknown" if None in minima else "delete"


def _end(
    record: tuple[datetime.date | None, ...], column: int, period: str
) -> datetime.date | None:
    day = record[column] if record else None
    return after(day, period) if day else None


def _minimum(each: Term, record: tuple[datetime.date | None, ...]) -> datetime.date | None:
    start = each.start if each.column is None else record[each.column] if record else None
    return after(start, each.period) if start and not each.unknown else None


def conflict(of: World, at: int, record: tuple[datetime.date | None, ...], what: Reached) -> bool:
    """Say whether some minimum that is known ends after the tightest maximum that is known."""
    ends = [after(day, p) for c, p in what.columns if record and (day := record[c])]
    known = [*what.days, *ends]
    minima = [end for each in of.minima if each.at == at if (end := _minimum(each, record))]
    return bool(known and minima) and max(minima) > min(known)


def below(of: World, at: int) -> set[int]:
    """Return everything made from a dataset."""
    return {place for place, _ in _states(of, at, None)}


def made_from(of: World, at: int) -> set[int]:
    """Return everything made from a dataset; itself, if in a circle."""
    return {place for a, b in of.edges if a == at for place in below(of, b)}
