"""Answers to ``subject``: where data about the people of one identifier can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.retention_words import NOBODY, STATE, engine_document
from headwater.cli.render.view import Picture, Sheet, envelope, node_document, sealed
from headwater.lineage.filters import Filters

if TYPE_CHECKING:
    from headwater.app.retention_survey import Survey
    from headwater.app.subject import Place, Subject
    from headwater.catalog.text import Language
    from headwater.lineage.model import Edge

_HEADS = (
    *("department", "namespace", "name", "how", "columns", "masked", "terms", "holds"),
    "agreements",
)
_HEAD = Text(
    "data about the people of {root} can be in datasets: {number}",
    "{root} 所标识人员的数据可能在以下 {number} 个数据集",
)
_PLACE = Text("{dataset} ({department}): {how}", "{dataset}（{department}）：{how}")
HOW = {
    "identifier": Text("by {columns}", "通过 {columns}"),
    "masked": Text("by {columns}, masked", "通过 {columns}，已脱敏"),
    "joined": Text("joined by {columns}", "经 {columns} 关联"),
    "derived": Text("made from such data, without the identifier", "由此类数据生成，不含标识"),
}
_TERMS = Text("kept: {terms}", "保存：{terms}")
_NO_TERM = Text("no term", "无期限")
_HOLDS = Text("holds: {names}", "冻结令：{names}")
_AGREED = Text("agreements: {names}", "协议：{names}")
_FROM = Text("from: {names}", "来自：{names}")
_SEALED = Text("no record was read", "未读取任何记录")


@dataclass(frozen=True)
class SubjectView:
    """The places, ready to be written."""

    found: Subject

    def document(self) -> dict[str, object]:
        """Return ``headwater/subject/1``."""
        found, survey = self.found, self.found.survey
        return sealed(
            {
                **envelope("subject", Filters(as_of=survey.as_of), survey.log),
                "engine": engine_document(survey),
                "root": node_document(found.root),
                "places": [_document(survey, place) for place in found.places],
            }
        )

    def text(self, language: Language) -> str:
        """Return one paragraph for each place."""
        values = {"root": str(self.found.root), "number": len(self.found.places)}
        lines = [_HEAD.fill(values).in_(language)]
        for place in self.found.places:
            lines += [visible(line) for line in _lines(self.found.survey, place, language)]
        return "\n".join([*lines, f"({_SEALED.in_(language)})"])

    def sheet(self) -> Sheet:
        """Return one row for each place."""
        survey = self.found.survey
        rows = (
            (
                place.department,
                place.dataset.namespace,
                place.dataset.name,
                place.how,
                " ".join(place.columns) or None,
                place.masked,
                "; ".join(terms_of(survey, place)) or None,
                " ".join(hold.id for hold in place.judged.bounds.holds) or None,
                " ".join(f"{name}:{state}" for name, state in place.agreements) or None,
            )
            for place in self.found.places
        )
        return Sheet(_HEADS, tuple(rows))

    def picture(self) -> Picture | None:
        """Return nothing: it is a list."""
        return None

    def edges(self) -> tuple[Edge, ...] | None:
        """Return nothing: it is no lineage."""
        return None


def terms_of(survey: Survey, place: Place) -> list[str]:
    """Return the terms of a place in a few signs: ``at most P5Y since granted_on (rule)``."""
    arrivals = place.judged.bounds.arrivals
    days = [each for each in (arrivals.day, arrivals.open) if each]
    found = []
    for arrived in (*days, *arrivals.columns, *arrivals.follows):
        term = survey.limits[arrived.limit]
        clock = arrived.column or term.column or term.event
        found.append(f"<= {term.period or 'until'} {clock} ({term.rule})")
    minima = place.judged.bounds.minima
    found += [f">= {each.period} {each.column or each.event} ({each.rule})" for each in minima]
    return found


def _document(survey: Survey, place: Place) -> dict[str, object]:
    states = sorted({group.verdict.state.value for group in place.judged.groups})
    return {
        **place.dataset.document(),
        "department": place.department,
        "how": place.how,
        "columns": list(place.columns),
        "masked": place.masked,
        "from": [each.document() for each in place.came_from],
        "states": states,
        "terms": terms_of(survey, place),
        "holds": [hold.id for hold in place.judged.bounds.holds],
        "agreements": [{"id": name, "state": state} for name, state in place.agreements],
    }


def _lines(survey: Survey, place: Place, language: Language) -> list[str]:
    kind = "masked" if place.how == "identifier" and place.masked else place.how
    how = HOW[kind].fill({"columns": [f"`{name}`" for name in place.columns]})
    values = {"dataset": str(place.dataset), "department": place.department or NOBODY, "how": how}
    terms = terms_of(survey, place)
    lines = [_TERMS.fill({"terms": terms}) if terms else _without(place)]
    if place.judged.bounds.holds:
        lines.append(_HOLDS.fill({"names": [hold.id for hold in place.judged.bounds.holds]}))
    if place.agreements:
        names = [f"{name} ({state})" for name, state in place.agreements]
        lines.append(_AGREED.fill({"names": names}))
    if place.came_from:
        lines.append(_FROM.fill({"names": [each.name for each in place.came_from]}))
    head = _PLACE.fill(values).in_(language)
    return [head, *(f"   {line.in_(language)}" for line in lines)]


def _without(place: Place) -> Text:
    state = STATE["unbounded" if place.judged.bounds.personal else "open"]
    return Text(f"{_NO_TERM.en}: {state.en}", f"{_NO_TERM.zh}：{state.zh}")
