"""Patterns, dates, attributes of a workspace's own, exceptions, and policies in versions."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from headwater.catalog.errors import InputError
from headwater.catalog.forms import Problems
from headwater.catalog.nodes import Mapping
from headwater.catalog.periods import day_after, reach
from headwater.catalog.yaml_source import parse_yaml
from headwater.policies import Decision, normalise, open_engine
from headwater.policies.native import NativeEngine
from headwater.policies.own_attributes import periods_of, read_attributes
from headwater.policies.patterns import refusal
from headwater.policies.vocabulary import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.policies import Vocabulary

DAY = datetime.date(2026, 11, 1)
VOCABULARY = """\
kind: vocabulary
id: assessments
attributes:
  - {id: context.assessed, type: date, description: {en: day of the assessment, zh: 评估日期}}
  - {id: context.for, type: purpose, description: {en: what else it is for, zh: 其他用途}}
  - {id: resource.band, type: choice, values: [a, b], description: {en: band, zh: 档次}}
  - {id: resource.grade, type: level, description: {en: own grade, zh: 自定级别}}
  - {id: resource.marks, type: set, values: [x, y], description: {en: marks, zh: 标记}}
  - {id: subject.sworn, type: yes-no, may_be_absent: false, description: {en: sworn, zh: 已宣誓}}
"""
POLICY = """\
kind: access-policy
id: p
title: {en: A policy, zh: 策略}
owner: health
effective: {from: 2026-01-01}
rules:
  - {id: all, allow: true, when: {action: {eq: read}}}
  - {id: old, deny: old, when: {%s}}
