"""Terms that agreements bring: how long the consumer may keep the data, and what ends with them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from headwater.app.agreement_states import States
from headwater.app.retention_lineage import days_of
from headwater.app.retention_model import NOT_BEGUN, Declared, Start
from headwater.catalog.text import Text
from headwater.lineage.model import dataset_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator

    from headwater.app.retention_lineage import Moves
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Agreement, Retention, Workspace

_ENDED = ("expired", "terminated", "superseded")
_NO_AGREEMENT = Text("no agreement brought these data", "没有协议提供这些数据")
_NO_END = Text("it is not known when agreement `{id}` ended", "协议 `{id}` 的终止日期未知")


class Handed:
    """Which agreements brought data to which datasets of their consumers."""

    def __init__(self, workspace: Workspace, moves: Moves, as_of: datetime.date) -> None:
        self._workspace = workspace
        self._moves = moves
        self._states = States(workspace, as_of)
        self.department_of = cache(workspace.department_of)
        self._between: dict[tuple[str, str], list[Agreement]] = {}
        for agreement in workspace.agreements:
            if agreement.state != "draft":
                pair = (agreement.provider, agreement.consumer)
                self._between.setdefault(pair, []).append(agreement)

    def brought(self, dataset: DatasetId) -> tuple[tuple[Agreement, DatasetId], ...]:
        """Return the agreements under which data came to ``dataset``, each with from where."""
        consumer = self.department_of(dataset)
        sources = {dataset_of(edge.source) for edge in self._moves.into(dataset)}
        return tuple(
            (agreement, source)
            for source in sorted(sources)
            for agreement in self.between(source, consumer)
        )

    def between(self, source: DatasetId, consumer: str | None) -> Iterator[Agreement]:
        """Yield the agreements that give something of ``source`` to ``consumer``; no drafts."""
        described = self._workspace.datasets.get(source)
        if described is None or consumer is None:
            return
        pair = (self.department_of(source) or "", consumer)
        for agreement in self._between.get(pair, ()):
            if any(grant.covers(described) for grant in agreement.grants):
                yield agreement

    def ended(self, dataset: DatasetId) -> Start:
        """Return when the last agreement that brought data to ``dataset`` ended."""
        found = [agreement for agreement, _ in self.brought(dataset)]
        if not found:
            return Start(None, None, _NO_AGREEMENT)
        if any(self._states.of(each) not in _ENDED for each in found):
            return Start(NOT_BEGUN, NOT_BEGUN)
        days = [each.until for each in found if each.until]
        if len(days) < len(found):
            open_ = next(each for each in found if not each.until)
            return Start(None, None, _NO_END.fill({"id": open_.id}))
        return Start(max(days), max(days))

    def terms(self, dataset: DatasetId) -> Iterator[Declared]:
        """Yield the maxima that agreements bring to ``dataset``."""
        zone = self._workspace.zone
        for agreement, source in self.brought(dataset):
            keeping = agreement.terms.retention
            if keeping is None:
                continue
            days = days_of(self._moves.between(source, dataset), zone)
            received = Start(*days) if days else Start(None, None)
            yield self._term(agreement, dataset, keeping, ("collected", received))
            if keeping.then and self._states.of(agreement) in _ENDED:
                end = self.ended(dataset)
                yield self._term(agreement, dataset, keeping, ("agreement-ended", end))

    def _term(
        self, agreement: Agreement, dataset: DatasetId, keeping: Retention, clock: tuple[str, Start]
    ) -> Declared:
        event, start = clock
        return Declared(
            source="agreement",
            rule=f"agreement:{agreement.id}",
            dataset=dataset,
            period=keeping.at_most if event == "collected" else None,
            column=None,
            event=event,
            start=start,
            zone=self._workspace.zone,
            then=keeping.then or "delete",
            basis=("PIPL-21",) if event == "agreement-ended" else ("PIPL-19",),
            decides=agreement.provider,
            position=agreement.position,
        )
