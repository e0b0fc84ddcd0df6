"""Comparing policies: rules, and where answers differ though nothing flows."""

from __future__ import annotations

import datetime
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.errors import InputError
from headwater.catalog.model import LEVELS
from headwater.catalog.position import Position
from headwater.catalog.text import Text
from headwater.policies import PolicySet, Vocabulary, normalise
from headwater.policies.attributes import ATTRIBUTES, Attribute, Kind
from headwater.policies.comparison import edits, joined
from headwater.policies.differences import find_differences
from headwater.policies.model import (
    AccessPolicy,
    All,
    Atom,
    Condition,
    Dates,
    Effect,
    Mode,
    Not,
    Reference,
    Rule,
)
from headwater.policies.model import Any as AnyOf
from headwater.policies.native import NativeEngine
from headwater.policies.replay import Turn, turns_of

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = datetime.date(2026, 11, 1)
VOCABULARY = Vocabulary({"city": ("city",), "tax": ("tax",)}, {}, ("health", "minors"), {})

BEFORE = """\
rules:
  - id: level
    deny: too high
    when: {resource.level: {at_least: important}}
  - id: gone
    deny: d
    when: {context.masked: {eq: false}}
  - id: same
    allow: true
    when: {action: {eq: share}}
"""
AFTER = """\
rules:
  - id: level
    deny: too high
    when: {resource.level: {at_least: general-4}}
    remedy: lower it
  - id: same
    allow: true
    when: {action: {eq: share}}
    obligations: [{delete_after: P90D}]
  - id: new
    warn: w
    when: {context.masked: {absent: true}}
"""


def test_rules_that_were_added_removed_and_changed_are_told_with_what_differs(
    load: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    found = edits(load(BEFORE).policies, load(AFTER).policies, vocabulary, vocabulary)
    assert [(each.id, each.edit.value) for each in found] == [
        ("p/gone", "removed"),
        ("p/level", "changed"),
        ("p/new", "added"),
        ("p/same", "changed"),
    ]
    gone, level, new, same = found
    assert [each.name for each in level.aspects] == ["when", "remedy"]
    when = level.aspects[0]
    assert isinstance(when.old, Text)
    assert isinstance(when.new, Text)
    assert when.old != when.new
    assert "general-4" in when.new.en
    assert [(each.name, each.old, each.new) for each in same.aspects] == [
        ("obligations", [], ['{"delete_after":"P90D"}'])
    ]
    assert {each.name: each.new for each in new.aspects}["effect"] == "warn"
    assert {each.name: each.old for each in gone.aspects}["effect"] == "deny"


def test_a_change_of_wording_alone_decides_nothing(
    load: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    after = BEFORE.replace("too high", "much too high")
    (found,) = edits(load(BEFORE).policies, load(after).policies, vocabulary, vocabulary)
    assert found.edit.value == "reworded"
    (message,) = found.aspects
    assert (message.name, message.decides) == ("message", False)
    assert isinstance(message.old, Text)
    assert isinstance(message.new, Text)
    assert (message.old.en, message.new.en) == ("too high", "much too high")


def test_a_remedy_or_a_law_that_is_another_is_told_as_what_it_is(
    load: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    old = load(BEFORE).policies
    (policy,) = (each for each in old.access if each.id == "p")
    rules = (replace(policy.rules[0], remedy=Text("r", "r"), basis=("DSL-21",)), *policy.rules[1:])
    access = tuple(replace(each, rules=rules) if each is policy else each for each in old.access)
    (found,) = edits(old, replace(old, access=access), vocabulary, vocabulary)
    assert (found.edit.value, [each.name for each in found.aspects]) == (
        "reworded",
        ["remedy", "basis"],
    )


def test_dates_mode_and_terms_are_compared(
    load: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    policies = load(BEFORE).policies
    own = next(policy for policy in policies.access if policy.id == "p")
    later = replace(own, mode=Mode.ADVISE, dates=replace(own.dates, until=DAY))
    changed = replace(policies, access=(later,))
    found = edits(replace(policies, access=(own,)), changed, vocabulary, vocabulary)
    assert len(found) == 3
    assert {(each.name, each.old, each.new) for each in found[0].aspects} == {
        ("mode", "enforce", "advise"),
        ("until", None, "2026-11-01"),
    }
    term = """\
kind: retention-policy
id: t
title: T
owner: health
basis: [PIPL-19]
effective: {from: 2026-01-01}
rules:
  - {id: r, at_most: P2Y, since: service-ended, then: delete}
"""
    before, after = load(term).policies, load(term.replace("P2Y", "P1Y")).policies
    (edit,) = edits(before, after, vocabulary, vocabulary)
    assert [(each.name, each.old, each.new) for each in edit.aspects] == [("at_most", "P2Y", "P1Y")]


def test_vocabularies_are_joined_and_the_newer_comes_first() -> None:
    own = Attribute("context.way", Kind.CHOICE, Text("way", "方式"), ("post", "fax"))
    old = replace(VOCABULARY, attributes={**ATTRIBUTES, own.name: own}, periods=("P1Y",))
    newer = replace(own, choices=("wire", "post"))
    new = Vocabulary(
        {"city": ("city", "land"), "land": ("land",)},
        {"care": ("care",)},
        ("personal",),
        {},
        {**ATTRIBUTES, own.name: newer},
        ("P90D",),
    )
    found = joined(old, new)
    assert found.departments == {"city": ("city", "land"), "land": ("land",), "tax": ("tax",)}
    assert found.attributes["context.way"].choices == ("wire", "post", "fax")
    assert found.categories == ("personal", "health", "minors")
    assert found.periods == ("P1Y", "P90D")


def test_an_attribute_that_changed_its_kind_cannot_be_compared() -> None:
    own = Attribute("context.way", Kind.CHOICE, Text("way", "方式"), ("post",))
    old = replace(VOCABULARY, attributes={**ATTRIBUTES, own.name: own})
    new = replace(VOCABULARY, attributes={**ATTRIBUTES, own.name: replace(own, kind=Kind.TEXT)})
    with pytest.raises(InputError) as caught:
        joined(old, new)
    assert [problem.code for problem in caught.value.problems] == ["attribute-changed"]


# --- where answers differ -------------------------------------------------------------------

GRID: dict[str, list[Any]] = {
    "resource.level": [None, *LEVELS],
    "subject.clearance": [None, *LEVELS],
    "context.masked": [None, False, True],
    "resource.categories": [None, [], ["health"], ["minors"], ["health", "minors"]],
}
_atoms = st.sampled_from(
    [
        Atom("resource.level", "at_least", ("general-3",)),
        Atom("resource.level", "eq", ("general-1",)),
        Atom("resource.level", "above", Reference("subject.clearance")),
        Atom("subject.clearance", "not", ("general-3",)),
        Atom("context.masked", "eq", (True,)),
        Atom("context.masked", "absent", (True,)),
        Atom("resource.categories", "has", ("health",)),
        Atom("resource.categories", "has_all", ("health", "minors")),
        Atom("resource.categories", "present", (True,)),
    ]
)
_conditions: st.SearchStrategy[Condition] = st.recursive(
    _atoms,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=2, max_size=3))
        | st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=2, max_size=2))
    ),
    max_leaves=4,
)
_obligations = st.sampled_from([(), ('{"delete_after":"P90D"}',), ('{"notify":"tax"}',)])
_rules = st.lists(
    st.tuples(st.sampled_from(list(Effect)), _conditions, _obligations), min_size=1, max_size=4
)


