"""Every operator on every kind of attribute: it, its opposite, and what conflicts claim of both.

The oracle judges values as people say them, and shares nothing with the engines.
"""

from __future__ import annotations

import datetime
import re
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.position import Position
from headwater.catalog.text import Text
from headwater.policies import PolicySet, Vocabulary, find_conflicts, normalise
from headwater.policies.attributes import RANKS, Attribute, Kind
from headwater.policies.conflicts import Clash
from headwater.policies.formula import not_true, opposite, positive
from headwater.policies.model import (
    AccessPolicy,
    All,
    Atom,
    Dates,
    Effect,
    Mode,
    Not,
    Reference,
    Rule,
)
from headwater.policies.model import Any as AnyOf
from headwater.policies.native import truth_of
from headwater.policies.operators import LISTS, OPERATORS, comparable, fitting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headwater.policies.model import Condition

DAY = datetime.date(2026, 11, 1)
TREE = {
    Kind.DEPARTMENT: {"city": ("city",), "health": ("health", "city"), "tax": ("tax",)},
    Kind.PURPOSE: {"care": ("care",), "vaccines": ("vaccines", "care"), "ads": ("ads",)},
}
CHOICES = {Kind.CHOICE: ("a", "b", "c"), Kind.SET: ()}
VALUES: dict[Kind, list[Any]] = {
    Kind.TEXT: ["a", "ab", "A", "张三", "a\n", "3301"],
    Kind.REGION: ["330100", "330102", "110000"],
    Kind.NUMBER: [-(2**53), -1, 0, 1, 1.5, 2, 2**53],
    Kind.DATE: [
        "0001-01-01",
        "2025-10-31",
        "2025-11-01",
        "2025-11-02",
        "2026-11-01",
        "2026-11-02",
        "9999-12-31",
    ],
    Kind.YES_NO: [True, False],
    Kind.CHOICE: ["a", "b", "c"],
    Kind.LEVEL: list(RANKS[Kind.LEVEL]),
    Kind.ADMINISTRATIVE: list(RANKS[Kind.ADMINISTRATIVE]),
    Kind.DEPARTMENT: ["city", "health", "tax"],
    Kind.PURPOSE: ["care", "vaccines", "ads", "undeclared"],
    Kind.SET: [[], ["a"], ["a", "ab"], ["张三", "b"]],
    Kind.CATEGORIES: [[], ["health"], ["health", "minors"], ["personal"]],
    Kind.DEPARTMENTS: [["city"], ["tax"], ["health", "tax"], ["city", "health", "tax"]],
}
OPERANDS: dict[Kind, list[Any]] = {
    **VALUES,
    Kind.TEXT: ["a", "ab", "张三"],
    Kind.PURPOSE: ["care", "vaccines", "ads"],
    Kind.SET: ["a", "ab", "b"],
    Kind.CATEGORIES: ["health", "minors", "personal"],
    Kind.DEPARTMENTS: ["city", "health", "tax"],
}
PERIODS = ("P1Y", "P1D")
PATTERN = "a.?|1"


def named(kind: Kind, which: str) -> str:
    return f"context.{re.sub('[^a-z]', '_', kind.value)}_{which}"


ATTRIBUTES = {
    named(kind, which): Attribute(
        named(kind, which), kind, Text("x", "x"), RANKS.get(kind, CHOICES.get(kind, ())), True
    )
    for kind, which in product(Kind, ("one", "two"))
}
KIND_OF = {name: attribute.kind for name, attribute in ATTRIBUTES.items()}
VOCABULARY = Vocabulary(
    TREE[Kind.DEPARTMENT], TREE[Kind.PURPOSE], ("health", "minors", "personal"), {},
    ATTRIBUTES, PERIODS,
)  # fmt: skip


def atoms(kind: Kind, op: str) -> Iterator[Atom]:
    """Yield conditions of one operator on one kind, on values and on another attribute."""
    name, said = named(kind, "one"), OPERANDS[kind]
    if op in ("absent", "present"):
        yield Atom(name, op, (True,), kind=kind)
    elif op in ("older_than", "within"):
        yield from (Atom(name, op, (period,), kind=kind) for period in PERIODS)
    elif op == "matches":
        yield Atom(name, op, (PATTERN,), kind=kind)
        yield Atom(name, op, ("3301[0-9]*",), kind=kind)
    elif op == "between":
        yield Atom(name, op, (said[0], said[2]), kind=kind)
        yield Atom(name, op, (said[1], said[1]), kind=kind)
    elif op in LISTS:
        yield Atom(name, op, tuple(said[:2]), kind=kind)
        yield Atom(name, op, (said[-1],), kind=kind)
    else:
        yield from (Atom(name, op, (value,), kind=kind) for value in said)
    other = comparable(ATTRIBUTES[name], op)
    if other is not None:
        yield Atom(name, op, Reference(named(other, "two")), kind=kind)


