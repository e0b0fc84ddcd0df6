"""Use cases: which labels a column holds and where they came from, and what a change does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.app.labels import labels_of_workspace
from headwater.app.trace import Gaps, asked, node_of
from headwater.catalog.ids import ColumnId, DatasetId
from headwater.lineage.filters import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headwater.app.labels import WorkspaceLabels
    from headwater.app.stop_points import Tried
    from headwater.catalog.model import Workspace
    from headwater.catalog.position import Position
    from headwater.lineage.graph import LogState
    from headwater.lineage.labels_model import Source
    from headwater.lineage.model import Node


@dataclass(frozen=True, slots=True)
class Held:
    """One label of a column, and every place that declares it.

    Attributes:
        label: The level or the category.
        is_level: Whether it is the level.
        sources: Where it was declared, nearest first, each with where that is written.
        more: How many sources were left out.
    """

    label: str
    is_level: bool
    sources: tuple[tuple[Source, Position | None], ...]
    more: int


@dataclass(frozen=True, slots=True)
class ColumnLabels:
    """The labels of one column: in words as declared and as they are, then one by one."""

    node: Node
    declared: tuple[str, ...]
    document: dict[str, object]
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class LabelsAnswer:
    """The labels of a dataset or column.

    Attributes:
        node: What was asked about.
        document: Its labels; of a dataset the highest level and all categories of its columns.
        columns: Its columns, or itself.
        stop_points: The stop-points that lie upstream, or at it.
        limits: By what the answer was cut.
        log: From how much of the log it is.
    """

    node: Node
    document: dict[str, object]
    columns: tuple[ColumnLabels, ...]
    stop_points: tuple[Tried, ...]
    limits: tuple[str, ...]
    log: LogState


def show_labels(workspace: Workspace, reference: str, most: int | None) -> LabelsAnswer:
    """Return the labels of what ``reference`` names, with their sources.

    Args:
        workspace: Whose labels.
        reference: A dataset or a column.
        most: At most so many sources of each label; ``None``: all.

    Raises:
        UnknownNameError: Nothing, or more than one thing, answers to ``reference``.
        DocumentError: Event files are wrong.
    """
    with asked(workspace, EVERYTHING, overlay=False) as (graph, gaps):
        found = _answer(workspace, labels_of_workspace(workspace, graph), reference, most)
    return replace(found, limits=(*found.limits, *gaps))


def _answer(
    workspace: Workspace, labels: WorkspaceLabels, reference: str, most: int | None
) -> LabelsAnswer:
    graph = labels.graph
    node = node_of(workspace, graph, reference)
    nodes: list[Node] = [node]
    if isinstance(node, DatasetId):
        nodes = [ColumnId(node, name) for name in labels.effective.columns_of(node)] or nodes
    columns = tuple(_column(workspace, labels, each, most) for each in nodes)
    limits = [
        f"{each.node} {held.label}: --max-sources {most} (+{held.more})"
        for each in columns
        for held in each.held
        if held.more
    ]
    return LabelsAnswer(
        node=node,
        document=labels.document(labels.effective.of(node)),
        columns=columns,
        stop_points=_upstream(labels, nodes),
        limits=tuple(limits),
        log=graph.log,
    )


def _column(
    workspace: Workspace, labels: WorkspaceLabels, node: Node, most: int | None
) -> ColumnLabels:
    bits = labels.effective.of(node)
    declared = labels.scheme.words(labels.declared.labels.get(node, 0))
    held = tuple(_held(workspace, labels, node, each, most) for each in _bits(labels, bits))
    return ColumnLabels(node, tuple(declared), labels.document(bits), held)


def _bits(labels: WorkspaceLabels, bits: int) -> Iterator[tuple[str, bool, int]]:
    level = labels.scheme.level(bits)
    if level:
        yield level, True, labels.scheme.level_bit(level)
    for name in labels.scheme.categories(bits):
        yield name, False, labels.scheme.category_bit(name)


def _held(
    workspace: Workspace,
    labels: WorkspaceLabels,
    node: Node,
    label: tuple[str, bool, int],
    most: int | None,
) -> Held:
    name, is_level, bit = label
    found = labels.effective.sources(node, bit)
    kept = found if most is None else found[:most]
    said = tuple((source, _written(workspace, source.node)) for source in kept)
    return Held(name, is_level, said, len(found) - len(kept))


def _written(workspace: Workspace, node: Node) -> Position | None:
    """Return where a label is declared: in a contract, else by the first rule that matches."""
    dataset = node.dataset if isinstance(node, ColumnId) else node
    name = node.column if isinstance(node, ColumnId) else ""
    described = workspace.datasets.get(dataset)
    column = described.column(name) if described else None
    if column is not None and (column.level or column.categories):
        return column.position
    for rule in workspace.labelling.settings.rules:
        if rule.gives(dataset, name):
            return rule.position
    return column.position if column else None


def _upstream(labels: WorkspaceLabels, nodes: Iterable[Node]) -> tuple[Tried, ...]:
    if not labels.tried:
        return ()
    reached = labels.effective.upstream(nodes)
    return tuple(each for each in labels.tried if each.dataset in reached)


@dataclass(frozen=True, slots=True)
class LabelChange:
    """A column whose labels differ; ``None`` where it is not known on one side."""

    node: Node
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def turn(self) -> str:
        """What became of them: ``raised``, ``lowered`` or ``changed``."""
        if self.added and not self.removed:
            return "raised"
        return "lowered" if self.removed and not self.added else "changed"


@dataclass(frozen=True, slots=True)
class LabelChanges:
    """What differs between two workspaces, by dataset and column; ``log`` is that of the new.

    ``limits`` says what the lineage of either lacks.
    """

    changes: tuple[LabelChange, ...]
    compared: int
    log: LogState
    limits: tuple[str, ...]


def compare_labels(old: Workspace, new: Workspace) -> LabelChanges:
    """Return the columns whose labels differ, and how.

    Raises:
        DocumentError: Event files are wrong.
    """
    from headwater.lineage.model import node_key

    before, _, gaps = _all_words(old)
    after, log, lacking = _all_words(new)
    nodes = sorted(before.keys() | after.keys(), key=node_key)
    changes = (_change(node, before.get(node), after.get(node)) for node in nodes)
    limits = tuple(dict.fromkeys((*gaps, *lacking)))
    return LabelChanges(tuple(each for each in changes if each), len(nodes), log, limits)


def _all_words(workspace: Workspace) -> tuple[dict[Node, tuple[str, ...]], LogState, Gaps]:
    with asked(workspace, EVERYTHING, overlay=False) as (graph, gaps):
        return _words_of(workspace, labels_of_workspace(workspace, graph)), graph.log, gaps


def _words_of(workspace: Workspace, labels: WorkspaceLabels) -> dict[Node, tuple[str, ...]]:
    found: dict[Node, tuple[str, ...]] = {}
    for dataset in {*labels.graph.all_datasets(), *workspace.datasets}:
        names = labels.effective.columns_of(dataset)
        nodes: list[Node] = [ColumnId(dataset, name) for name in names] or [dataset]
        for node in nodes:
            found[node] = tuple(labels.scheme.words(labels.effective.of(node)))
    return found


def _change(
    node: Node, before: tuple[str, ...] | None, after: tuple[str, ...] | None
) -> LabelChange | None:
    """Return what differs. A lower level takes the higher away, and a higher adds one."""
    from headwater.catalog.levels import LEVELS

    if (before or ()) == (after or ()):
        return None
    old, new = ({*_with_lower(each or (), LEVELS)} for each in (before, after))
    added = tuple(name for name in after or () if name not in old)
    removed = tuple(name for name in before or () if name not in new)
    return LabelChange(node, before, after, added, removed)


def _with_lower(words: Iterable[str], levels: tuple[str, ...]) -> Iterator[str]:
    for word in words:
        yield from levels[: levels.index(word) + 1] if word in levels else (word,)
