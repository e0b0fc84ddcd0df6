"""Conflicts: what is found, and equality with trying every combination of many values."""

from __future__ import annotations

import datetime
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.model import LEVELS
from headwater.catalog.position import Position
from headwater.catalog.text import Text
from headwater.policies import PolicySet, Vocabulary, normalise
from headwater.policies.attributes import ATTRIBUTES, Attribute, Kind
from headwater.policies.conflicts import Clash, Conflict, Conflicts, find_conflicts
from headwater.policies.formula import formula_of
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
from headwater.policies.native import NativeEngine, truth_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DAY = datetime.date(2026, 11, 1)
VOCABULARY = Vocabulary(
    {"city": ("city",), "health": ("health", "city"), "tax": ("tax",)},
    {"care": ("care",), "vaccines": ("vaccines", "care")},
    ("health", "minors"),
    {},
)
OPEN = Dates(None, None)


def conflicts(load: Callable[..., Any], text: str) -> Conflicts:
    """Return the conflicts of the rules of ``text`` alone."""
    policies, problems = load(text)
    assert problems == []
    own = tuple(policy for policy in policies.access if policy.id == "p")
    return find_conflicts(PolicySet(own, ()), VOCABULARY, DAY)


def said(found: Conflict) -> tuple[str, str, list[str]]:
    return found.clash.value, found.rule.id, [other.id for other in found.others]


def test_a_rule_whose_conditions_contradict_is_never_true_and_says_on_what(
    load: Callable[..., Any],
) -> None:
    found = conflicts(
        load,
        """\
rules:
  - id: never
    deny: d
    when:
      action: {eq: share}
      context.masked: {eq: true}
      resource.level: {at_least: core}
      not: {resource.level: {above: general-4}}
""",
    )
    assert [said(each) for each in found.found] == [("never-true", "p/never", [])]
    (never,) = found.found
    assert never.attributes == ("resource.level",)
    assert never.approximate is False
    assert never.witness.document == {
        "action": "share",
        "context": {"masked": True},
        "resource": {"level": "core"},
    }
    assert never.witness.truths == {"p/never": False}


def test_a_narrower_rule_of_the_same_effect_is_redundant(load: Callable[..., Any]) -> None:
    found = conflicts(
        load,
        """\
rules:
  - {id: narrow, deny: d, when: {resource.level: {in: [important, core]}, action: {eq: share}}}
  - {id: wide, deny: d, when: {resource.level: {at_least: general-4}}}
  - {id: twin, deny: d, when: {not: {resource.level: {below: general-4}}}}
  - {id: other, warn: w, when: {resource.level: {at_least: core}}}
""",
    )
    assert [said(each) for each in found.found] == [
        ("redundant", "p/narrow", ["p/wide"]),
        ("redundant", "p/twin", ["p/wide"]),
    ]
    assert found.found[0].witness.truths == {"p/narrow": True, "p/wide": True}


def test_a_rule_that_asks_for_less_to_be_known_is_not_redundant(load: Callable[..., Any]) -> None:
    found = conflicts(
        load,
        """\
rules:
  - {id: known, deny: d, when: {resource.level: {present: true}, context.masked: {eq: true}}}
  - {id: sure, deny: d, when: {context.masked: {eq: true}, context.hops: {absent: true}}}
  - {id: maybe, deny: d, when: {resource.level: {at_least: general-1}, context.masked: {eq: true}}}
""",
    )
    assert [said(each) for each in found.found] == [("redundant", "p/known", ["p/maybe"])]


def test_an_allow_is_redundant_only_where_its_obligations_are_asked_for_anyway(
    load: Callable[..., Any],
) -> None:
    text = """\
rules:
  - {{id: narrow, allow: true, when: {{action: {{eq: share}}, context.masked: {{eq: true}}}}{0}}}
  - {{id: wide, allow: true, when: {{action: {{eq: share}}}}{1}}}
"""
    asked = ", obligations: [{delete_after: P90D}]"
    assert [said(each)[:2] for each in conflicts(load, text.format("", "")).found] == [
        ("redundant", "p/narrow")
    ]
    assert conflicts(load, text.format(asked, "")).found == ()
    assert len(conflicts(load, text.format(asked, asked)).found) == 1


