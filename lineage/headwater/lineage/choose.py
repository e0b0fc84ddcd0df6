"""Which graph answers: the one in memory while it is small, the one in files where it is large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.lineage.csr import open_graph
from headwater.lineage.filters import EVERYTHING, Filters
from headwater.lineage.graph import load_graph

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.lineage.graph import LineageGraph
    from headwater.lineage.store import LineageStore

FOLDER = "graph"
"""The folder of the graph in files, beside the store."""

LARGE = 20_000
"""From so many edges on, the graph is kept in files too."""


def choose_graph(
    store: LineageStore, beside: Path, filters: Filters = EVERYTHING, *, key: str
) -> LineageGraph:
    """Return the graph that the store holds, by whichever way is faster.

    What was known on an earlier day is always worked out anew.

    Args:
        store: The store.
        beside: The folder that it lies in.
        filters: The day is asked of these.
        key: What else the graph follows from: contracts and departments, say.

    Raises:
        DocumentError: More edges follow from the events than can be meant.
        StoreError: The store cannot be used.
    """
    if filters.as_of:
        return load_graph(store, filters)
    # The generation begins at random in every store: no other has both numbers.
    state: dict[str, object] = {
        "generation": store.generation(),
        "sequence": store.sequence(),
        "key": key,
    }
    found = open_graph(beside / FOLDER, state)
    if found is not None:
        return found
    graph = load_graph(store, filters)
    if len(graph.edges) >= LARGE:
        from headwater.lineage.csr_build import write_graph

        write_graph(graph, beside / FOLDER, state)
    return graph
