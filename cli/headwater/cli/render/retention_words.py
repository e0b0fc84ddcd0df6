"""Words and documents that the answers about retention share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.cli.render.document import text_document

if TYPE_CHECKING:
    import datetime

    from headwater.app.retention_model import Declared, Group, Judged
    from headwater.app.retention_survey import Survey
    from headwater.catalog.ids import DatasetId

STATE = {
    "keep": Text("keep", "保存"),
    "open": Text("no end set", "未设期限"),
    "follows": Text("follows its source", "随来源处置"),
    "freeze": Text("frozen", "冻结"),
    "delete": Text("due", "到期"),
    "unbounded": Text("unbounded", "无期限"),
    "unknown": Text("cannot be said", "无法判定"),
}
ACTION = {
    "delete": Text("delete", "删除"),
    "anonymise": Text("anonymise", "匿名化"),
    "archive": Text("archive", "归档"),
    "return": Text("give back", "返还"),
    "derive-again": Text("derive again", "重新生成"),
    "freeze": Text("keep frozen", "保持冻结"),
    "count": Text("count first", "先行清点"),
    "nothing": Text("nothing left to do", "无须处理"),
}
EVENT = {
    "agreement-ended": Text("the agreement's end", "协议终止"),
    "collected": Text("collection", "收集"),
    "consent-withdrawn": Text("withdrawal of consent", "撤回同意"),
    "last-used": Text("last use", "最后使用"),
    "purpose-fulfilled": Text("fulfilment of the purpose", "目的实现"),
    "service-ended": Text("the service's end", "服务终止"),
}
UNCOUNTED = Text("not counted", "未计数")
NOBODY = Text("no department", "无部门")


def clock_of(term: Declared, column: str | None) -> Text:
    """Return what a term counts from, in words."""
    if column or term.column:
        name = f"`{column or term.column}`"
        return Text(name, name)
    return EVENT[term.event or "collected"]


def iso(day: datetime.date | None) -> str | None:
    """Return a day as JSON has it."""
    return day.isoformat() if day else None


def engine_document(survey: Survey) -> dict[str, object]:
    """Return which engine said what rules hold."""
    engine = survey.engine
    return {
        "name": engine.name,
        "version": engine.version,
        "policy_revision": engine.policy_revision,
    }


def term_document(term: Declared, path: tuple[DatasetId, ...] = ()) -> dict[str, object]:
    """Return the JSON form of a term, with the way by which it was inherited."""
    return {
        "rule": term.rule,
        "source": term.source,
        "period": term.period,
        "since": {"column": term.column, "event": term.event},
        "zone": term.zone,
        "then": term.then,
        "basis": list(term.basis),
        "verified": term.verified,
        "decides": term.decides,
        "advises": term.advises,
        "unknown": list(term.unknown),
        "location": term.position.document(),
        "path": [each.document() for each in path],
    }


def group_document(survey: Survey, each: Group) -> dict[str, object]:
    """Return the JSON form of records with one verdict."""
    verdict = each.verdict
    maximum = survey.limits[verdict.maximum.limit] if verdict.maximum else None
    return {
        "state": verdict.state.value,
        "records": each.records,
        "oldest": iso(each.oldest),
        "newest": iso(each.newest),
        "keep_until": iso(verdict.until),
        "at_least_until": iso(verdict.at_least),
        "frozen_since": iso(verdict.frozen_since),
        "conflict": verdict.conflict,
        "maximum": maximum.rule if maximum else None,
        "minimum": verdict.minimum.rule if verdict.minimum else None,
    }


def judged_document(survey: Survey, judged: Judged) -> dict[str, object]:
    """Return the JSON form of a judged dataset."""
    return {
        **judged.dataset.document(),
        "department": judged.department,
        "personal": judged.bounds.personal,
        "holds": [hold.id for hold in judged.bounds.holds],
        "groups": [group_document(survey, each) for each in judged.groups],
        "not_counted": text_document(judged.why) if judged.why else None,
    }
