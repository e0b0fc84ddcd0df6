"""Where a label came from: every place that declares it, each with a shortest path."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId
from headwater.lineage.labels_model import Source
from headwater.lineage.model import node_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from headwater.lineage.labels_network import Key, Network
    from headwater.lineage.model import Edge, Node


def find_sources(
    network: Network,
    into: Sequence[Sequence[int]],
    said: tuple[Sequence[int], Sequence[Edge]],
    goals: Collection[int],
    bit: int,
) -> tuple[Source, ...]:
    """Return every place that declares ``bit`` and from which it reaches one of ``goals``.

    Args:
        network: The places and steps.
        into: The numbers of the steps into each place.
        said: What each place declares, and the edges that steps are of.
        goals: Where to.
        bit: One label.
    """
    start, edges = said
    ordered = sorted(goals, key=lambda place: _key(network.keys[place]))
    onward: dict[int, int | None] = dict.fromkeys(ordered)
    queue = deque(onward)
    found = []
    while queue:
        place = queue.popleft()
        if start[place] & bit:
            found.append(_source(network, edges, onward, place))
        steps = [
            step
            for step in into[place]
            if network.keeps[network.keep[step]] & bit and network.source[step] not in onward
        ]
        # Of paths of one length the first by name: what is said does not hang on numbering.
        for step in sorted(steps, key=lambda step: _key(network.keys[network.source[step]])):
            if network.source[step] not in onward:
                onward[network.source[step]] = step
                queue.append(network.source[step])
    return tuple(sorted(found, key=lambda each: (len(each.edges), node_key(each.node))))


def _key(key: Key) -> tuple[str, ...]:
    if isinstance(key, ColumnId):
        return (*node_key(key), "")
    return (*node_key(key[0]), key[1])


def _source(
    network: Network, edges: Sequence[Edge], onward: dict[int, int | None], place: int
) -> Source:
    """Return the way from a place on: places that only stand for a dataset's columns left out."""
    keys = [network.keys[place]]
    taken = []
    step = onward[place]
    while step is not None:
        if network.edge[step] >= 0:
            taken.append(edges[network.edge[step]])
        keys.append(network.keys[network.target[step]])
        step = onward[network.target[step]]
    return Source(_node(keys[0]), _path(keys), tuple(taken))


def _node(key: Key) -> Node:
    return key if isinstance(key, ColumnId) else key[0]


def _path(keys: Sequence[Key]) -> tuple[Node, ...]:
    found: list[Node] = []
    for number, key in enumerate(keys):
        node = _node(key)
        if not isinstance(node, ColumnId):
            beside = [_node(each) for each in keys[max(number - 1, 0) : number + 2]]
            if any(isinstance(each, ColumnId) and each.dataset == node for each in beside):
                continue
        if not found or found[-1] != node:
            found.append(node)
    return tuple(found)
