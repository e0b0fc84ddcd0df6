"""What all runs together come to: names made one, jobs passed through, parents rolled up.

Each run was folded alone. What one run says of another's data is settled here, from the whole
index at once and from nothing else, so that order of arrival cannot matter.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.lineage.derived import nested_edges, through_edges
from headwater.lineage.identity import EVERYTHING_ALIKE, Keeping, Renamings, names_of
from headwater.lineage.model import Node, RunEdge, StoredEdge, dataset_of, node_key
from headwater.lineage.validity import with_ends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from headwater.lineage.model import Said, Snapshot, StatementKind


@dataclass(frozen=True, slots=True)
class Settled:
    """The index, settled.

    Attributes:
        edges: Edges under the names to use.
        known: Every node under the name to use, sorted.
        names: The name to use for each other name of a dataset.
        dropped: Since when datasets are no more.
        owners: Who owns datasets and jobs.
        tags: The tags of datasets and columns: key and value.
        parents: Which jobs start each job.
        sequence: The last event of the log.
    """

    edges: tuple[StoredEdge, ...]
    known: tuple[Node, ...]
    names: Mapping[DatasetId, DatasetId]
    dropped: Mapping[DatasetId, str]
    owners: Mapping[DatasetId | JobId, tuple[str, ...]]
    tags: Mapping[Node, tuple[tuple[str, str], ...]]
    parents: Mapping[JobId, tuple[JobId, ...]]
    sequence: int


NOTHING = Settled((), (), {}, {}, {}, {}, {}, 0)
"""A settled index of no events."""


def settle(snapshot: Snapshot, keeping: Keeping = EVERYTHING_ALIKE) -> Settled:
    """Return what the index comes to.

    Args:
        snapshot: The index.
        keeping: What tells datasets apart.

    Raises:
        DocumentError: Nested columns or jobs between datasets make too many edges.
    """
    said: dict[StatementKind, list[Said]] = defaultdict(list)
    for each in snapshot.said:
        said[each.statement.kind].append(each)
    edges = _rolled_up(snapshot.edges, said["parent"])
    edges = [*edges, *through_edges(said["through"])]
    naming = _Naming(snapshot, said, edges, keeping)
    edges = [*naming.edges(edges), *naming.between()]
    known = naming.nodes(snapshot.known, edges)
    edges = [*edges, *nested_edges(edges, known)]
    dropped = _dropped(said["drop"], snapshot, naming)
    return Settled(
        edges=tuple(with_ends(edges, dropped)),
        known=known,
        names=naming.other_names(known),
        dropped=dropped,
        owners=_owners(said["owners"], naming),
        tags=_tags(said["tags"], naming),
        parents=_parents(said["parent"]),
        sequence=snapshot.sequence,
    )


def _rolled_up(edges: Iterable[StoredEdge], parents: list[Said]) -> list[StoredEdge]:
    """Return the edges without what a parent run only implies and its children say themselves."""
    started = {each.run: each.statement.words[0] for each in parents}
    told: dict[str, set[DatasetId]] = defaultdict(set)
    for stored in edges if started else ():
        passed = {stored.run}
        above = started.get(stored.run)
        while above is not None and above not in passed:
            told[above].add(dataset_of(stored.edge.target))
            passed.add(above)
            above = started.get(above)
    return [
        stored
        for stored in edges
        if stored.edge.evidence != "implied"
        or dataset_of(stored.edge.target) not in told.get(stored.run, ())
    ]


class _Naming:
    """The names to use, by dataset and moment."""

    def __init__(
        self,
        snapshot: Snapshot,
        said: Mapping[StatementKind, list[Said]],
        edges: list[StoredEdge],
        keeping: Keeping,
    ) -> None:
        self._seen = {dataset: (first, last) for dataset, first, last in snapshot.seen}
        self._aliases = said["alias"]
        self._apart: list[tuple[DatasetId, DatasetId, Said]] = []
        self._renamings = self._renamed(said["rename"], edges, keeping)
        self._names = names_of(self._aliases, keeping, self._renamings.at)
        self._canonical = self._names.canonical()

    def _renamed(self, said: list[Said], edges: list[StoredEdge], keeping: Keeping) -> Renamings:
        renamings = Renamings(keeping)
        for each in said:
            words = each.statement.words
            old, new = DatasetId(*words[:2]), DatasetId(*words[2:])
            if not renamings.rename(old, new, each.statement.moment) and old != new:
                self._apart.append((old, new, each))
        for stored in edges if said else ():
            renamings.write(dataset_of(stored.edge.target), stored.first)
        renamings.settle()
        return renamings

    def at(self, dataset: DatasetId, moment: str) -> DatasetId:
        """Return the name to use of what was called ``dataset`` at ``moment``."""
        name = self._renamings.at(dataset, moment)
        return self._canonical.get(name, name)

    def _node(self, node: Node, moment: str) -> Node:
        dataset = dataset_of(node)
        name = self.at(dataset, moment)
        if name == dataset:
            return node
        return ColumnId(name, node.column) if isinstance(node, ColumnId) else name

    def edges(self, edges: list[StoredEdge]) -> Iterator[StoredEdge]:
        """Yield the edges under the names to use; one that then joins a node to itself is none."""
        if not self._canonical and not self._renamings.names():
            yield from edges
            return
        for stored in edges:
            edge = stored.edge
            source = self._node(edge.source, stored.first)
            target = self._node(edge.target, stored.first)
            if (source, target) == (edge.source, edge.target):
                yield stored
            elif source != target:
                yield replace(stored, edge=replace(edge, source=source, target=target))

    def between(self) -> Iterator[StoredEdge]:
        """Yield the edges between names of the same data that are kept apart."""
        for old, new, each in self._apart:
            yield _same_data(self.at(old, each.first), new, each)
        apart = set(self._names.apart())
        for each in self._aliases:
            words = each.statement.words
            name = self._renamings.at(DatasetId(*words[:2]), each.first)
            other = self._renamings.at(DatasetId(*words[2:4]), each.first)
            if (min(name, other), max(name, other)) in apart:
                yield _same_data(name, other, each)
                yield _same_data(other, name, each)

    def nodes(self, known: Iterable[Node], edges: Iterable[StoredEdge]) -> tuple[Node, ...]:
        """Return every node under the names to use, sorted."""
        found = {end for stored in edges for end in (stored.edge.source, stored.edge.target)}
        for node in known:
            found.update(self._node(node, time) for time in self._times(dataset_of(node)))
        return tuple(sorted(found, key=node_key))

    def _times(self, dataset: DatasetId) -> tuple[str, ...]:
        return self._seen.get(dataset, ("",))

    def other_names(self, known: Iterable[Node]) -> dict[DatasetId, DatasetId]:
        """Return the name to use for each other name that is not itself in use."""
        used = {dataset_of(node) for node in known}
        others = (*self._renamings.names(), *self._canonical)
        found = {name: self.at(name, self._times(name)[0]) for name in others}
        return {
            name: best for name, best in sorted(found.items()) if name != best and name not in used
        }


def _same_data(source: DatasetId, target: DatasetId, each: Said) -> StoredEdge:
    edge = RunEdge(source, target, None, "direct", masked=False, evidence="declared", whole=True)
    return StoredEdge(edge, each.run, each.job, each.first, each.last, None, each.failed)


def _latest(said: list[Said], subject: Callable[[Said], tuple[str, ...]]) -> Iterator[Said]:
    """Yield the last statement on each subject."""
    found: dict[tuple[str, ...], Said] = {}
    for each in sorted(said, key=lambda each: (each.statement, each.run)):
        key = subject(each)
        if key not in found or found[key].statement.moment <= each.statement.moment:
            found[key] = each
    yield from found.values()


def _owners(said: list[Said], naming: _Naming) -> dict[DatasetId | JobId, tuple[str, ...]]:
    found: dict[DatasetId | JobId, tuple[str, ...]] = {}
    for each in _latest(said, lambda each: each.statement.words[:3]):
        kind, namespace, name, *owners = each.statement.words
        subject: DatasetId | JobId = JobId(namespace, name)
        if kind == "dataset":
            subject = naming.at(DatasetId(namespace, name), each.first)
        found[subject] = tuple(sorted({*found.get(subject, ()), *owners}))
    return {subject: owners for subject, owners in found.items() if owners}


def _tags(said: list[Said], naming: _Naming) -> dict[Node, tuple[tuple[str, str], ...]]:
    found: dict[Node, set[tuple[str, str]]] = defaultdict(set)
    for each in _latest(said, lambda each: each.statement.words[:2]):
        namespace, name, *words = each.statement.words
        dataset = naming.at(DatasetId(namespace, name), each.first)
        for column, key, value in zip(words[::3], words[1::3], words[2::3], strict=True):
            found[ColumnId(dataset, column) if column else dataset].add((key, value))
    return {node: tuple(sorted(tags)) for node, tags in found.items()}


def _parents(said: list[Said]) -> dict[JobId, tuple[JobId, ...]]:
    found: dict[JobId, set[JobId]] = defaultdict(set)
    for each in said:
        above = JobId(*each.statement.words[1:])
        if above != each.job:
            found[each.job].add(above)
    return {job: tuple(sorted(above)) for job, above in sorted(found.items())}


def _dropped(said: list[Said], snapshot: Snapshot, naming: _Naming) -> dict[DatasetId, str]:
    """Return the datasets that no run named after the one that dropped them."""
    last: dict[DatasetId, str] = {}
    for dataset, _, seen in snapshot.seen:
        name = naming.at(dataset, seen)
        last[name] = max(seen, last.get(name, ""))
    found: dict[DatasetId, str] = {}
    for each in said:
        moment = each.statement.moment
        dataset = naming.at(DatasetId(*each.statement.words), moment)
        if last.get(dataset, "") <= each.last:
            found[dataset] = max(moment, found.get(dataset, ""))
    return found
