"""Replay: it tells what asking both sides one by one tells."""

from __future__ import annotations

import datetime
from collections import Counter
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.errors import InputError
from headwater.catalog.position import Position
from headwater.catalog.text import Text
from headwater.policies import Decision, PolicySet, Vocabulary, normalise
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
from headwater.policies.replay import MOST_CHANGES, Turn, replay, replay_through, turns_of

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = datetime.date(2026, 11, 1)
VOCABULARY = Vocabulary(
    {"city": ("city",), "health": ("health", "city"), "tax": ("tax",)},
    {"care": ("care",), "vaccines": ("vaccines", "care")},
    ("health", "minors"),
    {},
)
ATOMS: list[Condition] = [
    Atom("action", "eq", ("share",)),
    Atom("subject.department", "under", ("city",)),
    Atom("subject.department", "eq", Reference("resource.department")),
    Atom("resource.level", "above", Reference("subject.clearance")),
    Atom("resource.level", "at_least", ("general-3",)),
    Atom("context.masked", "eq", (True,)),
    Atom("context.hops", "above", (1,)),
    Atom("context.via", "has", ("tax",)),
    Atom("context.via", "absent", (True,)),
    Atom("resource.categories", "has_any", ("health", "minors")),
    Atom("context.purpose", "under", ("care",)),
]
VALUES: dict[str, list[Any]] = {
    "subject.department": [None, "health", "tax"],
    "resource.department": ["health", "city"],
    "resource.level": [None, "general-1", "core"],
    "subject.clearance": [None, "general-3"],
    "context.masked": [None, False, True],
    "context.hops": [1, 1.5, 2],
    "context.via": [None, [], ["tax"], ["tax", "city"]],
    "resource.categories": [None, ["health"]],
    "context.purpose": [None, "vaccines", "undeclared"],
}
OBLIGATIONS = ((), ('{"delete_after":"P90D"}',), ('{"notify":"health"}',))

_conditions: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=2, max_size=3))
        | st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=2, max_size=2))
    ),
    max_leaves=5,
)
_rules = st.lists(
    st.tuples(st.sampled_from(list(Effect)), _conditions, st.sampled_from(OBLIGATIONS)),
    min_size=1,
    max_size=4,
)
_modes = st.sampled_from([Mode.ENFORCE, Mode.ENFORCE, Mode.ADVISE])


def policies_of(
    rules: list[tuple[Effect, Condition, tuple[str, ...]]], mode: Mode = Mode.ENFORCE
) -> PolicySet:
    place, text = Position("p.yaml"), Text("m", "m")
    made = tuple(
        Rule(f"p/r{at}", effect, None, when, text, None, (),
             obligations if effect is Effect.ALLOW else (), place)
        for at, (effect, when, obligations) in enumerate(rules)
    )  # fmt: skip
    always = Atom("action", "present", (True,))
    base = Rule("q/a", Effect.ALLOW, None, always, None, None, (), (), place)
    open_ = Dates(None, None)
    return PolicySet(
        (
            AccessPolicy("p", text, None, (), open_, mode, made, place),
            AccessPolicy("q", text, None, (), open_, Mode.ENFORCE, (base,), place),
        ),
        (),
    )


def _documents() -> list[dict[str, object]]:
    found = []
    for number, values in enumerate(product(*VALUES.values())):
        if number % 29 == 0:
            document: dict[str, Any] = {"action": ["share", "read"][number % 2]}
            for name, value in zip(VALUES, values, strict=True):
                group, _, inner = name.partition(".")
                if value is not None or number % 3:
                    document.setdefault(group, {})[inner] = value
            found.append(document)
    return found


DOCUMENTS = _documents()


def decisions(policies: PolicySet, documents: list[dict[str, object]]) -> list[Decision]:
    engine = NativeEngine(policies)
    return [engine._decision(normalise(document, VOCABULARY, DAY).values) for document in documents]


@settings(max_examples=50, deadline=None)
@given(_rules, _rules, _modes)
def test_a_replay_tells_what_asking_one_by_one_tells(
    before: list[Any], after: list[Any], mode: Mode
) -> None:
    old, new = policies_of(before), policies_of(after, mode)
    found = replay(DOCUMENTS, old, new, VOCABULARY, DAY)
    pairs = list(zip(decisions(old, DOCUMENTS), decisions(new, DOCUMENTS), strict=True))
    expected = {(at, turn) for at, pair in enumerate(pairs) for turn in turns_of(*pair)}
    told = [(at, change.turn) for change in found.changes for at in change.questions]
    assert len(told) == len(set(told))
    assert set(told) == expected
    assert found.counts == Counter(turn for _, turn in expected)
    assert found.questions == len(DOCUMENTS)
    for change in found.changes:
        assert (change.old, change.new) == pairs[change.questions[0]]
        assert change.rules(), "somebody is responsible"


