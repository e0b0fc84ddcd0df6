"""How long edges hold: until the job writes the target without them, or an end is dropped.

What held once is not forgotten: data that flowed stays where it went. An edge that holds no
longer keeps its place in the graph, with the moment from which it is history.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.lineage.model import StoredEdge, dataset_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headwater.catalog.ids import DatasetId, JobId


def with_ends(edges: list[StoredEdge], dropped: Mapping[DatasetId, str]) -> Iterator[StoredEdge]:
    """Yield the edges, each with the moment from which it holds no longer, if there is one."""
    writes: dict[tuple[JobId, DatasetId], dict[str, str]] = defaultdict(dict)
    latest: dict[tuple[object, ...], str] = {}
    for stored in edges:
        if not stored.failed:
            writes[stored.job, dataset_of(stored.edge.target)][stored.run] = stored.first
        key = _key(stored)
        latest[key] = max(stored.first, latest.get(key, ""))
    newest = {key: max(runs.values()) for key, runs in writes.items()}
    for stored in edges:
        end = _end(stored, latest[_key(stored)], newest, writes)
        drops = (
            dropped.get(dataset_of(stored.edge.source)),
            dropped.get(dataset_of(stored.edge.target)),
        )
        ends = [moment for moment in (end, *drops) if moment is not None]
        yield replace(stored, until=min(ends)) if ends else stored


def _end(
    stored: StoredEdge,
    latest: str,
    newest: Mapping[tuple[JobId, DatasetId], str],
    writes: Mapping[tuple[JobId, DatasetId], Mapping[str, str]],
) -> str | None:
    place = (stored.job, dataset_of(stored.edge.target))
    if newest.get(place, "") <= latest:
        return None
    return min(moment for moment in writes[place].values() if moment > latest)


def _key(stored: StoredEdge) -> tuple[object, ...]:
    edge = stored.edge
    return (edge.source, edge.target, stored.job, edge.purpose)
