"""Use case: what is due on a day, for every copy, in which order, and who must be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from headwater.app.retention_cascade import derived_first, made_from, owners_above
from headwater.app.retention_model import State
from headwater.catalog.periods import reach
from headwater.lineage.terms import path_to

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from headwater.app.retention_model import Declared, Group, Judged
    from headwater.app.retention_survey import Survey
    from headwater.catalog.findings import Finding
    from headwater.catalog.ids import DatasetId, JobId
    from headwater.lineage.terms import Arrived

Action = Literal[
    "delete", "anonymise", "archive", "return", "derive-again", "freeze", "count", "nothing"
]


@dataclass(frozen=True, slots=True)
class Clause:
    """Records whose ``column`` shows ``last`` or an earlier day: their term is over."""

    column: str
    last: datetime.date
    zone: str


@dataclass(frozen=True, slots=True)
class Where:
    """Which records are due: any of ``past``, and all of ``free``.

    Attributes:
        whole: Whether all records are: a maximum that counts from a day is over for all.
        past: Maxima that are over.
        free: Minima that are over too.
        never: Whether some minimum is over for no record.
    """

    whole: bool
    past: tuple[Clause, ...]
    free: tuple[Clause, ...]
    never: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, in the order of the plan.

    Attributes:
        records: How many records it is about; ``None``: not counted.
        copies: What it is made from in one step, of all that the plan is about.
        rule: The maximum that made it due.
        path: The way by which that came here.
        jobs: What makes it again, where that is to be done.
    """

    dataset: DatasetId
    department: str | None
    action: Action
    records: int | None
    oldest: datetime.date | None
    copies: tuple[DatasetId, ...]
    rule: Declared | None
    path: tuple[DatasetId, ...]
    where: Where | None
    jobs: tuple[JobId, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A department that has copies, and the agreements under which it got them (GDPR 19)."""

    department: str
    datasets: tuple[DatasetId, ...]
    agreements: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What is due on one day."""

    survey: Survey
    steps: tuple[Step, ...]
    told: tuple[Told, ...]
    findings: tuple[Finding, ...]

    @property
    def due(self) -> tuple[Judged, ...]:
        """The datasets with records that are to go now."""
        return tuple(each for each in self.survey.judged.values() if each.has(State.DELETE))


def plan(survey: Survey) -> Plan:
    """Return what is due: first the copies, then what they come from, then what is made again."""
    from headwater.app.retention_findings import findings_of

    due = {dataset for dataset, each in survey.judged.items() if each.has(State.DELETE)}
    affected = due | made_from(due, survey.moves.ways.copies)
    order = derived_first(affected, survey.moves.ways.copies)
    steps = [_step(survey, dataset, affected) for dataset in order]
    now = [step for step in steps if step.action != "derive-again"]
    again = [step for step in reversed(steps) if step.action == "derive-again"]
    return Plan(survey, (*now, *again), _told(survey, due, affected), findings_of(survey))


def _step(survey: Survey, dataset: DatasetId, affected: set[DatasetId]) -> Step:
    judged = survey.judged[dataset]
    action = _action(survey, judged)
    about = next((g for g in judged.groups if g.verdict.state in _ABOUT[action]), None)
    arrived = _maximum(judged, about)
    return Step(
        dataset=dataset,
        department=judged.department,
        action=action,
        records=_records(judged, action),
        oldest=about.oldest if about else None,
        copies=tuple(sorted(survey.moves.sources.get(dataset, set()) & affected)),
        rule=survey.limits[arrived.limit] if arrived else None,
        path=path_to(dataset, arrived, survey.arrivals) if arrived else (dataset,),
        where=where_due(judged, survey.as_of) if action in _REMOVING else None,
        jobs=survey.moves.jobs_of(dataset) if action == "derive-again" else (),
    )


_REMOVING = ("delete", "anonymise", "archive", "return", "count")
_ABOUT: Mapping[Action, tuple[State, ...]] = {
    **dict.fromkeys(("delete", "anonymise", "archive", "return"), (State.DELETE,)),
    "freeze": (State.FREEZE,),
    "count": (State.UNKNOWN,),
    "derive-again": (State.FOLLOWS,),
    "nothing": (),
}


def _action(survey: Survey, judged: Judged) -> Action:
    if judged.has(State.DELETE):
        return disposal(survey, judged)
    if judged.has(State.FREEZE) or judged.bounds.holds:
        return "freeze"
    if judged.has(State.UNKNOWN):
        return "count"
    if judged.bounds.arrivals.follows:
        return "derive-again"
    return "nothing"


def disposal(survey: Survey, judged: Judged) -> Action:
    """Return what is to be done with the records of a dataset that are due."""
    group = next(each for each in judged.groups if each.verdict.state is State.DELETE)
    maximum = group.verdict.maximum
    found = survey.limits[maximum.limit].then if maximum else None
    known: dict[str, Action] = {
        "anonymise": "anonymise",
        "archive": "archive",
        "return": "return",
    }
    return known.get(found or "", "delete")


def _maximum(judged: Judged, about: Group | None) -> Arrived | None:
    if about and about.verdict.maximum:
        return about.verdict.maximum
    arrivals = judged.bounds.arrivals
    known = (*arrivals.columns, *arrivals.follows, *filter(None, (arrivals.day, arrivals.open)))
    return known[0] if known else None


def _records(judged: Judged, action: Action) -> int | None:
    numbers = [g.records for g in judged.groups if g.verdict.state in _ABOUT[action]]
    if action == "nothing":
        return 0
    return None if None in numbers or not numbers else sum(n for n in numbers if n is not None)


def where_due(judged: Judged, as_of: datetime.date) -> Where:
    """Return which records of a dataset are due on ``as_of``, as conditions on its columns."""
    arrivals = judged.bounds.arrivals
    day = arrivals.day.limit.ends if arrivals.day else None
    past = [
        Clause(each.column, last, each.limit.zone)
        for each in arrivals.columns
        if each.column and (last := reach(as_of, each.limit.period))
    ]
    free, never = [], bool(judged.bounds.holds)
    for minimum in judged.bounds.minima:
        if minimum.column is None:
            end = minimum.last_end()
            never |= end is None or end >= as_of
        elif last := None if minimum.unknown else reach(as_of, minimum.period or ""):
            free.append(Clause(minimum.column, last, minimum.zone))
        else:
            never = True
    return Where(day is not None and day < as_of, tuple(past), tuple(free), never)


def _told(survey: Survey, due: set[DatasetId], affected: set[DatasetId]) -> tuple[Told, ...]:
    found: dict[str, dict[DatasetId, set[str]]] = {}
    owners = {dataset: survey.judged[dataset].department for dataset in due}
    for copy, whose in sorted(owners_above(owners, survey.moves.ways.copies).items()):
        department = survey.judged[copy].department
        if department is None or whose <= {department}:
            continue
        brought = survey.handed.brought(copy)
        names = {agreement.id for agreement, source in brought if source in affected}
        found.setdefault(department, {})[copy] = names
    return tuple(
        Told(name, tuple(sorted(datasets)), tuple(sorted(set().union(*datasets.values()))))
        for name, datasets in sorted(found.items())
    )