EVERY = {(kind, op): list(atoms(kind, op)) for kind in Kind for op in fitting(kind)}


# --- the oracle ----------------------------------------------------------------------------------


def rank(kind: Kind, value: Any) -> Any:
    return RANKS[kind].index(value) if kind in RANKS else value


def chain(kind: Kind, value: str) -> tuple[str, ...]:
    return TREE[kind].get(value, (value,))


def oracle(atom: Atom, raw: dict[str, Any]) -> bool | None:
    kind, value = KIND_OF[atom.attribute], raw.get(atom.attribute)
    if atom.op in ("absent", "present"):
        return (value is None) == (atom.op == "absent")
    if isinstance(atom.operand, Reference):
        said: list[Any] = [raw.get(atom.operand.attribute)]
    else:
        said = list(atom.operand)
    if value is None or None in said:
        return None
    if atom.op == "under":
        return said[0] in chain(kind, value)
    return bool(MEANS[atom.op](rank(kind, value), [rank(kind, each) for each in said]))


LAST = {"P1Y": "2025-10-31", "P1D": "2026-10-30"}
"""The last day that is older: a day a year ago to the day is not yet."""
MEANS: dict[str, Callable[[Any, list[Any]], Any]] = {
    "eq": lambda value, said: value == said[0],
    "not": lambda value, said: value != said[0],
    "in": lambda value, said: value in said,
    "not_in": lambda value, said: value not in said,
    "at_least": lambda value, said: value >= said[0],
    "at_most": lambda value, said: value <= said[0],
    "above": lambda value, said: value > said[0],
    "below": lambda value, said: value < said[0],
    "between": lambda value, said: said[0] <= value <= said[1],
    "has": lambda value, said: said[0] in value,
    "has_any": lambda value, said: any(each in value for each in said),
    "has_all": lambda value, said: all(each in value for each in said),
    "matches": lambda value, said: re.fullmatch(said[0], value),
    "older_than": lambda value, said: value <= LAST[said[0]],
    "within": lambda value, said: LAST[said[0]] < value <= DAY.isoformat(),
}


