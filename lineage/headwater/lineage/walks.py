"""Where data can go: the graph as numbered places, and walks over them.

A dataset has a place for each of its columns, one for *arrived as a whole* (from where every
column's edges and the implied edges go on), and one from which the edges of the dataset as a
whole leave, *implied* ones above all (which every column may take). Going between places of one
dataset costs no hop.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from headwater.catalog.ids import ColumnId, DatasetId
from headwater.lineage.model import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from headwater.lineage.graph import Graph
    from headwater.lineage.model import Edge

Way = Literal["all", "observed", "declared", "direct", "unmasked"]
"""Of what steps a walk consists: any; of no weaker evidence than this; direct; unmasked."""


class Step(NamedTuple):
    """All edges from one place to another that go together, and the best that any of them is."""

    target: int
    edges: tuple[Edge, ...]
    rank: int
    direct: bool
    unmasked: bool

    @classmethod
    def of(cls, target: int, edges: Iterable[Edge]) -> Step:
        """Return the step that ``edges`` make."""
        found = tuple(edges)
        if len(found) == 1:  # nearly always
            (edge,) = found
            rank = EVIDENCE.index(edge.evidence)
            return cls(target, found, rank, edge.kind == "direct", not edge.masked)
        return cls(
            target=target,
            edges=found,
            rank=min(EVIDENCE.index(edge.evidence) for edge in found),
            direct=any(edge.kind == "direct" for edge in found),
            unmasked=any(not edge.masked for edge in found),
        )


USABLE: dict[Way, Callable[[Step], bool]] = {
    "all": lambda _: True,
    "observed": lambda step: step.rank == 0,
    "declared": lambda step: step.rank <= 1,
    "direct": lambda step: step.direct,
    "unmasked": lambda step: step.unmasked,
}

_Moves = list[list[tuple[int, int]]]


class _Table:
    """The places of one dataset: its columns, where it arrives as a whole, where it leaves."""

    __slots__ = ("columns", "dataset", "leaving", "owner", "whole")

    def __init__(self, dataset: DatasetId, owner: str | None) -> None:
        self.dataset = dataset
        self.owner = owner
        self.columns: dict[str, int] = {}
        self.whole: int | None = None
        self.leaving: int | None = None


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
        self._tables: dict[DatasetId, _Table] = {}
        self._by_way: dict[Way, list[list[int]]] = {}
        self._shared: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._paths: dict[tuple[int, int], tuple[DatasetId, ...]] = {}
        self._department_of = department_of
        # by the identity of a dataset's name, which is cheaper than its hash: edges keep it alive
        self._same: dict[int, _Table] = {}
        ends: dict[tuple[int, int], list[Edge]] = {}
        for edge in graph.edges:
            # Most edges between datasets only sum up column edges: they lead nowhere new.
            if isinstance(edge.source, ColumnId) or edge.evidence == "implied" or edge.whole:
                pair = (self._place(edge.source, leaving=True), self._place(edge.target))
                known = ends.get(pair)
                if known is None:
                    ends[pair] = [edge]
                else:
                    known.append(edge)
        for (source, target), edges in ends.items():
            self.steps[source].append(Step.of(target, edges))
        self._glide()

    def _table(self, dataset: DatasetId) -> _Table:
        found = self._same.get(id(dataset))
        if found is None:
            found = self._tables.get(dataset)
            if found is None:
                found = self._tables[dataset] = _Table(dataset, self._department_of(dataset))
            self._same[id(dataset)] = found
        return found

    def _place(self, node: ColumnId | DatasetId, *, leaving: bool = False) -> int:
        """Return the number of a place; of a dataset the one that it arrives at, or leaves from."""
        if isinstance(node, ColumnId):
            table, column = self._table(node.dataset), node.column
            number = table.columns.get(column)
            if number is None:
                number = table.columns[column] = self._new(table, column)
            return number
        table = self._table(node)
        number = table.leaving if leaving else table.whole
        if number is None:
            number = self._new(table, None)
            if leaving:
                table.leaving = number
            else:
                table.whole = number
        return number

    def _new(self, table: _Table, column: str | None) -> int:
        self.dataset.append(table.dataset)
        self.column.append(column)
        self.owner.append(table.owner)
        self.steps.append([])
        self._glides.append([])
        return len(self.dataset) - 1

    def _glide(self) -> None:
        for table in self._tables.values():
            if table.whole is not None:
                self._glides[table.whole] += table.columns.values()
            if table.leaving is not None:
                arriving = [] if table.whole is None else [table.whole]
                for number in (*table.columns.values(), *arriving):
                    self._glides[number].append(table.leaving)

    def shared(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return these names, the same each time: many flows have them in common."""
        return self._shared.setdefault(names, names)

    def path(self, source: DatasetId, target: DatasetId) -> tuple[DatasetId, ...]:
        """Return the path of one step, the same each time."""
        return self._paths.setdefault((id(source), id(target)), (source, target))

    def leads_on(self, place: int) -> bool:
        """Say whether anything goes on from a place."""
        return bool(self.steps[place] or self._glides[place])

    def glides(self, place: int) -> bool:
        """Say whether one gets from a place to another of its dataset."""
        return bool(self._glides[place])

    def exits(self) -> Iterator[int]:
        """Yield every place of a department from which an edge leads out of the department."""
        for place, owner in enumerate(self.owner):
            if owner is not None and any(
                self.owner[step.target] != owner for step in self.steps[place]
            ):
                yield place

    @cached_property
    def moves(self) -> _Moves:
        """From each place the next ones, each with the hops that it costs (0 or 1)."""
        dataset = self.dataset
        found: _Moves = []
        for place, steps in enumerate(self.steps):
            here = dataset[place]
            moves = [(step.target, int(dataset[step.target] != here)) for step in steps]
            found.append(moves + [(target, 0) for target in self._glides[place]])
        return found

    @cached_property
    def sources(self) -> _Moves:
        """The same turned round: from where one gets to each place."""
        found: _Moves = [[] for _ in self.dataset]
        for place, moves in enumerate(self.moves):
            for target, hop in moves:
                found[target].append((place, hop))
        return found

    def reach(self, start: int, closed: Collection[str | None]) -> set[int]:
        """Return the places that walks from ``start`` get to, itself included.

        They do not go into datasets whose owners are ``closed``.
        """
        targets, owner = self._targets("all"), self.owner
        found = {start}
        queue = [start]
        for place in queue:
            for target in targets[place]:
                if target not in found and owner[target] not in closed:
                    found.add(target)
                    queue.append(target)
        return found

    def gets_to(self, start: int, ends: Collection[int], within: Collection[int], way: Way) -> bool:
        """Say whether a walk of this ``way`` from ``start`` gets to any of ``ends``."""
        targets = self._targets(way)
        found = {start}
        queue = [start]
        for place in queue:
            if place in ends:
                return True
            for target in targets[place]:
                if target not in found and target in within:
                    found.add(target)
                    queue.append(target)
        return False

    def _targets(self, way: Way) -> list[list[int]]:
        found = self._by_way.get(way)
        if found is None:
            usable = USABLE[way]
            found = self._by_way[way] = [
                [*(step.target for step in steps if usable(step)), *glides] if steps else glides
                for steps, glides in zip(self.steps, self._glides, strict=True)
            ]
        return found

    def hops_to(self, ends: Iterable[int], within: set[int]) -> dict[int, int]:
        """Return the least hops to one step beyond any of ``ends``, of every place that gets there.

        Walks stay ``within`` these places.
        """
        left = dict.fromkeys(ends, 1)
        queue = deque(left)
        while queue:
            place = queue.popleft()
            for source, hop in self.sources[place]:
                total = left[place] + hop
                if source in within and total < left.get(source, total + 1):
                    left[source] = total
                    (queue.append if hop else queue.appendleft)(source)
        return left