@settings(max_examples=15, deadline=None)
@given(_rules, _rules)
def test_asking_through_engines_tells_the_same(before: list[Any], after: list[Any]) -> None:
    old, new = policies_of(before), policies_of(after)
    facts = [normalise(document, VOCABULARY, DAY) for document in DOCUMENTS]
    through = replay_through(facts, NativeEngine(old), NativeEngine(new))
    direct = replay(DOCUMENTS, old, new, VOCABULARY, DAY)
    assert through.counts == direct.counts
    assert through.questions == direct.questions
    kinds = [{(at, each.turn) for each in found.changes for at in each.questions}
             for found in (through, direct)]  # fmt: skip
    assert kinds[0] == kinds[1]


def test_a_rule_too_intricate_for_tables_is_asked_all_the_same() -> None:
    either = [AnyOf((a, b)) for a, b in pairwise(ATOMS)]
    either += [AnyOf((a, b)) for a, b in zip(ATOMS, ATOMS[4:], strict=False)]
    old = policies_of([(Effect.DENY, All(tuple(either)), ())])
    new = policies_of([(Effect.WARN, All(tuple(either)), ())])
    found = replay(DOCUMENTS, old, new, VOCABULARY, DAY)
    pairs = zip(decisions(old, DOCUMENTS), decisions(new, DOCUMENTS), strict=True)
    assert found.counts == Counter(turn for pair in pairs for turn in turns_of(*pair))
    assert found.counts[Turn.ALLOWED]


@pytest.mark.parametrize(
    ("old", "new", "turn", "rules"),
    [
        ("d", "", "newly-allowed", ("p/r0",)),
        ("", "d", "newly-refused", ("p/r0",)),
        ("", "a", None, ()),
        ("", "o", "changed-obligations", ("p/r0", "q/a")),
        ("", "w", "changed-warnings", ("p/r0",)),
        ("w", "", "changed-warnings", ("p/r0",)),
        ("w", "w", None, ()),
    ],
)
def test_the_responsible_rule_is_named(
    old: str, new: str, turn: str, rules: tuple[str, ...]
) -> None:
    kinds: dict[str, list[Any]] = {
        "d": [(Effect.DENY, ATOMS[0], ())],
        "a": [(Effect.ALLOW, ATOMS[0], ())],
        "o": [(Effect.ALLOW, ATOMS[0], OBLIGATIONS[1])],
        "w": [(Effect.WARN, ATOMS[0], ())],
        "": [],
    }
    found = replay(
        [{"action": "share"}], policies_of(kinds[old]), policies_of(kinds[new]), VOCABULARY, DAY
    )
    assert [(each.turn.value, each.rules()) for each in found.changes] == (
        [(turn, rules)] if turn else []
    )


def test_only_so_many_changes_are_told_of_and_all_are_counted() -> None:
    old, new = policies_of([]), policies_of([(Effect.DENY, atom, ()) for atom in ATOMS[:6]])
    found = replay(DOCUMENTS, old, new, VOCABULARY, DAY, most=2)
    whole = replay(DOCUMENTS, old, new, VOCABULARY, DAY)
    assert len(found.changes) == 2
    assert found.more == len(whole.changes) - 2 > 0
    assert found.counts == whole.counts
    assert len(whole.changes) <= MOST_CHANGES


@pytest.mark.parametrize(
    "document",
    [
        {"resource": {"level": "general-9"}},
        {"resource": {"level": ["core"]}},
        {"resource": {"level": {}}},
        {"resource": ["level"]},
        {"context": {"via": ["nobody"]}},
    ],
)
def test_a_value_that_its_attribute_may_not_have_is_an_error(
    document: Mapping[str, object],
) -> None:
    policies = policies_of([(Effect.DENY, atom, ()) for atom in ATOMS])
    with pytest.raises(InputError):
        replay([{"action": "share"}, document], policies, policies, VOCABULARY, DAY)


def test_the_order_of_questions_does_not_change_what_is_told() -> None:
    old = policies_of([(Effect.DENY, ATOMS[3], ())])
    new = policies_of([(Effect.DENY, ATOMS[4], ())])
    backwards = DOCUMENTS[::-1]
    one = replay(DOCUMENTS, old, new, VOCABULARY, DAY)
    other = replay(backwards, old, new, VOCABULARY, DAY)
    assert (one.counts, one.kinds) == (other.counts, other.kinds)