def negated(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def kleene(condition: Condition, raw: dict[str, Any]) -> bool | None:
    match condition:
        case Atom():
            return oracle(condition, raw)
        case Not(part=part):
            return negated(kleene(part, raw))
        case All(parts=parts):
            found = [kleene(part, raw) for part in parts]
            return False if False in found else None if None in found else True
        case AnyOf(parts=parts):
            found = [kleene(part, raw) for part in parts]
            return True if True in found else None if None in found else False


def facts_of(raw: dict[str, Any]) -> dict[str, object]:
    inner = {name.partition(".")[2]: value for name, value in raw.items()}
    return dict(normalise({"context": inner}, VOCABULARY, DAY).values)


def situations(atom: Atom) -> Iterator[dict[str, Any]]:
    """Yield all the values that a condition can meet, absence among them."""
    names = [atom.attribute]
    names += [atom.operand.attribute] if isinstance(atom.operand, Reference) else []
    for values in product(*([None, *VALUES[KIND_OF[name]]] for name in names)):
        yield dict(zip(names, values, strict=True))


# --- one condition -------------------------------------------------------------------------------


def test_every_operator_stands_with_some_kind_and_every_kind_with_some_operator() -> None:
    assert {op for _, op in EVERY} == set(OPERATORS)
    assert {kind for kind, _ in EVERY} == set(Kind)
    assert all(EVERY.values())
    assert {kind for kind, _ in EVERY} == set(VALUES)


@pytest.mark.parametrize(("kind", "op"), sorted(EVERY), ids=str)
def test_a_condition_and_its_opposite_are_what_they_say(kind: Kind, op: str) -> None:
    seen = set()
    for atom in EVERY[kind, op]:
        formula = positive(atom)
        forms: dict[str, tuple[Any, Callable[[bool | None], bool | None]]] = {
            "itself": (truth_of(formula), lambda truth: truth),
            "opposite": (truth_of(opposite(formula)), negated),
            "negation": (truth_of(positive(Not(atom))), negated),
            "opposite of the opposite": (truth_of(opposite(opposite(formula))), lambda t: t),
            "not true": (truth_of(not_true(formula)), lambda truth: truth is not True),
            "not false": (
                truth_of(not_true(opposite(formula))),
                lambda truth: truth is not False,
            ),
        }
        for raw in situations(atom):
            truth, values = oracle(atom, raw), facts_of(raw)
            seen.add(truth)
            for name, (asked, meant) in forms.items():
                assert asked(values) is meant(truth), (name, atom, raw)
    assert {True, False} <= seen


# --- conflicts -----------------------------------------------------------------------------------


def rule(name: str, effect: Effect, when: Condition) -> Rule:
    place = Position("p.yaml")
    return Rule(f"p/{name}", effect, None, when, Text("m", "m"), None, (), (), place)


def set_of(*rules: Rule) -> PolicySet:
    text, place = Text("p", "p"), Position("p.yaml")
    policy = AccessPolicy("p", text, None, (), Dates(None, None), Mode.ENFORCE, rules, place)
    return PolicySet((policy,), (), (), tuple(ATTRIBUTES.values()))


@pytest.mark.parametrize(("kind", "op"), sorted(EVERY), ids=str)
def test_a_condition_and_its_opposite_are_found_never_to_hold_together(kind: Kind, op: str) -> None:
    """A condition that a denial shares is shadowed; one that a denial opposes is in order."""
    for atom in EVERY[kind, op]:
        truths = {oracle(atom, raw) for raw in situations(atom)}
        never = rule("never", Effect.WARN, All((atom, Not(atom))))
        hidden = rule("hidden", Effect.ALLOW, atom)
        over = rule("over", Effect.DENY, atom)
        found = find_conflicts(set_of(never, hidden, over), VOCABULARY, DAY)
        assert found.undecided == ()
        clashes = {(each.rule.id, each.clash) for each in found.found}
        assert ("p/never", Clash.NEVER_TRUE) in clashes, atom
        expected = Clash.SHADOWED if True in truths else Clash.NEVER_TRUE
        assert ("p/hidden", expected) in clashes, atom
        apart = rule("apart", Effect.DENY, Not(atom))
        asked = find_conflicts(set_of(hidden, apart), VOCABULARY, DAY)
        clashes = {(each.rule.id, each.clash) for each in asked.found if not each.approximate}
        held = {"p/hidden": True, "p/apart": False}
        nothing = {(name, Clash.NEVER_TRUE) for name, truth in held.items() if truth not in truths}
        # that nothing at all matches a pattern is not claimed to be known
        assert clashes == (set() if op == "matches" else nothing), atom


_atoms = st.sampled_from([atom for each in EVERY.values() for atom in each])
_conditions: st.SearchStrategy[Condition] = st.recursive(
    _atoms,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=2, max_size=3))
        | st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=2, max_size=3))
    ),
    max_leaves=5,
)
_situations = st.fixed_dictionaries(
    {name: st.sampled_from([None, *VALUES[kind]]) for name, kind in KIND_OF.items()}
)


@settings(max_examples=300, deadline=None)
@given(_conditions, _situations)
def test_whatever_is_joined_of_them_is_what_the_oracle_says(
    condition: Condition, raw: dict[str, Any]
) -> None:
    truth, values = kleene(condition, raw), facts_of(raw)
    assert truth_of(positive(condition))(values) is truth
    assert truth_of(opposite(positive(condition)))(values) is negated(truth)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(list(Effect)), _conditions), min_size=2, max_size=4),
    st.lists(_situations, min_size=30, max_size=30),
)
def test_no_situation_contradicts_what_conflicts_claim(
    drawn: list[tuple[Effect, Condition]], raws: list[dict[str, Any]]
) -> None:
    rules = {f"p/r{at}": rule(f"r{at}", *each) for at, each in enumerate(drawn)}
    found = find_conflicts(set_of(*rules.values()), VOCABULARY, DAY)
    claims = [each for each in found.found if not each.approximate]
    conditions = {f"p/r{at}": when for at, (_, when) in enumerate(drawn)}
    for each in claims:
        document: Any = each.witness.document
        said = {f"context.{name}": value for name, value in document.get("context", {}).items()}
        if each.clash is Clash.OVERLAP and each.witness.as_of == DAY:
            assert kleene(conditions[each.rule.id], said) is True
    for raw in raws:
        truths = {name: kleene(when, raw) for name, when in conditions.items()}
        for each in claims:
            others = {truths[other.id] for other in each.others}
            if each.clash is Clash.NEVER_TRUE:
                assert truths[each.rule.id] is not True
            elif each.clash is Clash.REDUNDANT and truths[each.rule.id] is True:
                assert others == {True}
            elif each.clash is Clash.SHADOWED and truths[each.rule.id] is True:
                assert others != {False}