def policies_of(
    rules: list[tuple[Effect, Condition, tuple[str, ...]]],
    dates: Dates = Dates(None, None),  # noqa: B008 - it is frozen
) -> PolicySet:
    place, text = Position("p.yaml"), Text("m", "m")
    made = tuple(
        Rule(f"p/r{at}", effect, None, when, text, None, (),
             obligations if effect is Effect.ALLOW else (), place)
        for at, (effect, when, obligations) in enumerate(rules)
    )  # fmt: skip
    return PolicySet((AccessPolicy("p", text, None, (), dates, Mode.ENFORCE, made, place),), ())


def _all_facts() -> list[Any]:
    found = []
    for values in product(*GRID.values()):
        document: dict[str, dict[str, object]] = {}
        for name, value in zip(GRID, values, strict=True):
            group, _, inner = name.partition(".")
            document.setdefault(group, {})[inner] = value
        found.append(normalise(document, VOCABULARY, DAY))
    return found


FACTS = _all_facts()


@settings(max_examples=80, deadline=None)
@given(_rules, _rules, st.booleans())
def test_differences_are_found_exactly_where_trying_everything_finds_any(
    before: list[Any], after: list[Any], shared: bool
) -> None:
    old = policies_of(before)
    new = policies_of([*before[:-1], *after] if shared else after)
    found = find_differences(old, new, VOCABULARY, DAY, most=1000)
    assert found.complete
    pairs = zip(NativeEngine(old).decide(FACTS), NativeEngine(new).decide(FACTS), strict=True)
    turns = {turn for pair in pairs for turn in turns_of(*pair)}
    assert {each.change.turn for each in found.found} == turns
    for each in found.found:
        facts = [normalise(dict(each.document), VOCABULARY, each.as_of)]
        (was,), (now,) = NativeEngine(old).decide(facts), NativeEngine(new).decide(facts)
        assert each.change.turn in turns_of(was, now)
        assert (was, now) == (each.change.old, each.change.new)


def test_equal_policies_differ_nowhere() -> None:
    policies = policies_of([(Effect.ALLOW, Atom("action", "eq", ("share",)), ())])
    found = find_differences(policies, policies, VOCABULARY, DAY)
    assert (found.found, found.complete) == ((), True)


def test_a_policy_that_begins_later_differs_on_a_later_day() -> None:
    rules: list[Any] = [(Effect.ALLOW, Atom("action", "eq", ("share",)), ())]
    start = datetime.date(2027, 1, 1)
    found = find_differences(
        policies_of([]), policies_of(rules, Dates(start, None)), VOCABULARY, DAY
    )
    (difference,) = found.found
    assert (difference.change.turn, difference.as_of) == (Turn.ALLOWED, start)
    assert difference.document == {"action": "share"}


def test_more_differences_than_asked_for_are_said_to_be_there() -> None:
    rules: list[Any] = [
        (
            Effect.ALLOW,
            All((Atom("context.hops", "eq", (at,)), Atom("action", "eq", ("share",)))),
            (),
        )
        for at in range(5)
    ]
    found = find_differences(policies_of([]), policies_of(rules), VOCABULARY, DAY, most=3)
    assert (len(found.found), found.complete) == (3, False)
    whole = find_differences(policies_of([]), policies_of(rules), VOCABULARY, DAY)
    assert (len(whole.found), whole.complete) == (5, True)


def test_what_a_pattern_matches_is_shown_but_not_said_to_be_all() -> None:
    rules: list[Any] = [(Effect.ALLOW, Atom("resource.name", "matches", ("tax_[a-z]+",)), ())]
    found = find_differences(policies_of([]), policies_of(rules), VOCABULARY, DAY)
    assert not found.complete
