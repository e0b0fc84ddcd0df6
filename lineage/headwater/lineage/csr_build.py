"""Writes a graph as a folder of memory-mapped arrays: see :mod:`headwater.lineage.csr`."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

from headwater.catalog.ids import ColumnId, DatasetId
from headwater.lineage.csr import (
    COLUMNLESS,
    DIRECT,
    EVIDENCE_SHIFT,
    FAILED,
    FORMAT,
    MASKED,
    META,
    MIXED,
    NOTHING,
    OWNERS,
    WHOLE,
)
from headwater.lineage.graph import is_columnless, is_mixed
from headwater.lineage.model import EVIDENCE, dataset_of, node_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np

    from headwater.lineage.graph import Graph
    from headwater.lineage.model import Edge, Node


def write_graph(graph: Graph, folder: Path, state: dict[str, object]) -> None:
    """Write a graph into ``folder``, which appears whole or not at all.

    Args:
        graph: What to write.
        folder: Where; what stands there is replaced.
        state: What it was made from: who opens it asks for the same.
    """
    new = folder.with_name(f"{folder.name}.{os.getpid()}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        _write(graph, new, state)
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)
    except OSError:
        # Another process may have been faster: what it wrote is as good.
        shutil.rmtree(new, ignore_errors=True)
        if not (folder / META).exists():
            raise


def _write(graph: Graph, folder: Path, state: dict[str, object]) -> None:
    import numpy as np

    arrays = _Arrays(graph)
    for name, array in arrays.all().items():
        np.save(folder / f"{name}.npy", array)
    owners = [
        [dataset.namespace, dataset.name, ", ".join(names)]
        for dataset, names in graph.settled.owners.items()
        if isinstance(dataset, DatasetId)
    ]
    (folder / OWNERS).write_text(json.dumps(owners), encoding="utf-8")
    meta = {
        "format": FORMAT,
        "state": state,
        "sizes": {path.name: path.stat().st_size for path in sorted(folder.iterdir())},
        "log": {"sequence": graph.log.sequence, "digest": graph.log.digest},
    }
    with (folder / META).open("w", encoding="utf-8") as out:
        out.write(json.dumps(meta))
        out.flush()
        os.fsync(out.fileno())


class _Texts:
    """Texts, each kept once, numbered as they come."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, text: str | None) -> int:
        if text is None:
            return NOTHING
        return self.numbers.setdefault(text, len(self.numbers))

    def all_of(self, texts: Iterable[str]) -> int:
        """Return the number of several texts together."""
        return self.number(json.dumps(list(texts)))


class _Arrays:
    """The arrays of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._datasets = list(graph.datasets)
        nodes = sorted({*graph.nodes, *self._datasets}, key=node_key)
        self._nodes: list[Node] = nodes
        self._numbers = {node: number for number, node in enumerate(nodes)}
        self._texts = _Texts()

    def all(self) -> dict[str, Any]:
        """Return every array by its file's name."""
        found = {**self._names(), **self._columns(), **self._edges()}
        return {**found, **blob("text", self._texts.numbers)}

    def _names(self) -> dict[str, Any]:
        import numpy as np

        others = sorted(self._graph.settled.names.items())
        entries = [*self._datasets, *(other for other, _ in others)]
        places = {dataset: number for number, dataset in enumerate(self._datasets)}
        uses = [*range(len(self._datasets)), *(places.get(used, NOTHING) for _, used in others)]
        return {
            **blob("dataset", [str(entry) for entry in entries], before=b"\xff"),
            "dataset_split": np.array([len(_bytes(e.namespace)) for e in entries], np.int32),
            "dataset_used": np.array(uses, np.int32),
            "dataset_node": np.array(
                [*(self._numbers[d] for d in self._datasets), len(self._nodes)], np.int32
            ),
        }

    def _columns(self) -> dict[str, Any]:
        import numpy as np

        places = {dataset: number for number, dataset in enumerate(self._datasets)}
        names = [node.column if isinstance(node, ColumnId) else "" for node in self._nodes]
        return {
            **blob("column", names),
            "node_dataset": np.array([places[dataset_of(n)] for n in self._nodes], np.int32),
        }

    def _edges(self) -> dict[str, Any]:
        import numpy as np

        edges = self._graph.edges
        source = np.array([self._numbers[edge.source] for edge in edges], np.int32)
        target = np.array([self._numbers[edge.target] for edge in edges], np.int32)
        flags = np.array([_flags(edge) for edge in edges], np.uint8)
        found = edge_arrays(source, target, flags, len(self._nodes))
        return {**found, **self._details(edges)}

    def _details(self, edges: tuple[Edge, ...]) -> dict[str, Any]:
        import numpy as np

        texts = self._texts
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
        return {"detail": np.array(rows, np.int32).reshape(len(rows), 8)}


def edge_arrays(
    source: np.ndarray[Any, Any],
    target: np.ndarray[Any, Any],
    flags: np.ndarray[Any, Any],
    count: int,
) -> dict[str, Any]:
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
        "in_row": order,
        "columnless_out": np.unique(source[columnless]),
        "columnless_in": np.unique(target[columnless]),
    }


def _pointer(nodes: np.ndarray[Any, Any], count: int) -> np.ndarray[Any, Any]:
    import numpy as np

    pointer = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(nodes, minlength=count), out=pointer[1:])
    return pointer


def _flags(edge: Edge) -> int:
    found = EVIDENCE.index(edge.evidence) << EVIDENCE_SHIFT
    traits = (
        (DIRECT, edge.kind == "direct"),
        (MASKED, edge.masked),
        (COLUMNLESS, is_columnless(edge)),
        (MIXED, is_mixed(edge)),
        (WHOLE, edge.whole),
        (FAILED, edge.failed),
    )
    return found | sum(bit for bit, holds in traits if holds)


def _place(edge: Edge) -> str | None:
    at = edge.position
    return json.dumps([at.file, at.line, at.column]) if at else None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def blob(name: str, texts: Iterable[str], *, before: bytes = b"") -> dict[str, Any]:
    """Return texts as one run of bytes, and where each begins (after ``before``)."""
    import numpy as np

    parts = [_bytes(text) for text in texts]
    starts = np.zeros(len(parts) + 1, np.int64)
    lengths = np.fromiter((len(part) + len(before) for part in parts), np.int64, len(parts))
    np.cumsum(lengths, out=starts[1:])
    whole = b"".join(before + part for part in parts) + before
    return {
        f"{name}_bytes": np.frombuffer(whole, np.uint8),
        f"{name}_start": starts + len(before),
    }
