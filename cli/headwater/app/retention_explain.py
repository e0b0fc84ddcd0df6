"""Use cases: every term of one dataset and where it comes from; what keeps it from going."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app.retention_findings import unknown_because
from headwater.app.retention_model import State
from headwater.catalog.text import Text
from headwater.lineage.terms import Ways, path_to, spread

if TYPE_CHECKING:
    import datetime

    from headwater.app.retention_model import Declared, Group, Judged
    from headwater.app.retention_survey import Survey
    from headwater.catalog.ids import DatasetId


@dataclass(frozen=True, slots=True)
class Inherited:
    """A maximum that reaches a dataset.

    Attributes:
        path: The datasets from where it is declared to the one asked about.
        column: The column there that it counts from.
        follows: Whether its clock did not arrive.
        ends: The last day of it, where that is one day.
    """

    term: Declared
    path: tuple[DatasetId, ...]
    column: str | None
    follows: bool
    ends: datetime.date | None


@dataclass(frozen=True)
class Explained:
    """Everything that decides how long one dataset is kept."""

    survey: Survey
    judged: Judged
    maxima: tuple[Inherited, ...]
    minima: tuple[Declared, ...]
    advice: tuple[Declared, ...]


def explain(survey: Survey, dataset: DatasetId) -> Explained:
    """Return every term of ``dataset``, not only those that end first."""
    judged = survey.judged[dataset]
    above = _above(survey, dataset)
    copies = {
        each: [copy for copy in survey.moves.ways.copies.get(each, ()) if copy in above]
        for each in above
    }
    ways = Ways(copies, survey.moves.ways.same)
    maxima = []
    for limit, term in survey.limits.items():
        if limit.dataset not in above:
            continue
        reached = spread([limit], ways)
        arrivals = reached[dataset]
        for arrived in (*filter(None, (arrivals.day, arrivals.open)), *arrivals.columns):
            path = path_to(dataset, arrived, reached)
            maxima.append(Inherited(term, path, arrived.column, False, limit.ends))
        for arrived in arrivals.follows:
            path = path_to(dataset, arrived, reached)
            maxima.append(Inherited(term, path, None, True, limit.ends))
    terms = (*survey.terms.maxima, *survey.terms.minima)
    return Explained(
        survey=survey,
        judged=judged,
        maxima=tuple(sorted(maxima, key=_order)),
        minima=judged.bounds.minima,
        advice=tuple(each for each in terms if each.advises and each.dataset == dataset),
    )


def _order(found: Inherited) -> tuple[object, ...]:
    ends = found.ends.isoformat() if found.ends else ""
    return (len(found.path), ends, found.term.rule, found.path, found.column or "")


def _above(survey: Survey, dataset: DatasetId) -> set[DatasetId]:
    """Return everything that terms come from, ``dataset`` included."""
    found, waiting = {dataset}, [dataset]
    while waiting:
        for source in survey.moves.sources.get(waiting.pop(), ()):
            if source not in found:
                found.add(source)
                waiting.append(source)
    return found


_IN_TERM = Text("within its term: {rule} ends it after {day}", "仍在期限内：{rule} 至 {day} 届满")
_MINIMUM = Text("{rule} keeps it until {day}", "{rule} 要求保存至 {day}")
_HOLD = Text(
    "the hold `{hold}` of {owner}: {reason}; review {review}",
    "{owner}的冻结令 `{hold}`：{reason}；复核日期 {review}",
)
_FOLLOWS = Text(
    "it cannot tell the age of its records: it is made again when {names} let theirs go",
    "无法得知其记录的时间：{names} 删除后须重新生成",
)
_NO_MAXIMUM = Text("no rule says when it must go", "没有规则规定何时必须删除")
_UNKNOWN = Text("{rule} cannot be evaluated: {reason}", "{rule} 无法评估：{reason}")
_DUE = Text("nothing keeps these records: they are due", "没有任何规定保留这些记录：已到期")


@dataclass(frozen=True, slots=True)
class Kept:
    """Records of a dataset, and why they do not go now; ``due`` where nothing keeps them."""

    group: Group
    reasons: tuple[Text, ...]

    @property
    def due(self) -> bool:
        """Whether they are to go now."""
        return self.group.verdict.state is State.DELETE


def why_not_delete(survey: Survey, dataset: DatasetId) -> tuple[Kept, ...]:
    """Return the records of ``dataset`` by what is to be done, each with what keeps them."""
    judged = survey.judged[dataset]
    return tuple(Kept(group, tuple(_reasons(survey, judged, group))) for group in judged.groups)


def _reasons(survey: Survey, judged: Judged, group: Group) -> list[Text]:
    verdict = group.verdict
    if verdict.state is State.DELETE:
        return [_DUE]
    found = []
    if verdict.maximum and verdict.until and verdict.until >= survey.as_of:
        rule = survey.limits[verdict.maximum.limit].rule
        found.append(_IN_TERM.fill({"rule": rule, "day": verdict.until}))
    if verdict.state in (State.UNBOUNDED, State.OPEN):
        found.append(_NO_MAXIMUM)
    if verdict.state is State.FOLLOWS:
        names = {each.limit.dataset.name for each in judged.bounds.arrivals.follows}
        found.append(_FOLLOWS.fill({"names": sorted(names)}))
    if verdict.state is State.UNKNOWN:
        reason, rule = unknown_because(survey, judged)
        found.append(_UNKNOWN.fill({"rule": rule, "reason": reason}))
    if verdict.minimum and verdict.at_least and verdict.at_least >= survey.as_of:
        values = {"rule": verdict.minimum.rule, "day": verdict.at_least}
        found.append(_MINIMUM.fill(values))
    for hold in judged.bounds.holds:
        owner = survey.workspace.departments[hold.owner].name
        values = {"hold": hold.id, "owner": owner, "reason": hold.reason, "review": hold.review}
        found.append(_HOLD.fill(values))
    return found
