"""Flows: where data of one department reaches a dataset of another.

Said exactly in *Which flows are there?*: from the exit, the last column of the provider on a
path, to the entry, the consumer's first dataset on it. A direct flow has no other department
between; an onward flow has. There is one flow for each exit, entry and purpose of the job that
wrote the entry; it is onward where no direct path exists for that purpose.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from headwater.lineage.model import EVIDENCE, Flow
from headwater.lineage.times import moment
from headwater.lineage.walks import Step, Walks, spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from headwater.catalog.ids import DatasetId
    from headwater.lineage.graph import Graph
    from headwater.lineage.model import Edge

_Usable = dict[str, "Callable[[Step], bool] | None"]
_Key = tuple["DatasetId", "tuple[str, ...]"]
_Last = tuple[int, Step]
"""The last step of a path into an entry, and the place that it leaves."""

_WAYS: _Usable = {
    "all": None,
    "observed": lambda step: step.rank == 0,
    "declared": lambda step: step.rank <= 1,
    "implied": None,
    "direct": lambda step: step.direct,
    "unmasked": lambda step: step.unmasked,
}


def find_flows(graph: Graph, department_of: Callable[[DatasetId], str | None]) -> tuple[Flow, ...]:
    """Return every flow between two departments, sorted.

    Args:
        graph: What flows.
        department_of: Whose a dataset is; ``None``: nobody's.
    """
    walks = Walks(graph, department_of)
    found = [flow for place in walks.exits() for flow in _Exit(walks, place).flows()]
    return tuple(sorted(found, key=Flow.order))


class _Exit:
    """One exit, and the walks that begin there and never pass its department again.

    A region is what may be passed: ``None``, only what is nobody's; a department, all but it,
    for it is where the walks end.
    """

    def __init__(self, walks: Walks, place: int) -> None:
        self._walks = walks
        self._start = place
        self._provider = walks.owner[place] or ""
        self._reached: dict[tuple[str | None, str], dict[int, int]] = {}

    def flows(self) -> list[Flow]:
        direct = self._entries(None)
        found = [self._flow(key, lasts, None) for key, lasts in direct.items()]
        for consumer in self._consumers():
            for key, lasts in self._entries(consumer).items():
                if key not in direct:
                    found.append(self._flow(key, lasts, consumer))
        return found

    def _consumers(self) -> list[str]:
        """Return the departments that an onward flow may reach: none if there is only one."""
        if not self._entries(None):
            return []
        reached = self._walks.reach(self._start, lambda owner: owner != self._provider)
        owners = self._owners(place for place in reached if place != self._start)
        return list(owners) if len(owners) > 1 else []

    def _reach(self, region: str | None, way: str = "all") -> dict[int, int]:
        found = self._reached.get((region, way))
        if found is None:
            barred = (self._provider, region)
            found = self._reached[region, way] = self._walks.reach(
                self._start,
                lambda owner: owner is None or (region is not None and owner not in barred),
                _WAYS[way],
            )
        return found

    def _entries(self, region: str | None) -> dict[_Key, list[_Last]]:
        """Return the last steps into the consumer's datasets (any other department's, if direct).

        They are grouped by the dataset and by the tagged purpose, else the job, of the edges.
        """
        found: dict[_Key, list[_Last]] = defaultdict(list)
        for place in self._reach(region):
            for step in self._walks.steps[place]:
                owner = self._walks.owner[step.target]
                if owner in (None, self._provider) or (region and owner != region):
                    continue
                groups: dict[tuple[str, ...], list[Edge]] = defaultdict(list)
                for edge in step.edges:
                    groups[_group(edge)].append(edge)
                for group, edges in groups.items():
                    key = (self._walks.dataset[step.target], group)
                    found[key].append((place, Step.of(step.target, edges)))
        return found

    def _flow(self, key: _Key, lasts: list[_Last], region: str | None) -> Flow:
        walks, start = self._walks, self._start
        consumer = walks.owner[lasts[0][1].target] or ""
        edges = {edge for _, step in lasts for edge in step.edges}
        latest = max(edges, key=lambda edge: (_order(edge.last_seen), edge.runs, edge.order()))
        columns = {walks.column[step.target] for _, step in lasts}
        path, via, recipients = self._between(lasts, region, key[0])
        return Flow(
            provider=self._provider,
            consumer=consumer,
            source=walks.dataset[start],
            column=walks.column[start],
            target=key[0],
            target_columns=tuple(sorted(name for name in columns if name)),
            job=latest.job,
            tagged_purpose=latest.purpose,
            via=via,
            first_recipients=recipients,
            evidence=next(kind for kind in EVIDENCE if self._arrives(lasts, region, kind)),
            influence="direct" if self._anyhow(key, lasts, region, "direct") else "indirect",
            masked=not self._anyhow(key, lasts, region, "unmasked"),
            hops=len(path) - 1,
            path=path,
            first_seen=min((edge.first_seen for edge in edges), key=_order),
            last_seen=latest.last_seen,
            runs=tuple(sorted({run for edge in edges for run in edge.runs})),
            position=latest.position,
        )

    def _arrives(self, lasts: list[_Last], region: str | None, way: str) -> bool:
        """Say whether a path of nothing but steps of this ``way`` ends in one of ``lasts``."""
        usable = _WAYS[way]
        ends = [place for place, step in lasts if usable is None or usable(step)]
        if self._start in ends:
            return True
        return bool(ends) and any(place in self._reach(region, way) for place in ends)

    def _anyhow(self, key: _Key, lasts: list[_Last], region: str | None, way: str) -> bool:
        """Say the same of all paths, of a direct flow those through other departments too.

        There is one question for exit, entry and purpose; a detour must not escape it.
        """
        if self._arrives(lasts, region, way):
            return True
        if region is not None:
            return False
        consumer = self._walks.owner[lasts[0][1].target]
        return self._arrives(self._entries(consumer)[key], consumer, way)

    def _between(
        self, lasts: list[_Last], region: str | None, target: DatasetId
    ) -> tuple[tuple[DatasetId, ...], tuple[str, ...], tuple[str, ...]]:
        """Return the shortest path, the departments between and the first recipients."""
        walks, start = self._walks, self._start
        if region is None and any(place == start for place, _ in lasts):
            return (walks.dataset[start], target), (), self._owners([lasts[0][1].target])
        reached = self._reach(region)
        before: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for place in reached:
            for following, hop in walks.onward(place):
                if following in reached:
                    before[following].append((place, hop))
        left = spread({place: 1 for place, _ in lasts}, lambda place: before[place])
        path = self._shortest(left, target)
        if region is None:
            return path, (), self._owners([lasts[0][1].target])
        via = self._owners(place for place in left if place != start)
        return path, via, self._first_recipients(left)

    def _owners(self, places: Iterable[int]) -> tuple[str, ...]:
        return tuple(sorted({owner for place in places if (owner := self._walks.owner[place])}))

    def _first_recipients(self, left: dict[int, int]) -> tuple[str, ...]:
        walks, start = self._walks, self._start
        near = self._reach(None)
        return self._owners(
            following
            for place in near
            if place in left
            for following, _ in walks.onward(place)
            if following in left and following not in near
        )

    def _shortest(self, left: dict[int, int], target: DatasetId) -> tuple[DatasetId, ...]:
        """Return the path of fewest hops, of several the first by name."""
        walks = self._walks
        path = [walks.dataset[self._start]]
        here = {self._start}
        for hops in range(left[self._start] - 1, 0, -1):
            following = {
                t
                for place in self._still(here, left)
                for t in self._after(place, 1)
                if left.get(t) == hops
            }
            path.append(min(walks.dataset[place] for place in following))
            here = {place for place in following if walks.dataset[place] == path[-1]}
        return (*path, target)

    def _still(self, here: set[int], left: dict[int, int]) -> set[int]:
        """Return ``here`` and what it reaches without a hop and without going astray."""
        queue = list(here)
        found = set(here)
        for place in queue:
            for target in self._after(place, 0):
                if target not in found and left.get(target) == left[place]:
                    found.add(target)
                    queue.append(target)
        return found

    def _after(self, place: int, cost: int) -> list[int]:
        return [t for t, hop in self._walks.onward(place) if hop == cost]


def _group(edge: Edge) -> tuple[str, ...]:
    if edge.purpose:
        return ("purpose", edge.purpose)
    return ("job", edge.job.namespace, edge.job.name)


def _order(time: str) -> str:
    return moment(time) or time
