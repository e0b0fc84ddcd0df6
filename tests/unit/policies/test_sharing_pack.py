"""The built-in pack, rule by rule, against the table of the workspace's reference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from headwater.policies.native import NativeEngine

if TYPE_CHECKING:
    from collections.abc import Callable

COVERED: dict[str, Any] = {
    "action": "share",
    "subject.department": "tax",
    "subject.clearance": "general-4",
    "resource.department": "police",
    "resource.name": "population.public.resident",
    "resource.column": "name",
    "resource.level": "general-3",
    "resource.categories": ["personal"],
    "context.purpose": "immunisation",
    "context.agreement": "active",
    "context.granted": True,
    "context.purpose_agreed": True,
    "context.checks": "passing",
    "context.evidence": "observed",
    "context.influence": "direct",
    "context.hops": 1,
    "context.masked": False,
}
"""A direct flow that nothing speaks against."""

ONWARD = {"context.via": ["health"], "context.onward_granted": True}
NO_GRANT = {"context.agreement": "none", "context.granted": False, "context.purpose_agreed": None}
IMPLIED = {"context.evidence": "implied", "resource.column": None}

# what changes → rules that deny, rules that warn, rules that allow (where none denies), unknown
CASES: list[tuple[str, dict[str, Any], str, str, str, str]] = [
    ("a covered flow", {}, "", "", "covered", ""),
    ("no agreement", NO_GRANT, "no-agreement", "", "", ""),
    ("expired", {"context.agreement": "expired"}, "agreement-not-in-force", "", "", ""),
    ("pending", {"context.agreement": "pending"}, "agreement-not-in-force", "", "", ""),
    ("terminated", {"context.agreement": "terminated"}, "agreement-not-in-force", "", "", ""),
    ("superseded", {"context.agreement": "superseded"}, "agreement-not-in-force", "", "", ""),
    ("draft", {"context.agreement": "draft"}, "agreement-not-in-force", "", "", ""),
    (
        "agreement not known",
        {"context.agreement": None},
        "no-agreement agreement-not-in-force",
        "",
        "",
        "context.agreement",
    ),
    ("column not granted", {"context.granted": False}, "column-not-granted", "", "", ""),
    (
        "column not granted, purpose not agreed",
        {"context.granted": False, "context.purpose_agreed": False},
        "column-not-granted",
        "",
        "",
        "",
    ),
    (
        "grant not known",
        {"context.granted": None},
        "column-not-granted",
        "",
        "",
        "context.granted",
    ),
    (
        "columns unknown",
        {**IMPLIED, "context.granted": False},
        "",
        "columns-unknown",
        "covered",
        "",
    ),
    ("implied, all granted", IMPLIED, "", "", "covered", ""),
    ("purpose drift", {"context.purpose_agreed": False}, "purpose-drift", "", "", ""),
    (
        "purpose drift of an implied flow",
        {**IMPLIED, "context.granted": False, "context.purpose_agreed": False},
        "purpose-drift",
        "columns-unknown",
        "",
        "",
    ),
    (
        "agreed or not is not known",
        {"context.purpose_agreed": None},
        "purpose-drift",
        "",
        "",
        "context.purpose_agreed",
    ),
    (
        "purpose unknown",
        {"context.purpose": None, "context.purpose_agreed": None},
        "purpose-unknown",
        "",
        "",
        "",
    ),
    (
        "onward and not granted",
        {**NO_GRANT, **ONWARD, "context.onward_granted": False},
        "onward-not-granted",
        "",
        "",
        "",
    ),
    (
        "onward, not granted, but covered by their own agreement",
        {**ONWARD, "context.onward_granted": False},
        "",
        "",
        "covered",
        "",
    ),
    (
        "onward, not granted, their own agreement is on another column",
        {**ONWARD, "context.onward_granted": False, "context.granted": False},
        "onward-not-granted",
        "",
        "",
        "",
    ),
    (
        "onward, not granted, their own agreement is for another purpose",
        {**ONWARD, "context.onward_granted": False, "context.purpose_agreed": False},
        "onward-not-granted",
        "",
        "",
        "",
    ),
    (
        "onward, granted or not is not known",
        {**NO_GRANT, **ONWARD, "context.onward_granted": None},
        "onward-not-granted",
        "",
        "",
        "context.onward_granted",
    ),
    ("onward and granted", {**NO_GRANT, **ONWARD}, "", "", "onward", ""),
    ("onward and granted and covered", ONWARD, "", "", "covered onward", ""),
    (
        "onward: the rules of direct flows are silent",
        {**ONWARD, "context.agreement": "expired", "context.checks": "failing"},
        "",
        "",
        "onward",
        "",
    ),
    (
        "level above clearance",
        {"subject.clearance": "general-2"},
        "level-above-clearance",
        "",
        "",
        "",
    ),
    (
        "level above clearance, onward",
        {**ONWARD, "subject.clearance": "general-2"},
        "level-above-clearance",
        "",
        "",
        "",
    ),
    ("level at clearance", {"subject.clearance": "general-3"}, "", "", "covered", ""),
    (
        "level not known",
        {"resource.level": None},
        "level-above-clearance",
        "",
        "",
        "resource.level",
    ),
    (
        "level above agreement",
        {"context.max_level": "general-2"},
        "level-above-agreement",
        "",
        "",
        "",
    ),
    ("level at the agreement's", {"context.max_level": "general-3"}, "", "", "covered", ""),
    (
        "level above agreement, onward",
        {**ONWARD, "context.max_level": "general-1"},
        "",
        "",
        "covered onward",
        "",
    ),
    ("unmasked, masking not asked", {"context.masking_required": False}, "", "", "covered", ""),
    ("unmasked, masking asked", {"context.masking_required": True}, "not-masked", "", "", ""),
    (
        "masked as asked",
        {"context.masking_required": True, "context.masked": True},
        "",
        "",
        "covered",
        "",
    ),
    (
        "unmasked, masking asked, onward",
        {**NO_GRANT, **ONWARD, "context.masking_required": True},
        "not-masked",
        "",
        "",
        "",
    ),
    ("small groups", {"context.min_k": 5, "context.k": 4}, "group-too-small", "", "", ""),
    ("groups just large enough", {"context.min_k": 5, "context.k": 5}, "", "", "covered", ""),
    ("groups of unknown size", {"context.min_k": 5}, "group-too-small", "", "", "context.k"),
    ("small groups, none agreed", {"context.k": 1}, "", "", "covered", ""),
    ("elsewhere", {"context.location_agreed": False}, "outside-location", "", "", ""),
    ("where it was agreed", {"context.location_agreed": True}, "", "", "covered", ""),
    ("some rows", {"context.rows_limited": True}, "", "rows-unjudged", "covered", ""),
    ("checks failing", {"context.checks": "failing"}, "checks-failing", "", "", ""),
    ("checks missing", {"context.checks": "missing"}, "checks-missing", "", "", ""),
    (
        "checks not known",
        {"context.checks": None},
        "checks-failing checks-missing",
        "",
        "",
        "context.checks",
    ),
    ("not sharing", {"action": "read", "context.agreement": "none"}, "", "", "", ""),
]


def _ids(names: str) -> tuple[str, ...]:
    return tuple(sorted(f"sharing/{name}" for name in names.split()))


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_each_rule_speaks_when_the_table_says_so_and_is_silent_otherwise(
    case: tuple[str, dict[str, Any], str, str, str, str],
    load: Callable[..., Any],
    facts: Callable[..., Any],
) -> None:
    _, change, deny, warn, allow, unknown = case
    (found,) = NativeEngine(load().policies).decide([facts({**COVERED, **change})])
    assert found.rules == (_ids(deny) or _ids(allow))
    assert found.allow is (bool(allow) and not deny)
    assert found.warnings == _ids(warn)
    assert found.unknown == tuple(unknown.split())


def test_every_rule_of_the_pack_has_a_case_in_which_it_alone_decides(
    load: Callable[..., Any],
) -> None:
    alone = {names for case in CASES for names in case[2:5] if len(names.split()) == 1}
    assert {f"sharing/{name}" for name in alone} == {
        rule.id for policy, rule in load().policies.access_rules()
    }


def test_the_pack_has_the_rules_and_effects_of_the_reference(load: Callable[..., Any]) -> None:
    found = {rule.id: rule.effect.value for rule in load().policies.rules.values()}
    denying = (
        "no-agreement agreement-not-in-force column-not-granted purpose-drift purpose-unknown "
        "onward-not-granted level-above-clearance level-above-agreement checks-failing "
        "checks-missing not-masked group-too-small outside-location"
    )
    wanted = dict.fromkeys(_ids(denying), "deny") | dict.fromkeys(_ids("covered onward"), "allow")
    assert found == wanted | dict.fromkeys(_ids("columns-unknown rows-unjudged"), "warn")


def test_every_text_of_the_pack_says_the_same_in_both_languages(load: Callable[..., Any]) -> None:
    for rule in load().policies.rules.values():
        texts = [text for text in (rule.message, rule.remedy) if text]
        assert len(texts) == (1 if rule.effect.value == "allow" else 2), rule.id
        for text in texts:
            blanks = [sorted(re.findall(r"\{([\w.]+)\}", said)) for said in (text.en, text.zh)]
            assert set(blanks[0]) == set(blanks[1]), text
            assert re.search("[一-鿿]", text.zh)
            assert not re.search("[一-鿿][,;:]|[,;:][一-鿿]", text.zh), text.zh
        if rule.effect.value != "allow":
            assert rule.basis
