"""Three-valued logic: the compiled form against an interpreter that follows the definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.catalog.position import Position
from headwater.policies.formula import formula_of, not_true, opposite
from headwater.policies.model import All, Atom, Condition, Dates, Effect, Not, Reference, Rule
from headwater.policies.model import Any as AnyOf
from headwater.policies.native import gaps_of, truth_of
from headwater.policies.vocabulary import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headwater.policies import Decision

_LEVELS = ATTRIBUTES["resource.level"].choices


def _levels(op: str, low: int, high: int) -> tuple[str, ...]:
    if op == "between":
        return tuple(_LEVELS[n] for n in sorted((low, high)))
    if op in ("in", "not_in"):
        return tuple(sorted({_LEVELS[low], _LEVELS[high]}))
    return (_LEVELS[low],)


_number = st.integers(0, 5)
_level_atoms = st.builds(
    lambda op, low, high: Atom("resource.level", op, _levels(op, low, high)),
    st.sampled_from(
        ["eq", "not", "in", "not_in", "at_least", "at_most", "above", "below", "between"]
    ),
    _number,
    _number,
)
_set_atoms = st.builds(
    lambda op, names: Atom(
        "resource.categories", op, tuple(sorted(names if "_" in op else names[:1]))
    ),
    st.sampled_from(["has", "has_any", "has_all"]),
    st.lists(
        st.sampled_from(["health", "minors", "personal"]), min_size=1, max_size=3, unique=True
    ),
)
_other_atoms = st.sampled_from(
    [
        Atom("resource.level", "above", Reference("subject.clearance")),
        Atom("resource.level", "eq", Reference("context.max_level")),
        Atom("context.via", "absent", (True,)),
        Atom("context.via", "present", (True,)),
        Atom("context.masked", "eq", (True,)),
        Atom("context.masked", "not", (True,)),
    ]
)
_conditions: st.SearchStrategy[Condition] = st.recursive(
    _level_atoms | _set_atoms | _other_atoms,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=1, max_size=3))
    ),
    max_leaves=12,
)
_rank = st.none() | st.integers(1, 6)
_values = st.fixed_dictionaries(
    {
        "resource.level": _rank,
        "subject.clearance": _rank,
        "context.max_level": _rank,
        "resource.categories": st.none()
        | st.lists(st.sampled_from(["health", "minors", "personal"]), unique=True),
        "context.via": st.none() | st.just(["tax"]),
        "context.masked": st.none() | st.booleans(),
    }
)


def _truth(condition: Condition, values: Mapping[str, Any]) -> bool | None:
    """Kleene's strong logic, as written in textbooks: min, max and one minus."""
    match condition:
        case Not(part=part):
            inner = _truth(part, values)
            return None if inner is None else not inner
        case All(parts=parts):
            return {0: False, 1: None, 2: True}[min(_weight(part, values) for part in parts)]
        case AnyOf(parts=parts):
            return {0: False, 1: None, 2: True}[max(_weight(part, values) for part in parts)]
        case Atom():
            return _atom(condition, values)


def _weight(condition: Condition, values: Mapping[str, Any]) -> int:
    return {False: 0, None: 1, True: 2}[_truth(condition, values)]


def _atom(atom: Atom, values: Mapping[str, Any]) -> bool | None:
    value = values[atom.attribute]
    if atom.op in ("absent", "present"):
        return (value is None) is (atom.op == "absent")
    if isinstance(atom.operand, Reference):
        operand: Any = values[atom.operand.attribute]
        operands = [operand]
    else:
        ranked = atom.attribute == "resource.level"
        operands = [_LEVELS.index(o) + 1 if ranked else o for o in atom.operand]
        operand = operands[0]
    if value is None or operand is None:
        return None
    tests: dict[str, bool] = {
        "eq": value == operand,
        "not": value != operand,
        "in": value in operands,
        "not_in": value not in operands,
    }
    if isinstance(value, list):
        tests["has"] = operand in value
        tests["has_any"] = bool(set(operands) & set(value))
        tests["has_all"] = set(operands) <= set(value)
    else:
        tests["at_least"] = value >= operand
        tests["at_most"] = value <= operand
        tests["above"] = value > operand
        tests["below"] = value < operand
        tests["between"] = operands[0] <= value <= operands[-1]
    return tests[atom.op]


