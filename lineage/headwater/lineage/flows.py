"""Flows: where data of one department reaches a dataset of another.

Said exactly in *Which flows are there?*: from the exit, the last column of the provider on a
path, to the entry, the consumer's first dataset on it. A direct flow has no other department
between; an onward flow has. There is one flow for each exit, entry and purpose of the job that
wrote the entry; it is onward where no direct path exists for that purpose.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from headwater.lineage.model import Flow
from headwater.lineage.times import moment
from headwater.lineage.walks import USABLE, Step, Walks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
        self._reached: dict[tuple[str | None, Way], set[int]] = {}

    def flows(self) -> list[Flow]:
        direct = self._entries(_NOBODYS)
        found = [self._flow(key, lasts, _NOBODYS) for key, lasts in direct.items()]
        for consumer in self._consumers() if direct else ():
            for key, lasts in self._entries(consumer).items():
                if key not in direct:
                    found.append(self._flow(key, lasts, consumer))
        return found

    def _consumers(self) -> tuple[str, ...]:
        """Return the departments that an onward flow may reach: none if there is only one."""
        reached = self._walks.reach(self._start, {self._provider})
        owners = self._owners(place for place in reached if place != self._start)
        return owners if len(owners) > 1 else ()

    def _reach(self, region: str | None, way: Way = "all") -> set[int]:
        found = self._reached.get((region, way))
        if found is None:
            closed = self._departments if region is _NOBODYS else {self._provider, region}
            found = self._reached[region, way] = self._walks.reach(self._start, closed, way)
        return found

    def _entries(self, region: str | None) -> dict[_Key, list[_Last]]:
        """Return the last steps into the consumer's datasets (any other department's, if direct).

        They are grouped by the dataset and by the tagged purpose, else the job, of the edges.
        """
        found: dict[_Key, list[_Last]] = defaultdict(list)
        walks = self._walks
        for place in self._reach(region):
            for step in walks.steps[place]:
                owner = walks.owner[step.target]
                if owner == region if region else owner not in (None, self._provider):
                    for group, part in _parts(step):
                        found[walks.dataset[step.target], group].append((place, part))
        return found

    def _flow(self, key: _Key, lasts: list[_Last], region: str | None) -> Flow:
        walks, start = self._walks, self._start
        edges = {edge for _, step in lasts for edge in step.edges}
        latest = max(edges, key=lambda edge: (_order(edge.last_seen), edge.runs, edge.order()))
        columns = {walks.column[step.target] for _, step in lasts}
        path, via, recipients = self._between(lasts, region, key[0])
        return Flow(
            provider=self._provider,
            consumer=self._consumer(lasts),
            source=walks.dataset[start],
            column=walks.column[start],
            target=key[0],
            target_columns=tuple(sorted(name for name in columns if name)),
            job=latest.job,
            tagged_purpose=latest.purpose,
            via=via,
            first_recipients=recipients,
            evidence=self._evidence(lasts, region),
            influence="direct" if self._anyhow(key, lasts, region, "direct") else "indirect",
            masked=not self._anyhow(key, lasts, region, "unmasked"),
            hops=len(path) - 1,
            path=path,
            first_seen=min((edge.first_seen for edge in edges), key=_order),
            last_seen=latest.last_seen,
            runs=tuple(sorted({run for edge in edges for run in edge.runs})),
            position=latest.position,
        )

    def _consumer(self, lasts: list[_Last]) -> str:
        return self._walks.owner[lasts[0][1].target] or ""

    def _evidence(self, lasts: list[_Last], region: str | None) -> Evidence:
        if self._arrives(lasts, region, "observed"):
            return "observed"
        return "declared" if self._arrives(lasts, region, "declared") else "implied"

    def _arrives(self, lasts: list[_Last], region: str | None, way: Way) -> bool:
        """Say whether a walk of nothing but steps of this ``way`` ends in one of ``lasts``."""
        ends = {place for place, step in lasts if USABLE[way](step)}
        return self._start in ends or (bool(ends) and not ends.isdisjoint(self._reach(region, way)))

    def _anyhow(self, key: _Key, lasts: list[_Last], region: str | None, way: Way) -> bool:
        """Say the same of all walks, of a direct flow those through other departments too.

        There is one question for exit, entry and purpose; a detour must not escape it.
        """
        if self._arrives(lasts, region, way):
            return True
        if region is not _NOBODYS:
            return False
        consumer = self._consumer(lasts)
        return self._arrives(self._entries(consumer)[key], consumer, way)

    def _between(
        self, lasts: list[_Last], region: str | None, target: DatasetId
    ) -> tuple[tuple[DatasetId, ...], tuple[str, ...], tuple[str, ...]]:
        """Return the shortest path, the departments between and the first recipients."""
        ends = {place for place, _ in lasts}
        if region is _NOBODYS and self._start in ends:
            return (self._walks.dataset[self._start], target), (), (self._consumer(lasts),)
        left = self._walks.hops_to(ends, self._reach(region))
        path = self._shortest(left, target)
        if region is _NOBODYS:
            return path, (), (self._consumer(lasts),)
        via = self._owners(place for place in left if place != self._start)
        return path, via, self._first_recipients(left)

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
                for place, hop in walks.moves[before]
                if hop and left.get(place) == hops
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


def _parts(step: Step) -> list[tuple[tuple[str, ...], Step]]:
    """Return the step of each group of edges: those of one tagged purpose, else of one job."""
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


def _order(time: str) -> str:
    return moment(time) or time
