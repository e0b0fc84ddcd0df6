"""Labels on random small graphs: with cycles, implied edges and stop-points.

The oracle walks the edges as events say them, round and round until nothing moves; it knows
nothing of places, components or words.
"""

from __future__ import annotations

import random
import tempfile
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage import labels_arrays, labels_network
from headwater.lineage.csr import open_graph
from headwater.lineage.csr_build import write_graph
from headwater.lineage.graph import Graph
from headwater.lineage.labels import propagate
from headwater.lineage.labels_model import Declared
from headwater.lineage.labels_network import Ways
from headwater.lineage.labels_plain import Steps, settle_plainly
from headwater.lineage.model import Edge, Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.lineage.labels import Labels
    from headwater.lineage.labels_model import Source
    from headwater.lineage.labels_network import Keeping
    from headwater.lineage.model import Evidence, Kind

DATASETS = [DatasetId("db", name) for name in "abcd"]
COLUMNS = [ColumnId(dataset, name) for dataset in DATASETS for name in "xy"]
NODES: list[Node] = [*COLUMNS, *DATASETS]
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

    def solved_in_files(self, folder: Path) -> Labels:
        """Do the same over the graph in files."""
        write_graph(Graph(self.edges, self.known()), folder, {})
        graph = open_graph(folder, {})
        assert graph is not None
        return propagate(graph, Declared(self.declared, self.more, self.width), self.ways())

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
    monkeypatch.setattr(labels_network, "LARGE", small)

    @settings(max_examples=300, deadline=None)
    @given(worlds())
    def check(world: World) -> None:
        found = world.solved()
        for node, bits in oracle(world).items():
            assert found.of(node) == bits, node

    check()


def test_the_graph_in_files_gives_the_same_labels_and_sources() -> None:
    @settings(max_examples=80, deadline=None)
    @given(worlds())
    def check(world: World) -> None:
        with tempfile.TemporaryDirectory() as folder:
            found, wanted = world.solved_in_files(Path(folder) / "graph"), world.solved()
            for node in NODES:
                assert found.of(node) == wanted.of(node), node
                assert said(found.sources(node, 1)) == said(wanted.sources(node, 1)), node
            for column in COLUMNS:
                assert found.inputs(column) == wanted.inputs(column)
                assert found.givers(column, 7) == wanted.givers(column, 7)
                assert found.all_known(column) == wanted.all_known(column)
            assert found.upstream(NODES[:2]) == wanted.upstream(NODES[:2])

    check()


def test_an_order_of_edges_makes_no_difference() -> None:
    @settings(max_examples=80, deadline=None)
    @given(worlds(), st.randoms(use_true_random=False))
    def check(world: World, dice: random.Random) -> None:
        shuffled = list(world.edges)
        dice.shuffle(shuffled)
        one, two = world.solved(), replace(world, edges=tuple(shuffled)).solved()
        for node in NODES:
            assert one.of(node) == two.of(node)
            assert said(one.sources(node, 1)) == said(two.sources(node, 1))

    check()


def test_more_labels_never_give_less_and_a_source_that_goes_takes_its_own() -> None:
    @settings(max_examples=80, deadline=None)
    @given(worlds(), st.sampled_from(COLUMNS), st.integers(0, 7))
    def check(world: World, column: ColumnId, bits: int) -> None:
        before = world.solved()
        more = dict(world.declared)
        more[column] = more.get(column, 0) | bits
        known = {**world.more, column.dataset: ("x", "y")}
        with_more = replace(world, declared=more, more=known).solved()
        back = replace(world, more=known).solved()
        for node in NODES:
            assert with_more.of(node) & back.of(node) == back.of(node)
            assert back.of(node) & before.of(node) == before.of(node)
        gone = replace(world, declared={}, more=known).solved()
        assert not any(gone.of(node) for node in NODES)

    check()


def test_a_stop_point_only_ever_takes_away() -> None:
    @settings(max_examples=80, deadline=None)
    @given(worlds())
    def check(world: World) -> None:
        freely = replace(world, keeps={}).solved()
        stopped = world.solved()
        for node in NODES:
            assert stopped.of(node) & ~freely.of(node) == 0

    check()


