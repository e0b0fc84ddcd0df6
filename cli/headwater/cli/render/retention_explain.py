"""Answers to ``retention explain`` and ``retention why-not-delete``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.document import text_document
from headwater.cli.render.retention_words import (
    NOBODY,
    STATE,
    UNCOUNTED,
    clock_of,
    engine_document,
    group_document,
    iso,
    judged_document,
    term_document,
)
from headwater.cli.render.view import envelope, sealed
from headwater.lineage.filters import Filters

if TYPE_CHECKING:
    from headwater.app.retention_explain import Explained, Inherited, Kept
    from headwater.app.retention_model import Declared, Group
    from headwater.app.retention_survey import Survey
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.text import Language

_HEAD = Text("{dataset} ({department}), as of {day}", "{dataset}（{department}），截至 {day}")
_GROUP = Text("{state}: records {records}", "{state}：记录 {records} 条")
_BETWEEN = Text("from {oldest} to {newest}", "{oldest} 至 {newest}")
_UNTIL = Text("the first ends on {day}", "最早于 {day} 届满")
_AT_LEAST = Text("at least until {day}", "至少保存至 {day}")
_CONFLICT = Text("conflict", "冲突")
_WHY = Text("records not counted: {why}", "记录未计数：{why}")
_AT_MOST = Text("at most {period} from {clock}: {rule}", "自 {clock} 起最长 {period}：{rule}")
_TO_EVENT = Text("at most until {clock}: {rule}", "最长至 {clock}：{rule}")
_MINIMUM = Text("at least {period} from {clock}: {rule}", "自 {clock} 起至少 {period}：{rule}")
_ADVICE = Text("advised: {rule}", "建议：{rule}")
_HOLD = Text(
    "hold {hold} since {start}, review {review}: {reason}",
    "冻结令 {hold}：自 {start} 起，复核 {review}：{reason}",
)
_LAW = Text("law: {basis}", "法律：{basis}")
_UNVERIFIED = Text("law: {basis} (not verified)", "法律：{basis}（未核实）")
_PATH = Text("inherited: {path}", "沿袭：{path}")
_LOST = Text(
    "its clock did not come along: made again when the source lets go",
    "起算字段未随之传递：来源删除后须重新生成",
)
_OVER = Text("last day {day}", "最后一日 {day}")
_NONE = Text("no term reaches it", "没有任何期限适用于它")
_WRITTEN = Text("written at {place}", "写于 {place}")


@dataclass(frozen=True)
class ExplainView:
    """Every term of a dataset, ready to be written."""

    found: Explained

    def document(self) -> dict[str, object]:
        """Return ``headwater/retention-explain/1``."""
        found, survey = self.found, self.found.survey
        return sealed(
            {
                **envelope("retention-explain", Filters(as_of=survey.as_of), survey.log),
                "engine": engine_document(survey),
                "dataset": judged_document(survey, found.judged),
                "maxima": [
                    {
                        **term_document(each.term, each.path),
                        "column_here": each.column,
                        "follows": each.follows,
                        "ends": iso(each.ends),
                    }
                    for each in found.maxima
                ],
                "minima": [
                    {**term_document(each), "ends": iso(each.last_end())} for each in found.minima
                ],
                "advice": [term_document(each) for each in found.advice],
                "holds": [
                    {
                        "id": hold.id,
                        "owner": hold.owner,
                        "from": iso(hold.start),
                        "review": iso(hold.review),
                        "reason": text_document(hold.reason),
                        "location": hold.position.document(),
                    }
                    for hold in found.judged.bounds.holds
                ],
            }
        )

    def text(self, language: Language) -> str:
        """Return what is to be done, then every term."""
        found, survey = self.found, self.found.survey
        lines = [_head(survey, found.judged.dataset, found.judged.department)]
        lines += [_indented(_group(each), 1) for each in found.judged.groups]
        if found.judged.why:
            lines.append(_indented(_WHY.fill({"why": found.judged.why}), 1))
        for each in found.maxima:
            lines += _maximum(each)
        for term in found.minima:
            lines += _minimum(term)
        for hold in found.judged.bounds.holds:
            values = {"hold": hold.id, "start": hold.start, "review": hold.review}
            lines.append(_HOLD.fill({**values, "reason": hold.reason}))
        lines += [_ADVICE.fill({"rule": term.rule}) for term in found.advice]
        if not (found.maxima or found.minima or found.judged.bounds.holds):
            lines.append(_NONE)
        return "\n".join(visible(line.in_(language)) for line in lines)


def _head(survey: Survey, dataset: DatasetId, department: str | None) -> Text:
    values = {"dataset": str(dataset), "department": department or NOBODY, "day": survey.as_of}
    return _HEAD.fill(values)


def _indented(text: Text, depth: int) -> Text:
    before = "   " * depth
    return Text(before + text.en, before + text.zh)


def _listed(*parts: Text | None) -> Text:
    found = [part for part in parts if part]
    return Text("; ".join(part.en for part in found), "；".join(part.zh for part in found))


def _group(group: Group) -> Text:
    verdict = group.verdict
    records = UNCOUNTED if group.records is None else group.records
    between = {"oldest": group.oldest, "newest": group.newest}
    return _listed(
        _GROUP.fill({"state": STATE[verdict.state.value], "records": records}),
        _BETWEEN.fill(between) if group.oldest else None,
        _UNTIL.fill({"day": verdict.until}) if verdict.until else None,
        _AT_LEAST.fill({"day": verdict.at_least}) if verdict.at_least else None,
        _CONFLICT if verdict.conflict else None,
    )


def _maximum(each: Inherited) -> list[Text]:
    term = each.term
    values = {"period": term.period, "clock": clock_of(term, each.column), "rule": term.rule}
    lines = [(_AT_MOST if term.period else _TO_EVENT).fill(values)]
    if len(each.path) > 1:
        path = " -> ".join(step.name for step in each.path)
        lines.append(_indented(_PATH.fill({"path": path}), 1))
    if each.follows:
        lines.append(_indented(_LOST, 1))
    if each.ends and each.ends < each.ends.max:
        lines.append(_indented(_OVER.fill({"day": each.ends}), 1))
    return [*lines, *_grounds(term)]


def _minimum(term: Declared) -> list[Text]:
    values = {"period": term.period, "clock": clock_of(term, None), "rule": term.rule}
    lines = [_MINIMUM.fill(values)]
    end = term.last_end()
    if end and end < end.max:
        lines.append(_indented(_OVER.fill({"day": end}), 1))
    return [*lines, *_grounds(term)]


def _grounds(term: Declared) -> list[Text]:
    lines = []
    if term.basis:
        law = _LAW if term.verified else _UNVERIFIED
        lines.append(_indented(law.fill({"basis": list(term.basis)}), 1))
    lines.append(_indented(_WRITTEN.fill({"place": str(term.position)}), 1))
    return lines


@dataclass(frozen=True)
class WhyView:
    """What keeps a dataset, ready to be written."""

    survey: Survey
    dataset: DatasetId
    kept: tuple[Kept, ...]

    def document(self) -> dict[str, object]:
        """Return ``headwater/retention-why/1``."""
        survey = self.survey
        return sealed(
            {
                **envelope("retention-why", Filters(as_of=survey.as_of), survey.log),
                "engine": engine_document(survey),
                **self.dataset.document(),
                "groups": [
                    {
                        **group_document(survey, each.group),
                        "due": each.due,
                        "reasons": [text_document(reason) for reason in each.reasons],
                    }
                    for each in self.kept
                ],
            }
        )

    def text(self, language: Language) -> str:
        """Return the groups of records, each with its reasons."""
        department = self.survey.judged[self.dataset].department
        lines = [_head(self.survey, self.dataset, department)]
        for each in self.kept:
            lines.append(_indented(_group(each.group), 1))
            lines += [_indented(reason, 2) for reason in each.reasons]
        return "\n".join(visible(line.in_(language)) for line in lines)
