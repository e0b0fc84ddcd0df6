"""Outcomes and coverage of policy tests, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.policy_test import Run, Tested
    from headwater.catalog.text import Language
    from headwater.policies.coverage import ConditionCoverage, Coverage, RuleCoverage
    from headwater.policies.fixtures import Mismatch, Outcome

_MISMATCH = Text(
    "{where}: {case}: `{name}` should be {expected}, `{engine}` says {found}",
    "{where}：{case}：`{name}` 应为 {expected}，`{engine}` 给出 {found}",
)
_UNLISTED = Text("not listed, so it should be refused", "未列出，因此应被拒绝")
_BY = Text("  by {rules}", "  依据 {rules}")
_SUMMARY = Text(
    "{passed} of {total} cases as expected; files: {files}; engines: {engines}",
    "{total} 个用例中 {passed} 个符合预期；文件：{files}；引擎：{engines}",
)
_COVERAGE = Text(
    "coverage {percent} %: {shown} of {total} truths of rules and conditions shown",
    "覆盖率 {percent} %：规则与条件的 {total} 种取值中已展示 {shown} 种",
)
_RULE = Text("{where}: {rule} is never {missing}", "{where}：{rule} 从未为 {missing}")
_ATOM = Text(
    "{where}: {rule}: `{condition}` never decides as {missing}",
    "{where}：{rule}：`{condition}` 从未以 {missing} 起决定作用",
)
_SHORT = Text(
    "coverage {percent} % is below the required {required} %",
    "覆盖率 {percent} % 低于要求的 {required} %",
)
_NONE = Text("none", "无")


def policy_tests_text(tested: Tested, language: Language) -> str:
    """Return a line for each failure, what is not shown, and the sums last."""
    lines = [line for run in tested.runs for line in _failures(run, language)]
    lines += _gaps(tested.coverage, language)
    coverage = tested.coverage
    values = {"percent": _percent(coverage), "shown": coverage.shown, "total": coverage.total}
    lines.append(_COVERAGE.fill(values).in_(language))
    if tested.short:
        lines.append(shortfall_text(tested, language))
    sums = {
        "passed": tested.total - tested.failed,
        "total": tested.total,
        "files": len({run.fixture.position.file for run in tested.runs}),
        "engines": sorted({run.engine for run in tested.runs}),
    }
    lines.append(_SUMMARY.fill(sums).in_(language))
    return "\n".join(lines)


def _percent(coverage: Coverage) -> str:
    """Return the share rounded down: only all of it is ever called 100."""
    return f"{int(coverage.percent * 10) / 10:.1f}"


def shortfall_text(tested: Tested, language: Language) -> str:
    """Return by how much the coverage falls short of what was asked for."""
    values = {"percent": _percent(tested.coverage), "required": f"{tested.required or 0:g}"}
    return _SHORT.fill(values).in_(language)


def _failures(run: Run, language: Language) -> Iterator[str]:
    for outcome in run.outcomes:
        for mismatch in outcome.mismatches:
            yield mismatch_text(run, outcome, mismatch, language)
            if mismatch.name == "allow":
                rules = list(outcome.decision.rules) or _NONE
                yield visible(_BY.fill({"rules": rules}).in_(language))


def mismatch_text(run: Run, outcome: Outcome, mismatch: Mismatch, language: Language) -> str:
    """Return what was expected and what was found, with the place."""
    values = {
        "where": str(mismatch.position),
        "case": outcome.case.name,
        "name": mismatch.name,
        "expected": _said(mismatch.expected),
        "found": _said(mismatch.found),
        "engine": run.engine,
    }
    said = _MISMATCH.fill(values).in_(language)
    more = "" if outcome.case.listed else f" ({_UNLISTED.in_(language)})"
    return visible(said + more)


def _said(value: object) -> object:
    return (list(value) or _NONE) if isinstance(value, tuple) else value


def _gaps(coverage: Coverage, language: Language) -> Iterator[str]:
    from headwater.policies.condition_edits import filled, said

    between = ", " if language == "en" else "、"
    for rule in coverage.rules:
        if rule.missing:
            missing = between.join(rule.missing)
            line = filled(_RULE, where=str(rule.position), rule=rule.rule, missing=missing)
            yield visible(line.in_(language))
        for each in rule.conditions:
            if each.missing:
                where, missing = each.atom.position or rule.position, between.join(each.missing)
                about = {"where": str(where), "rule": rule.rule, "missing": missing}
                line = filled(_ATOM, **about, condition=said(each.atom))
                yield visible(line.in_(language))


def policy_tests_json(tested: Tested) -> str:
    """Return ``headwater/policy-tests/1``."""
    coverage = tested.coverage
    return json_text(
        {
            "schema": "headwater/policy-tests/1",
            "passed": tested.passed,
            "counts": {"cases": tested.total, "failed": tested.failed},
            "cases": [_case(run, outcome) for run in tested.runs for outcome in run.outcomes],
            "coverage": {
                "percent": round(coverage.percent, 2),
                "required": tested.required,
                "shown": coverage.shown,
                "total": coverage.total,
                "rules": [_rule(rule) for rule in coverage.rules],
            },
        }
    )


def _case(run: Run, outcome: Outcome) -> dict[str, object]:
    case = outcome.case
    return {
        "test": run.fixture.id,
        "case": case.name,
        "listed": case.listed,
        "engine": run.engine,
        "passed": outcome.passed,
        "location": case.position.document(),
        "decision": outcome.decision.document(),
        "mismatches": [
            {
                "name": each.name,
                "expected": each.expected,
                "found": each.found,
                "location": each.position.document(),
            }
            for each in outcome.mismatches
        ],
    }


def _rule(rule: RuleCoverage) -> dict[str, object]:
    return {
        "rule": rule.rule,
        "location": rule.position.document(),
        "true": rule.true,
        "false": rule.false,
        "unknown": rule.unknown,
        "conditions": [_condition(each, rule) for each in rule.conditions],
    }


def _condition(each: ConditionCoverage, rule: RuleCoverage) -> dict[str, object]:
    from headwater.policies.condition_edits import said

    return {
        "condition": said(each.atom),
        "location": (each.atom.position or rule.position).document(),
        "true": each.true,
        "false": each.false,
        "decided_true": each.decided_true,
        "decided_false": each.decided_false,
    }