"""
EXCEPTION = """\
kind: exception
id: flood
title: {en: Flood relief, zh: 抗洪}
owner: health
approver: the mayor
reason: {en: lives are at stake, zh: 事关生命}
rule: p/old
when: {subject.department: {eq: police}}
effective: {from: 2026-10-01, until: 2026-11-01}
"""


@pytest.fixture
def ask(
    load: Callable[..., Any], vocabulary: Vocabulary, opa_executable: str
) -> Callable[..., Decision]:
    """Decide by documents, natively and by a real OPA, which must say the same."""

    def asked(*texts: str, as_of: datetime.date = DAY, **known: Any) -> Decision:
        policies, problems = load(*texts)
        assert problems == []
        periods = periods_of(_documents(texts))
        own = replace(vocabulary, attributes=policies.attributes, periods=periods)
        facts = normalise(known, own, as_of)
        (native,) = NativeEngine(policies).decide([facts])
        with open_engine("opa", policies, executable=opa_executable) as opa:
            assert opa.decide([facts]) == (native,)
        return native

    return asked


def _documents(texts: tuple[str, ...]) -> list[Mapping]:
    nodes = [parse_yaml(text.encode(), "policies/p.yaml") for text in texts]
    return [node for node in nodes if isinstance(node, Mapping)]


# --- patterns --------------------------------------------------------------------------------


@pytest.mark.opa
def test_a_pattern_matches_the_whole_value_or_nothing(ask: Callable[..., Decision]) -> None:
    text = POLICY % "resource.name: {matches: 'tmp_|health[.].+'}"
    for name, denied in [
        *(("tmp_", True), ("tmp_1", False), ("health.x", True), ("health.", False)),
        *(("a.tmp_", False), ("health.x\n", False)),
    ]:
        found = ask(text, action="read", resource={"name": name})
        assert found.allow is not denied, name
    assert ask(text, action="read").unknown == ("resource.name",)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("a(b", "missing )"),
        ("a)|(b", "unexpected )"),
        (r"(a)\1", "invalid escape"),
        ("(?=a)", "(?="),
        ("(x{1000}){1000}", "repetition"),
        (r"\C", "single bytes"),
        (r"\p{Han}", "Unicode"),
        (r"\Qa", "missing )"),
        ("a" * 1001, "1000"),
    ],
)
def test_a_pattern_that_the_two_engines_do_not_share_is_refused_where_it_stands(
    pattern: str, why: str, load: Callable[..., Any]
) -> None:
    (found,) = load(POLICY % f"resource.name: {{matches: '{pattern}'}}").problems
    assert (found.code, found.position.line) == ("bad-pattern", 8)
    assert why in found.message.en


def test_a_pattern_is_text_of_an_attribute_that_is_text(load: Callable[..., Any]) -> None:
    codes = [
        [found.code for found in load(POLICY % condition).problems]
        for condition in (
            "resource.name: {matches: 5}",
            "resource.name: {matches: [a]}",
            "resource.level: {matches: core}",
            "subject.region: {matches: '33.*'}",
        )
    ]
    assert codes == [["quote-it"], ["operand-misfit"], ["operator-misfit"], []]
    assert refusal(r"\\p{1}") is None


# --- dates -----------------------------------------------------------------------------------


@pytest.mark.opa
@pytest.mark.parametrize(
    ("condition", "day", "denied"),
    [
        ("older_than: P90D", "2026-08-02", True),
        ("older_than: P90D", "2026-08-03", False),  # its last day is today
        ("older_than: P1M", "2026-10-01", False),
        ("older_than: P1M", "2026-09-30", True),
        ("older_than: P1D", "2026-11-02", False),
        ("older_than: P9999Y", "0001-01-01", False),
        ("within: P90D", "2026-08-03", True),
        ("within: P90D", "2026-08-02", False),
        ("within: P90D", "2026-11-01", True),
        ("within: P90D", "2026-11-02", False),  # the future is not within the last 90 days
        ("below: 2026-11-01", "2026-10-31", True),
        ("at_least: 2026-11-01", "2026-10-31", False),
        ("between: [2026-10-01, 2026-10-31]", "2026-10-31", True),
        ("in: [2026-10-30, 2026-10-31]", "2026-10-31", True),
        ("not: 2026-10-31", "2026-10-31", False),
    ],
)
def test_dates_are_compared_by_day_and_periods_by_the_calendar(
    condition: str, day: str, denied: bool, ask: Callable[..., Decision]
) -> None:
    text = POLICY % f"context.assessed: {{{condition}}}"
    found = ask(VOCABULARY, text, action="read", context={"assessed": day})
    assert found.rules == (("p/old",) if denied else ("p/all",))
    assert ask(VOCABULARY, text, action="read").unknown == ("context.assessed",)


def test_the_day_a_period_reaches_back_to_is_the_last_whose_term_is_over() -> None:
    one = datetime.timedelta(days=1)
    for as_of in (datetime.date(2024, 2, 29), datetime.date(2026, 3, 1), datetime.date(3, 1, 31)):
        for back in range(0, 400, 7):
            day = as_of - back * one
            for period in ("P1D", "P1M", "P13M", "P1Y", "P30D", "P1Y1M1D"):
                last = reach(day, period)
                if last is None:
                    assert (day_after(datetime.date.min, period) or day) >= day
                    continue
                ends = [day_after(each, period) for each in (last, last + one)]
                assert ends[0] is not None
                assert ends[1] is not None
                assert ends[0] < day <= ends[1], (day, period)


def test_what_is_no_date_or_no_period_is_told(load: Callable[..., Any]) -> None:
    for condition, code in [
        ("context.assessed: {above: 2026-02-30}", "bad-date"),
        ("context.assessed: {above: true}", "operand-misfit"),
        ("context.assessed: {older_than: 90 days}", "bad-period"),
        ("context.assessed: {within: PT5M}", "bad-period"),
        ("context.assessed: {within: {attribute: context.assessed}}", "operand-misfit"),
        ("context.assessed: {between: [2026-02-02, 2026-01-01]}", "bad-range"),
        ("context.hops: {older_than: P1D}", "operator-misfit"),
    ]:
        codes = [found.code for found in load(VOCABULARY, POLICY % condition).problems]
        assert codes[:1] == [code], condition


def test_a_fact_that_is_no_date_is_refused(
    load: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    own = replace(vocabulary, attributes=load(VOCABULARY).policies.attributes)
    for value in (
        "2026-02-30",
        "2026-1-1",
        "20260101",
        20000,
        True,
        ["2026-01-01"],
        "\uff12026-01-01",
    ):
        with pytest.raises(InputError) as caught:
            normalise({"context": {"assessed": value}}, own, DAY)
        assert [found.code for found in caught.value.problems] == ["bad-fact"]


# --- attributes of a workspace's own -----------------------------------------------------------


@pytest.mark.opa
@pytest.mark.parametrize(
    ("condition", "known", "denied"),
    [
        ("resource.band: {eq: a}", {"resource": {"band": "a"}}, True),
        ("resource.grade: {at_least: important}", {"resource": {"grade": "core"}}, True),
        ("resource.grade: {above: core}", {"resource": {"grade": "core"}}, False),
        ("resource.marks: {has_all: [x, y]}", {"resource": {"marks": ["y", "x"]}}, True),
        ("resource.marks: {has: x}", {"resource": {"marks": []}}, False),
        ("subject.sworn: {not: true}", {"subject": {"sworn": False}}, True),
        ("context.for: {under: public-health}", {"context": {"for": "immunisation"}}, True),
        ("context.for: {eq: public-health}", {"context": {"for": "immunisation"}}, False),
        (
            "resource.grade: {above: {attribute: subject.clearance}}",
            {"resource": {"grade": "core"}, "subject": {"clearance": "general-1"}},
            True,
        ),
        (
            "context.for: {not: {attribute: context.purpose}}",
            {"context": {"for": "immunisation", "purpose": "immunisation"}},
            False,
        ),
    ],
)
def test_an_attribute_of_its_own_is_asked_about_like_any_other(
    condition: str, known: dict[str, Any], denied: bool, ask: Callable[..., Decision]
) -> None:
    found = ask(VOCABULARY, POLICY % condition, action="read", **known)
    assert found.allow is not denied
    assert ask(VOCABULARY, POLICY % condition, action="read").unknown


def test_what_a_vocabulary_may_not_declare_is_told(load: Callable[..., Any]) -> None:
    def codes(line: str) -> list[str]:
        head = "kind: vocabulary\nid: v\nattributes:\n  - "
        return [found.code for found in load(head + line).problems]

    about = "description: {en: a, zh: 甲}"
    assert codes(f"{{id: context.x, type: text, {about}}}") == []
    assert codes(f"{{id: context.checks, type: text, {about}}}") == ["attribute-taken"]
    for name in ("x", "action.x", "context", "context.X", "context.a.b", "context.default", "a.b"):
        assert codes(f"{{id: {name}, type: text, {about}}}") == ["bad-attribute-id"], name
    assert codes(f"{{id: context.x, type: txet, {about}}}") == ["not-one-of"]
    assert codes(f"{{id: context.x, type: choice, {about}}}") == ["missing-key"]
    assert codes(f"{{id: context.x, type: choice, values: [a, a], {about}}}") == ["repeated-values"]
    assert codes(f"{{id: context.x, type: number, values: [a], {about}}}") == ["values-misfit"]
    assert codes("{id: context.x, type: text}") == ["missing-key"]
    assert codes(f"{{id: context.x, type: text, may_be_absent: maybe, {about}}}") == ["wrong-type"]
    line = f"{{id: context.x, type: text, {about}}}"
    assert codes(f"{line}\n  - {line}") == ["duplicate-id"]


def test_an_attribute_of_another_workspace_is_not_known_here(load: Callable[..., Any]) -> None:
    (found,) = load(POLICY % "resource.band: {eq: a}").problems
    assert found.code == "unknown-attribute"
    found, *_ = load(VOCABULARY, POLICY % "resource.bnad: {eq: a}").problems
    assert "did you mean `resource.band`?" in found.hint.en


def test_its_attributes_are_part_of_what_decides(load: Callable[..., Any]) -> None:
    wider = VOCABULARY.replace("values: [a, b]", "values: [a, b, c]")
    revisions = {load(*texts).policies.revision for texts in [(), (VOCABULARY,), (wider,)]}
    assert len(revisions) == 3
    (first, *_) = read_attributes(_documents((VOCABULARY,)), Problems())
    assert (first.name, first.optional, str(first.position)) == (
        *("context.assessed", True),
        "policies/p.yaml:4:10",
    )
    assert "context.assessed" not in ATTRIBUTES


# --- exceptions --------------------------------------------------------------------------------


@pytest.mark.opa
def test_an_exception_keeps_its_rule_from_denying_and_is_named(
    ask: Callable[..., Decision],
) -> None:
    text = POLICY % "resource.level: {above: general-2}"
    known: dict[str, Any] = {"action": "read", "resource": {"level": "core"}}
    police, tax = ({"department": name} for name in ("police", "tax"))
    found = ask(text, EXCEPTION, **known, subject=police)
    assert (found.allow, found.rules, found.exceptions) == (True, ("p/all",), ("flood",))
    found = ask(text, EXCEPTION, **known, subject=tax)
    assert (found.allow, found.rules, found.exceptions) == (False, ("p/old",), ())
    # Where it is not known whether it is the case, the rule counts.
    found = ask(text, EXCEPTION, **known)
    assert (found.allow, found.rules, found.unknown) == (False, ("p/old",), ())
    # It excuses what is not known, too, and is not named where there was nothing to excuse.
    found = ask(text, EXCEPTION, action="read", subject=police)
    assert (found.allow, found.unknown, found.exceptions) == (True, (), ("flood",))
    low = {"level": "general-1"}
    found = ask(text, EXCEPTION, action="read", subject=police, resource=low)
    assert (found.allow, found.exceptions) == (True, ())


@pytest.mark.opa
@pytest.mark.parametrize(
    ("month", "day", "excused"), [(9, 30, 0), (10, 1, 1), (11, 1, 1), (11, 2, 0)]
)
def test_an_exception_holds_on_its_days_only(
    month: int, day: int, excused: int, ask: Callable[..., Decision]
) -> None:
    text = POLICY % "resource.level: {above: general-2}"
    found = ask(
        text, EXCEPTION, as_of=datetime.date(2026, month, day), action="read",
        resource={"level": "core"}, subject={"department": "police"},
    )  # fmt: skip
    assert (found.allow, len(found.exceptions)) == (bool(excused), excused)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("rule: p/old", "rule: p/odl", "unknown-reference"),
        ("rule: p/old", "rule: p/all", "exception-of-allow"),
        ("until: 2026-11-01", "until: 2027-10-02", "exception-too-long"),
        (", until: 2026-11-01", "", "missing-key"),
        ("from: 2026-10-01, ", "", "missing-key"),
        ("effective: {from: 2026-10-01, until: 2026-11-01}\n", "", "missing-key"),
        ("until: 2026-11-01", "until: 2026-09-01", "bad-range"),
        ("when: {subject.department: {eq: police}}\n", "", "missing-key"),
        ("when: {subject.department: {eq: police}}", "when: {}", "condition-shape"),
        ("owner: health", "owner: haelth", "unknown-reference"),
        ("approver: the mayor\n", "", "missing-key"),
        ("reason: {en: lives are at stake, zh: 事关生命}\n", "", "missing-key"),
        ("approver:", "aprover:", "unknown-key"),
    ],
)
def test_an_exception_that_cannot_stand_is_told(
    old: str, new: str, code: str, load: Callable[..., Any]
) -> None:
    assert old in EXCEPTION
    text = POLICY % "resource.level: {above: general-2}"
    assert load(text, EXCEPTION).problems == []
    codes = {found.code for found in load(text, EXCEPTION.replace(old, new)).problems}
    assert code in codes


def test_an_exception_may_last_a_leap_year_and_be_of_a_rule_of_the_pack(
    load: Callable[..., Any],
) -> None:
    long = EXCEPTION.replace("until: 2026-11-01", "until: 2027-10-01").replace(
        "p/old", "sharing/checks-missing"
    )
    policies, problems = load(long)
    assert problems == []
    assert list(policies.exceptions) == ["flood"]
    assert policies.revision != load().policies.revision
    (found,) = load(long, off=("sharing/checks-missing",)).problems
    assert found.code == "unknown-reference"
    assert "duplicate-id" in {found.code for found in load(long, long).problems}


# --- versions ----------------------------------------------------------------------------------

FIRST = """\
kind: access-policy
id: v
title: {en: First, zh: 甲}
owner: health
effective: {from: 2026-01-01, until: 2026-10-31}
mode: %s
rules:
  - {id: r, %s, when: {resource.level: {at_least: core}}}
  - {id: gone, deny: gone, when: {context.hops: {above: 1}}}
