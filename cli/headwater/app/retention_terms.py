"""Gathers every term of a workspace: of policies, law, contracts and agreements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app.retention import resource_document
from headwater.app.retention_agreements import Handed
from headwater.app.retention_model import Declared, Start, Terms
from headwater.catalog.sla import retention_of
from headwater.catalog.text import Text
from headwater.lineage.terms import BY_NAME, Limit

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.app.labels import WorkspaceLabels
    from headwater.app.loading import Loaded
    from headwater.app.retention_lineage import Moves
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Dataset, Workspace
    from headwater.catalog.sla import Kept
    from headwater.policies import Engine, PolicySet
    from headwater.policies.model import RetentionPolicy, RetentionRule

_NEVER_SEEN = Text("lineage does not show when it came", "血缘中没有其写入时间")
_NOT_SAID = Text("nothing says when `{event}` was", "没有记录 `{event}` 发生的时间")

Holding = tuple[str, tuple[str, ...]]
"""The id of a retention rule that holds, and the attributes that leave it open whether it does."""


def holding(
    loaded: Loaded, engine: Engine, labels: WorkspaceLabels, moves: Moves, as_of: datetime.date
) -> dict[DatasetId, tuple[Holding, ...]]:
    """Return which retention rules hold for each described dataset, as the engine says.

    Where rules ask about purposes, a rule holds that holds for any purpose of the dataset's.

    Raises:
        EngineError: The engine gave no usable answer.
    """
    from headwater.policies import Vocabulary, normalise

    workspace, policies = loaded.workspace, loaded.policies
    if not policies.terms:
        return {}
    vocabulary = Vocabulary.of(workspace)
    asks = _asks_about_purposes(policies)
    questions = [
        (identity, document)
        for identity in sorted(workspace.datasets, key=BY_NAME)
        for document in _documents(workspace, identity, labels, moves if asks else None)
    ]
    facts = [normalise(document, vocabulary, as_of) for _, document in questions]
    found: dict[DatasetId, dict[str, tuple[str, ...]]] = {}
    for (identity, _), answer in zip(questions, engine.terms(facts), strict=True):
        rules = found.setdefault(identity, {})
        for name, unknown in answer.unknown.items():
            rules.setdefault(name, unknown)
        rules.update(dict.fromkeys(answer.terms, ()))
    return {identity: tuple(sorted(rules.items())) for identity, rules in found.items()}


def _asks_about_purposes(policies: PolicySet) -> bool:
    from headwater.policies.samples import atoms_of

    return any(
        atom.attribute == "context.purpose"
        for _, rule in policies.retention_rules()
        for condition in (rule.applies_to, rule.when)
        for atom in atoms_of(condition)
    )


def _documents(
    workspace: Workspace, identity: DatasetId, labels: WorkspaceLabels, moves: Moves | None
) -> list[dict[str, object]]:
    """Return what is asked of a dataset: once, or for each purpose that it was written for."""
    resource = resource_document(workspace, workspace.datasets[identity], labels)
    purposes = purposes_of(workspace, identity, moves) if moves else ()
    return [resource | {"context": {"purpose": each}} for each in purposes] or [resource]


def purposes_of(workspace: Workspace, dataset: DatasetId, moves: Moves) -> tuple[str, ...]:
    """Return the purposes of the jobs that write a dataset; of a source, of those that read it."""
    edges = moves.into(dataset) or moves.out_of(dataset)
    found = {
        edge.purpose or workspace.purpose_of_job(edge.job.namespace, edge.job.name)
        for edge in edges
    }
    return tuple(sorted(purpose for purpose in found if purpose))


def gather(
    loaded: Loaded,
    held: Mapping[DatasetId, tuple[Holding, ...]],
    moves: Moves,
    as_of: datetime.date,
) -> Terms:
    """Return every term as on ``as_of``: those of rules that hold, of contracts, of agreements."""
    gatherer = _Gatherer(loaded, moves, as_of)
    found = [*gatherer.of_rules(held), *gatherer.of_contracts(), *gatherer.of_agreements()]
    return Terms(
        maxima=tuple(term for term, at_least in found if not at_least),
        minima=tuple(term for term, at_least in found if at_least),
    )


_Found = tuple[Declared, bool]
"""A term, and whether it is a minimum."""


class _Gatherer:
    def __init__(self, loaded: Loaded, moves: Moves, as_of: datetime.date) -> None:
        self._workspace = loaded.workspace
        self._moves = moves
        self._handed = Handed(loaded.workspace, moves, as_of)
        self._rules = {
            rule.id: (policy, rule) for policy, rule in loaded.policies.on(as_of).retention_rules()
        }

    def of_rules(self, held: Mapping[DatasetId, tuple[Holding, ...]]) -> Iterator[_Found]:
        """Yield the terms of the rules that hold, or might."""
        for dataset, rules in held.items():
            for name, unknown in rules:
                policy, rule = self._rules[name]
                yield self._of_rule(dataset, policy, rule, unknown), rule.at_least is not None

    def _of_rule(
        self,
        dataset: DatasetId,
        policy: RetentionPolicy,
        rule: RetentionRule,
        unknown: tuple[str, ...],
    ) -> Declared:
        zone = policy.zone or self._workspace.zone
        event = rule.since.event
        return Declared(
            source="policy" if policy.owner else "law",
            rule=rule.id,
            dataset=dataset,
            period=rule.at_most or rule.at_least or "",
            column=rule.since.column,
            event=event,
            start=self._start(dataset, event, zone) if event else None,
            zone=zone,
            then=rule.then.value if rule.then else None,
            basis=rule.basis,
            decides=policy.owner or None,
            position=rule.position,
            advises=policy.mode == "advise",
            verified=rule.verified,
            unknown=unknown,
        )

    def _start(self, dataset: DatasetId, event: str, zone: str) -> Start:
        if event == "collected":
            days = self._moves.written(dataset, zone)
            return Start(*days) if days else Start(None, None, _NEVER_SEEN)
        if event == "last-used":
            day = self._moves.last_used(dataset, zone)
            return Start(day, day, None if day else _NEVER_SEEN)
        if event == "agreement-ended":
            return self._handed.ended(dataset)
        return Start(None, None, _NOT_SAID.fill({"event": event}))

    def of_contracts(self) -> Iterator[_Found]:
        """Yield what contracts declare: a promise that nothing older is kept."""
        for dataset in self._workspace.datasets.values():
            for kept in retention_of(self._workspace.contracts[dataset.contract], dataset):
                yield self._of_contract(dataset, kept), False

    def _of_contract(self, dataset: Dataset, kept: Kept) -> Declared:
        zone, column = self._workspace.zone, kept.column
        return Declared(
            source="contract",
            rule=f"contract:{dataset.contract}",
            dataset=dataset.id,
            period=kept.period,
            column=column,
            event=None if column else "collected",
            start=None if column else self._start(dataset.id, "collected", zone),
            zone=zone,
            then="delete",
            basis=("PIPL-19",),
            decides=dataset.department,
            position=kept.position,
        )

    def of_agreements(self) -> Iterator[_Found]:
        """Yield what agreements bring to the datasets of their consumers."""
        if not self._workspace.agreements:
            return
        for dataset in sorted(self._moves.datasets, key=BY_NAME):
            for term in self._handed.terms(dataset):
                yield term, False


def limits_of(maxima: Iterable[Declared], as_of: datetime.date) -> dict[Limit, Declared]:
    """Return the limits that travel: those of terms that do more than advise.

    Data that came over many days are past a term when the last of them are. While only the first
    of them are, it cannot be said which: then the limit's day is not known.
    """
    found: dict[Limit, Declared] = {}
    for term in maxima:
        if term.advises:
            continue
        ends = None if term.column else _sure_end(term, as_of)
        column = None if term.unknown else term.column
        key = f"{term.rule} {term.event}" if term.event else term.rule
        limit = Limit(key, term.dataset, term.period or "", column, term.zone, ends)
        found.setdefault(limit, term)
    return found


def _sure_end(term: Declared, as_of: datetime.date) -> datetime.date | None:
    first, last = term.first_end(), term.last_end()
    if first is None or last is None:
        return None
    return last if not first < as_of <= last else None
