"""Which graph answers: the one in memory while it is small, the one in files where it is large."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.lineage.csr import open_graph
from headwater.lineage.filters import EVERYTHING, Filters
from headwater.lineage.graph import load_graph, log_state
from headwater.lineage.model import IndexState, Snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.lineage.graph import LineageGraph
    from headwater.lineage.store import LineageStore

FOLDER = "graph"
"""How the folder of the graph in files is called, beside the store; its state follows."""

NO_ROWS = Snapshot((), ())
"""An index of no edges."""

LARGE = 5_000
"""From so many edges on, the graph is kept in files too."""


def choose_graph(
    store: LineageStore,
    beside: Path,
    filters: Filters = EVERYTHING,
    *,
    key: str,
    overlay: bool = True,
) -> LineageGraph:
    """Return the graph that the store holds, by whichever way is faster.

    Files of an older state serve too, with what is newer laid over them, where that can be said
    in brief. What was known on an earlier day is always worked out anew.

    Args:
        store: The store.
        beside: The folder that it lies in.
        filters: The day is asked of these.
        key: What else the graph follows from: contracts and departments, say.
        overlay: Whether an overlaid graph is of use.

    Raises:
        DocumentError: More edges follow from the events than can be meant.
        StoreError: The store cannot be used.
    """
    if filters.as_of:
        return load_graph(store, filters)
    base = beside / FOLDER
    with store.reading():
        wanted = _state(store.state(), key)
        found = open_graph(base, wanted) or (_overlaid(store, base, key) if overlay else None)
        if found is not None:
            return found
        if _write_in_bulk(store, base, wanted):
            return open_graph(base, wanted) or load_graph(store, filters)
        graph = load_graph(store, filters)
    if len(graph.edges) >= LARGE:
        from headwater.lineage.csr_build import write_graph

        write_graph(graph, base, wanted)
    return graph


def _state(state: IndexState, key: str) -> dict[str, object]:
    return {"generation": state.generation, "mark": state.mark, "key": key}


def _overlaid(store: LineageStore, base: Path, key: str) -> LineageGraph | None:
    """Return the newest files that what is newer can be laid over, with it."""
    from headwater.lineage.csr_files import state_of

    states = [found for folder in base.parent.glob(f"{base.name}-*") if (found := state_of(folder))]
    for wanted in sorted(states, key=_generation, reverse=True):
        since = _since(wanted, key)
        graph = open_graph(base, wanted) if since else None
        newer = store.newer(since) if since and graph and graph.plain else None
        if graph and newer:
            from headwater.lineage.csr_overlay import overlaid

            return overlaid(graph, newer, log_state(store))
    return None


def _generation(state: dict[str, object]) -> int:
    found = state.get("generation")
    return found if isinstance(found, int) else 0


def _since(state: dict[str, object], key: str) -> IndexState | None:
    generation, mark = state.get("generation"), state.get("mark")
    if state.get("key") != key or not isinstance(generation, int) or not isinstance(mark, int):
        return None
    # The files may be anybody's: SQLite knows no larger numbers.
    large = max(abs(generation), abs(mark)) >= 2**63
    return None if large else IndexState(generation, mark)


def _write_in_bulk(store: LineageStore, base: Path, state: dict[str, object]) -> bool:
    """Write the files straight from the store's rows, if that can be done; say whether."""
    with store.raw() as raw:
        if raw.size < LARGE:
            return False
        from headwater.lineage.csr_bulk import bulk_arrays

        arrays = bulk_arrays(raw)
        if arrays is None:
            return False
        from headwater.lineage.csr_files import write_arrays
        from headwater.lineage.settle import settle

        owners = settle(replace(NO_ROWS, said=raw.said), store.keeping).owners
    write_arrays(arrays, owners, log_state(store), base=base, state=state, plain=True)
    return True