def test_an_allow_that_denials_cover_together_is_shadowed(load: Callable[..., Any]) -> None:
    found = conflicts(
        load,
        """\
rules:
  - {id: a, allow: true, when: {resource.level: {present: true}, action: {eq: share}}}
  - {id: low, deny: d, when: {resource.level: {at_most: general-3}}}
  - {id: high, deny: d, when: {resource.level: {at_least: general-2}}}
  - {id: aside, deny: d, when: {resource.level: {eq: core}, context.masked: {eq: true}}}
""",
    )
    assert [said(each) for each in found.found] == [
        ("shadowed", "p/a", ["p/low", "p/high"]),
        ("redundant", "p/aside", ["p/high"]),
    ]
    assert found.overlaps == 0, "what is shadowed does not overlap as well"


def test_an_allow_that_a_denial_leaves_a_gap_in_overlaps_it(load: Callable[..., Any]) -> None:
    found = conflicts(
        load,
        """\
rules:
  - {id: a, allow: true, when: {subject.department: {eq: {attribute: resource.department}}}}
  - {id: d, deny: d, when: {subject.department: {under: city}}}
""",
    )
    assert [said(each) for each in found.found] == [("overlap", "p/a", ["p/d"])]
    (overlap,) = found.found
    assert overlap.witness.document == {
        "subject": {"department": "city"},
        "resource": {"department": "city"},
    }
    assert overlap.witness.truths == {"p/a": True, "p/d": True}


def test_policies_that_are_never_in_force_together_do_not_meet() -> None:
    def policy(name: str, effect: Effect, dates: Dates) -> AccessPolicy:
        when = Atom("action", "eq", ("share",))
        return _policy(name, [_rule(f"{name}/r", effect, when)], dates)

    old = Dates(None, datetime.date(2026, 6, 30))
    new = Dates(datetime.date(2026, 7, 1), None)
    late = Dates(datetime.date(2026, 6, 30), None)
    apart = PolicySet((policy("a", Effect.ALLOW, old), policy("b", Effect.DENY, new)), ())
    assert find_conflicts(apart, VOCABULARY, DAY).found == ()
    near = PolicySet((policy("a", Effect.ALLOW, old), policy("b", Effect.DENY, late)), ())
    (found,) = find_conflicts(near, VOCABULARY, DAY).found
    assert (found.clash, found.witness.as_of) == (Clash.OVERLAP, datetime.date(2026, 6, 30))


def test_what_a_pattern_matches_is_not_claimed_to_be_known(load: Callable[..., Any]) -> None:
    found = conflicts(
        load,
        """\
rules:
  - {id: never, deny: d, when: {resource.name: {eq: resident, matches: "tax_.*"}}}
  - {id: a, allow: true, when: {resource.name: {eq: resident}}}
  - {id: d, deny: d, when: {resource.name: {matches: "resid.*"}}}
""",
    )
    assert [(said(each), each.approximate) for each in found.found] == [
        (("never-true", "p/never", []), True),
        (("shadowed", "p/a", ["p/d"]), True),
    ]


def test_only_the_first_overlaps_are_shown_and_all_are_counted() -> None:
    rules = [
        _rule(f"p/{effect}{at}", effect, Atom("context.hops", "above", (at,)))
        for at in range(4)
        for effect in (Effect.ALLOW, Effect.DENY)
    ][1:]
    rules += [_rule("p/free", Effect.ALLOW, Atom("context.hops", "at_most", (2,)))]
    found = find_conflicts(PolicySet((_policy("p", rules, OPEN),), ()), VOCABULARY, DAY,
                           most_overlaps=1)  # fmt: skip
    assert found.overlaps == 2
    assert [each.clash for each in found.found].count(Clash.OVERLAP) == 1


