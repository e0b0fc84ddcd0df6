"""Policy files: what they must say, mistakes told with their line, and what the revision covers."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest

from headwater.policies.model import Disposal
from headwater.policies.native import NativeEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.policies import Decision

GOOD = """\
kind: access-policy
id: p
title: {en: A policy, zh: 策略}
owner: health
basis: [PIPL-28]
effective: {from: 2026-01-01, until: 2026-12-31}
mode: enforce
applies_to: {resource.categories: {has: health}}
rules:
  - id: purpose
    deny: {en: "not for {context.purpose}", zh: "不得用于{context.purpose}"}
    when: {not: {context.purpose: {under: public-health}}}
    remedy: do not
  - id: statistics
    allow: true
    when: {context.masked: {eq: true}}
    obligations: [{delete_after: P90D}, {notify: tax}, {mask: {category: health, with: hash}}]
"""

TERMS = """\
kind: retention-policy
id: t
title: keep short
owner: police
basis: [PIPL-19]
effective: {from: 2021-11-01}
applies_to: {resource.categories: {has: personal}}
rules:
  - {id: most, at_most: P2Y, since: {column: collected_on}, then: delete}
  - {id: least, at_least: P3Y, since: purpose-fulfilled, when: {resource.level: {eq: core}}}
"""


def test_a_good_file_is_read_whole(load: Callable[..., Any]) -> None:
    policies, problems = load(GOOD, TERMS)
    assert problems == []
    deny, allow = policies.rules["p/purpose"], policies.rules["p/statistics"]
    assert deny.message.zh == "不得用于{context.purpose}"
    assert deny.basis == ("PIPL-28",)
    assert str(deny.position) == "policies/1.yaml:10:9"
    assert allow.obligation_documents() == [
        {"delete_after": "P90D"},
        {"notify": "tax"},
        {"mask": {"category": "health", "with": "hash"}},
    ]
    most, least = policies.terms["t/most"], policies.terms["t/least"]
    assert (most.at_most, most.since.column, most.then) == ("P2Y", "collected_on", Disposal.DELETE)
    assert (least.at_least, least.since.event, least.then) == ("P3Y", "purpose-fulfilled", None)


# edit of GOOD or TERMS → code, line, word of the message, suggestion
MISTAKES: list[tuple[str, str, str, int, str, str | None]] = [
    ("owner: health", "ownr: health", "unknown-key", 4, "ownr", "owner"),
    ("owner: health\n", "", "missing-key", 1, "owner", None),
    ("owner: health", "owner: helth", "unknown-reference", 4, "helth", "health"),
    ("mode: enforce", "mode: enfroce", "not-one-of", 7, "enfroce", "enforce"),
    ("id: p\n", "id: sharing\n", "reserved-policy", 2, "sharing", None),
    ("id: p\n", "id: 'p/q'\n", "bad-id", 2, "p/q", None),
    ("from: 2026-01-01", "from: 2026-02-30", "bad-date", 6, "2026-02-30", None),
    ("until: 2026-12-31", "until: 2025-12-31", "bad-range", 6, "2025-12-31", None),
    ("from: 2026-01-01, ", "", "missing-key", 6, "effective.from", None),
    (
        "effective: {from: 2026-01-01, until: 2026-12-31}\n",
        "",
        "missing-key",
        1,
        "effective.from",
        None,
    ),
    ("    remedy: do not", "    remdy: do not", "unknown-key", 13, "remdy", "remedy"),
    ("remedy: do not", "warn: w", "one-effect", 10, "2", None),
    ("    allow: true\n", "", "one-effect", 14, "0", None),
    ("allow: true", "allow: false", "must-be-true", 15, "allow", None),
    ("id: statistics", "id: purpose", "duplicate-id", 14, "purpose", None),
    (
        "{context.purpose}",
        "{context.purpse}",
        "unknown-attribute",
        11,
        "context.purpse",
        "context.purpose",
    ),
    ("not for {context.purpose}", "not for {context.purpose", "bad-blank", 11, "brace", None),
    (
        "remedy: do not",
        'remedy: "{resource.lvl}"',
        "unknown-attribute",
        13,
        "resource.lvl",
        "resource.level",
    ),
    (', zh: "不得用于{context.purpose}"', "", "text-language", 11, "zh", None),
    ("P90D", "90d", "bad-period", 17, "90d", None),
    ("delete_after", "delete_aftr", "unknown-key", 17, "delete_aftr", "delete_after"),
    ("notify: tax", "notify: taxx", "unknown-reference", 17, "taxx", "tax"),
    ("with: hash", "with: hsah", "not-one-of", 17, "hsah", "hash"),
    ("remedy: do not", "obligations: [{notify: tax}]", "unknown-key", 13, "obligations", None),
    ("remedy: do not", "message: m", "unknown-key", 13, "message", None),
]
TERM_MISTAKES: list[tuple[str, str, str, int, str, str | None]] = [
    ("at_most: P2Y", "at_most: P0D", "bad-period", 9, "P0D", None),
    ("at_most: P2Y", "at_mots: P2Y", "one-term", 9, "0", None),
    ("at_most: P2Y", "at_most: P2Y, at_least: P1Y", "one-term", 9, "2", None),
    (", then: delete", "", "missing-key", 9, "then", None),
    ("then: delete", "then: delte", "not-one-of", 9, "delte", "delete"),
    (
        "since: {column: collected_on}",
        "since: {colum: collected_on}",
        "unknown-key",
        9,
        "colum",
        "column",
    ),
    (
        "purpose-fulfilled",
        "purpose-fulfiled",
        "not-one-of",
        10,
        "purpose-fulfiled",
        "purpose-fulfilled",
    ),
    ("since: purpose-fulfilled, ", "", "missing-key", 10, "since", None),
    ("id: least", "id: most", "duplicate-id", 10, "most", None),
]


@pytest.mark.parametrize("mistake", [*MISTAKES, *TERM_MISTAKES], ids=lambda m: f"{m[1]}"[:40])
def test_each_mistake_is_told_with_its_line_and_what_was_meant(
    mistake: tuple[str, str, str, int, str, str | None], load: Callable[..., Any]
) -> None:
    before, after, code, line, word, meant = mistake
    text = GOOD if mistake in MISTAKES else TERMS
    assert before in text
    problems = load(text.replace(before, after, 1)).problems
    found = next((each for each in problems if each.code == code and word in each.message.en), None)
    assert found is not None, problems
    assert (found.position.file, found.position.line) == ("policies/1.yaml", line)
    if meant:
        assert f"did you mean `{meant}`?" in found.hint.en


def test_an_allow_without_any_condition_is_refused(load: Callable[..., Any]) -> None:
    (found,) = load("rules:\n  - id: r\n    allow: true\n").problems
    assert found.code == "allow-without-condition"
    assert (
        load("applies_to: {action: {eq: read}}\nrules:\n  - {id: r, allow: true}\n").problems == []
    )


def test_two_policies_of_one_id_are_refused_and_the_first_is_named(
    load: Callable[..., Any],
) -> None:
    (found,) = load(GOOD, GOOD).problems
    assert (found.code, found.position.file) == ("overlapping-dates", "policies/2.yaml")
    assert "policies/1.yaml:2:5" in found.message.en


def test_a_rule_may_not_take_the_id_of_a_built_in_one(load: Callable[..., Any]) -> None:
    text = TERMS.replace("id: t\n", "id: retention\n").replace("id: most", "id: expired")
    (found,) = load(text).problems
    assert (found.code, found.position.line) == ("reserved-policy", 9)


def test_a_rule_of_the_pack_can_be_switched_off_and_a_misspelt_one_is_told(
    load: Callable[..., Any],
) -> None:
    policies, problems = load(off=("sharing/checks-missing",))
    assert problems == []
    assert "sharing/checks-missing" not in policies.rules
    (found,) = load(off=("sharing/check-missing",)).problems
    assert found.code == "unknown-reference"
    assert "did you mean `sharing/checks-missing`?" in found.hint.en


@pytest.mark.parametrize(
    ("day", "in_force"),
    [("2025-12-31", False), ("2026-01-01", True), ("2026-12-31", True), ("2027-01-01", False)],
)
def test_a_policy_is_in_force_from_its_first_day_through_its_last(
    day: str, in_force: bool, decide: Callable[..., Decision]
) -> None:
    given = {"resource.categories": ["health"], "context.purpose": "marketing"}
    found = decide(GOOD, given, datetime.date.fromisoformat(day))
    assert ("p/purpose" in found.rules) is in_force


def test_a_policy_that_only_advises_warns_and_never_decides(
    decide: Callable[..., Decision],
) -> None:
    given = {"resource.categories": ["health"], "context.purpose": "marketing", "action": "read"}
    found = decide(GOOD.replace("mode: enforce", "mode: advise"), given | {"context.masked": True})
    assert (found.allow, found.rules, found.warnings) == (False, (), ("p/purpose",))
    del given["context.purpose"]
    found = decide(GOOD.replace("mode: enforce", "mode: advise"), given)
    assert found.warnings == ("p/purpose",)
    assert found.unknown == ()
    assert found.unknown_rules == {"p/purpose": ("context.purpose",)}


def test_obligations_are_those_of_the_rules_that_allow_and_only_where_allowed(
    decide: Callable[..., Decision],
) -> None:
    given: dict[str, Any] = {
        "action": "read",
        "resource.categories": ["health"],
        "context.purpose": "immunisation",
        "context.masked": True,
    }
    assert [dict(each) for each in decide(GOOD, given).obligations] == [
        {"delete_after": "P90D"},
        {"mask": {"category": "health", "with": "hash"}},
        {"notify": "tax"},
    ]
    assert decide(GOOD, given | {"context.purpose": "marketing"}).obligations == ()


def test_retention_rules_hold_or_are_unknown(
    load: Callable[..., Any], facts: Callable[..., Any]
) -> None:
    engine = NativeEngine(load(TERMS).policies)
    questions = [
        facts({"resource.categories": ["personal"], "resource.level": "core"}),
        facts({"resource.categories": ["personal"]}),
        facts({"resource.categories": []}),
    ]
    assert [found.document() for found in engine.terms(questions)] == [
        {"terms": ["t/least", "t/most"], "unknown": {}},
        {"terms": ["t/most"], "unknown": {"t/least": ["resource.level"]}},
        {"terms": [], "unknown": {}},
    ]


UNCHANGED = [
    ("not for", "never for"),
    ("remedy: do not", "remedy: stop"),
    ("A policy", "The policy"),
    ("PIPL-28", "PIPL-29"),
    ("[{delete_after: P90D}, {notify: tax}", "[ {delete_after: P90D}, {notify: tax}"),
]
CHANGED = [
    ("id: purpose", "id: purposes"),
    ("deny:", "warn:"),
    ("under: public-health", "under: immunisation"),
    ("not: {context.purpose", "all: [{context.purpose"),
    ("has: health", "has: personal"),
    ("mode: enforce", "mode: advise"),
    ("from: 2026-01-01", "from: 2026-01-02"),
    ("until: 2026-12-31", "until: 2026-12-30"),
    ("P90D", "P91D"),
    ("eq: true", "eq: false"),
]


def test_the_revision_changes_with_what_decides_and_with_nothing_else(
    load: Callable[..., Any],
) -> None:
    def revision(*texts: str) -> str:
        policies, problems = load(*texts)
        assert problems == []
        return str(policies.revision)

    first = revision(GOOD, TERMS)
    assert revision(TERMS, GOOD) == first
    for before, after in UNCHANGED:
        assert revision(GOOD.replace(before, after, 1), TERMS) == first, after
    found = {first}
    for before, after in CHANGED:
        text = GOOD.replace(before, after, 1)
        found.add(
            revision(text.replace("health}}}", "health}}]}") if "all: [" in text else text, TERMS)
        )
    for before, after in [("P2Y", "P3Y"), ("collected_on", "seen_on"), ("delete}", "archive}")]:
        found.add(revision(GOOD, TERMS.replace(before, after, 1)))
    assert len(found) == 1 + len(CHANGED) + 3
