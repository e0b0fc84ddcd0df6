"""Flows become questions: one facts document for each column, target and purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.conditions import Use
from headwater.app.group_sizes import proved_k
from headwater.app.sharing import Onward
from headwater.catalog.model import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.app.labels import WorkspaceLabels
    from headwater.app.sharing import Agreements, Standing
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Column, Dataset, Workspace
    from headwater.lineage import Flow
    from headwater.policies import Decision, Facts

CHECK_STATES = ("passing", "failing", "missing")


@dataclass(frozen=True, slots=True)
class Question:
    """One flow for one purpose, and what is asked of it (the attributes of the vocabulary)."""

    flow: Flow
    purpose: str | None
    document: dict[str, object]
    standing: Standing
    """The agreement that governs: of the two departments, or, onward, the first hand-over."""
    origin: Dataset | None
    """The origin dataset as its contract describes it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, the facts that were asked, and the engine's decision."""

    question: Question
    facts: Facts
    decision: Decision


def ask(
    workspace: Workspace,
    agreements: Agreements,
    checks: Mapping[DatasetId, str],
    flows: Iterable[Flow],
    *,
    labels: WorkspaceLabels,
) -> tuple[Question, ...]:
    """Return the questions that ``flows`` raise.

    Args:
        workspace: Whose departments, contracts and purposes.
        agreements: As they stand on the day.
        checks: The state of each dataset's data checks.
        flows: As found in lineage.
        labels: What every column holds.
    """
    return tuple(asked(workspace, agreements, checks, flows, labels=labels))


def asked(
    workspace: Workspace,
    agreements: Agreements,
    checks: Mapping[DatasetId, str],
    flows: Iterable[Flow],
    *,
    labels: WorkspaceLabels,
) -> Iterator[Question]:
    """Yield the questions of :func:`ask` one by one.

    Of sorted flows those of one dataset and consumer follow each other; in one situation they
    share one document. Nothing is kept of those before.
    """
    asker = _Asker(workspace, agreements, checks, labels)
    known: dict[tuple[object, ...], Question] = {}
    group: tuple[str, str, DatasetId] | None = None
    for flow in flows:
        if group is None or not _same_group(group, flow):
            group = (flow.provider, flow.consumer, flow.source)
            known = {}
        situation = _situation(flow)
        same = known.get(situation)
        if same is None:
            same = known[situation] = asker.question(flow)
            yield same
        else:
            yield Question(flow, same.purpose, same.document, same.standing, same.origin)


def _same_group(group: tuple[str, str, DatasetId], flow: Flow) -> bool:
    provider, consumer, source = group
    if provider != flow.provider or consumer != flow.consumer:
        return False
    return source is flow.source or source == flow.source


def _situation(flow: Flow) -> tuple[object, ...]:
    """Return all that a question depends on, of flows of one dataset and consumer."""
    return (
        flow.column,
        flow.tagged_purpose or flow.job,
        flow.evidence,
        flow.influence,
        flow.hops,
        flow.masked,
        flow.via,
        flow.first_recipients,
    )


class _Asker:
    def __init__(
        self,
        workspace: Workspace,
        agreements: Agreements,
        checks: Mapping[DatasetId, str],
        labels: WorkspaceLabels,
    ) -> None:
        self._workspace = workspace
        self._agreements = agreements
        self._checks = checks
        self._labels = labels

    def question(self, flow: Flow) -> Question:
        purpose = flow.tagged_purpose or self._workspace.purpose_of_job(
            flow.job.namespace, flow.job.name
        )
        own = self._agreements.standing(flow.provider, flow.consumer, flow.source, flow.column)
        resource = self._resource(flow)
        document: dict[str, object] = {
            "action": "share",
            "subject": self._subject(flow),
            "resource": resource,
            "context": self._context(flow, purpose, own)
            | self._conditions(flow, own, self._use(flow, purpose, resource)),
        }
        origin = self._workspace.datasets.get(flow.source)
        return Question(flow, purpose, document, self._governing(flow, own), origin)

    def _governing(self, flow: Flow, own: Standing) -> Standing:
        if not flow.via or own.state != "none":
            return own
        recipient = flow.first_recipients[0]
        return self._agreements.standing(flow.provider, recipient, flow.source, flow.column)

    def _subject(self, flow: Flow) -> dict[str, object]:
        consumer = self._workspace.departments[flow.consumer]
        return {
            "department": consumer.id,
            "level": consumer.level,
            "region": consumer.region,
            "clearance": consumer.clearance,
        }

    def _resource(self, flow: Flow) -> dict[str, object]:
        provider = self._workspace.departments[flow.provider]
        described = self._workspace.datasets.get(flow.source)
        found: dict[str, object] = {
            "department": provider.id,
            "region": provider.region,
            "namespace": flow.source.namespace,
            "name": flow.source.name,
        }
        if described:
            found["contract"] = described.contract
        found |= self._labels.facts(flow.source, flow.column)
        if flow.column:
            found["column"] = flow.column
        return found

    def _context(self, flow: Flow, purpose: str | None, own: Standing) -> dict[str, object]:
        found: dict[str, object] = {
            "agreement": own.state,
            "granted": own.all_granted,
            "evidence": flow.evidence,
            "influence": flow.influence,
            "hops": flow.hops,
            "masked": flow.masked,
        }
        if purpose:
            found["purpose"] = purpose
            if own.granting:
                found["purpose_agreed"] = self._agreements.purpose_agreed(own, purpose)
        state = self._checks.get(flow.source, "missing")
        if state in CHECK_STATES:
            found["checks"] = state
        if flow.via:
            found["via"] = list(flow.via)
            found["onward_granted"] = self._agreements.onward_granted(_way(flow))
        return found

    def _use(self, flow: Flow, purpose: str | None, resource: Mapping[str, object]) -> Use:
        described = self._workspace.datasets.get(flow.source)
        whole = tuple(column.name for column in described.columns) if described else ()
        level = resource.get("level")
        return Use(
            purpose=purpose,
            level=level if isinstance(level, str) else None,
            masked=flow.masked,
            region=self._workspace.departments[flow.consumer].region,
            columns=(flow.column,) if flow.column else whole,
            k=proved_k(described, self._checks.get(flow.source, "missing")),
        )

    def _conditions(self, flow: Flow, own: Standing, use: Use) -> dict[str, object]:
        found = self._agreements.conditions(own, use)
        if not flow.via:
            return found
        ceiling = {name: value for name, value in found.items() if name == "max_level"}
        return ceiling | self._agreements.onward_conditions(_way(flow), own, use)


def _way(flow: Flow) -> Onward:
    origin = (flow.source, flow.column)
    return Onward(flow.provider, flow.first_recipients, flow.consumer, origin)


def labels_of(columns: Iterable[Column]) -> dict[str, object]:
    """Return the join of the columns' labels: the highest level, the union of categories.

    A level that no column declares stays absent, and so does a category of no column at all.
    """
    known = list(columns)
    if not known:
        return {}
    levels = [column.level for column in known if column.level]
    categories = sorted({name for column in known for name in column.categories})
    found: dict[str, object] = {"categories": categories}
    if levels:
        found["level"] = max(levels, key=LEVELS.index)
    return found