def test_the_sources_of_a_label_are_all_that_would_give_it_alone() -> None:
    @settings(max_examples=80, deadline=None)
    @given(worlds(), st.integers(0, 2))
    def check(world: World, place: int) -> None:
        bit = 1 << place
        found = world.solved()
        alone = {
            source: replace(world, declared={source: bit}).solved()
            for source, bits in world.declared.items()
            if bits & bit
        }
        for node in COLUMNS:
            wanted = {source for source, solved in alone.items() if solved.of(node) & bit}
            sources = found.sources(node, bit)
            assert {each.node for each in sources} == wanted
            assert bool(wanted) == bool(found.of(node) & bit)
            for each in sources:
                assert (each.path[0], each.path[-1]) == (each.node, node)
                assert len(each.edges) == shortest(world, each.node, node, bit)

    check()


def said(sources: tuple[Source, ...]) -> list[tuple[Node, tuple[Node, ...]]]:
    return [(each.node, each.path) for each in sources]


def shortest(world: World, start: Node, goal: Node, bit: int) -> int:
    """Return how many edges a label needs at least, straight from the edges."""
    columns = world.columns()
    queue: deque[tuple[DatasetId, str | None]] = deque()
    assert isinstance(start, ColumnId)
    queue.append((start.dataset, start.column))
    far: dict[tuple[DatasetId, str | None], int] = {(start.dataset, start.column): 0}
    while queue:
        dataset, column = queue.popleft()
        for edge in world.edges:
            mine = edge.source == dataset or edge.source == ColumnId(dataset, column or "")
            if not mine or not carries(edge, world):
                continue
            if isinstance(edge.target, ColumnId):
                into: list[tuple[DatasetId, str | None]] = [
                    (edge.target.dataset, edge.target.column)
                ]
            else:
                into = [(edge.target, name) for name in [*columns[edge.target], None]]
            for place in into:
                kept = world.keep(edge.job, place[0], place[1], edge.kind)
                if kept & bit and place not in far:
                    far[place] = far[dataset, column] + 1
                    queue.append(place)
    assert isinstance(goal, ColumnId)
    return far[goal.dataset, goal.column]


@pytest.mark.parametrize("narrow", [0, 1, 24])
@pytest.mark.parametrize("lossy", [0.0, 0.02, 0.5])
def test_arrays_settle_large_graphs_as_plain_python_does(
    narrow: int, lossy: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels_arrays, "_NARROW", narrow)
    for seed in range(12):
        dice = random.Random(f"{seed}/{lossy}")  # noqa: S311 - reproducible, not secret
        steps, start = tangle(dice, lossy)
        plain = settle_plainly(steps, start)
        assert labels_arrays.settle_arrays(steps, start, 70) == plain


def tangle(dice: random.Random, lossy: float) -> tuple[Steps, list[int]]:
    """Return layers with some edges back, so that there are cycles of every size."""
    count = dice.choice([50, 400, 1500])
    source, target, keep = [], [], []
    keeps = [-1, *(dice.getrandbits(70) for _ in range(4))]
    for _ in range(count * dice.choice([1, 2, 3])):
        here = dice.randrange(count)
        there = here + dice.randint(1, 20) if dice.random() < 0.97 else here - dice.randint(1, 60)
        if 0 <= there < count:
            source.append(here)
            target.append(there)
            keep.append(dice.randint(1, 4) if dice.random() < lossy else 0)
    start = [dice.getrandbits(70) if dice.random() < 0.05 else 0 for _ in range(count)]
    return Steps(count, source, target, keep, keeps), start


def test_a_long_chain_needs_no_recursion() -> None:
    count = 20_000
    steps = Steps(count, range(count - 1), range(1, count), [0] * (count - 1), [-1])
    start = [5, *[0] * (count - 1)]
    assert settle_plainly(steps, start) == [5] * count
    assert labels_arrays.settle_arrays(steps, start, 3) == [5] * count


def test_a_long_cycle_is_settled_as_one() -> None:
    count = 20_000
    steps = Steps(count, range(count), [*range(1, count), 0], [0] * count, [-1])
    start = [0] * count
    start[count // 2] = 6
    assert settle_plainly(steps, start) == [6] * count
    assert labels_arrays.settle_arrays(steps, start, 3) == [6] * count
