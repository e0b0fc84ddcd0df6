"""Tables: an engine that remembers decides as one that works every question out."""

from __future__ import annotations

import datetime
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.position import Position
from headwater.catalog.text import Text
from headwater.policies import Facts, PolicySet, Vocabulary, normalise
from headwater.policies import native as native_module
from headwater.policies import tables as tables_module
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
from headwater.policies.native import WARM, NativeEngine, truth_of
from headwater.policies.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = datetime.date(2026, 11, 1)
VOCABULARY = Vocabulary(
    {"city": ("city",), "health": ("health", "city"), "tax": ("tax",)},
    {"care": ("care",), "vaccines": ("vaccines", "care")},
    ("health", "minors"),
    {},
)
GRID: dict[str, list[Any]] = {
    "subject.department": [None, "health", "tax"],
    "resource.department": [None, "health", "city"],
    "resource.level": [None, "general-1", "general-3", "core"],
    "subject.clearance": [None, "general-1", "general-3"],
    "context.masked": [None, False, True],
    "context.hops": [None, 1, 1.5],
    "resource.categories": [None, [], ["health"], ["health", "minors"]],
    "resource.name": [None, "tax_2", "resident"],
}
_atoms = st.sampled_from(
    [
        Atom("subject.department", "under", ("city",)),
        Atom("subject.department", "eq", Reference("resource.department")),
        Atom("subject.department", "under", Reference("resource.department")),
        Atom("resource.department", "not", ("health",)),
        Atom("resource.level", "above", Reference("subject.clearance")),
        Atom("resource.level", "at_least", ("general-3",)),
        Atom("resource.level", "absent", (True,)),
        Atom("context.masked", "eq", (True,)),
        Atom("context.masked", "present", (True,)),
        Atom("context.hops", "between", (1, 2)),
        Atom("context.hops", "above", (1,)),
        Atom("resource.categories", "has", ("health",)),
        Atom("resource.categories", "has_all", ("health", "minors")),
        Atom("resource.name", "matches", ("tax_[0-9]+",)),
        Atom("resource.name", "in", ("a", "resident")),
    ]
)
_conditions: st.SearchStrategy[Condition] = st.recursive(
    _atoms,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=2, max_size=3))
        | st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=2, max_size=3))
    ),
    max_leaves=9,
)
_rules = st.lists(st.tuples(st.sampled_from(list(Effect)), _conditions), min_size=1, max_size=5)
_dates = st.sampled_from(
    [Dates(None, None), Dates(DAY, None), Dates(None, datetime.date(2026, 10, 31))]
)


def policies_of(rules: list[tuple[Effect, Condition]], dates: Dates) -> PolicySet:
    place, text = Position("p.yaml"), Text("m", "m")
    made = tuple(
        Rule(f"p/r{at}", effect, None, when, text, None, (),
             ('{"delete_after":"P90D"}',) if effect is Effect.ALLOW else (), place)
        for at, (effect, when) in enumerate(rules)
    )  # fmt: skip
    return PolicySet((AccessPolicy("p", text, None, (), dates, Mode.ENFORCE, made, place),), ())


def _all_facts() -> Iterator[Facts]:
    for number, values in enumerate(product(*GRID.values())):
        if number % 7 == 0:
            document: dict[str, dict[str, object]] = {}
            for name, value in zip(GRID, values, strict=True):
                group, _, inner = name.partition(".")
                document.setdefault(group, {})[inner] = value
            yield normalise(document, VOCABULARY, DAY - datetime.timedelta(days=number % 2))


FACTS = list(_all_facts())


@settings(max_examples=40, deadline=None)
@given(_rules, _dates)
def test_what_is_remembered_is_what_would_be_worked_out(
    rules: list[tuple[Effect, Condition]], dates: Dates
) -> None:
    policies = policies_of(rules, dates)
    fresh = NativeEngine(policies)
    assert len(FACTS) > WARM
    remembered = NativeEngine(policies).decide(FACTS)
    worked_out = tuple(fresh._decision(facts.values) for facts in FACTS)
    assert remembered == worked_out


@settings(max_examples=100, deadline=None)
@given(_conditions)
def test_a_table_says_true_and_unknown_where_the_formula_is(condition: Condition) -> None:
    rule = policies_of([(Effect.DENY, condition)], Dates(None, None)).rules["p/r0"]
    formula = formula_of(rule, Dates(None, None))
    tables, truth = Tables([formula], truth_of), truth_of(formula)
    for facts in FACTS[::11]:
        verdict = tables.verdict(tables.read(facts.values))
        found = True if verdict.true else None if verdict.unknown else False
        assert found is truth(facts.values)


def test_what_is_fixed_is_asked_once_and_for_all() -> None:
    condition = All((Atom("context.hops", "above", (1,)), Atom("context.masked", "eq", (True,))))
    policies = policies_of([(Effect.DENY, condition)], Dates(DAY, None))
    formula = formula_of(policies.rules["p/r0"], Dates(DAY, None))
    day = normalise({}, VOCABULARY, DAY).values["as_of"]
    tables = Tables([formula], truth_of, fixed={"as_of": day, "context.masked": True})
    assert [name for name, _ in tables.plain] == ["context.hops"]
    assert tables.verdict(tables.read({"context.hops": 2})).true
    assert not tables.verdict(tables.read({"context.hops": 1})).true
    late = Tables([formula], truth_of, fixed={"as_of": 0, "context.masked": True})
    assert not late.verdict(late.read({"context.hops": 2})).true


def test_little_memory_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_module, "MOST_REMEMBERED", 3)
    monkeypatch.setattr(tables_module, "MOST_VALUES", 2)
    rules: list[tuple[Effect, Condition]] = [
        (Effect.ALLOW, Atom("resource.level", "at_least", ("general-1",))),
        (Effect.DENY, Atom("context.hops", "above", (1,))),
        (Effect.WARN, Not(Atom("resource.categories", "has", ("health",)))),
    ]
    policies = policies_of(rules, Dates(None, None))
    engine = NativeEngine(policies)
    fresh = NativeEngine(policies)
    for start in range(0, len(FACTS), 500):
        some = FACTS[start : start + 500]
        assert engine.decide(some) == tuple(fresh._decision(each.values) for each in some)
    assert len(engine._verdicts) <= 3


@pytest.mark.parametrize("parts", [3, 12])
def test_a_formula_with_too_many_conjunctions_is_judged_on_its_own(parts: int) -> None:
    either = [
        AnyOf((Atom(name, "absent", (True,)), Atom("context.hops", "above", (at,))))
        for at, name in enumerate(list(GRID)[:5] * 3)
    ][:parts]
    policies = policies_of([(Effect.DENY, All(tuple(either)))], Dates(None, None))
    engine = NativeEngine(policies)
    fresh = NativeEngine(policies)
    assert engine.decide(FACTS) == tuple(fresh._decision(facts.values) for facts in FACTS)
    assert engine._tables is not None
    assert engine._tables.whole is (parts == 3)


def test_facts_that_leave_an_attribute_out_altogether_are_an_error_not_an_answer() -> None:
    policies = policies_of([(Effect.ALLOW, Atom("context.hops", "above", (1,)))], Dates(None, None))
    engine = NativeEngine(policies)
    engine.decide(FACTS)
    with pytest.raises(KeyError):
        engine.decide([Facts({"as_of": 1}, {})])
