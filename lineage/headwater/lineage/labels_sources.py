"""Where a label came from: every place that declares it, each with a shortest path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId
from headwater.lineage.labels_model import Source
from headwater.lineage.model import node_key

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from headwater.lineage.labels_files import FileNetwork
    from headwater.lineage.labels_network import Into, Key, Network
    from headwater.lineage.model import Node


def find_sources(
    network: Network | FileNetwork,
    into: Into,
    start: Sequence[int],
    goals: Collection[int],
    bit: int,
) -> tuple[Source, ...]:
    """Return every place that declares ``bit`` and from which it reaches one of ``goals``.

    Args:
        network: The places and steps.
        into: The numbers of the steps into each place.
        start: What each place declares.
        goals: Where to.
        bit: One label.
    """
    onward = _ways_on(network, into, goals, bit)
    found = (_source(network, onward, place) for place in onward if start[place] & bit)
    return tuple(sorted(found, key=nearness))


def nearness(source: Source) -> tuple[int, tuple[str, ...]]:
    """Return what sources are sorted by: the fewest edges first, then the name."""
    return len(source.edges), node_key(source.node)


def _ways_on(
    network: Network | FileNetwork, into: Into, goals: Collection[int], bit: int
) -> dict[int, int | None]:
    """Return every place from which ``bit`` gets to a goal, each with its step on the way.

    Ways are of fewest edges, of several the first by name: what is said does not hang on numbers.
    Steps within a dataset are no edges and cost nothing.
    """
    level = sorted(goals, key=lambda place: _key(network.keys[place]))
    onward: dict[int, int | None] = dict.fromkeys(level)
    while level:
        following: dict[int, int] = {}
        for place in level:  # which grows: what is no edge away belongs to this level
            for step in _passing(network, into[place], bit):
                source = int(network.source[step])
                if source in onward:
                    continue
                if network.edge[step] < 0:
                    onward[source] = step
                    level.append(source)
                else:
                    following.setdefault(source, step)
        new = [place for place in following if place not in onward]
        level = sorted(new, key=lambda place: _key(network.keys[place]))
        onward.update((place, following[place]) for place in level)
    return onward


def _passing(network: Network | FileNetwork, steps: Sequence[int], bit: int) -> list[int]:
    """Return the steps that ``bit`` passes, those within a dataset last."""
    passing = (step for step in steps if network.keeps[network.keep[step]] & bit)
    return sorted(
        passing,
        key=lambda step: (network.edge[step] < 0, _key(network.keys[network.source[step]]), step),
    )


def _key(key: Key) -> tuple[str, ...]:
    if isinstance(key, ColumnId):
        return (*node_key(key), "")
    return (*node_key(key[0]), key[1])


def _source(network: Network | FileNetwork, onward: dict[int, int | None], place: int) -> Source:
    """Return the way from a place on: places that only stand for a dataset's columns left out."""
    keys = [network.keys[place]]
    taken = []
    step = onward[place]
    while step is not None:
        if network.edge[step] >= 0:
            taken.append(network.edges[network.edge[step]])
        keys.append(network.keys[network.target[step]])
        step = onward[int(network.target[step])]
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
