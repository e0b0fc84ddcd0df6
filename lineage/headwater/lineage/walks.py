"""Where data can go: the graph as numbered places, and walks over them.

A dataset has a place for each of its columns, one for *arrived as a whole* (from where every
column's edges and the implied edges go on), and one from which its *implied* edges leave (which
every column may take). Going between places of one dataset costs no hop.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId, DatasetId
from headwater.lineage.model import EVIDENCE, dataset_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from headwater.lineage.graph import Graph
    from headwater.lineage.model import Edge


@dataclass(frozen=True, slots=True)
class Step:
    """All edges from one place to another, and the best that any of them is."""

    target: int
    edges: tuple[Edge, ...]
    rank: int
    direct: bool
    unmasked: bool

    @classmethod
    def of(cls, target: int, edges: Iterable[Edge]) -> Step:
        """Return the step that ``edges`` make."""
        found = tuple(edges)
        return cls(
            target=target,
            edges=found,
            rank=min(EVIDENCE.index(edge.evidence) for edge in found),
            direct=any(edge.kind == "direct" for edge in found),
            unmasked=any(not edge.masked for edge in found),
        )


_WHOLE, _IMPLIED = "whole", "implied"
_Place = tuple[DatasetId, str | None, str]


class Walks:
    """The places of a graph, the department of each, and what lies within reach.

    Attributes:
        dataset: The dataset of each place.
        column: Its column, where it is one.
        owner: The department of each, or ``None``.
        steps: The steps that leave each.
    """

    def __init__(self, graph: Graph, department_of: Callable[[DatasetId], str | None]) -> None:
        self.dataset: list[DatasetId] = []
        self.column: list[str | None] = []
        self.owner: list[str | None] = []
        self.steps: list[list[Step]] = []
        self._glides: list[list[int]] = []
        self._numbers: dict[_Place, int] = {}
        owners = {dataset: department_of(dataset) for dataset in graph.datasets}
        ends: dict[int, dict[int, list[Edge]]] = defaultdict(lambda: defaultdict(list))
        for edge in graph.edges:
            # Observed edges between datasets only sum up column edges: they lead nowhere new.
            if isinstance(edge.source, ColumnId) or edge.evidence == "implied":
                source = self._place(edge.source, _IMPLIED, owners)
                target = self._place(edge.target, _WHOLE, owners)
                ends[source][target].append(edge)
        for source, targets in ends.items():
            self.steps[source] = [Step.of(target, edges) for target, edges in targets.items()]
        self._glide()

    def _place(
        self, node: ColumnId | DatasetId, role: str, owners: dict[DatasetId, str | None]
    ) -> int:
        dataset = dataset_of(node)
        column = node.column if isinstance(node, ColumnId) else None
        place = (dataset, column, "" if column is not None else role)
        number = self._numbers.get(place)
        if number is None:
            number = self._numbers[place] = len(self.dataset)
            self.dataset.append(dataset)
            self.column.append(column)
            self.owner.append(owners.get(dataset))
            self.steps.append([])
            self._glides.append([])
        return number

    def _glide(self) -> None:
        for (dataset, column, role), number in self._numbers.items():
            whole = self._numbers.get((dataset, None, _WHOLE))
            implied = self._numbers.get((dataset, None, _IMPLIED))
            if column is not None and whole is not None:
                self._glides[whole].append(number)
            if role != _IMPLIED and implied is not None:
                self._glides[number].append(implied)

    def exits(self) -> Iterator[int]:
        """Yield every place of a department from which an edge leads out of the department."""
        for place, owner in enumerate(self.owner):
            if owner is not None and any(
                self.owner[step.target] != owner for step in self.steps[place]
            ):
                yield place

    def onward(
        self, place: int, usable: Callable[[Step], bool] | None = None
    ) -> Iterator[tuple[int, int]]:
        """Yield the next places after ``place`` with the hops that each costs."""
        here = self.dataset[place]
        for step in self.steps[place]:
            if usable is None or usable(step):
                yield step.target, int(self.dataset[step.target] != here)
        for target in self._glides[place]:
            yield target, 0

    def reach(
        self,
        start: int,
        passable: Callable[[str | None], bool],
        usable: Callable[[Step], bool] | None = None,
    ) -> dict[int, int]:
        """Return the places within reach of ``start`` with their least hops.

        Args:
            start: Where the walks begin.
            passable: Through the datasets of which owners walks may go.
            usable: Which steps they may take; ``None``: all.
        """
        return spread(
            {start: 0},
            lambda place: (
                (target, hop)
                for target, hop in self.onward(place, usable)
                if passable(self.owner[target])
            ),
        )


def spread(
    begin: dict[int, int], following: Callable[[int], Iterable[tuple[int, int]]]
) -> dict[int, int]:
    """Return the least cost of every place from ``begin``, where a move costs 0 or 1."""
    cost = dict(begin)
    queue = deque(sorted(begin, key=begin.__getitem__))
    done: set[int] = set()
    while queue:
        place = queue.popleft()
        if place in done:
            continue
        done.add(place)
        for target, hop in following(place):
            total = cost[place] + hop
            if target not in cost or total < cost[target]:
                cost[target] = total
                if hop:
                    queue.append(target)
                else:
                    queue.appendleft(target)
    return cost
