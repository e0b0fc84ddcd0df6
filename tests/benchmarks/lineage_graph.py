"""A generated lineage graph of any size: ten layers, forty departments, hubs and cycles.

Jobs read a few datasets (geometric, three on average), mostly of their own department and of the
layer before; some datasets are read by very many. A column is made from one or two others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAYERS, DEPARTMENTS = 10, 40
_BATCH_TIME = "2026-10-01T01:05:00Z"


@dataclass(frozen=True)
class Generated:
    """Datasets come sorted by department and number; nodes are datasets, each with its columns.

    ``source`` and ``target`` are the edges' nodes, sorted; ``first`` the node of each dataset.
    """

    source: Any
    target: Any
    first: Any
    owner: Any
    layer: Any

    @property
    def count(self) -> int:
        """The number of nodes."""
        return int(self.first[-1])

    def is_column(self) -> Any:
        """Which nodes are columns."""
        found = np.ones(self.count, bool)
        found[self.first[:-1]] = False
        return found

    def dataset_of(self) -> Any:
        """The dataset of each node."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    def name(self, dataset: int) -> tuple[str, str]:
        """The namespace and the name of a dataset."""
        owner = self.owner[dataset]
        return f"postgres://d{owner:02}-db:5432", f"d{owner:02}.public.t{dataset:08}"


