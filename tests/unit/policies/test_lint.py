"""Findings of style: each is found where it is, and not where it is not."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from headwater.catalog.forms import Problems
from headwater.catalog.nodes import Mapping
from headwater.catalog.yaml_source import parse_yaml
from headwater.policies import Vocabulary, load_policies
from headwater.policies.lint import Columns, Lint, lint
from headwater.policies.lint_texts import LINT

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.catalog.model import Workspace

DAY = datetime.date(2026, 11, 1)
CJK = re.compile("[\u4e00-\u9fff]")
HEAD = """\
kind: access-policy
id: p
title: {en: A policy, zh: 策略}
owner: health
basis: [PIPL-28]
effective: {from: 2026-01-01}
"""
SOUND = """\
rules:
  - id: r
    deny: {en: refused, zh: 不行}
    when: {context.purpose: {absent: true}}
    remedy: {en: say why, zh: 请说明}
  - id: a
    allow: true
    when: {context.purpose_agreed: {eq: true}}
"""


@pytest.fixture
def found(workspace: Workspace) -> Callable[..., list[Lint]]:
    def linted(
        *texts: str,
        as_of: datetime.date = DAY,
        columns: Columns = Columns(10, 0),  # noqa: B008 - frozen
        bilingual: bool = True,
    ) -> list[Lint]:
        documents = []
        for number, text in enumerate(texts, 1):
            whole = text if text.startswith("kind:") else HEAD + text
            node = parse_yaml(whole.encode(), f"policies/{number}.yaml")
            assert isinstance(node, Mapping)
            documents.append(node)
        changed = replace(workspace, policy_documents=tuple(documents))
        problems = Problems()
        policies = load_policies(changed, problems=problems)
        assert list(problems) == []
        vocabulary = Vocabulary.of(changed)
        return list(lint(policies, vocabulary, as_of=as_of, columns=columns, bilingual=bilingual))

    return linted


def names(findings: list[Lint]) -> list[str]:
    return [each.rule.removeprefix("lint/") for each in findings]


def test_a_sound_policy_has_no_findings(found: Callable[..., list[Lint]]) -> None:
    assert found(SOUND) == []


def test_the_built_in_pack_is_not_looked_at(found: Callable[..., list[Lint]]) -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("old", "new", "expected", "place"),
    [
        ("    remedy: {en: say why, zh: 请说明}\n", "", ["no-remedy"], "policies/1.yaml:8:9"),
        ("{en: refused, zh: 不行}", "no way", ["untranslated"], "policies/1.yaml:8:9"),
        (
            "context.purpose: {absent: true}",
            "context.purpose: {eq: marketing}",
            ["unknown-prone"],
            "policies/1.yaml:8:9",
        ),
        (
            "context.purpose: {absent: true}",
            "all: [{context.purpose: {present: true}}, {context.purpose: {eq: marketing}}]",
            [],
            "",
        ),
        (
            "{context.purpose: {absent: true}}",
            "{any: [{context.purpose: {absent: true}}, {context.purpose: {eq: marketing}}]}",
            [],
            "",
        ),
        (
            "context.purpose_agreed: {eq: true}",
            "context.agreement: {eq: active}",
            ["purpose-ignored"],
            "policies/1.yaml:12:9",
        ),
        (
            "en: say why, zh: 请说明",
            "'{context.purpose}?'",
            ["blank-absent"],
            "policies/1.yaml:8:9",
        ),
        ("en: say why, zh: 请说明", "'{context.checks}?'", [], ""),
    ],
)
def test_a_finding_is_where_it_is(
    found: Callable[..., list[Lint]], old: str, new: str, expected: list[str], place: str
) -> None:
    assert old in SOUND
    changed = SOUND.replace(old, new)
    if "'" in new:
        changed = changed.replace(f"{{{new}}}", new)
    findings = found(changed, bilingual="no way" in new)
    assert names(findings) == expected
    assert [str(each.position) for each in findings] == [place] * len(expected)


def test_a_level_that_columns_lack_is_counted(found: Callable[..., list[Lint]]) -> None:
    text = SOUND.replace("context.purpose: {absent: true}", "resource.level: {above: general-2}")
    (finding,) = found(text, columns=Columns(10, 3))
    assert finding.rule == "lint/unknown-level"
    assert "3 of 10 columns" in finding.message.en
    assert "10 个字段有 3 个" in finding.message.zh
    assert names(found(text, columns=Columns(10, 0))) == ["unknown-prone"]


def test_a_policy_and_an_exception_are_in_force_or_said_not_to_be(
    found: Callable[..., list[Lint]],
) -> None:
    exception = """\
kind: exception
id: trial
title: {en: A trial, zh: 试点}
owner: health
approver: city
reason: {en: it is a trial, zh: 试点}
rule: p/r
when: {action: {eq: read}}
effective: {from: 2026-03-01, until: 2026-04-30}
"""
    ended = found(SOUND, exception)
    assert names(ended) == ["exception-ended"]
    assert str(ended[0].position).startswith("policies/2.yaml:")
    assert found(SOUND, exception, as_of=datetime.date(2026, 4, 30)) == []
    assert names(found(SOUND, exception, as_of=datetime.date(2026, 2, 1))) == ["exception-pending"]
    assert names(found(SOUND, as_of=datetime.date(2025, 2, 1))) == ["policy-pending"]


def test_a_policy_that_has_ended_is_a_warning(found: Callable[..., list[Lint]]) -> None:
    text = HEAD.replace("2026-01-01}", "2026-01-01, until: 2026-10-31}") + SOUND
    (finding,) = found(text)
    assert (finding.rule, finding.severity.value) == ("lint/policy-ended", "warning")
    assert "2026-10-31" in finding.message.en
    assert "2026-10-31" in finding.message.zh


def test_a_policy_without_a_law_is_a_warning(found: Callable[..., list[Lint]]) -> None:
    assert names(found(HEAD.replace("basis: [PIPL-28]\n", "") + SOUND)) == ["no-basis"]


def test_an_attribute_of_the_workspace_is_used_or_said_not_to_be(
    found: Callable[..., list[Lint]],
) -> None:
    own = """\
kind: vocabulary
id: own
attributes:
  - {id: context.ticket, type: text, may_be_absent: true, description: {en: the ticket, zh: 工单}}
"""
    (finding,) = found(own, SOUND)
    assert (finding.rule, finding.about) == ("lint/unused-attribute", "context.ticket")
    assert finding.position.file == "policies/1.yaml"
    used = SOUND.replace("context.purpose: {absent: true}", "context.ticket: {eq: none}")
    assert names(found(own, used)) == ["unknown-always"]
    guarded = SOUND.replace("context.purpose: {absent: true}", "context.ticket: {absent: true}")
    assert found(own, guarded) == []


def test_findings_have_the_same_facts_in_both_languages() -> None:
    for _, text in LINT.values():
        assert CJK.search(text.zh)
        assert not CJK.search(text.en)
        blanks = re.compile(r"\{[\w.]+\}")
        assert set(blanks.findall(text.en)) == set(blanks.findall(text.zh))
        assert not re.search("[\u4e00-\u9fff] ?[,;:?!]", text.zh)


def test_a_document_says_everything(found: Callable[..., list[Lint]]) -> None:
    (finding,) = found(SOUND.replace("    remedy: {en: say why, zh: 请说明}\n", ""))
    document: dict[str, Any] = finding.document()
    assert document["location"] == {"file": "policies/1.yaml", "line": 8, "column": 9}
    assert (document["rule"], document["severity"], document["about"]) == (
        "lint/no-remedy",
        "warning",
        "p/r",
    )
