"""Mutants and their score, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.json_text import json_text

if TYPE_CHECKING:
    from headwater.app.policy_mutate import Mutated
    from headwater.catalog.text import Language
    from headwater.policies.mutation import Survivor

_SURVIVED = Text(
    "{where}: {rule}: {change}, and no test noticed",
    "{where}：{rule}：{change}，没有测试发现",
)
_TELLS = Text("  as of {as_of} it shows on {facts}", "  截至 {as_of}，以下输入可显示：{facts}")
_ALIKE = Text(
    "{where}: {rule}: {change}; no input found that tells it apart, not counted",
    "{where}：{rule}：{change}；没有找到能区分它的输入，不计分",
)
_SCORE = Text("{policy}: {score} %", "{policy}：{score} %")
_SUMMARY = Text(
    "{total} mutants, {cases} cases: {killed} noticed, {survived} not, {alike} with no input found "
    "that tells them apart",
    "{total} 个变异，{cases} 个用例：发现 {killed} 个，未发现 {survived} 个，"
    "{alike} 个没有找到能区分的输入",
)
_TOTAL = Text("score {score} %", "得分 {score} %")
_REGO = Text(
    "Rego modules are not mutated: {files}; cases left out as only they decide them: {cases}",
    "Rego 模块不作变异：{files}；只由它们判定而未计入的用例：{cases}",
)
_SHORT = Text("the score is below the required {required} %", "得分低于要求的 {required} %")


def mutation_text(mutated: Mutated, language: Language) -> str:
    """Return each survivor with an input that shows it, then the scores."""
    lines = [line for each in mutated.survivors for line in _survivor(each, language)]
    lines += [_line(_ALIKE, each, language) for each in mutated.alike]
    for policy, score in mutated.scores.items():
        lines.append(_SCORE.fill({"policy": policy, "score": _percent(score)}).in_(language))
    counts = {
        "total": mutated.total,
        "cases": mutated.cases,
        "killed": mutated.killed,
        "survived": len(mutated.survivors),
        "alike": len(mutated.alike),
    }
    lines.append(_SUMMARY.fill(counts).in_(language))
    if mutated.modules:
        values: dict[str, object] = {"files": list(mutated.modules), "cases": mutated.by_rego}
        lines.append(_REGO.fill(values).in_(language))
    lines.append(_TOTAL.fill({"score": _percent(mutated.score)}).in_(language))
    if not mutated.passed:
        lines.append(_SHORT.fill({"required": f"{mutated.required or 0:g}"}).in_(language))
    return "\n".join(visible(line) for line in lines)


def _percent(share: float) -> str:
    """Return the share rounded down: only all of it is ever called 100."""
    return f"{int(share * 10) / 10:.1f}"


def _line(text: Text, survivor: Survivor, language: Language) -> str:
    from headwater.policies.condition_edits import filled

    mutant = survivor.mutant
    change = mutant.change.in_(language)
    found = filled(text, where=str(mutant.position), rule=mutant.rule, change=change)
    return found.in_(language)


def _survivor(survivor: Survivor, language: Language) -> list[str]:
    from headwater.policies.condition_edits import filled

    lines = [_line(_SURVIVED, survivor, language)]
    if survivor.as_of is not None:
        shown = json.dumps(survivor.document, ensure_ascii=False)
        told = filled(_TELLS, as_of=survivor.as_of.isoformat(), facts=shown)
        lines.append(told.in_(language))
    return lines


def mutation_json(mutated: Mutated) -> str:
    """Return ``headwater/mutation/1``."""
    return json_text(
        {
            "schema": "headwater/mutation/1",
            "passed": mutated.passed,
            "score": round(mutated.score, 2),
            "required": mutated.required,
            "scores": {policy: round(score, 2) for policy, score in mutated.scores.items()},
            "counts": {
                "cases": mutated.cases,
                "mutants": mutated.total,
                "killed": mutated.killed,
                "survived": len(mutated.survivors),
                "alike": len(mutated.alike),
            },
            "rego": {"not_mutated": list(mutated.modules), "cases_left_out": mutated.by_rego},
            "survivors": [_document(each) for each in mutated.survivors],
            "alike": [_document(each) for each in mutated.alike],
        }
    )


def _document(survivor: Survivor) -> dict[str, object]:
    mutant = survivor.mutant
    found: dict[str, object] = {
        "policy": mutant.policy,
        "rule": mutant.rule,
        "location": mutant.position.document(),
        "change": {"en": mutant.change.en, "zh": mutant.change.zh},
    }
    if survivor.as_of is not None:
        found |= {"as_of": survivor.as_of.isoformat(), "facts": survivor.document}
    return found
