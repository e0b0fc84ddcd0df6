"""How the longest terms of data travel: with every copy, unless something proven ends them.

A *limit* says how long data may be kept at most. It holds where it is declared and in everything
made from there, directly or not. It counts from a day that is known, or from a column of the
records themselves; in a copy it can count only where the same dates arrive, unchanged, in a
column of the copy. Where they do not, the copy cannot say which of its records are due: it
*follows* its source, and is to be made again when the source has let records go.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping

    from headwater.catalog.ids import DatasetId


BY_NAME = attrgetter("namespace", "name")
"""The order of datasets; as a key it is faster than comparing them."""


@dataclass(frozen=True, slots=True, order=True)
class Limit:
    """How long data may be kept at most, where it is declared.

    Attributes:
        rule: What says so, and where; it tells limits apart.
        dataset: Where it is declared.
        period: How long, as ISO 8601.
        column: The column that it counts from; ``None``: a day.
        zone: Where the days of that column are counted.
        ends: The last day of the term, where it counts from a day that is known.
    """

    rule: str
    dataset: DatasetId
    period: str
    column: str | None = None
    zone: str = "UTC"
    ends: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A limit where it arrived.

    Attributes:
        limit: As declared.
        came_from: The dataset it came from, in one step; ``None`` where it is declared.
        column: The column here that it counts from; ``None``: its day, or nothing here.
        hops: How many steps it came, by a shortest way.
    """

    limit: Limit
    came_from: DatasetId | None = None
    column: str | None = None
    hops: int = 0


