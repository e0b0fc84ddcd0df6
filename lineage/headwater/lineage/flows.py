"""Flows: where data of one department reaches a dataset of another.

Said exactly in *Which flows are there?*: from the exit, the last column of the provider on a
path, to the entry, the consumer's first dataset on it. A direct flow has no other department
between; an onward flow has. There is one flow for each exit, entry and purpose of the job that
wrote the entry; it is onward where no direct path exists for that purpose.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from headwater.lineage.model import EVIDENCE, Flow
from headwater.lineage.times import moment
from headwater.lineage.walks import USABLE, Step, Walks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from headwater.catalog.ids import DatasetId
    from headwater.lineage.graph import Graph
    from headwater.lineage.model import Edge, Evidence
    from headwater.lineage.walks import Way

_Key = tuple["DatasetId", "tuple[str, ...]"]
_Last = tuple[int, Step]
"""The last step of a path into an entry, and the place that it leaves."""

_NOBODYS = None


def find_flows(graph: Graph, department_of: Callable[[DatasetId], str | None]) -> tuple[Flow, ...]:
    """Return every flow between two departments, sorted.

    Args:
        graph: What flows.
        department_of: Whose a dataset is; ``None``: nobody's.
    """
    walks = Walks(graph, department_of)
    departments = frozenset(owner for owner in walks.owner if owner)
    found = [flow for place in walks.exits() for flow in _Exit(walks, place, departments).flows()]
    return tuple(sorted(found, key=Flow.order))


class _Exit:
    """One exit, and the walks that begin there and never pass its department again.

    A region is what may be passed on the way to a consumer: all but the consumer, for there the
    walks end. The region ``None`` is what is nobody's: the way of direct flows, to any consumer.
    """

    def __init__(self, walks: Walks, place: int, departments: frozenset[str]) -> None:
        self._walks = walks
        self._start = place
        self._departments = departments
        self._provider = walks.owner[place] or ""
        self._reached: dict[str | None, set[int]] = {}

    def flows(self) -> list[Flow]:
        direct: dict[_Key, list[_Last]]
        if self._leaves_at_once():
            direct = self._near()
            found = [self._next_door(key, lasts) for key, lasts in direct.items()]
        else:
            direct = self._entries(_NOBODYS)
            found = [self._flow(key, lasts, _NOBODYS) for key, lasts in direct.items()]
        for consumer in self._consumers() if direct else ():
            for key, lasts in self._entries(consumer).items():
                if key not in direct:
                    found.append(self._flow(key, lasts, consumer))
        return found

    def _leaves_at_once(self) -> bool:
        """Say whether every step leads into a dataset of another department, as nearly all do."""
        walks = self._walks
        owners = {walks.owner[step.target] for step in walks.steps[self._start]}
        return not (walks.glides(self._start) or owners & {None, self._provider})

    def _near(self) -> dict[_Key, list[_Last]]:
        """Return the entries one step from the exit."""
        found: dict[_Key, list[_Last]] = defaultdict(list)
        dataset = self._walks.dataset
        for step in self._walks.steps[self._start]:
            for group, part in _parts(step):
                found[dataset[step.target], group].append((self._start, part))
        return found

    def _next_door(self, key: _Key, lasts: list[_Last]) -> Flow:
        """Return the flow to an entry one step from the exit: what :meth:`_flow` makes of it."""
        walks, start = self._walks, self._start
        step = lasts[0][1]
        columns = {walks.column[step.target]}
        if len(lasts) > 1:
            step = Step.of(step.target, {edge for _, each in lasts for edge in each.edges})
            columns = {walks.column[each.target] for _, each in lasts}
        if not (step.direct and step.unmasked):
            return self._flow(key, lasts, _NOBODYS)  # a detour may be another matter
        latest, first_seen, runs = _history(step.edges)
        consumer = self._consumer(lasts)
        source = walks.dataset[start]
        return Flow(
            self._provider,
            consumer,
            source,
            walks.column[start],
            key[0],
            walks.shared(tuple(sorted(name for name in columns if name))),
            latest.job,
            latest.purpose,
            (),
            walks.shared((consumer,)),
            EVIDENCE[step.rank],
            "direct",
            masked=False,
            hops=1,
            path=walks.path(source, key[0]),
            first_seen=first_seen,
            last_seen=latest.last_seen,
            runs=runs,
            position=latest.position,
        )

    def _consumers(self) -> tuple[str, ...]:
        """Return the departments that an onward flow may reach: none if there is only one.

        Where every step into a department begins where direct flows go, its flows are direct.
        """
        walks = self._walks
        if not any(walks.leads_on(step.target) for step in walks.steps[self._start]):
            return ()
        if len(self._crossings) < 2:
            return ()
        near = self._reach(_NOBODYS)
        beyond = (
            consumer
            for consumer, lasts in self._crossings.items()
            if any(place not in near for place, _ in lasts)
        )
        return tuple(sorted(beyond))

    @cached_property
    def _crossings(self) -> dict[str, list[_Last]]:
        """All steps into the datasets of each other department, wherever they begin."""
        found: dict[str, list[_Last]] = defaultdict(list)
        for place in self._walks.reach(self._start, {self._provider}):
            for step in self._walks.steps[place]:
                owner = self._walks.owner[step.target]
                if owner is not None and owner != self._provider:
                    found[owner].append((place, step))
        return found

    def _reach(self, region: str | None) -> set[int]:
        found = self._reached.get(region)
        if found is None:
            closed = self._departments if region is _NOBODYS else {self._provider, region}
            found = self._reached[region] = self._walks.reach(self._start, closed)
        return found

    def _entries(self, region: str | None) -> dict[_Key, list[_Last]]:
        """Return the last steps into the consumer's datasets (any other department's, if direct).

        They are grouped by the dataset and by the tagged purpose, else the job, of the edges.
        """
        reached = self._reach(region)
        crossings = chain(*self._crossings.values()) if region is None else self._crossings[region]
        found: dict[_Key, list[_Last]] = defaultdict(list)
        for place, step in crossings:
            if place in reached:
                for group, part in _parts(step):
                    found[self._walks.dataset[step.target], group].append((place, part))
        return found

    def _flow(self, key: _Key, lasts: list[_Last], region: str | None) -> Flow:
        walks, start = self._walks, self._start
        latest, first_seen, runs = _history({edge for _, step in lasts for edge in step.edges})
        columns = {walks.column[step.target] for _, step in lasts}
        left = self._left(lasts, region)
        path = self._shortest(left, key[0])
        return Flow(
            provider=self._provider,
            consumer=self._consumer(lasts),
            source=walks.dataset[start],
            column=walks.column[start],
            target=key[0],
            target_columns=tuple(sorted(name for name in columns if name)),
            job=latest.job,
            tagged_purpose=latest.purpose,
            via=self._owners(place for place in left if place != start),
            first_recipients=self._first_recipients(left) or (self._consumer(lasts),),
            evidence=self._evidence(lasts, left),
            influence="direct" if self._anyhow(key, lasts, left, "direct") else "indirect",
            masked=not self._anyhow(key, lasts, left, "unmasked"),
            hops=len(path) - 1,
            path=path,
            first_seen=first_seen,
            last_seen=latest.last_seen,
            runs=runs,
            position=latest.position,
        )

    def _consumer(self, lasts: list[_Last]) -> str:
        return self._walks.owner[lasts[0][1].target] or ""

    def _left(self, lasts: list[_Last], region: str | None) -> dict[int, int]:
        """Return the places on walks that end in ``lasts``, with the hops left to the entry."""
        return self._walks.hops_to({place for place, _ in lasts}, self._reach(region))

    def _evidence(self, lasts: list[_Last], left: dict[int, int]) -> Evidence:
        if self._arrives(lasts, left, "observed"):
            return "observed"
        return "declared" if self._arrives(lasts, left, "declared") else "implied"

    def _arrives(self, lasts: list[_Last], left: dict[int, int], way: Way) -> bool:
        """Say whether a walk of nothing but steps of this ``way`` ends in one of ``lasts``."""
        ends = {place for place, step in lasts if USABLE[way](step)}
        return bool(ends) and self._walks.gets_to(self._start, ends, left, way)

    def _anyhow(self, key: _Key, lasts: list[_Last], left: dict[int, int], way: Way) -> bool:
        """Say the same of all walks, of a direct flow those through other departments too.

        There is one question for exit, entry and purpose; a detour must not escape it.
        """
        if self._arrives(lasts, left, way):
            return True
        consumer = self._consumer(lasts)
        every = self._entries(consumer)[key]
        return self._arrives(every, self._left(every, consumer), way)

    def _owners(self, places: Iterable[int]) -> tuple[str, ...]:
        return tuple(sorted({owner for place in places if (owner := self._walks.owner[place])}))

    def _first_recipients(self, left: dict[int, int]) -> tuple[str, ...]:
        near = self._reach(_NOBODYS)
        return self._owners(
            following
            for place in near
            if place in left
            for following, _ in self._walks.moves[place]
            if following in left and following not in near
        )

    def _shortest(self, left: dict[int, int], target: DatasetId) -> tuple[DatasetId, ...]:
        """Return the path of fewest hops, of several the first by name."""
        walks = self._walks
        path = [walks.dataset[self._start]]
        here = {self._start}
        for hops in range(left[self._start] - 1, 0, -1):
            following = {
                place
                for before in self._still(here, left)
                for place, _ in walks.moves[before]
                if left.get(place) == hops
            }
            path.append(min(walks.dataset[place] for place in following))
            here = {place for place in following if walks.dataset[place] == path[-1]}
        return (*path, target)

    def _still(self, here: set[int], left: dict[int, int]) -> set[int]:
        """Return ``here`` and what it gets to without a hop and without going astray."""
        queue = list(here)
        found = set(here)
        for place in queue:
            for target, hop in self._walks.moves[place]:
                if not hop and target not in found and left.get(target) == left[place]:
                    found.add(target)
                    queue.append(target)
        return found


def _history(edges: Collection[Edge]) -> tuple[Edge, str, tuple[str, ...]]:
    """Return the latest of ``edges``, when the first was first seen, and all their runs."""
    if len(edges) == 1:
        (edge,) = edges
        return edge, edge.first_seen, edge.runs
    latest = max(edges, key=lambda edge: (_order(edge.last_seen), edge.runs, edge.order()))
    first_seen = min((edge.first_seen for edge in edges), key=_order)
    return latest, first_seen, tuple(sorted({run for edge in edges for run in edge.runs}))


def _parts(step: Step) -> list[tuple[tuple[str, ...], Step]]:
    """Return the step of each group of edges: those of one tagged purpose, else of one job."""
    if len(step.edges) == 1:
        return [(_group(step.edges[0]), step)]
    groups: dict[tuple[str, ...], list[Edge]] = defaultdict(list)
    for edge in step.edges:
        groups[_group(edge)].append(edge)
    if len(groups) == 1:
        return [(group, step) for group in groups]
    return [(group, Step.of(step.target, edges)) for group, edges in groups.items()]


def _group(edge: Edge) -> tuple[str, ...]:
    if edge.purpose:
        return ("purpose", edge.purpose)
    return ("job", edge.job.namespace, edge.job.name)


@lru_cache(maxsize=4096)
def _order(time: str) -> str:
    return moment(time) or time
