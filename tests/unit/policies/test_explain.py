"""Reasons: filled in both languages, honest about what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.policies import Reason, Vocabulary, explain
from headwater.policies.native import NativeEngine

if TYPE_CHECKING:
    from collections.abc import Callable

RULES = """\
rules:
  - id: purpose
    deny:
      en: "{subject.department} may not, for {context.purpose}"
      zh: "{subject.department}不得用于{context.purpose}"
    when: {not: {context.purpose: {under: public-health}}}
    remedy: {en: "ask {resource.department}", zh: "请联系{resource.department}"}
  - {id: read, allow: true, when: {action: {eq: read}}}
  - id: via
    warn: "through {context.via}: {context.masked}, {context.hops}"
    when: {context.via: {present: true}}
"""


def _reasons(
    load: Callable[..., Any],
    facts: Callable[..., Any],
    vocabulary: Vocabulary,
    known: dict[str, Any],
    shown: dict[str, object] | None = None,
) -> tuple[Reason, ...]:
    policies, problems = load(RULES)
    assert problems == []
    question = facts(known)
    (decision,) = NativeEngine(policies).decide([question])
    return explain(decision, question, policies, vocabulary, shown=shown)


def test_a_reason_speaks_of_these_facts_by_the_names_that_people_use(
    load: Callable[..., Any], facts: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    known = {
        "action": "read",
        "subject.department": "tax",
        "resource.department": "health",
        "context.purpose": "marketing",
        "context.via": ["police", "city"],
        "context.masked": False,
        "context.hops": 3,
    }
    denied, warned = _reasons(load, facts, vocabulary, known)
    assert denied.message.en == "Tax may not, for marketing"
    assert denied.message.zh == "税务局不得用于营销"
    assert denied.remedy is not None
    assert (denied.remedy.en, denied.remedy.zh) == ("ask Health", "请联系卫健委")
    assert (denied.basis, str(denied.position)) == (("PIPL-28",), "policies/1.yaml:8:9")
    assert warned.message.en == "through Police, City: false, 3"
    assert warned.message.zh == "through 公安局、市: false, 3"


def test_an_unknown_rule_says_which_attribute_is_not_known(
    load: Callable[..., Any], facts: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    (found,) = _reasons(load, facts, vocabulary, {"action": "read"})
    assert found.unknown == ("context.purpose",)
    assert "`context.purpose`" in found.message.en
    assert "`context.purpose`" in found.message.zh
    assert "(not known) may not, for (not known)" in found.message.en
    assert "（未知）不得用于（未知）" in found.message.zh
    assert found.document()["unknown"] == ["context.purpose"]


def test_an_allow_without_a_message_still_says_which_rule_allows(
    load: Callable[..., Any], facts: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    (found,) = _reasons(
        load, facts, vocabulary, {"action": "read", "context.purpose": "immunisation"}
    )
    assert found.message.en == "`p/read` allows it"
    assert "`p/read`" in found.message.zh


def test_what_is_shown_can_stand_for_several_questions(
    load: Callable[..., Any], facts: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    known = {"action": "share", "context.purpose": "marketing"}
    shown: dict[str, object] = {"context.purpose": ["marketing", "sightseeing"]}
    denied = _reasons(load, facts, vocabulary, known, shown)[0]
    assert denied.message.en.endswith("for marketing, sightseeing")


def test_a_hostile_value_neither_commands_nor_opens_a_blank(
    load: Callable[..., Any], facts: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    known = {"action": "share", "context.purpose": "\x1b[2J{subject.department}\u202e"}
    found = _reasons(load, facts, vocabulary, known)[0].message
    for text in (found.en, found.zh):
        assert not set(text) & {"\x1b", "\u202e", "{", "}"}
