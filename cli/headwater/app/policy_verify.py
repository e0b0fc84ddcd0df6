"""Use case: prove that the embedded engine and OPA give the same answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.labels import labels_of_workspace
from headwater.app.questions import CHECK_STATES, ask
from headwater.app.retention import resource_document
from headwater.app.sharing import Agreements
from headwater.app.store import synced_store

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator

    from headwater.app.loading import Loaded
    from headwater.catalog.model import Workspace
    from headwater.policies import Facts, Vocabulary
    from headwater.policies.choose import Choice
    from headwater.policies.verification import Verification


@dataclass(frozen=True, slots=True)
class Verified:
    """What was compared, by which engines, and what came of it.

    ``modules`` are the files of Rego of the workspace's own: what they decide has no second
    opinion, but in ``refused`` answers their refusals were joined with the rest, and compared.
    """

    engines: tuple[tuple[str, str], tuple[str, str]]
    revision: str
    as_of: datetime.date
    seed: int
    with_terms: bool
    modules: tuple[str, ...]
    refused: int
    found: Verification


def verify_engines(
    loaded: Loaded,
    *,
    as_of: datetime.date,
    count: int,
    seed: int,
    engine: Choice,
    executable: str | None,
) -> Verified:
    """Return how the embedded engine and ``engine`` compare on ``count`` random inputs and more.

    Raises:
        EngineError: There is no OPA, or it gave no usable answer.
        DocumentError: Event files are wrong.
    """
    from headwater.policies import Vocabulary, open_engine
    from headwater.policies.joined import JoinedEngine
    from headwater.policies.native import NativeEngine
    from headwater.policies.verification import Plan, verify

    workspace = loaded.workspace
    policies = loaded.policies
    vocabulary = Vocabulary.of(workspace)
    with open_engine(engine, policies, executable=executable, server=workspace.opa) as theirs:
        ours = JoinedEngine(policies, theirs) if policies.modules else NativeEngine(policies)
        recorded = _recorded(workspace, vocabulary, as_of)
        plan = Plan(as_of, count, seed)
        found = verify(policies, vocabulary, (ours, theirs), recorded, plan)
        return Verified(
            engines=((ours.name, ours.version), (theirs.name, theirs.version)),
            revision=policies.revision,
            as_of=as_of,
            seed=seed,
            with_terms=bool(policies.terms),
            modules=tuple(module.file for module in policies.modules),
            refused=ours.refused if isinstance(ours, JoinedEngine) else 0,
            found=found,
        )


def _recorded(
    workspace: Workspace, vocabulary: Vocabulary, as_of: datetime.date
) -> Iterator[Facts]:
    """Yield what the gate asks of the recorded flows, whatever their data checks may say."""
    from headwater.lineage import load_graph
    from headwater.lineage.flows import find_flows
    from headwater.policies import normalise

    with synced_store(workspace) as store:
        graph = load_graph(store)
    flows = find_flows(graph, workspace.department_of)
    labels = labels_of_workspace(workspace, graph)
    agreements = Agreements(workspace, as_of)
    for state in CHECK_STATES:
        states = {flow.source: state for flow in flows}
        for question in ask(workspace, agreements, states, flows, labels=labels):
            yield normalise(question.document, vocabulary, as_of)
    for identity in sorted(workspace.datasets):
        document = resource_document(workspace, workspace.datasets[identity], labels)
        yield normalise(document, vocabulary, as_of)