def generate(edges: int, seed: int = 7) -> Generated:
    """Return a graph of about so many edges."""
    rng = np.random.default_rng(seed)
    jobs = max(edges // 22, 50)
    weight = np.array([0.85**layer for layer in range(LAYERS - 1)])
    per_layer = np.maximum((weight / weight.sum() * jobs).astype(int), 2)
    per_layer = np.concatenate([[int(jobs * 0.3)], per_layer])
    shares = 1 / np.arange(1, DEPARTMENTS + 1) ** 0.8
    shares /= shares.sum()
    owner, layer = _datasets(per_layer, shares)
    order = np.argsort(owner, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    made = np.flatnonzero(layer > 0)
    fan_in = np.minimum(rng.geometric(1 / 3.0, size=len(made)), 30)
    reader = np.repeat(np.arange(len(made)), fan_in)
    read = _read(rng, made[reader], owner, layer, shares)
    width = np.clip(rng.lognormal(2.3, 0.6, size=len(owner)).astype(int), 2, 120)
    first = np.concatenate([[0], np.cumsum(width[order] + 1)])
    wide = [rank[read], rank[made[reader]]]
    columns = _columns(rng, width[order], rank[made], fan_in, rank[read])
    pairs = np.concatenate(
        [
            np.stack([first[wide[0]], first[wide[1]]], 1),
            np.stack([first[columns[0]] + 1 + columns[1], first[columns[2]] + 1 + columns[3]], 1),
        ]
    )
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).astype(np.int32)
    source, target = pairs[:, 0].copy(), pairs[:, 1].copy()
    return Generated(source, target, first, owner[order], layer[order])


def _datasets(per_layer: Any, shares: Any) -> tuple[Any, Any]:
    owners, layers = [], []
    for layer, number in enumerate(per_layer):
        counts = np.floor(shares * number).astype(int)
        counts[0] += number - counts.sum()
        owners.append(np.repeat(np.arange(DEPARTMENTS), counts))
        layers.append(np.full(number, layer))
    return np.concatenate(owners), np.concatenate(layers)


def _read(rng: Any, maker: Any, owner: Any, layer: Any, shares: Any) -> Any:
    """Return a dataset for each reading: mostly near, popular ones far more often."""
    number = len(maker)
    here = layer[maker]
    chance = rng.random(number)
    near = np.where(chance < 0.9, np.maximum(here - 2, 0), (rng.random(number) * here).astype(int))
    wanted_layer = np.where(chance < 0.7, here - 1, near)
    far = rng.random(number) < 0.15
    wanted = np.where(far, rng.choice(DEPARTMENTS, size=number, p=shares), owner[maker])
    key = layer * DEPARTMENTS + owner
    order = np.argsort(key, kind="stable")
    begin = np.searchsorted(key[order], wanted_layer * DEPARTMENTS + wanted)
    end = np.searchsorted(key[order], wanted_layer * DEPARTMENTS + wanted, side="right")
    empty = end <= begin
    begin = np.where(empty, np.searchsorted(key[order], wanted_layer * DEPARTMENTS), begin)
    end = np.where(empty, np.searchsorted(key[order], (wanted_layer + 1) * DEPARTMENTS), end)
    return order[begin + ((end - begin) * rng.random(number) ** 3.0).astype(np.int64)]


def _columns(rng: Any, width: Any, made: Any, fan_in: Any, read: Any) -> tuple[Any, Any, Any, Any]:
    """Return (dataset, column) → (dataset, column) for every column made."""
    into = np.repeat(np.arange(len(made)), width[made])
    column = np.concatenate([np.arange(wide) for wide in width[made]])
    times = np.minimum(rng.geometric(0.62, size=len(into)), 12)
    into, column = np.repeat(into, times), np.repeat(column, times)
    begin = np.concatenate([[0], np.cumsum(fan_in)[:-1]])
    source = read[begin[into] + (rng.random(len(into)) * fan_in[into]).astype(np.int64)]
    entering = (width[source] * rng.random(len(into)) ** 1.5).astype(np.int64)
    return source, entering, made[into], column


def events(graph: Generated) -> Iterator[str]:
    """Yield one OpenLineage event for each dataset that is made, as JSON."""
    dataset, column = graph.dataset_of(), graph.is_column()
    by_target = np.argsort(dataset[graph.target], kind="stable")
    targets = dataset[graph.target][by_target]
    begin = np.searchsorted(targets, np.arange(len(graph.first)))
    for made in range(len(graph.first) - 1):
        rows = by_target[begin[made] : begin[made + 1]]
        if len(rows):
            yield _event(graph, made, rows, dataset, column)


def _event(graph: Generated, made: int, rows: Any, dataset: Any, column: Any) -> str:
    fields: dict[str, Any] = {}
    inputs = set()
    for row in rows.tolist():
        source, target = int(graph.source[row]), int(graph.target[row])
        giver = int(dataset[source])
        inputs.add(giver)
        if column[target]:
            namespace, name = graph.name(giver)
            entry = {
                "namespace": namespace,
                "name": name,
                "field": f"c{source - graph.first[giver] - 1:03}",
            }
            into = fields.setdefault(f"c{target - graph.first[made] - 1:03}", {"inputFields": []})
            into["inputFields"].append(entry)
    namespace, name = graph.name(made)
    facet = {"_producer": "x", "_schemaURL": "x", "fields": fields}
    output = {"namespace": namespace, "name": name, "facets": {"columnLineage": facet}}
    return json.dumps(
        {
            "eventTime": _BATCH_TIME,
            "eventType": "COMPLETE",
            "producer": "x",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": f"01980000-0000-7000-8000-{made:012}"},
            "job": {"namespace": "etl", "name": f"load.{name}"},
            "inputs": [
                dict(zip(("namespace", "name"), graph.name(i), strict=True)) for i in sorted(inputs)
            ],
            "outputs": [output],
        }
    )


def write_folder(graph: Generated, base: Path) -> None:
    """Write the graph as :class:`headwater.lineage.csr.FileGraph` reads it, of no state."""
    from headwater.catalog.ids import DatasetId
    from headwater.lineage.csr import DIRECT
    from headwater.lineage.csr_build import edge_arrays
    from headwater.lineage.csr_files import blob, name_arrays, write_arrays
    from headwater.lineage.graph import NO_LOG

    flags = np.full(len(graph.source), DIRECT, np.uint8)
    datasets = [DatasetId(*graph.name(number)) for number in range(len(graph.first) - 1)]
    place = np.arange(graph.count) - graph.first[graph.dataset_of()]
    arrays = {
        **edge_arrays(graph.source, graph.target, flags, graph.count),
        **name_arrays(datasets, graph.first.tolist(), {}),
        **blob("column", ("" if at == 0 else f"c{at - 1:03}" for at in place.tolist())),
        **blob("text", ['["etl", "load"]', _BATCH_TIME, '["r"]', "[]"]),
        "detail": np.tile(np.array([0, -1, 1, 1, -1, 2, 3, -1], np.int32), (len(flags), 1)),
    }
    write_arrays(arrays, {}, NO_LOG, base=base, state={})