def test_a_rule_that_is_too_intricate_is_named_not_passed_over() -> None:
    names = [name for name in ATTRIBUTES if name not in ("action", "context.via")]
    pairs = zip(names[::2], names[1::2], strict=False)
    parts = [AnyOf((Atom(a, "present", (True,)), Atom(b, "present", (True,)))) for a, b in pairs]
    assert len(parts) >= 11
    rule = _rule("p/x", Effect.DENY, All(tuple(parts)))
    found = find_conflicts(PolicySet((_policy("p", [rule], OPEN),), ()), VOCABULARY, DAY)
    assert (found.undecided, found.found) == (("p/x",), ())


# --- against every combination of many values ----------------------------------------------

GRID: dict[str, list[Any]] = {
    "resource.level": [None, *LEVELS],
    "subject.clearance": [None, *LEVELS],
    "context.masked": [None, False, True],
    "context.hops": [None, 0, 1, 1.5, 2, 2.5, 3],
    "resource.categories": [None, [], ["health"], ["minors"], ["health", "minors"]],
}
_level = st.sampled_from(["general-1", "general-3", "core"])
_atoms = st.one_of(
    st.builds(lambda op, v: Atom("resource.level", op, (v,)),
              st.sampled_from(["eq", "not", "at_least", "below"]), _level),
    st.builds(lambda op, v: Atom("subject.clearance", op, (v,)),
              st.sampled_from(["eq", "above"]), _level),
    st.builds(lambda op: Atom("resource.level", op, Reference("subject.clearance")),
              st.sampled_from(["above", "eq", "at_most"])),
    st.builds(lambda v: Atom("context.masked", "eq", (v,)), st.booleans()),
    st.builds(lambda op, v: Atom("context.hops", op, (v,)),
              st.sampled_from(["above", "at_most", "eq", "not"]), st.sampled_from([1, 2])),
    st.builds(lambda v: Atom("resource.categories", "has", (v,)),
              st.sampled_from(["health", "minors"])),
    st.builds(lambda op, name: Atom(name, op, (True,)), st.sampled_from(["absent", "present"]),
              st.sampled_from(sorted(GRID))),
)  # fmt: skip
_conditions: st.SearchStrategy[Condition] = st.recursive(
    _atoms,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=2, max_size=3))
        | st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=2, max_size=2))
    ),
    max_leaves=5,
)
_rules = st.lists(st.tuples(st.sampled_from(list(Effect)), _conditions), min_size=2, max_size=5)


def _rule(name: str, effect: Effect, when: Condition) -> Rule:
    return Rule(name, effect, None, when, Text("m", "m"), None, (), (), Position("p.yaml"))


def _policy(name: str, rules: list[Rule], dates: Dates) -> AccessPolicy:
    placed = [
        replace(rule, position=Position(f"{name}.yaml", at + 1)) for at, rule in enumerate(rules)
    ]
    return AccessPolicy(name, Text(name, name), None, (), dates, Mode.ENFORCE, tuple(placed),
                        Position(f"{name}.yaml"))  # fmt: skip


def _all_facts() -> Iterator[Mapping[str, object]]:
    for values in product(*GRID.values()):
        document: dict[str, dict[str, object]] = {}
        for name, value in zip(GRID, values, strict=True):
            group, _, inner = name.partition(".")
            document.setdefault(group, {})[inner] = value
        yield normalise(document, VOCABULARY, DAY).values


FACTS = list(_all_facts())


