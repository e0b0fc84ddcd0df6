"""Due days and reviews as a calendar (RFC 5545): one day, one entry; the same bytes each time."""

from __future__ import annotations

import datetime
import hashlib
from typing import TYPE_CHECKING

from headwater.app.retention_model import NOT_BEGUN, State
from headwater.catalog.text import Text
from headwater.catalog.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.retention_plan import Plan
    from headwater.catalog.text import Language

_DUE = Text("due: {dataset}", "到期：{dataset}")
_REVIEW = Text("review the hold {hold}", "复核冻结令 {hold}")
_BY = Text("{rule}; last day {day}", "{rule}；最后一日 {day}")
_OCTETS = 73


def calendar(plan: Plan, language: Language) -> str:
    """Return an entry for the next due day of each dataset, and for each hold's review."""
    stamp = f"{plan.survey.as_of:%Y%m%d}T000000Z"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//headwater//retention//EN"]
    for day, summary, about in sorted(_entries(plan, language)):
        identity = hashlib.sha256(f"{day} {summary}".encode()).hexdigest()[:32]
        lines += [
            "BEGIN:VEVENT",
            f"UID:{identity}@headwater",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            *_folded(f"SUMMARY:{_escaped(summary)}"),
            *_folded(f"DESCRIPTION:{_escaped(about)}"),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR"])


def _entries(plan: Plan, language: Language) -> Iterator[tuple[datetime.date, str, str]]:
    survey = plan.survey
    for dataset, judged in survey.judged.items():
        for group in judged.groups:
            verdict = group.verdict
            if verdict.state not in (State.KEEP, State.DELETE) or verdict.until is None:
                continue
            if verdict.until >= NOT_BEGUN - datetime.timedelta(days=1) or not verdict.maximum:
                continue
            day = max(verdict.until + datetime.timedelta(days=1), survey.as_of)
            rule = survey.limits[verdict.maximum.limit].rule
            about = _BY.fill({"rule": rule, "day": verdict.until})
            yield day, _DUE.fill({"dataset": str(dataset)}).in_(language), about.in_(language)
    for hold in survey.workspace.holds:
        if hold.lasts(survey.as_of):
            summary = _REVIEW.fill({"hold": hold.id})
            yield hold.review, summary.in_(language), hold.reason.in_(language)


def _escaped(text: str) -> str:
    shown = visible(text)
    for sign in ("\\", ";", ","):
        shown = shown.replace(sign, f"\\{sign}")
    return shown


def _folded(line: str) -> Iterator[str]:
    """Yield a line cut so that none has more octets than the standard allows."""
    piece, size, first = "", 0, True
    for sign in line:
        octets = len(sign.encode())
        if size + octets > _OCTETS:
            yield piece if first else f" {piece}"
            piece, size, first = "", 0, False
        piece += sign
        size += octets
    yield piece if first else f" {piece}"
