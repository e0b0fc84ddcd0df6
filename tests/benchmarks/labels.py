"""Labels over a generated lineage graph: the share of time in each step, and the memory.

    python tests/benchmarks/labels.py [EDGES]

The graph (``lineage_graph.py``) has about so many edges between columns, in ten layers, with hubs
and cycles. A tenth of the columns that nothing is made into are labelled; one dataset in fifty has
a stop-point that is proved. Loading, which the gate does anyway, is timed apart.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import numpy as np
from lineage_graph import Generated, generate, write_folder  # type: ignore[import-not-found]

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.catalog.labels import Scheme
from headwater.catalog.levels import CATEGORIES, LEVELS
from headwater.lineage.csr import FileGraph, open_graph
from headwater.lineage.graph import Graph
from headwater.lineage.labels import propagate
from headwater.lineage.labels_arrays import settle_arrays
from headwater.lineage.labels_model import Declared
from headwater.lineage.labels_network import Columns, Keeping, Network, Ways
from headwater.lineage.labels_plain import Steps, settle_plainly
from headwater.lineage.model import Edge, Kind, Node

SHARE_OF_COLUMNS = 0.82
SCHEME = Scheme((*CATEGORIES, *(f"own-{number:02}" for number in range(40))))


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how long something took."""
    begin, cpu = time.perf_counter(), time.process_time()
    yield
    wall, spent = time.perf_counter() - begin, time.process_time() - cpu
    say(f"{what:46} {wall:7.2f} s  (CPU {spent:.2f} s)  {memory():6.0f} MB at most")


def memory() -> float:
    """Return the most memory used so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def graph_of(made: Generated) -> Graph:
    """Return the edges as the store would give them."""
    datasets = [DatasetId(*made.name(number)) for number in range(len(made.first) - 1)]
    owner, is_column = made.dataset_of().tolist(), made.is_column().tolist()
    first = made.first.tolist()
    nodes: list[DatasetId | ColumnId] = [
        ColumnId(datasets[owner[n]], f"c{n - first[owner[n]] - 1:03}")
        if is_column[n]
        else datasets[owner[n]]
        for n in range(made.count)
    ]
    jobs = [JobId("etl", f"load.{dataset.name}") for dataset in datasets]
    edges = [
        Edge(
            nodes[source],
            nodes[target],
            jobs[owner[target]],
            None,
            "direct",
            False,
            "observed",
            "",
            "",
            (),
            None,
        )
        for source, target in zip(made.source.tolist(), made.target.tolist(), strict=True)
    ]
    return Graph(edges, nodes)


def opened(folder: Path) -> FileGraph:
    """Open the graph in files."""
    found = open_graph(folder, {})
    assert found is not None
    return found


def declared(made: Generated, graph: Graph) -> Declared:
    """Label a tenth of the columns that nothing is made into."""
    dice = Random("labels")  # noqa: S311 - reproducible, not secret
    targets = {edge.target for edge in graph.edges}
    known = (*CATEGORIES, *(f"own-{number:02}" for number in range(40)))
    found: dict[Node, int] = {
        node: SCHEME.bits(dice.choice(LEVELS), dice.sample(known, 2))
        for node in sorted(
            (n for n in graph.nodes if isinstance(n, ColumnId) and n not in targets), key=str
        )
        if dice.random() < 0.1
    }
    return Declared(found, {}, SCHEME.width)


def stop_points(graph: Graph) -> dict[DatasetId, Keeping]:
    """Put a proved stop-point at one dataset in fifty."""
    kept = SCHEME.kept("general-1", ["personal", "health"])

    def keep(_job: JobId, _column: str | None, _kind: Kind) -> int:
        return kept

    return dict.fromkeys(graph.datasets[::50], keep)


def main(edges: int) -> None:
    """Print the figures."""
    made = generate(int(edges / SHARE_OF_COLUMNS))
    is_column = made.is_column()
    between = int((is_column[made.source] & is_column[made.target]).sum())
    say(f"{between} edges between columns, {int(is_column.sum())} columns, {SCHEME.width} labels")
    with timed("(loading: the graph in memory)"):
        graph = graph_of(made)
        _ = graph.nodes, graph.datasets
    said = declared(made, graph)
    ways = Ways(keeping=stop_points(graph))
    say(f"{len(said.labels)} columns labelled, {len(ways.keeping)} stop-points")
    with timed("labels, all of it"):
        labels = propagate(graph, said, ways)
    with timed("  of it: the network"):
        network = Network(graph.edges, Columns(graph, {}), ways)
    start = [0] * len(network)
    for node, bits in said.labels.items():
        if (place := network.find(node)) is not None:
            start[place] = bits
    steps = Steps(len(network), network.source, network.target, network.keep, network.keeps)
    with timed("  of it: settling, with arrays"):
        by_arrays = settle_arrays(steps, start, said.width)
    with tempfile.TemporaryDirectory() as folder:
        with timed("(loading: the graph in files, written)"):
            write_folder(made, Path(folder) / "graph")
        with timed("labels over the graph in files, all of it"):
            in_files = propagate(opened(Path(folder) / "graph"), said, ways)
        nodes = graph.datasets[:: max(len(graph.datasets) // 2000, 1)]
        same = all(in_files.of(node) == labels.of(node) for node in nodes)
        say(f"{len(nodes)} datasets hold the same labels in files: {same}")
    with timed("(for comparison: settling in plain Python)"):
        plainly = settle_plainly(steps, start)
    reached = np.count_nonzero(np.array(by_arrays, np.uint64))
    say(f"{reached} columns hold labels; arrays and plain Python agree: {by_arrays == plainly}")
    some = [node for node in graph.nodes if isinstance(node, ColumnId) and labels.of(node)]
    asked = sorted(some, key=str)[:: max(len(some) // 200, 1)]
    with timed(f"sources and paths of {len(asked)} columns' levels"):
        found = 0
        for node in asked:
            level = SCHEME.level(labels.of(node))
            found += len(labels.sources(node, SCHEME.level_bit(level))) if level else 0
    say(f"{found} sources found")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("edges", nargs="?", type=int, default=1_000_000)
    main(parser.parse_args().edges)
