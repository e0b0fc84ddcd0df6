"""A graph in memory as arrays for :mod:`headwater.lineage.csr`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from headwater.catalog.ids import ColumnId
from headwater.lineage.csr import (
    COLUMNLESS,
    edge_flags,
)
from headwater.lineage.csr_files import Texts, blob, name_arrays, write_arrays
from headwater.lineage.model import node_key

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from headwater.lineage.csr_files import Arrays
    from headwater.lineage.graph import Graph
    from headwater.lineage.model import Edge, Node


def write_graph(graph: Graph, base: Path, state: dict[str, object]) -> None:
    """Write a graph: see :func:`~.csr_files.write_arrays`."""
    arrays = graph_arrays(graph)
    write_arrays(arrays, graph.settled.owners, graph.log, base=base, state=state)


def graph_arrays(graph: Graph) -> Arrays:
    """Return every array of a graph by its file's name."""
    import numpy as np

    nodes: list[Node] = sorted({*graph.nodes, *graph.datasets}, key=node_key)
    numbers = {node: number for number, node in enumerate(nodes)}
    source = np.array([numbers[edge.source] for edge in graph.edges], np.int32)
    target = np.array([numbers[edge.target] for edge in graph.edges], np.int32)
    flags = np.array([edge_flags(edge) for edge in graph.edges], np.uint8)
    datasets = list(graph.datasets)
    first = [*(numbers[dataset] for dataset in datasets), len(nodes)]
    texts = Texts()
    detail = _details(graph.edges, texts)
    return {
        **name_arrays(datasets, first, graph.settled.names),
        **blob("column", (n.column if isinstance(n, ColumnId) else "" for n in nodes)),
        **edge_arrays(source, target, flags, len(nodes)),
        "detail": detail,
        **blob("text", texts.numbers),
    }


def _details(edges: tuple[Edge, ...], texts: Texts) -> np.ndarray[Any, Any]:
    import numpy as np

    rows = [
        (
            texts.all_of((edge.job.namespace, edge.job.name)),
            texts.number(edge.purpose),
            texts.number(edge.first_seen),
            texts.number(edge.last_seen),
            texts.number(edge.until),
            texts.all_of(edge.runs),
            texts.all_of(edge.subtypes),
            texts.number(_place(edge)),
        )
        for edge in edges
    ]
    return np.array(rows, np.int32).reshape(len(rows), 8)


def edge_arrays(
    source: np.ndarray[Any, Any],
    target: np.ndarray[Any, Any],
    flags: np.ndarray[Any, Any],
    count: int,
) -> Arrays:
    """Return the rows both ways of edges sorted by source, between ``count`` nodes."""
    import numpy as np

    order = np.argsort(target, kind="stable").astype(np.int32)
    columnless = (flags & COLUMNLESS) != 0
    return {
        "out_pointer": _pointer(source, count),
        "out_node": target,
        "out_flags": flags,
        "in_pointer": _pointer(target, count),
        "in_node": source[order],
        "in_flags": flags[order],
        "columnless_out": np.unique(source[columnless]),
        "columnless_in": np.unique(target[columnless]),
    }


def _pointer(nodes: np.ndarray[Any, Any], count: int) -> np.ndarray[Any, Any]:
    import numpy as np

    pointer = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(nodes, minlength=count), out=pointer[1:])
    return pointer


def _place(edge: Edge) -> str | None:
    at = edge.position
    return json.dumps([at.file, at.line, at.column]) if at else None