@settings(max_examples=60, deadline=None)
@given(_rules)
def test_what_is_found_is_what_trying_everything_finds(
    given_rules: list[tuple[Effect, Condition]],
) -> None:
    rules = [_rule(f"p/r{at}", *each) for at, each in enumerate(given_rules)]
    policies = PolicySet((_policy("p", rules, OPEN),), ())
    found = find_conflicts(policies, VOCABULARY, DAY, most_overlaps=1000)
    assert found.undecided == ()
    assert not any(each.approximate for each in found.found)
    true, maybe = {}, {}
    for rule in rules:
        truths = [truth_of(formula_of(rule, OPEN))(values) for values in FACTS]
        true[rule.id] = {at for at, truth in enumerate(truths) if truth is True}
        maybe[rule.id] = {at for at, truth in enumerate(truths) if truth is not False}
    assert _by(found, Clash.NEVER_TRUE) == {name for name in true if not true[name]}
    assert _by(found, Clash.REDUNDANT) == _redundant(rules, true, maybe)
    denied = set().union(*(maybe[rule.id] for rule in rules if rule.effect is Effect.DENY))
    shadowed = {
        rule.id
        for rule in rules
        if rule.effect is Effect.ALLOW and true[rule.id] and true[rule.id] <= denied
    }
    assert _by(found, Clash.SHADOWED) == shadowed
    overlaps = {
        (a.id, d.id)
        for a, d in product(rules, rules)
        if (a.effect, d.effect) == (Effect.ALLOW, Effect.DENY)
        if a.id not in shadowed and true[a.id] & true[d.id]
    }
    met = {(c.rule.id, c.others[0].id) for c in found.found if c.clash is Clash.OVERLAP}
    assert met == overlaps
    assert found.overlaps == len(overlaps)
    for each in found.found:
        _check_witness(each, policies)


def _by(found: Conflicts, clash: Clash) -> set[str]:
    return {each.rule.id for each in found.found if each.clash is clash}


def _redundant(
    rules: list[Rule], true: dict[str, set[int]], maybe: dict[str, set[int]]
) -> set[str]:
    found = set()
    for (at, rule), (before, other) in product(enumerate(rules), enumerate(rules)):
        a, b = (true[rule.id], maybe[rule.id]), (true[other.id], maybe[other.id])
        if rule.effect is Effect.ALLOW:
            a, b = (a[0], set()), (b[0], set())
        inside = a[0] <= b[0] and a[1] <= b[1]
        weaker = a != b or before < at
        if at != before and rule.effect is other.effect and a[0] and inside and weaker:
            found.add(rule.id)
    return found


def _check_witness(found: Conflict, policies: PolicySet) -> None:
    witness = found.witness
    facts = normalise(dict(witness.document), VOCABULARY, witness.as_of)
    (decision,) = NativeEngine(policies).decide([facts])
    if found.clash is Clash.NEVER_TRUE:
        assert witness.truths[found.rule.id] is not True
    else:
        assert witness.truths[found.rule.id] is True
    if found.clash in (Clash.SHADOWED, Clash.OVERLAP):
        assert not decision.allow
        assert set(decision.rules) & {other.id for other in found.others}


# --- of every kind of attribute: what is claimed never to be is not met ---------------------

