"""Use case: where data about the same people can be, for a request of access or erasure.

No record is read: identifiers are followed as columns, through lineage and through joins.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from headwater.app.agreement_states import States
from headwater.app.retention_cascade import made_from
from headwater.catalog.errors import InputError
from headwater.catalog.ids import ColumnId
from headwater.lineage.model import dataset_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping

    from headwater.app.retention_model import Judged
    from headwater.app.retention_survey import Survey, Surveyor
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Agreement
    from headwater.lineage.model import Edge

How = Literal["identifier", "joined", "derived"]
"""By a column that the identifier reached; by one it was joined with; made from such data."""


@dataclass(frozen=True, slots=True)
class Place:
    """A dataset that can hold data about the same people.

    Attributes:
        columns: The columns that identify them there, sorted; none where it is only derived.
        masked: Whether the identifier came there masked everywhere.
        came_from: What it is made from in one step, of these places, sorted.
        agreements: The agreements under which its data came, each with its state.
    """

    dataset: DatasetId
    department: str | None
    how: How
    columns: tuple[str, ...]
    masked: bool
    came_from: tuple[DatasetId, ...]
    agreements: tuple[tuple[str, str], ...]
    judged: Judged


@dataclass(frozen=True)
class Subject:
    """Everywhere that data about the people of one identifier can be."""

    root: ColumnId
    survey: Survey
    places: tuple[Place, ...]


def subject(surveyor: Surveyor, reference: str, as_of: datetime.date) -> Subject:
    """Return every dataset that can hold data about the people whom ``reference`` identifies.

    Raises:
        UnknownNameError: Nothing, or more than one thing, answers to ``reference``.
        InputError: It names no column.
    """
    from headwater.app.trace import node_of

    workspace = surveyor.loaded.workspace
    node = node_of(workspace, surveyor.graph, reference)
    if not isinstance(node, ColumnId):
        described = workspace.datasets.get(node)
        known = [column.name for column in described.columns] if described else []
        raise InputError.of("no-key", dataset=node.name, known=known or ["?"])
    survey = surveyor.on(as_of)
    followed = _Followed(surveyor.graph.edges, node)
    return Subject(node, survey, tuple(_places(survey, followed, as_of)))


def _places(survey: Survey, followed: _Followed, as_of: datetime.date) -> list[Place]:
    columns: dict[DatasetId, list[str]] = defaultdict(list)
    for column in followed.how:
        columns[column.dataset].append(column.column)
    derived = made_from(columns, followed.copies)
    states = States(survey.workspace, as_of)
    found = []
    for dataset in sorted(columns.keys() | derived):
        names = tuple(sorted(columns.get(dataset, ())))
        known = [followed.how[ColumnId(dataset, name)] for name in names]
        how: How = "derived" if not known else "identifier" if "identifier" in known else "joined"
        sources = {dataset_of(edge.source) for edge in survey.moves.into(dataset)}
        found.append(
            Place(
                dataset=dataset,
                department=survey.handed.department_of(dataset),
                how=how,
                columns=names,
                masked=bool(names)
                and all(ColumnId(dataset, name) in followed.masked for name in names),
                came_from=tuple(sorted(sources & (columns.keys() | derived))),
                agreements=tuple((each.id, states.of(each)) for each in _brought(survey, dataset)),
                judged=survey.judged[dataset],
            )
        )
    return found


def _brought(survey: Survey, dataset: DatasetId) -> list[Agreement]:
    found = {agreement.id: agreement for agreement, _ in survey.handed.brought(dataset)}
    return [found[name] for name in sorted(found)]


class _Followed:
    """The columns that an identifier came from and went to, and those it was joined with."""

    def __init__(self, edges: Iterable[Edge], root: ColumnId) -> None:
        self.how: dict[ColumnId, How] = {}
        self.masked: set[ColumnId] = set()
        self._up: dict[ColumnId, set[ColumnId]] = defaultdict(set)
        self._down: dict[ColumnId, set[ColumnId]] = defaultdict(set)
        self._joins: dict[ColumnId, set[tuple[object, DatasetId]]] = defaultdict(set)
        self._joined: dict[tuple[object, DatasetId], set[ColumnId]] = defaultdict(set)
        self._plain: set[tuple[ColumnId, ColumnId]] = set()
        copies: dict[DatasetId, set[DatasetId]] = defaultdict(set)
        for edge in edges:
            copies[dataset_of(edge.source)].add(dataset_of(edge.target))
            self._note(edge)
        self.copies: Mapping[DatasetId, Iterable[DatasetId]] = copies
        self._follow(root)

    def _note(self, edge: Edge) -> None:
        source, target = edge.source, edge.target
        if not isinstance(source, ColumnId):
            return
        if "JOIN" in edge.subtypes:
            at = (edge.job, dataset_of(target))
            self._joins[source].add(at)
            self._joined[at].add(source)
        if edge.kind != "direct" or not isinstance(target, ColumnId):
            return
        if "AGGREGATION" not in edge.subtypes:
            self._up[target].add(source)
            self._down[source].add(target)
            if not edge.masked:
                self._plain.add((source, target))

    def _follow(self, root: ColumnId) -> None:
        waiting: list[tuple[ColumnId, How]] = [(root, "identifier")]
        while waiting:
            column, how = waiting.pop(0)
            if column in self.how:
                continue
            reached = self._origins(column)
            for each in self._descendants(reached):
                self.how.setdefault(each, how)
                for at in self._joins.get(each, ()):
                    others = sorted(self._joined[at] - self.how.keys())
                    waiting += [(other, "joined") for other in others]
        self.masked = self._masked()

    def _origins(self, column: ColumnId) -> set[ColumnId]:
        return _closure({column}, self._up)

    def _descendants(self, columns: set[ColumnId]) -> list[ColumnId]:
        return sorted(_closure(columns, self._down))

    def _masked(self) -> set[ColumnId]:
        """Return the columns to which the identifier came masked on every way."""
        plain = {column for column in self.how if not self._up.get(column, set()) & self.how.keys()}
        waiting = sorted(plain)
        while waiting:
            column = waiting.pop()
            for below in self._down.get(column, ()):
                if (column, below) in self._plain and below not in plain:
                    plain.add(below)
                    waiting.append(below)
        return set(self.how) - plain


def _closure(starts: set[ColumnId], steps: Mapping[ColumnId, Iterable[ColumnId]]) -> set[ColumnId]:
    found, waiting = set(starts), sorted(starts)
    while waiting:
        for there in steps.get(waiting.pop(), ()):
            if there not in found:
                found.add(there)
                waiting.append(there)
    return found
