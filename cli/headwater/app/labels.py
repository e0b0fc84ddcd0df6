"""What every column of a workspace holds: declared labels, stop-points and lineage together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from headwater.app.stop_points import Outputs, proved
from headwater.catalog.ids import ColumnId
from headwater.catalog.labels import Scheme

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headwater.app.stop_points import Tried
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Workspace
    from headwater.lineage.graph import LineageGraph
    from headwater.lineage.labels import Labels
    from headwater.lineage.labels_model import Declared
    from headwater.lineage.labels_network import Keeping
    from headwater.lineage.model import Node


@dataclass(frozen=True)
class WorkspaceLabels:
    """The effective labels of a workspace.

    Attributes:
        scheme: What the bits mean.
        declared: What contracts, elements and rules say.
        graph: Along what labels travel.
        keeping: What the proved stop-points leave, by the dataset they write.
        tried: What became of every stop-point.
        indirect: Whether influences carry labels.
    """

    scheme: Scheme
    declared: Declared
    graph: LineageGraph
    keeping: Mapping[DatasetId, Keeping]
    tried: tuple[Tried, ...]
    indirect: bool
    _words: dict[int, dict[str, object]] = field(default_factory=dict, repr=False)
    """Documents by bits: many columns hold the same."""

    @cached_property
    def effective(self) -> Labels:
        """What every column holds."""
        return self._propagated(implied=True)

    @cached_property
    def certain(self) -> Labels:
        """What every column holds by edges that are more than implied."""
        from headwater.lineage.labels import implies_anything

        if not implies_anything(self.graph):
            return self.effective
        return self._propagated(implied=False)

    def _propagated(self, *, implied: bool) -> Labels:
        from headwater.lineage.labels import propagate
        from headwater.lineage.labels_network import Ways

        ways = Ways(self.indirect, implied, self.keeping)
        return propagate(self.graph, self.declared, ways)

    def facts(self, dataset: DatasetId, column: str | None = None) -> dict[str, object]:
        """Return the labels of a column, or of a whole dataset, as attributes of policies.

        What nothing is known of stays absent: the level where no column and no input has one,
        the categories where nothing describes any of them.
        """
        node: Node = ColumnId(dataset, column) if column is not None else dataset
        return self.document(self.effective.of(node))

    def document(self, bits: int) -> dict[str, object]:
        """Return labels in words."""
        known = self._words.get(bits)
        if known is None:
            known = self._words[bits] = self._document(bits)
        return known

    def _document(self, bits: int) -> dict[str, object]:
        if not bits:
            return {}
        level = self.scheme.level(bits)
        found: dict[str, object] = {"categories": list(self.scheme.categories(bits))}
        return found | ({"level": level} if level else {})


def labels_of_workspace(workspace: Workspace, graph: LineageGraph) -> WorkspaceLabels:
    """Return the labels of ``workspace``, whose data has been tried for every stop-point."""
    scheme = Scheme(workspace.categories)
    tried: tuple[Tried, ...] = ()
    keeping: dict[DatasetId, Keeping] = {}
    if workspace.labelling.stop_points:
        outputs = Outputs.of(workspace, graph)
        tried = proved(workspace, outputs)
        keeping = outputs.keeping(tried, scheme)
    return WorkspaceLabels(
        scheme=scheme,
        declared=declared_labels(workspace, graph, scheme),
        graph=graph,
        keeping=keeping,
        tried=tried,
        indirect=workspace.labelling.settings.indirect,
    )


def declared_labels(workspace: Workspace, graph: LineageGraph, scheme: Scheme) -> Declared:
    """Return what contracts, their elements, and the rules of ``headwater.yaml`` say."""
    from headwater.lineage.labels_model import Declared

    found: dict[Node, int] = {}
    columns = {}
    for dataset in workspace.datasets.values():
        columns[dataset.id] = [column.name for column in dataset.columns]
        for column in dataset.columns:
            bits = scheme.bits(column.level, column.categories)
            found[ColumnId(dataset.id, column.name)] = bits
    for node, bits in _by_rule(workspace, graph, scheme):
        found[node] = found.get(node, 0) | bits
    return Declared(found, columns, scheme.width)


def _by_rule(
    workspace: Workspace, graph: LineageGraph, scheme: Scheme
) -> Iterator[tuple[Node, int]]:
    """Yield what the rules give by name; a dataset without known columns may have one whole."""
    rules = workspace.labelling.settings.rules
    for dataset in sorted({*graph.all_datasets(), *workspace.datasets}) if rules else ():
        mine = [rule for rule in rules if rule.is_of_dataset(dataset)]
        names = _columns(workspace, graph, dataset) if mine else set()
        for rule in mine:
            bits = scheme.bits(rule.level, rule.categories)
            for name in names:
                if rule.gives(dataset, name):
                    yield ColumnId(dataset, name), bits
            if not names and rule.gives(dataset, ""):
                yield dataset, bits


def _columns(workspace: Workspace, graph: LineageGraph, dataset: DatasetId) -> set[str]:
    described = workspace.datasets.get(dataset)
    known = {column.name for column in described.columns} if described else set()
    return known | {*graph.columns_of(dataset)}
