"""The edges of one run while they are drawn: several mentions of one edge become one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.model import Node, RunEdge, dataset_of, node_key
from headwater.lineage.statements import through

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headwater.lineage.manner import Manner
    from headwater.lineage.model import Statement

RUN_EDGES = 200_000
"""More edges than this from one run are refused: inputs times columns grows without bound."""


class TooManyEdgesError(Exception):
    """A run draws more edges than ``limit``."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


End = Node | JobId
"""What explicit lineage may join: datasets, columns and jobs."""


class Draft:
    """Edges of one run, by their ends; ``known`` is every node that the run names."""

    def __init__(self) -> None:
        self._edges: dict[tuple[End, End], Manner] = {}
        self.known: set[Node] = set()

    def draw(self, source: End, target: End, manner: Manner) -> None:
        """Add an edge."""
        self.known.update(end for end in (source, target) if not isinstance(end, JobId))
        if source == target:
            return
        before = self._edges.get((source, target))
        self._edges[source, target] = before.joined(manner) if before else manner
        if len(self._edges) > RUN_EDGES:
            raise TooManyEdgesError(RUN_EDGES)

    def enter(self, source: End, targets: Iterable[End], manner: Manner) -> None:
        """Draw a source into ``targets``, and its dataset into theirs."""
        for target in targets:
            self.draw(source, target, manner)
            if isinstance(source, ColumnId) or isinstance(target, ColumnId):
                self.draw(_whole(source), _whole(target), manner.summed())

    def edges(self, purposes: tuple[str | None, ...]) -> tuple[RunEdge, ...]:
        """Return the edges, sorted; a job of several purposes has each edge for each of them."""
        found = (
            (source, target, manner)
            for (source, target), manner in self._edges.items()
            if not isinstance(source, JobId) and not isinstance(target, JobId)
        )
        ordered = sorted(found, key=lambda edge: (node_key(edge[0]), node_key(edge[1])))
        return tuple(
            _run_edge(source, target, purpose, manner)
            for source, target, manner in ordered
            for purpose in purposes
        )

    def through(self, purposes: tuple[str | None, ...]) -> Iterator[Statement]:
        """Yield the edges that begin or end at a job."""
        for (source, target), manner in self._edges.items():
            if isinstance(source, JobId) or isinstance(target, JobId):
                for purpose in purposes:
                    yield through(source, target, purpose, manner)


def _run_edge(source: Node, target: Node, purpose: str | None, manner: Manner) -> RunEdge:
    return RunEdge(
        source=source,
        target=target,
        purpose=purpose,
        kind="direct" if manner.direct else "indirect",
        masked=manner.masked,
        evidence=manner.evidence,
        subtypes=manner.subtypes,
        whole=manner.whole,
    )


def _whole(end: End) -> DatasetId | JobId:
    return end if isinstance(end, JobId) else dataset_of(end)
