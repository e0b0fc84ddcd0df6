"""A workspace and its flows as they would be: what is asked of them anew after a change."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from headwater.app.questions import ask
from headwater.app.sharing import Agreements

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Mapping

    from headwater.app.labels import WorkspaceLabels
    from headwater.app.questions import Question
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Agreement, Workspace
    from headwater.lineage import Flow
    from headwater.policies import Facts, Vocabulary


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed.

    Attributes:
        workspace: The workspace.
        as_of: The day.
        checks: The state of each dataset's data checks.
        labels: What every column holds.
        flows: What is asked about.
        levels: What stop-points lower the level to, or contracts would state: by dataset, column
            and the dataset it enters.
    """

    workspace: Workspace
    as_of: datetime.date
    checks: Mapping[DatasetId, str]
    labels: WorkspaceLabels
    flows: tuple[Flow, ...]
    levels: Mapping[tuple[DatasetId, str | None, DatasetId], str] = field(default_factory=dict)

    def questions(self) -> tuple[Question, ...]:
        """Return what the gate would ask of each flow, in their order."""
        asked = ask(self.workspace, self.agreements(), self.checks, self.flows, labels=self.labels)
        return tuple(map(self._lowered, asked)) if self.levels else asked

    def agreements(self) -> Agreements:
        """Return the agreements as they would stand."""
        return Agreements(self.workspace, self.as_of)

    def facts(self, question: Question, vocabulary: Vocabulary) -> Facts:
        """Return the facts of a question."""
        from headwater.policies import normalise

        return normalise(question.document, vocabulary, self.as_of)

    def active(self, flow: Flow, consumer: str) -> list[Agreement]:
        """Return the active agreements of the provider with ``consumer`` about the dataset."""
        described = self.workspace.datasets.get(flow.source)
        if described is None:
            return []
        return [each for each in self._about(flow, consumer) if self._state(each, flow) == "active"]

    def dormant(self, flow: Flow, consumer: str) -> tuple[Agreement, str] | None:
        """Return the agreement about the dataset that could be put in force again, and its state.

        Of several the one that ended last.
        """
        found = [(each, self._state(each, flow)) for each in self._about(flow, consumer)]
        asleep = [pair for pair in found if pair[1] not in ("active", "none")]
        return max(asleep, key=lambda pair: (pair[0].start, pair[0].id), default=None)

    def _about(self, flow: Flow, consumer: str) -> list[Agreement]:
        described = self.workspace.datasets.get(flow.source)
        if described is None:
            return []
        return [
            agreement
            for agreement in self.workspace.agreements
            if (agreement.provider, agreement.consumer) == (flow.provider, consumer)
            and any(grant.covers(described) for grant in agreement.grants)
        ]

    def _state(self, agreement: Agreement, flow: Flow) -> str:
        alone = replace(self.workspace, agreements=(agreement,))
        standing = Agreements(alone, self.as_of).standing(
            agreement.provider, agreement.consumer, flow.source, flow.column
        )
        return standing.state

    def agreed(self, name: str, change: Callable[[Agreement], Agreement]) -> Supposed:
        """Return what would be with one agreement changed."""
        agreements = tuple(
            change(each) if each.id == name else each for each in self.workspace.agreements
        )
        return replace(self, workspace=replace(self.workspace, agreements=agreements))

    def flowing(self, change: Callable[[Flow], Flow]) -> Supposed:
        """Return what would be with the flows changed."""
        return replace(self, flows=tuple(map(change, self.flows)))

    def _lowered(self, question: Question) -> Question:
        flow = question.flow
        level = self.levels.get((flow.source, flow.column, flow.target))
        if level is None:
            return question
        resource = question.document["resource"]
        assert isinstance(resource, dict)  # noqa: S101 - the gate's own question
        document = {**question.document, "resource": {**resource, "level": level}}
        return replace(question, document=document)
