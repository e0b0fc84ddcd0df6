"""Conditions: what may be written, what each operator means, and how mistakes are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.policies import Decision

RULE = "rules:\n  - id: r\n    deny: no\n    when:\n      "  # the condition stands in line 11
LINE = 11


def _rule(condition: str) -> str:
    return RULE.replace("deny: no", 'deny: "no"') + condition + "\n"


# condition → facts where it is true, where it is false; absent facts make each unknown
MEANINGS: list[tuple[str, str, list[Any], list[Any]]] = [
    ("resource.level", "{eq: important}", ["important"], ["core", "general-4"]),
    ("resource.level", "{not: important}", ["core"], ["important"]),
    ("resource.level", "{in: [core, important]}", ["core"], ["general-1"]),
    ("resource.level", "{not_in: [core, important]}", ["general-1"], ["core"]),
    ("resource.level", "{at_least: important}", ["important", "core"], ["general-4"]),
    ("resource.level", "{at_most: important}", ["important", "general-1"], ["core"]),
    ("resource.level", "{above: general-4}", ["important"], ["general-4", "general-1"]),
    ("resource.level", "{below: general-4}", ["general-3"], ["general-4", "core"]),
    (
        "resource.level",
        "{between: [general-2, general-4]}",
        ["general-2", "general-3", "general-4"],
        ["general-1", "important"],
    ),
    ("subject.level", "{above: county}", ["city", "nation"], ["county", "township"]),
    ("context.hops", "{at_least: 2}", [2, 3, 2.5], [1, 1.5, -2]),
    ("context.hops", "{eq: 2}", [2, 2.0], [3]),
    ("context.hops", "{between: [0.5, 2]}", [0.5, 1, 2], [0.25, 2.5]),
    ("context.masked", "{eq: true}", [True], [False]),
    ("context.masked", "{not: true}", [False], [True]),
    ("action", "{in: [read, export]}", ["read"], ["share"]),
    ("resource.name", "{eq: 户籍}", ["户籍"], ["户籍表"]),
    ("subject.region", '{not: "330100"}', ["330102"], ["330100"]),
    (
        "resource.categories",
        "{has: health}",
        [["health"], ["personal", "health"]],
        [[], ["minors"]],
    ),
    ("resource.categories", "{has_any: [health, census]}", [["census"]], [["minors"], []]),
    (
        "resource.categories",
        "{has_all: [health, census]}",
        [["census", "health", "minors"]],
        [["health"], []],
    ),
    ("context.via", "{has: health}", [["health", "tax"]], [["tax"]]),
    ("context.purpose", "{under: public-health}", ["public-health", "immunisation"], ["marketing"]),
    ("context.purpose", "{eq: public-health}", ["public-health"], ["immunisation", "unheard-of"]),
    ("subject.department", "{under: city}", ["city", "health"], ["tax"]),
    ("subject.department", "{not_in: [city, tax]}", ["health"], ["tax"]),
    ("resource.level", "{above: general-1, below: core}", ["general-2"], ["general-1", "core"]),
]


@pytest.mark.parametrize("meaning", MEANINGS, ids=[f"{m[0]} {m[1]}" for m in MEANINGS])
def test_each_operator_is_true_false_and_unknown_where_it_should_be(
    meaning: tuple[str, str, list[Any], list[Any]], decide: Callable[..., Decision]
) -> None:
    name, condition, true, false = meaning
    text = _rule(f"{name}: {condition}")
    for value in true:
        found = decide(text, {name: value})
        assert "p/r" in found.rules, value
        assert "p/r" not in found.unknown_rules
    for value in false:
        assert "p/r" not in decide(text, {name: value}).rules, value
    assert decide(text, {}).unknown_rules["p/r"] == (name,)


def test_absent_and_present_are_never_unknown(decide: Callable[..., Decision]) -> None:
    absent, present = (_rule(f"context.via: {{{op}: true}}") for op in ("absent", "present"))
    assert "p/r" in decide(absent, {}).rules
    assert "p/r" not in decide(absent, {"context.via": ["tax"]}).rules
    assert "p/r" in decide(present, {"context.via": ["tax"]}).rules
    assert "p/r" not in decide(present, {}).rules


REFERENCES: list[tuple[str, str, str, list[tuple[Any, Any]], list[tuple[Any, Any]]]] = [
    (
        "resource.level",
        "above",
        "subject.clearance",
        [("core", "important")],
        [("core", "core"), ("general-1", "core")],
    ),
    (
        "resource.level",
        "at_most",
        "subject.clearance",
        [("core", "core"), ("general-1", "core")],
        [("core", "important")],
    ),
    ("subject.department", "eq", "resource.department", [("tax", "tax")], [("health", "city")]),
    ("subject.department", "not", "resource.department", [("health", "city")], [("tax", "tax")]),
    (
        "subject.department",
        "under",
        "resource.department",
        [("health", "city"), ("tax", "tax")],
        [("city", "health")],
    ),
    (
        "context.via",
        "has",
        "subject.department",
        [(["health", "tax"], "tax")],
        [(["health"], "city"), (["tax"], "city")],
    ),
    ("resource.name", "eq", "resource.column", [("a", "a")], [("a", "b")]),
]


@pytest.mark.parametrize("case", REFERENCES, ids=[f"{c[0]} {c[1]} {c[2]}" for c in REFERENCES])
def test_one_attribute_is_compared_with_another(
    case: tuple[str, str, str, list[tuple[Any, Any]], list[tuple[Any, Any]]],
    decide: Callable[..., Decision],
) -> None:
    name, op, other, true, false = case
    text = _rule(f"{name}: {{{op}: {{attribute: {other}}}}}")
    for left, right in true:
        assert "p/r" in decide(text, {name: left, other: right}).rules
        assert decide(text, {name: left}).unknown_rules["p/r"] == (other,)
        assert decide(text, {other: right}).unknown_rules["p/r"] == (name,)
    for left, right in false:
        assert "p/r" not in decide(text, {name: left, other: right}).rules
    assert decide(text, {}).unknown_rules["p/r"] == tuple(sorted((name, other)))


# condition → code, what the message names, what it suggests, how far from the condition's column
MISTAKES: list[tuple[str, str, str, str | None]] = [
    ("resource.lvel: {eq: core}", "unknown-attribute", "resource.lvel", "resource.level"),
    ("al: [{action: {eq: read}}]", "unknown-attribute", "al", "all"),
    ("resource.categories: {hass: health}", "unknown-operator", "hass", "has"),
    ("context.hops: {greater: 3}", "unknown-operator", "greater", None),
    ("resource.name: {above: x}", "operator-misfit", "above", None),
    ("resource.categories: {eq: health}", "operator-misfit", "eq", None),
    ("action: {under: read}", "operator-misfit", "under", None),
    ("resource.level: {eq: importent}", "not-one-of", "importent", "important"),
    ("resource.categories: {has: heath}", "not-one-of", "heath", "health"),
    ("action: {eq: raed}", "not-one-of", "raed", "read"),
    ("subject.department: {eq: helth}", "unknown-reference", "helth", "health"),
    ("context.purpose: {under: imunisation}", "unknown-reference", "imunisation", "immunisation"),
    ("context.via: {has: helth}", "unknown-reference", "helth", "health"),
    ("context.hops: {at_least: many}", "operand-misfit", "context.hops", None),
    ("context.hops: {at_least: true}", "operand-misfit", "context.hops", None),
    ("context.masked: {eq: masked}", "operand-misfit", "context.masked", None),
    ("resource.name: {eq: 5}", "quote-it", "eq", None),
    ("subject.region: {eq: 330100}", "quote-it", "330100", None),
    ('subject.region: {eq: "33"}', "operand-misfit", "subject.region", None),
    ("context.hops: {between: [1]}", "operand-misfit", "between", None),
    ("context.hops: {between: [1, 2, 3]}", "operand-misfit", "between", None),
    ("context.hops: {between: [3, 1]}", "bad-range", "3", None),
    ("resource.level: {between: [core, important]}", "bad-range", "core", None),
    ("context.hops: {in: 3}", "wrong-type", "in", None),
    ("context.hops: {in: []}", "empty", "in", None),
    ("resource.categories: {has_any: []}", "empty", "has_any", None),
    ("any: []", "empty", "any", None),
    ("all: {action: {eq: read}}", "wrong-type", "all", None),
    ("context.via: {absent: false}", "must-be-true", "absent", None),
    ("context.via: {present: 1}", "must-be-true", "present", None),
    ("action: read", "condition-shape", "condition", None),
    ("action: {}", "condition-shape", "condition", None),
    ("not: [{action: {eq: read}}]", "condition-shape", "condition", None),
    ("{}", "condition-shape", "condition", None),
    ("[]", "condition-shape", "condition", None),
    ("", "condition-shape", "condition", None),
    (
        "resource.level: {above: {attribute: subject.clearence}}",
        "unknown-attribute",
        "subject.clearence",
        "subject.clearance",
    ),
    (
        "resource.level: {above: {attribute: subject.level}}",
        "attribute-misfit",
        "subject.level",
        None,
    ),
    ("action: {eq: {attribute: context.checks}}", "attribute-misfit", "context.checks", None),
    ("context.hops: {in: {attribute: context.hops}}", "operand-misfit", "context.hops", None),
    ("context.hops: {eq: {atribute: context.hops}}", "operand-misfit", "context.hops", None),
    ("context.hops: {eq: ~}", "operand-misfit", "context.hops", None),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=[m[0] or "nothing" for m in MISTAKES])
def test_each_mistake_is_told_with_its_line_and_what_was_meant(
    mistake: tuple[str, str, str, str | None], load: Callable[..., Any]
) -> None:
    condition, code, named, meant = mistake
    problems = load(_rule(condition)).problems
    assert [found.code for found in problems] == [code]
    (found,) = problems
    at = found.position
    assert (at.file, at.line) == ("policies/1.yaml", LINE if condition else LINE - 1)
    assert named in found.message.en
    if named != "condition":
        assert named in found.message.zh
    if meant:
        assert f"did you mean `{meant}`?" in found.hint.en
        assert meant in found.hint.zh
    else:
        assert found.hint is None or "did you mean" not in found.hint.en


def test_every_mistake_of_a_file_is_told_in_one_run(load: Callable[..., Any]) -> None:
    text = _rule("any: [{actoin: {eq: read}}, {action: {eq: raed}}, {not: {action: {}}}]")
    assert len(load(text).problems) == 3


def test_deep_nesting_within_what_yaml_allows_is_read(decide: Callable[..., Decision]) -> None:
    text = _rule("{not: " * 30 + "{action: {eq: read}}" + "}" * 30)
    assert "p/r" in decide(text, {"action": "read"}).rules
    assert "p/r" not in decide(text, {"action": "export"}).rules
    assert decide(text, {}).unknown_rules["p/r"] == ("action",)