OWN = [
    Attribute("context.collected", Kind.DATE, Text("c", "c")),
    Attribute("context.approved", Kind.DATE, Text("a", "a")),
    Attribute("context.tags", Kind.SET, Text("t", "t")),
    Attribute("context.partner", Kind.DEPARTMENT, Text("p", "p")),
]
WIDE = replace(
    VOCABULARY,
    attributes={**ATTRIBUTES, **{each.name: each for each in OWN}},
    periods=("P1Y", "P90D"),
)
SAMPLES: dict[str, list[Any]] = {
    "context.collected": [
        None,
        "2025-10-31",
        "2025-11-01",
        "2026-08-03",
        "2026-11-01",
        "2027-01-01",
    ],
    "context.approved": [None, "2025-11-01", "2026-10-31", "2026-12-01"],
    "context.tags": [None, [], ["a"], ["other"], ["a", "b"], ["resident"], ["a", "b", "z"]],
    "context.partner": [None, "city", "health", "tax"],
    "subject.department": [None, "city", "health", "tax"],
    "context.via": [None, ["city"], ["health", "tax"], ["city", "health", "tax"]],
    "resource.name": [None, "a", "resident", "zz", "tax_1"],
    "subject.region": [None, "330100", "330102", "110000"],
    "resource.region": [None, "330100", "110000", "440000"],
    "context.purpose": [None, "care", "vaccines", "undeclared"],
    "context.hops": [None, 1, 2, 7],
}
_wide_atoms = st.sampled_from(
    [
        Atom("context.collected", "older_than", ("P1Y",), kind=Kind.DATE),
        Atom("context.collected", "within", ("P90D",), kind=Kind.DATE),
        Atom("context.collected", "at_least", ("2026-01-01",), kind=Kind.DATE),
        Atom("context.collected", "above", Reference("context.approved"), kind=Kind.DATE),
        Atom("context.approved", "eq", ("2025-11-01",), kind=Kind.DATE),
        Atom("context.tags", "has", ("a",), kind=Kind.SET),
        Atom("context.tags", "has_all", ("a", "b"), kind=Kind.SET),
        Atom("context.tags", "has", Reference("resource.name"), kind=Kind.SET),
        Atom("context.partner", "under", Reference("subject.department"), kind=Kind.DEPARTMENT),
        Atom("context.partner", "not", Reference("subject.department"), kind=Kind.DEPARTMENT),
        Atom("subject.department", "in", ("city", "tax")),
        Atom("context.via", "has", Reference("subject.department")),
        Atom("context.via", "has", ("tax",)),
        Atom("resource.name", "in", ("a", "resident")),
        Atom("resource.name", "matches", ("tax_[0-9]+",)),
        Atom("subject.region", "eq", Reference("resource.region")),
        Atom("resource.region", "not_in", ("330100", "440000")),
        Atom("context.purpose", "under", ("care",)),
        Atom("context.purpose", "not", ("vaccines",)),
        Atom("context.hops", "between", (1, 2)),
    ]
)
_wide = st.recursive(
    _wide_atoms,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=2, max_size=4))
        | st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=2, max_size=2))
    ),
    max_leaves=5,
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(list(Effect)), _wide), min_size=2, max_size=4),
    st.lists(st.tuples(*(st.sampled_from(values) for values in SAMPLES.values())), min_size=60,
             max_size=60),
)  # fmt: skip
def test_no_facts_contradict_what_is_claimed(
    given_rules: list[tuple[Effect, Condition]], drawn: list[tuple[Any, ...]]
) -> None:
    rules = [_rule(f"p/r{at}", *each) for at, each in enumerate(given_rules)]
    policies = PolicySet((_policy("p", rules, OPEN),), ())
    found = find_conflicts(policies, WIDE, DAY)
    assert found.undecided == ()
    formulas = {rule.id: truth_of(formula_of(rule, OPEN)) for rule in rules}
    for values in drawn:
        facts = normalise(_nested(values), WIDE, DAY).values
        truths = {name: truth(facts) for name, truth in formulas.items()}
        for each in found.found:
            others = [truths[other.id] for other in each.others]
            if each.approximate or each.clash is Clash.OVERLAP:
                continue
            if each.clash is Clash.NEVER_TRUE:
                assert truths[each.rule.id] is not True
            elif truths[each.rule.id] is True:
                assert (
                    others[0] is True if each.clash is Clash.REDUNDANT else set(others) != {False}
                )


def _nested(values: tuple[Any, ...]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, value in zip(SAMPLES, values, strict=True):
        group, _, inner = name.partition(".")
        document.setdefault(group, {})[inner] = value
    return document


def test_a_set_that_is_never_empty_has_some_member() -> None:
    """Of three departments between two, none is none of the three."""
    none = [Not(Atom("context.via", "has", (name,))) for name in ("city", "health", "tax")]
    present = Atom("context.via", "present", (True,))
    denials = [_rule(f"p/{name}", Effect.DENY, Atom("context.via", "has", (name,)))
               for name in ("city", "health", "tax")]  # fmt: skip
    rules = [
        _rule("p/never", Effect.WARN, All((present, *none))),
        _rule("p/last", Effect.WARN, All((present, *none[:2]))),
        _rule("p/wide", Effect.WARN, Atom("context.via", "has", ("tax",))),
        _rule("p/hidden", Effect.ALLOW, present),
        *denials,
    ]
    found = find_conflicts(PolicySet((_policy("p", rules, OPEN),), ()), VOCABULARY, DAY)
    assert [(said(each), each.approximate) for each in found.found] == [
        (("never-true", "p/never", []), False),
        (("redundant", "p/last", ["p/wide"]), False),
        (("shadowed", "p/hidden", ["p/city", "p/health", "p/tax"]), False),
    ]
    assert found.found[1].witness.document == {"context": {"via": ["tax"]}}