def _gaps(condition: Condition, values: Mapping[str, Any]) -> set[str]:
    """The absent attributes of unknown atoms all of whose enclosing composites are unknown."""
    if _truth(condition, values) is not None:
        return set()
    match condition:
        case Not(part=part):
            return _gaps(part, values)
        case All(parts=parts) | AnyOf(parts=parts):
            return {name for part in parts for name in _gaps(part, values)}
        case Atom(attribute=attribute, operand=operand):
            names = {attribute} | ({operand.attribute} if isinstance(operand, Reference) else set())
            return {name for name in names if values[name] is None}


def _rule(condition: Condition) -> Rule:
    return Rule(
        "p/r", Effect.DENY, None, condition, None, None, (), (), Position("policies/p.yaml")
    )


@settings(max_examples=600, deadline=None)
@given(_conditions, _values)
def test_the_compiled_form_says_what_the_definition_says(
    condition: Condition, values: dict[str, Any]
) -> None:
    formula = formula_of(_rule(condition), Dates(None, None))
    truth = _truth(condition, values)
    assert truth_of(formula)(values) is truth
    against = truth_of(opposite(formula))(values)
    assert against is (None if truth is None else not truth)
    assert truth_of(not_true(formula))(values) is (truth is not True)
    assert truth_of(not_true(opposite(formula)))(values) is (truth is not False)
    if truth is None:
        assert set(gaps_of(formula)(values)) == _gaps(condition, values)


CASES: list[tuple[str, dict[str, Any], str]] = [
    ("all: [{action: {eq: read}}, {resource.level: {eq: core}}]", {"action": "export"}, "false"),
    (
        "all: [{action: {eq: read}}, {resource.level: {eq: core}}]",
        {"action": "read"},
        "resource.level",
    ),
    ("any: [{action: {eq: read}}, {resource.level: {eq: core}}]", {"action": "read"}, "true"),
    (
        "any: [{action: {eq: read}}, {resource.level: {eq: core}}]",
        {"action": "export"},
        "resource.level",
    ),
    ("not: {resource.level: {eq: core}}", {}, "resource.level"),
    (
        "all: [{context.masked: {eq: true}}, "
        "{any: [{action: {eq: read}}, {resource.level: {eq: core}}]}]",
        {"action": "read"},
        "context.masked",  # the level does not matter: the inner any is true already
    ),
]


def test_a_denying_rule_that_is_unknown_refuses_and_names_only_what_matters(
    decide: Callable[..., Decision],
) -> None:
    for condition, known, expected in CASES:
        allow = "  - {id: a, allow: true, when: {context.hops: {eq: 1}}}\n"
        text = f"rules:\n{allow}  - id: r\n    deny: d\n    when: {{{condition}}}\n"
        found = decide(text, {"action": "read", "context.hops": 1, **known})
        assert found.allow is (expected == "false"), condition
        assert ("p/r" in found.rules) is (expected != "false")
        assert found.unknown == (() if expected in ("true", "false") else (expected,))


def test_an_allowing_rule_that_is_unknown_allows_nothing(decide: Callable[..., Decision]) -> None:
    text = "rules:\n  - {id: a, allow: true, when: {context.masked: {eq: true}}}\n"
    found = decide(text, {"action": "read"})
    assert (found.allow, found.rules, found.unknown) == (False, (), ())


def test_a_warning_rule_warns_and_refuses_nothing(decide: Callable[..., Decision]) -> None:
    text = (
        "rules:\n  - {id: a, allow: true, when: {action: {eq: read}}}\n"
        "  - {id: w, warn: w, when: {context.masked: {eq: false}}}\n"
    )
    found = decide(text, {"action": "read", "context.masked": False})
    assert (found.allow, found.rules, found.warnings) == (True, ("p/a",), ("p/w",))
    found = decide(text, {"action": "read"})
    assert (found.allow, found.warnings, found.unknown) == (True, ("p/w",), ())
    assert found.unknown_rules == {"p/w": ("context.masked",)}