"""
SECOND = """\
kind: access-policy
id: v
title: {en: Second, zh: 乙}
owner: health
effective: {from: 2026-11-01}
rules:
  - {id: r, deny: second, when: {resource.level: {at_least: important}}}
  - {id: a, allow: true, when: {action: {eq: read}}, obligations: [{delete_after: P1D}]}
"""
BEFORE = datetime.date(2026, 10, 31)


@pytest.mark.opa
@pytest.mark.parametrize("mode", ["enforce", "advise"])
@pytest.mark.parametrize("effect", ["deny: first", "warn: first", "allow: true"])
def test_of_a_policy_in_versions_only_that_of_the_day_counts(
    mode: str, effect: str, ask: Callable[..., Decision]
) -> None:
    texts = (FIRST % (mode, effect), SECOND)
    found = ask(*texts, action="read", resource={"level": "important"})
    assert (found.rules, found.warnings) == (("v/r",), ())
    found = ask(*texts, action="read")
    assert (found.rules, found.unknown) == (("v/r",), ("resource.level",))
    found = ask(*texts, action="read", resource={"level": "general-1"})
    assert (found.allow, found.obligations) == (True, ({"delete_after": "P1D"},))
    found = ask(*texts, as_of=BEFORE, action="read", resource={"level": "important"})
    assert "v/r" not in found.rules
    assert ("v/gone" in found.rules) is (mode == "enforce")
    assert ("v/gone" in found.warnings) is (mode == "advise")


def test_versions_may_not_overlap_and_the_one_of_a_day_explains(load: Callable[..., Any]) -> None:
    policies, problems = load(FIRST % ("enforce", "deny: first"), SECOND)
    assert problems == []
    for day, said in ((BEFORE, "first"), (DAY, "second"), (datetime.date(2020, 1, 1), "second")):
        assert policies.rule_on("v/r", day).message.en == said
        standing = policies.on(day)
        assert standing.rules["v/r"].message.en == said
        assert ("v/gone" in standing.rules) is (said == "first")
        assert [policy.id for policy in standing.access] == ["sharing", "v"]
    late = (FIRST % ("enforce", "deny: first")).replace("2026-10-31", "2026-11-01")
    (found,) = load(late, SECOND).problems
    assert (found.code, found.position.file) == ("overlapping-dates", "policies/2.yaml")
    assert "policies/1.yaml:2:5" in found.message.en
    endless = SECOND.replace("2026-11-01", "2027-11-01")
    assert [found.code for found in load(SECOND, endless).problems] == ["overlapping-dates"]