@dataclass(frozen=True)
class Ways:
    """Where terms travel.

    Attributes:
        copies: What is made from each dataset, whatever stop-points end left out.
        same: Of a dataset and column: the datasets and columns that hold the same values.
    """

    copies: Mapping[DatasetId, Iterable[DatasetId]]
    same: Mapping[tuple[DatasetId, str], Iterable[tuple[DatasetId, str]]]

    @cached_property
    def _ordered(self) -> dict[DatasetId, tuple[DatasetId, ...]]:
        return {
            dataset: tuple(sorted(copies, key=BY_NAME)) for dataset, copies in self.copies.items()
        }

    def sorted_copies(self, dataset: DatasetId) -> tuple[DatasetId, ...]:
        """Return what is made from ``dataset`` in one step, by name."""
        return self._ordered.get(dataset, ())


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The limits that matter of one dataset.

    Attributes:
        day: The limit whose last day is the earliest of all that count from known days.
        open: A limit whose day is not known.
        columns: Limits that count from a column here: one for each column, period and zone.
        follows: Limits whose clock did not arrive: one for each period and zone.
    """

    day: Arrived | None = None
    open: Arrived | None = None
    columns: tuple[Arrived, ...] = ()
    follows: tuple[Arrived, ...] = ()

    @property
    def bounded(self) -> bool:
        """Whether anything ends."""
        return bool(self.day or self.open or self.columns or self.follows)


_Place = tuple["DatasetId", str | None]
_Class = tuple[str, str]


def spread(limits: Iterable[Limit], ways: Ways) -> dict[DatasetId, Arrivals]:
    """Return the limits that reach each dataset. Of equal ones, the nearest; then by name."""
    found = list(limits)
    days = _tightest([each for each in found if each.ends is not None], ways)
    unknown = [each for each in found if each.ends is None and each.column is None]
    opened = _nearest(unknown, ways)
    columns, follows = _clocks([each for each in found if each.column is not None], ways)
    reached = {*days, *opened, *columns, *follows}
    return {
        dataset: Arrivals(
            days.get(dataset),
            opened.get(dataset),
            _sorted(columns.get(dataset)),
            _sorted(follows.get(dataset)),
        )
        for dataset in sorted(reached, key=BY_NAME)
    }


def _sorted(arrived: list[Arrived] | None) -> tuple[Arrived, ...]:
    if arrived is None or len(arrived) == 1:
        return tuple(arrived or ())
    return tuple(sorted(arrived, key=_order))


def _order(arrived: Arrived) -> tuple[object, ...]:
    limit = arrived.limit
    return (arrived.column or "", limit.period, limit.zone, limit.rule, limit.dataset)


def _tightest(limits: list[Limit], ways: Ways) -> dict[DatasetId, Arrived]:
    """Return the limit that ends first at each dataset: those that end first go first."""
    waiting: list[tuple[object, int, Arrived, DatasetId]] = []
    for number, limit in enumerate(sorted(limits, key=_declared)):
        heapq.heappush(waiting, ((limit.ends, 0), number, Arrived(limit), limit.dataset))
    return _walk(waiting, ways)


def _nearest(limits: list[Limit], ways: Ways) -> dict[DatasetId, Arrived]:
    waiting: list[tuple[object, int, Arrived, DatasetId]] = []
    for number, limit in enumerate(sorted(limits, key=_declared)):
        heapq.heappush(waiting, ((0,), number, Arrived(limit), limit.dataset))
    return _walk(waiting, ways)


def _walk(
    waiting: list[tuple[object, int, Arrived, DatasetId]], ways: Ways
) -> dict[DatasetId, Arrived]:
    """Return what comes first at each dataset; a step costs one, the rest of the key stays."""
    found: dict[DatasetId, Arrived] = {}
    number = len(waiting)
    while waiting:
        key, _, arrived, dataset = heapq.heappop(waiting)
        if dataset in found:
            continue
        found[dataset] = arrived
        for copy in ways.sorted_copies(dataset):
            if copy not in found:
                further = Arrived(arrived.limit, dataset, None, arrived.hops + 1)
                number += 1
                assert isinstance(key, tuple)  # noqa: S101 - both callers make one
                heapq.heappush(waiting, ((*key[:-1], key[-1] + 1), number, further, copy))
    return found


def _declared(limit: Limit) -> tuple[str, DatasetId]:
    return (limit.rule, limit.dataset)


def _clocks(
    limits: list[Limit], ways: Ways
) -> tuple[dict[DatasetId, list[Arrived]], dict[DatasetId, list[Arrived]]]:
    """Return the limits that count from columns, and those whose column did not arrive."""
    carried: dict[DatasetId, list[Arrived]] = defaultdict(list)
    lost: dict[DatasetId, list[Arrived]] = defaultdict(list)
    classes: dict[_Class, list[Limit]] = defaultdict(list)
    for limit in sorted(limits, key=_declared):
        classes[limit.period, limit.zone].append(limit)
    for members in classes.values():
        for (dataset, column), arrived in _walk_clocks(members, ways).items():
            (lost if column is None else carried)[dataset].append(arrived)
    return carried, lost


def _walk_clocks(members: list[Limit], ways: Ways) -> dict[_Place, Arrived]:
    """Return where limits of one length come to: with their column, or (``None``) without."""
    found: dict[_Place, Arrived] = {}
    waiting: deque[tuple[_Place, Arrived]] = deque(
        ((limit.dataset, limit.column), Arrived(limit, None, limit.column)) for limit in members
    )
    while waiting:
        place, arrived = waiting.popleft()
        if place in found:
            continue
        found[place] = arrived
        for dataset, column in _onward(place, ways):
            if (dataset, column) not in found:
                further = Arrived(arrived.limit, place[0], column, arrived.hops + 1)
                waiting.append(((dataset, column), further))
    return found


def _onward(place: _Place, ways: Ways) -> list[_Place]:
    dataset, column = place
    copies = ways.sorted_copies(dataset)
    if column is None:
        return [(copy, None) for copy in copies]
    same = ways.same.get((dataset, column), ())
    if not same:
        return [(copy, None) for copy in copies]
    same = sorted(same)
    there = {copy for copy, _ in same}
    open_ = set(copies)
    kept: list[_Place] = [place for place in same if place[0] in open_]
    return [*kept, *((copy, None) for copy in copies if copy not in there)]


def path_to(
    dataset: DatasetId, arrived: Arrived, arrivals: Mapping[DatasetId, Arrivals]
) -> tuple[DatasetId, ...]:
    """Return the way by which a limit came to ``dataset``, from where it is declared."""
    steps = [dataset]
    at = arrived
    while at.came_from is not None:
        steps.append(at.came_from)
        before = arrivals[at.came_from]
        at = _same_limit(at, before)
    return tuple(reversed(steps))


def _same_limit(arrived: Arrived, before: Arrivals) -> Arrived:
    """Return the arrival, one step before, that ``arrived`` is the next step of."""
    candidates = [before.day, before.open, *before.columns, *before.follows]
    return next(
        each
        for each in candidates
        if each and each.limit == arrived.limit and each.hops == arrived.hops - 1
    )
