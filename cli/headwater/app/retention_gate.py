"""What the gate says of retention: terms that are over, and terms that quarrel.

A plan says more: what is due under agreements, and personal data that nothing ends.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from headwater.app.retention import Term, overdue
from headwater.app.retention_findings import findings_of
from headwater.app.retention_lineage import Moves
from headwater.app.retention_survey import Surveyor, check_holds, count, ends_where_anonymised
from headwater.catalog.findings import DatasetSubject

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Sequence

    from headwater.app.labels import WorkspaceLabels
    from headwater.app.loading import Loaded
    from headwater.app.report import EngineLabel
    from headwater.app.retention import Counting
    from headwater.app.retention_survey import Survey
    from headwater.catalog.findings import Finding
    from headwater.lineage import Graph

_COUNTED = ("retention/expired", "retention/not-evaluated")
_LEFT_TO_PLANS = ("retention/unbounded",)


def retention_findings(
    loaded: Loaded,
    labels: WorkspaceLabels,
    terms: Sequence[Term],
    engine: EngineLabel,
    as_of: datetime.date,
) -> list[Finding]:
    """Return the findings about retention, as on ``as_of``.

    Raises:
        DocumentError: A hold covers nothing.
    """
    counted = cache(lambda dataset, clocks: count(loaded.workspace, dataset, clocks))
    survey = _surveyor(loaded, labels, terms, engine, counted).on(as_of)
    own = [term for term in terms if _is_plain(survey, term)]
    found = list(overdue(own, as_of, counted))
    said = {(finding.rule, finding.subject.key()[:3]) for finding in found}
    found += [each for each in _more(survey) if (each.rule, each.subject.key()[:3]) not in said]
    return found


def whole_graph(labels: WorkspaceLabels) -> Graph:
    """Return the graph that labels travel along, which the gate has whole."""
    from headwater.lineage import Graph

    assert isinstance(labels.graph, Graph)  # noqa: S101 - the gate loads no other
    return labels.graph


def _surveyor(
    loaded: Loaded,
    labels: WorkspaceLabels,
    terms: Iterable[Term],
    engine: EngineLabel,
    counted: Counting,
) -> Surveyor:
    held: dict[object, tuple[tuple[str, tuple[str, ...]], ...]] = {}
    for term in terms:
        rules = held.get(term.dataset.id, ())
        held[term.dataset.id] = (*rules, (term.rule.id, term.unknown))
    graph = whole_graph(labels)
    moves = Moves(graph.edges, ends_where_anonymised(labels))
    check_holds(loaded.workspace, moves)
    return Surveyor(
        loaded=loaded,
        engine=engine,
        graph=graph,
        labels=labels,
        moves=moves,
        held_on=lambda _day: held,  # type: ignore[arg-type,return-value]
        counted=counted,
    )


def _is_plain(survey: Survey, term: Term) -> bool:
    """Say whether a term alone decides: it counts from a column, and nothing keeps its records."""
    bounds = survey.judged[term.dataset.id].bounds
    if term.advises:
        return True
    return term.rule.since.column is not None and not bounds.holds and not bounds.minima


def _more(survey: Survey) -> Iterator[Finding]:
    """Yield what a plan finds, but of agreements and of data that no contract describes."""
    described = survey.workspace.datasets
    for finding in findings_of(survey):
        subject = finding.subject
        if finding.rule in _LEFT_TO_PLANS or not isinstance(subject, DatasetSubject):
            continue
        if finding.rule in _COUNTED and (
            subject.dataset not in described or finding.detail.startswith("agreement:")
        ):
            continue
        yield finding
