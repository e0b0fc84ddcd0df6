"""Labels on random small graphs: with cycles, implied edges and stop-points.

The oracle walks the edges as events say them, round and round until nothing moves; it knows
nothing of places, components or words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage import labels as labels_module
from headwater.lineage.graph import Graph
from headwater.lineage.labels import propagate
from headwater.lineage.labels_model import Declared
from headwater.lineage.labels_network import Ways
from headwater.lineage.model import Edge, Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.lineage.labels import Labels
    from headwater.lineage.labels_network import Keeping
    from headwater.lineage.model import Evidence, Kind

DATASETS = [DatasetId("db", name) for name in "abcd"]
COLUMNS = [ColumnId(dataset, name) for dataset in DATASETS for name in "xy"]
JOBS = [JobId("etl", name) for name in ("one", "two")]
WIDTHS = (3, 70)
KINDS: tuple[Kind, ...] = ("direct", "indirect")


@dataclass(frozen=True)
class World:
    """A graph, what is declared in it, and what its stop-points leave."""

    edges: tuple[Edge, ...]
    declared: Mapping[Node, int]
    keeps: Mapping[tuple[DatasetId, JobId, str | None, Kind], int]
    indirect: bool
    width: int
    more: Mapping[DatasetId, tuple[str, ...]]

    def keep(self, job: JobId, dataset: DatasetId, column: str | None, kind: Kind) -> int:
        return self.keeps.get((dataset, job, column, kind), -1)

    def ways(self) -> Ways:
        keeping: dict[DatasetId, Keeping] = {}
        for dataset in {key[0] for key in self.keeps}:

            def keep(job: JobId, column: str | None, kind: Kind, at: DatasetId = dataset) -> int:
                return self.keep(job, at, column, kind)

            keeping[dataset] = keep
        return Ways(self.indirect, keeping=keeping)

    def solved(self) -> Labels:
        said = Declared(self.declared, self.more, self.width)
        return propagate(Graph(self.edges, self.known()), said, self.ways())

    def known(self) -> set[Node]:
        return {*DATASETS}

    def columns(self) -> dict[DatasetId, set[str]]:
        found: dict[DatasetId, set[str]] = {dataset: set() for dataset in DATASETS}
        for edge in self.edges:
            for end in (edge.source, edge.target):
                if isinstance(end, ColumnId):
                    found[end.dataset].add(end.column)
        for dataset, names in self.more.items():
            found[dataset].update(names)
        return found


@st.composite
def worlds(draw: st.DrawFn) -> World:
    width = draw(st.sampled_from(WIDTHS))
    nodes: list[Node] = [*COLUMNS, *COLUMNS, *DATASETS]
    node = st.sampled_from(nodes)
    edges = []
    for _ in range(draw(st.integers(0, 14))):
        source, target = draw(node), draw(node)
        kinds: list[Evidence] = ["declared", "observed"]
        if isinstance(source, DatasetId) and isinstance(target, DatasetId):
            kinds.append("implied")
        edges.append(
            Edge(
                source,
                target,
                draw(st.sampled_from(JOBS)),
                None,
                draw(st.sampled_from(KINDS)),
                False,
                draw(st.sampled_from(kinds)),
                "",
                "",
                (),
                None,
                whole=draw(st.booleans()),
            )
        )
    bits = st.integers(0, (1 << width) - 1)
    declared = draw(st.dictionaries(st.sampled_from(COLUMNS), bits, max_size=4))
    key = st.tuples(
        st.sampled_from(DATASETS),
        st.sampled_from(JOBS),
        st.sampled_from(["x", "y", None]),
        st.sampled_from(KINDS),
    )
    keeps = draw(st.dictionaries(key, bits, max_size=5))
    more: dict[DatasetId, tuple[str, ...]] = {}
    labels: dict[Node, int] = {}
    for column, label in declared.items():
        more[column.dataset] = (*more.get(column.dataset, ()), column.column)
        labels[column] = label
    return World(tuple(edges), labels, keeps, draw(st.booleans()), width, more)


def carries(edge: Edge, world: World) -> bool:
    if edge.kind == "indirect" and not world.indirect:
        return False
    both = isinstance(edge.source, DatasetId) and isinstance(edge.target, DatasetId)
    return not both or edge.whole or edge.evidence == "implied"


def oracle(world: World) -> dict[Node, int]:
    """Return what every column and dataset holds, slowly."""
    columns = world.columns()
    held: dict[tuple[DatasetId, str | None], int] = {
        (d, c): 0 for d, names in columns.items() for c in [*names, None]
    }
    for node, bits in world.declared.items():
        assert isinstance(node, ColumnId)
        held[node.dataset, node.column] |= bits
    moved = True
    while moved:
        before = dict(held)
        for edge in world.edges:
            if not carries(edge, world):
                continue
            if isinstance(edge.source, ColumnId):
                given_bits = held[edge.source.dataset, edge.source.column]
            else:
                given_bits = everything(held, edge.source)
            if isinstance(edge.target, ColumnId):
                dataset = edge.target.dataset
                into: list[str | None] = [edge.target.column]
            else:
                dataset, into = edge.target, [c for d, c in held if d == edge.target]
            for column in into:
                kept = world.keep(edge.job, dataset, column, edge.kind)
                held[dataset, column] |= given_bits & kept
        moved = held != before
    found: dict[Node, int] = {ColumnId(d, c): bits for (d, c), bits in held.items() if c}
    return found | {dataset: everything(held, dataset) for dataset in DATASETS}


def everything(held: Mapping[tuple[DatasetId, str | None], int], dataset: DatasetId) -> int:
    found = 0
    for (owner, _), bits in held.items():
        found |= bits if owner == dataset else 0
    return found


@pytest.mark.parametrize("small", [10**9, -1], ids=["plain", "arrays"])
def test_labels_are_those_of_the_oracle(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels_module, "SMALL", small)

    @settings(max_examples=400, deadline=None)
    @given(worlds())
    def check(world: World) -> None:
        found = world.solved()
        for node, bits in oracle(world).items():
            assert found.of(node) == bits, node

    check()
