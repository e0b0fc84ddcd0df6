"""Answers to ``retention plan``: text, table, JSON, CSV; statements and calendars stand apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.findings import Severity
from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.document import finding_document
from headwater.cli.render.retention_words import (
    ACTION,
    NOBODY,
    UNCOUNTED,
    clock_of,
    engine_document,
    iso,
    judged_document,
    term_document,
)
from headwater.cli.render.view import Picture, Sheet, envelope, sealed
from headwater.lineage.filters import Filters

if TYPE_CHECKING:
    from headwater.app.retention_plan import Clause, Plan, Step, Told, Where
    from headwater.catalog.findings import Finding
    from headwater.catalog.text import Language
    from headwater.lineage.model import Edge

_HEADS = (
    *("step", "action", "department", "namespace", "name", "records", "oldest"),
    *("rule", "basis", "copies"),
)
_HEAD = Text(
    "due on {day}: datasets {due}, steps {steps}", "{day} 到期：数据集 {due} 个，步骤 {steps} 个"
)
_NOTHING = Text("nothing is due on {day}", "{day} 没有到期的数据")
_STEP = Text(
    "{number}. {action} {dataset} ({department})", "{number}. {action} {dataset}（{department}）"
)
_RECORDS = Text("records: {records}", "记录：{records} 条")
_OLDEST = Text("oldest {day}", "最早 {day}")
_RULE = Text("by {rule}: {period} from {clock}", "依据 {rule}：自 {clock} 起 {period}")
_RULE_DAY = Text("by {rule}: until {clock}", "依据 {rule}：至 {clock}")
_LAW = Text("law: {basis}", "法律：{basis}")
_UNVERIFIED = Text("law: {basis} (not verified)", "法律：{basis}（未核实）")
_PATH = Text("inherited: {path}", "沿袭：{path}")
_COPY = Text("holds copies of: {names}", "含以下数据的副本：{names}")
_AGAIN = Text("run again afterwards: {jobs}", "之后重新运行：{jobs}")
_TOLD = Text("to be told: {department}", "须告知：{department}")
_COPIES = Text("copies: {names}", "副本：{names}")
_AGREED = Text("agreements: {names}", "协议：{names}")
_FOUND = Text(
    "findings: errors {errors}, warnings {warnings}; engine {engine} {version}, as of {day}",
    "发现：错误 {errors}，警告 {warnings}；引擎 {engine} {version}，截至 {day}",
)


def plan_text(plan: Plan, format_: str, language: Language) -> str:
    """Return a plan in a format."""
    if format_ == "sql":
        from headwater.cli.render.retention_sql import statements

        return statements(plan)
    if format_ == "ics":
        from headwater.cli.render.retention_ics import calendar

        return calendar(plan, language)
    from headwater.cli.render.formats import write

    return write(PlanView(plan), format_, language)


@dataclass(frozen=True)
class PlanView:
    """What is due, ready to be written."""

    plan: Plan

    def document(self) -> dict[str, object]:
        """Return ``headwater/retention-plan/1``."""
        plan, survey = self.plan, self.plan.survey
        return sealed(
            {
                **envelope("retention-plan", Filters(as_of=survey.as_of), survey.log),
                "engine": engine_document(survey),
                "steps": [step_document(step) for step in plan.steps],
                "told": [_told_document(each) for each in plan.told],
                "datasets": [judged_document(survey, judged) for judged in survey.judged.values()],
                "findings": [finding_document(each) for each in plan.findings],
            }
        )

    def text(self, language: Language) -> str:
        """Return the steps in order, who must be told, and the findings."""
        plan, survey = self.plan, self.plan.survey
        day = survey.as_of
        if plan.steps:
            values = {"day": day, "due": len(plan.due), "steps": len(plan.steps)}
            lines = [_HEAD.fill(values).in_(language)]
        else:
            lines = [_NOTHING.fill({"day": day}).in_(language)]
        for number, step in enumerate(plan.steps, 1):
            lines += [visible(line) for line in _step_lines(step, number, language)]
        for told in plan.told:
            lines += [visible(line) for line in _told_lines(told, language)]
        lines += [line for each in plan.findings for line in _finding_lines(each, language)]
        return "\n".join([*lines, _total(plan, language)])

    def sheet(self) -> Sheet:
        """Return one row for each step."""
        rows = (
            (
                number,
                step.action,
                step.department,
                step.dataset.namespace,
                step.dataset.name,
                step.records,
                iso(step.oldest),
                step.rule.rule if step.rule else None,
                " ".join(step.rule.basis) if step.rule else None,
                " ".join(str(each) for each in step.copies) or None,
            )
            for number, step in enumerate(self.plan.steps, 1)
        )
        return Sheet(_HEADS, tuple(rows))

    def picture(self) -> Picture | None:
        """Return nothing: a plan is a list."""
        return None

    def edges(self) -> tuple[Edge, ...] | None:
        """Return nothing: a plan is no lineage."""
        return None


def step_document(step: Step) -> dict[str, object]:
    """Return the JSON form of a step."""
    return {
        **step.dataset.document(),
        "department": step.department,
        "action": step.action,
        "records": step.records,
        "oldest": iso(step.oldest),
        "copies": [each.document() for each in step.copies],
        "term": term_document(step.rule, step.path) if step.rule else None,
        "where": _where_document(step.where) if step.where else None,
        "jobs": [{"namespace": job.namespace, "name": job.name} for job in step.jobs],
    }


def _where_document(where: Where) -> dict[str, object]:
    return {
        "whole": where.whole,
        "past": [_clause_document(each) for each in where.past],
        "free": [_clause_document(each) for each in where.free],
        "never": where.never,
    }


def _clause_document(clause: Clause) -> dict[str, object]:
    return {"column": clause.column, "last": clause.last.isoformat(), "zone": clause.zone}


def _told_document(told: Told) -> dict[str, object]:
    return {
        "department": told.department,
        "datasets": [each.document() for each in told.datasets],
        "agreements": list(told.agreements),
    }


def _step_lines(step: Step, number: int, language: Language) -> list[str]:
    values = {
        "number": number,
        "action": ACTION[step.action],
        "dataset": str(step.dataset),
        "department": step.department or NOBODY,
    }
    lines = [_STEP.fill(values)]
    if step.action not in ("derive-again", "freeze"):
        about = _RECORDS.fill({"records": UNCOUNTED if step.records is None else step.records})
        lines.append(_joined(about, _OLDEST.fill({"day": step.oldest}) if step.oldest else None))
    if step.rule:
        lines += _rule_lines(step)
    if step.copies:
        lines.append(_COPY.fill({"names": [each.name for each in step.copies]}))
    if step.jobs:
        lines.append(_AGAIN.fill({"jobs": [str(job) for job in step.jobs]}))
    return [lines[0].in_(language), *(f"   {line.in_(language)}" for line in lines[1:])]


def _joined(first: Text, second: Text | None) -> Text:
    if second is None:
        return first
    return Text(f"{first.en}, {second.en}", f"{first.zh}，{second.zh}")


def _rule_lines(step: Step) -> list[Text]:
    term = step.rule
    if term is None:
        return []
    values = {"rule": term.rule, "period": term.period, "clock": clock_of(term, None)}
    lines = [(_RULE if term.period else _RULE_DAY).fill(values)]
    if term.basis:
        law = _LAW if term.verified else _UNVERIFIED
        lines.append(law.fill({"basis": list(term.basis)}))
    if len(step.path) > 1:
        lines.append(_PATH.fill({"path": " -> ".join(each.name for each in step.path)}))
    return lines


def _told_lines(told: Told, language: Language) -> list[str]:
    lines = [_TOLD.fill({"department": told.department}).in_(language)]
    names = [each.name for each in told.datasets]
    lines.append("   " + _COPIES.fill({"names": names}).in_(language))
    if told.agreements:
        lines.append("   " + _AGREED.fill({"names": list(told.agreements)}).in_(language))
    return lines


def _finding_lines(finding: Finding, language: Language) -> list[str]:
    return [
        visible(f"{finding.location}: {finding.severity.value} {finding.rule}"),
        f"  {visible(finding.message.in_(language))}",
    ]


def _total(plan: Plan, language: Language) -> str:
    engine = plan.survey.engine
    severities = [finding.severity for finding in plan.findings]
    values = {
        "errors": severities.count(Severity.ERROR),
        "warnings": severities.count(Severity.WARNING),
        "engine": engine.name,
        "version": engine.version,
        "day": plan.survey.as_of,
    }
    return _FOUND.fill(values).in_(language)
