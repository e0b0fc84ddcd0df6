"""What flows: OpenLineage events in, the graph, its answers and its flows out.

Importing it costs little: msgspec, sqlite3, networkx and openlineage are imported where used, and
flows, which only the gate and its kin ask for, stand in :mod:`headwater.lineage.flows`.
"""

from __future__ import annotations

from headwater.lineage.event_files import sync
from headwater.lineage.events import emit_check_run
from headwater.lineage.graph import Answer, Graph, load_graph
from headwater.lineage.identity import Keeping
from headwater.lineage.model import Assertion, CheckRun, Flow, Reindexed
from headwater.lineage.names import resolve
from headwater.lineage.store import LineageStore, open_store

__all__ = [
    "Answer",
    "Assertion",
    "CheckRun",
    "Flow",
    "Graph",
    "Keeping",
    "LineageStore",
    "Reindexed",
    "emit_check_run",
    "load_graph",
    "open_store",
    "resolve",
    "sync",
]
