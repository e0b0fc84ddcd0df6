"""Row filters as obligations: read with care, carried by every engine, said in both languages."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

import pytest

from headwater.catalog.errors import InputError
from headwater.catalog.forms import Problems
from headwater.catalog.yaml_source import parse_yaml
from headwater.policies import Vocabulary, normalise, open_engine
from headwater.policies.conditions import ConditionReader
from headwater.policies.mutants import mutants
from headwater.policies.native import NativeEngine
from headwater.policies.obligation_words import obligation_text
from headwater.policies.obligations import (
    condition_of,
    filters_of,
    read_obligation,
    row_attributes,
    written,
)
from headwater.policies.partial import leave
from headwater.policies.row_filter import Asked, Table, filter_rows
from headwater.policies.samples import nested
from headwater.policies.sql_dialects import SQL
from headwater.policies.verification import Plan, verify

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = datetime.date(2026, 11, 1)
RULES = """\
rules:
  - id: read
    allow: true
    when: {action: {eq: read}}
    obligations:
      - filter_rows: FILTER
"""
REGION = "{resource.region: {eq: {attribute: subject.region}}}"
CONDITIONS = [
    REGION,
    "{all: [{resource.level: {between: [general-1, general-3]}}, {not: {resource.name: {in: [b, a]}}}]}",
    "{any: [{resource.name: {matches: 'a|b'}}, {resource.department: {under: city}}]}",
    "{resource.region: {absent: true}, resource.level: {below: {attribute: subject.clearance}}}",
    "{resource.name: {eq: '\"}{;-- 张'}}",
    "{not: {any: [{context.hops: {above: 1.5}}, {resource.region: {present: true}}]}}",
]


def rules(filter_: str) -> str:
    return RULES.replace("FILTER", filter_)


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_row_filter_is_kept_as_a_document_that_is_read_back_whole(
    text: str, vocabulary: Vocabulary
) -> None:
    node = parse_yaml(text.encode(), "policies/p.yaml")
    problems = Problems()
    condition = ConditionReader(vocabulary, problems).read(node)
    found = json.loads(json.dumps(written(condition)))
    assert not problems
    assert condition_of(found, vocabulary.attributes) == condition
    again = parse_yaml(json.dumps(found, ensure_ascii=False).encode(), "policies/p.yaml")
    assert ConditionReader(vocabulary, problems).read(again) == condition


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("{resource.regoin: {eq: '330100'}}", "unknown-attribute", "resource.regoin"),
        ("{resource.region: {eq: 330100}}", "quote-it", "330100"),
        ("{resource.region: {equals: '330100'}}", "unknown-operator", "equals"),
        ("{resource.level: {at_least: secret}}", "not-one-of", "secret"),
        ("{resource.name: {matches: 'a(b'}}", "bad-pattern", "a(b"),
        ("{}", "condition-shape", ""),
        ("true", "condition-shape", ""),
        ("{context.purpose: {eq: marketing}}", "filter-rows-no-row", "filter_rows"),
        ("{resource.categories: {has: health}}", "filter-rows-set", "resource.categories"),
    ],
)
def test_a_row_filter_that_cannot_be_meant_is_refused_where_it_stands(
    text: str, code: str, word: str, load: Callable[..., Any]
) -> None:
    (found,) = load(rules(text)).problems
    assert found.code == code
    assert (found.position.file, found.position.line) == ("policies/1.yaml", 12)
    assert found.position.column >= 22
    assert word in found.message.en


def test_a_rule_that_denies_obliges_to_nothing(load: Callable[..., Any]) -> None:
    text = rules(REGION).replace("allow: true", "deny: {en: never, zh: 否}")
    (found,) = load(text).problems
    assert (found.code, found.position.line) == ("unknown-key", 11)


def test_a_policy_test_reads_a_row_filter_as_a_policy_does(vocabulary: Vocabulary) -> None:
    texts = (
        "{filter_rows: {resource.name: {in: [b, a]}}}",
        "{filter_rows: {resource.name: {in: [a, b, a]}}}",
    )
    problems = Problems()
    reader = ConditionReader(vocabulary, problems)
    found = {read_obligation(parse_yaml(text.encode(), "t.yaml"), reader) for text in texts}
    assert found == {'{"filter_rows":{"resource.name":{"in":["a","b"]}}}'}
    assert not problems


# --- engines ---------------------------------------------------------------------------------


@pytest.mark.opa
@pytest.mark.parametrize("text", CONDITIONS)
def test_native_and_opa_carry_the_same_row_filter(
    text: str, load: Callable[..., Any], vocabulary: Vocabulary, opa_executable: str
) -> None:
    policies = load(rules(text)).policies
    facts = normalise({"action": "read"}, vocabulary, DAY)
    (native,) = NativeEngine(policies).decide([facts])
    assert "filter_rows" in native.obligations[0]
    with open_engine("opa", policies, executable=opa_executable) as opa:
        assert opa.decide([facts]) == (native,)


@pytest.mark.opa
def test_verify_finds_a_bundle_that_filters_other_rows(
    load: Callable[..., Any], vocabulary: Vocabulary, opa_executable: str
) -> None:
    policies = load(rules(REGION)).policies
    other = load(rules(REGION.replace("eq", "not"))).policies
    with (
        open_engine("native", policies) as ours,
        open_engine("opa", other, executable=opa_executable) as theirs,
    ):
        found = verify(policies, vocabulary, (ours, theirs), [], Plan(DAY, 0))
    assert not found.equal
    assert found.difference is not None
    assert dict(found.difference.facts.raw) == {"action": "read"}


def test_of_several_rules_all_row_filters_are_owed(
    load: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    text = rules(REGION) + rules("{resource.level: {below: core}}").replace("rules:\n", "").replace(
        "id: read", "id: more"
    )
    policies = load(text).policies
    (found,) = NativeEngine(policies).decide([normalise({"action": "read"}, vocabulary, DAY)])
    assert [sorted(each) for each in found.obligations] == [["filter_rows"], ["filter_rows"]]
    sql = filtered(load(text).policies, vocabulary, ("resource.region", "resource.level"))
    assert sql.where.sql.count(" AND ") > 1
    for column in ('"resource.region"', '"resource.level"'):
        assert column in sql.where.sql


# --- SQL -------------------------------------------------------------------------------------


def filtered(policies: Any, vocabulary: Vocabulary, mapped: tuple[str, ...], **known: str) -> Any:
    given = {"action": "read", "subject.region": "330100", **known}
    facts = normalise(nested(given), vocabulary, DAY)
    table = Table(("t",), {name: name for name in mapped})
    return filter_rows(policies, vocabulary, SQL["sqlite"], table, [Asked("c", None, (), facts)])


def test_what_the_question_says_of_the_resource_never_stands_for_its_rows(
    load: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    for region in ("330100", "110000"):
        with pytest.raises(InputError) as caught:
            filtered(load(rules(REGION)).policies, vocabulary, (), **{"resource.region": region})
        (found,) = caught.value.problems
        assert found.code == "filter-rows-unmapped"
        assert found.position is not None
        assert (found.position.file, found.position.line) == ("policies/1.yaml", 8)


def test_an_unknown_subject_is_shown_no_row(
    load: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    policies = load(rules(REGION)).policies
    facts = normalise({"action": "read"}, vocabulary, DAY)
    assert leave(policies, facts.values, frozenset({"resource.region"})).when is False


def test_a_row_filter_binds_only_where_its_rule_allows(
    load: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    text = rules(REGION).replace("{eq: read}}", "{eq: read}, resource.level: {eq: core}}")
    text += "  - {id: low, allow: true, when: {resource.level: {below: core}}}\n"
    policies = load(text).policies
    mapped = ("resource.region", "resource.level")
    found = filtered(policies, vocabulary, mapped).where
    import sqlite3

    own = sqlite3.connect(":memory:")
    own.execute('CREATE TABLE t (n, "resource.region", "resource.level")')
    rows = [
        (1, "330100", "core"),
        (2, "110000", "core"),
        (3, "110000", "general-1"),
        (4, "110000", None),
    ]
    own.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    query = f"SELECT n FROM t WHERE {found.sql}"  # noqa: S608 - what is tested
    assert [row[0] for row in own.execute(query, found.parameters)] == [1, 3]
    own.close()


# --- words and changes -----------------------------------------------------------------------


def test_every_obligation_is_said_in_both_languages(vocabulary: Vocabulary) -> None:
    said = obligation_text(
        {
            "delete_after": "P90D",
            "mask": {"category": "health", "with": "hash"},
            "notify": "tax",
            "filter_rows": {
                "any": [
                    {"resource.region": {"eq": {"attribute": "subject.region"}}},
                    {"not": {"resource.level": {"above": "general-2"}}},
                ]
            },
        },
        vocabulary,
    )
    assert said.en == (
        "delete it after P90D; mask columns of health 健康 (hashed); notify Tax; leave only rows "
        "where the row's region is the asking department's region, or the row's level is not "
        "above general-2"
    ).replace("health 健康", said.en.split("columns of ")[1].split(" (")[0])
    assert said.zh.startswith("在 P90D 后删除；")
    assert (
        "；通知税务局；只保留满足以下条件的行：该行的区划是请求部门的区划，或该行的级别" in said.zh
    )


def test_each_mistake_in_a_row_filter_is_a_mutant(load: Callable[..., Any]) -> None:
    policies = load(rules("{resource.level: {below: general-3}}")).policies
    made = [each for each in mutants(policies, {"p"}) if each.change.en.startswith("of the row")]
    filters = [
        written(next(filters_of(each.policies.rules["p/read"], policies.attributes)))
        for each in made
    ]
    assert filters == [
        {"not": {"resource.level": {"below": "general-3"}}},
        {"resource.level": {"at_most": "general-3"}},
        {"resource.level": {"below": "general-2"}},
        {"resource.level": {"below": "general-4"}},
    ]
    assert all(each.position.line == 8 for each in made)


def test_a_row_filter_uses_the_attributes_that_it_asks_about(vocabulary: Vocabulary) -> None:
    found = condition_of(
        {"resource.level": {"at_most": {"attribute": "resource.level"}}}, vocabulary.attributes
    )
    assert row_attributes(found) == ("resource.level",)
