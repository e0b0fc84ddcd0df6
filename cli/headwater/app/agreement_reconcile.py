"""Use case: compare what was agreed with what really flows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.app.agreement_uses import Uses, uses_of
from headwater.app.reconciliation import Coverage, Difference, Reconciliation, sort
from headwater.app.sharing import Agreements, Onward
from headwater.app.store import synced_store
from headwater.catalog.errors import InputError
from headwater.catalog.text import Text

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator

    from headwater.app.reconciliation import Kind
    from headwater.app.sharing import Standing
    from headwater.catalog.model import Agreement, Workspace
    from headwater.lineage import Flow, Graph

EVIDENCE = ("observed", "declared", "implied")


def reconcile(workspace: Workspace, as_of: datetime.date) -> Reconciliation:
    """Return where agreements, as they stand on ``as_of``, and recorded lineage differ.

    Raises:
        InputError: There are neither agreements nor flows: nothing to compare.
        DocumentError: Event files are wrong.
    """
    from headwater.lineage import load_graph
    from headwater.lineage.flows import find_flows

    with synced_store(workspace) as store:
        graph = load_graph(store)
    flows = find_flows(graph, workspace.department_of)
    if not flows:
        nothing = Text("lineage shows no flow between departments", "血缘中没有跨部门流动")
        raise InputError.of("nothing-to-judge", reason=nothing)
    agreements = Agreements(workspace, as_of)
    comparer = _Comparer(workspace, agreements, as_of)
    found = [each for flow in flows for each in comparer.of_flow(flow)]
    found += _bypasses(workspace, graph)
    differences = list(_merged(found))
    told = {each.source for each in differences if each.kind == "columns-unknown"}
    uses = uses_of(workspace, agreements, flows)
    differences += [
        each
        for each in _unused(workspace, agreements, uses)
        if each.kind != "columns-unknown" or each.source not in told
    ]
    return Reconciliation(
        as_of=as_of,
        agreements=len(workspace.agreements),
        differences=sort(differences),
        coverage=_coverage(workspace, graph, flows),
    )


def _coverage(workspace: Workspace, graph: Graph, flows: Iterable[Flow]) -> Coverage:
    pairs: dict[tuple[object, object], set[str]] = {}
    for flow in flows:
        pairs.setdefault((flow.source, flow.target), set()).add(flow.evidence)
    return Coverage(
        flows=len(pairs),
        implied=sum("implied" in evidence for evidence in pairs.values()),
        nobodys=sum(workspace.department_of(dataset) is None for dataset in graph.datasets),
        log=graph.log,
    )


@dataclass(frozen=True, slots=True)
class _Comparer:
    workspace: Workspace
    agreements: Agreements
    as_of: datetime.date

    def of_flow(self, flow: Flow) -> Iterator[Difference]:
        """Yield how one flow differs from what was agreed."""
        own = self.agreements.standing(flow.provider, flow.consumer, flow.source, flow.column)
        purpose = flow.tagged_purpose or self.workspace.purpose_of_job(
            flow.job.namespace, flow.job.name
        )
        if flow.via:
            yield from self._onward(flow, own, purpose)
            return
        kind = self._direct(flow, own, purpose)
        if kind:
            yield self._difference(kind, flow, purpose, own)

    def _direct(self, flow: Flow, own: Standing, purpose: str | None) -> Kind | None:
        if own.state == "none":
            return "flow-without-agreement"
        if own.state == "expired":
            ended = max(each.until for each in own.about if each.until)
            # What stopped in time is no difference, though `check` still asks for an agreement.
            return "expired-but-flowing" if flow.last_seen[:10] > ended.isoformat() else None
        if not own.in_force:
            return "not-in-force"
        if not own.granting or (flow.column and not own.all_granted):
            return "column-not-granted"
        if purpose is None:
            return "purpose-unknown"
        if not self.agreements.purpose_agreed(own, purpose):
            return "purpose-drift"
        return None if own.all_granted else "columns-unknown"

    def _onward(self, flow: Flow, own: Standing, purpose: str | None) -> Iterator[Difference]:
        origin = (flow.source, flow.column)
        way = Onward(flow.provider, flow.first_recipients, flow.consumer, origin)
        if self.agreements.onward_granted(way):
            return
        if purpose and own.all_granted and self.agreements.purpose_agreed(own, purpose):
            return
        recipients = [
            self.agreements.standing(flow.provider, name, *origin) for name in way.recipients
        ]
        first = next((each for each in recipients if each.state != "none"), own)
        yield self._difference("onward-not-granted", flow, purpose, first)

    def _difference(
        self, kind: Kind, flow: Flow, purpose: str | None, standing: Standing
    ) -> Difference:
        about = standing.granting or standing.about
        return Difference(
            kind=kind,
            provider=flow.provider,
            consumer=flow.consumer,
            agreements=tuple(sorted(each.id for each in about)),
            state=standing.state if standing.state != "none" else None,
            source=flow.source,
            target=flow.target,
            columns=(flow.column,) if flow.column else (),
            purposes=(purpose,) if purpose else (),
            via=flow.via,
            path=flow.path,
            way=_way(self.workspace, flow),
            evidence=flow.evidence,
            first_seen=flow.first_seen,
            last_seen=flow.last_seen,
            position=standing.position or flow.position,
        )


def _way(workspace: Workspace, flow: Flow) -> tuple[str, ...]:
    """Return the departments on the shortest path of a flow, each once in a row."""
    owners = [owner for dataset in flow.path if (owner := workspace.department_of(dataset))]
    return tuple(name for n, name in enumerate(owners) if n == 0 or owners[n - 1] != name)


def _merged(found: Iterable[Difference]) -> Iterator[Difference]:
    """Yield one difference for each kind and pair of datasets, their columns together."""
    groups: dict[tuple[object, ...], list[Difference]] = {}
    for each in found:
        key = (each.kind, each.provider, each.consumer, each.source, each.target)
        groups.setdefault(key, []).append(each)
    for members in groups.values():
        whole = any(not each.columns for each in members)
        first = min(members, key=lambda each: (len(each.path), each.path))
        yield replace(
            first,
            agreements=_together(each.agreements for each in members),
            columns=() if whole else _together(each.columns for each in members),
            purposes=_together(each.purposes for each in members),
            via=_together(each.via for each in members),
            evidence=max((each.evidence or "" for each in members), key=EVIDENCE.index),
            first_seen=min(each.first_seen or "" for each in members),
            last_seen=max(each.last_seen or "" for each in members),
        )


def _together(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({name for each in names for name in each}))


def _bypasses(workspace: Workspace, graph: Graph) -> Iterator[Difference]:
    """Yield each direct flow that is still there when the exchange's datasets are not."""
    from headwater.lineage import Graph as Rest
    from headwater.lineage.flows import find_flows
    from headwater.lineage.model import dataset_of

    exchange = workspace.exchange
    if exchange is None:
        return
    hubs = {dataset for dataset in graph.datasets if exchange.holds(dataset)}
    rest = [
        edge
        for edge in graph.edges
        if dataset_of(edge.source) not in hubs and dataset_of(edge.target) not in hubs
    ]
    for flow in find_flows(Rest(rest), workspace.department_of):
        if not flow.via and exchange.wants(flow.provider, flow.consumer):
            yield Difference(
                kind="hub-bypass",
                provider=flow.provider,
                consumer=flow.consumer,
                source=flow.source,
                target=flow.target,
                columns=(flow.column,) if flow.column else (),
                path=flow.path,
                way=_way(workspace, flow),
                evidence=flow.evidence,
                first_seen=flow.first_seen,
                last_seen=flow.last_seen,
                position=flow.position,
            )


def _unused(workspace: Workspace, agreements: Agreements, uses: Uses) -> Iterator[Difference]:
    """Yield what agreements in force give and nobody is seen to use."""
    for agreement in workspace.agreements:
        if agreements.state_of(agreement) != "active":
            continue
        if not uses.of(agreement):
            yield _idle(agreement)
            continue
        for dataset, never in uses.never(agreement):
            unknown = uses.whole(agreement, dataset.id)
            yield replace(
                _idle(agreement),
                kind="columns-unknown" if unknown else "column-never-used",
                source=dataset.id,
                columns=never,
                position=next(g.position for g in agreement.grants if g.covers(dataset)),
            )


def _idle(agreement: Agreement) -> Difference:
    return Difference(
        kind="agreement-without-flow",
        provider=agreement.provider,
        consumer=agreement.consumer,
        agreements=(agreement.id,),
        state="active",
        purposes=tuple(sorted(agreement.purposes)),
        position=agreement.position,
    )
