"""Which graph answers: the one in memory while it is small, the one in files where it is large."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.lineage.csr import open_graph
from headwater.lineage.filters import EVERYTHING, Filters
from headwater.lineage.graph import load_graph, log_state
from headwater.lineage.model import Snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.lineage.graph import LineageGraph
    from headwater.lineage.store import LineageStore

FOLDER = "graph"
"""How the folder of the graph in files is called, beside the store; its state follows."""

NO_ROWS = Snapshot((), ())
"""An index of no edges."""

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
    found = open_graph(beside / FOLDER, _state(store, key))
    if found is not None:
        return found
    state = _write_in_bulk(store, beside, key)
    if state is not None:
        return open_graph(beside / FOLDER, state) or load_graph(store, filters)
    graph = load_graph(store, filters)
    if len(graph.edges) >= LARGE:
        from headwater.lineage.csr_build import write_graph

        write_graph(graph, beside / FOLDER, _state(store, key))
    return graph


def _state(store: LineageStore, key: str) -> dict[str, object]:
    # The generation begins at random in every store: no other has both numbers.
    return {"generation": store.generation(), "sequence": store.sequence(), "key": key}


def _write_in_bulk(store: LineageStore, beside: Path, key: str) -> dict[str, object] | None:
    """Write the files straight from the store's rows; return their state if that can be done."""
    with store.raw() as raw:
        if raw.size < LARGE:
            return None
        from headwater.lineage.csr_bulk import bulk_arrays

        arrays = bulk_arrays(raw)
        if arrays is None:
            return None
        from headwater.lineage.csr_files import write_arrays
        from headwater.lineage.settle import settle

        state, log = _state(store, key), log_state(store)
        owners = settle(replace(NO_ROWS, said=raw.said), store.keeping).owners
    write_arrays(arrays, owners, log, base=beside / FOLDER, state=state)
    return state
