"""Conditions as parts of sentences: the same facts in both languages, no *it is not so that*."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from headwater.policies import Vocabulary
from headwater.policies.operators import OPERATORS
from headwater.policies.word_tables import NOUNS, OPPOSITES, PREDICATES
from headwater.policies.words import phrase

if TYPE_CHECKING:
    from collections.abc import Callable

CJK = re.compile("[\u4e00-\u9fff]")

SAID = [
    (
        "{context.purpose: {under: public-health}}",
        "the purpose lies under public health",
        "用途属于“公共卫生”",
    ),
    (
        "{not: {context.purpose: {under: public-health}}}",
        "the purpose does not lie under public health",
        "用途不属于“公共卫生”",
    ),
    (
        "{resource.level: {above: {attribute: subject.clearance}}}",
        "the data's level is above the asking department's clearance",
        "数据级别高于请求部门的可见级别",
    ),
    (
        "{subject.department: {in: [tax, police]}}",
        "the asking department is one of Police, Tax",
        "请求部门是“公安局”、“税务局”之一",
    ),
    (
        "{not: {context.hops: {between: [1, 3]}}}",
        "the number of steps does not lie between 1 and 3",
        "路径的步数不在1与3之间",
    ),
    (
        "{context.granted: {not: true}}",
        "no active agreement grants the column",
        "没有有效协议授权该字段",
    ),
    (
        "{not: {context.via: {absent: true}}}",
        "other departments lie between the two",
        "两部门之间有其他部门",
    ),
    (
        "{not: {any: [{action: {eq: read}}, {all: [{context.hops: {above: 2}}, {context.masked: {eq: false}}]}]}}",
        "the action is not read, and (the number of steps is not above 2, or every path is masked)",
        "操作不是“read 读取”，且（路径的步数不高于2，或每条路径都已脱敏）",
    ),
    (
        "{resource.categories: {has_all: [health, personal]}}",
        "the data's set of categories includes all of health, personal",
        "数据类别包含全部“health 医疗健康”、“personal 个人信息”",
    ),
    (
        "{resource.name: {eq: visits}, resource.level: {absent: true}}",
        "the dataset's name is `visits`, and the data's level is not known",
        "数据集名称是`visits`，且数据级别未知",
    ),
]


@pytest.mark.parametrize(("condition", "en", "zh"), SAID, ids=[each[1] for each in SAID])
def test_a_condition_reads_as_part_of_a_sentence(
    load: Callable[..., Any], vocabulary: Vocabulary, condition: str, en: str, zh: str
) -> None:
    said = phrase(_when(load, condition), vocabulary)
    assert (said.en, said.zh) == (en, zh)


def test_values_stand_beside_the_names(load: Callable[..., Any], vocabulary: Vocabulary) -> None:
    condition = _when(load, "{not: {context.purpose: {under: public-health}}}")
    said = phrase(condition, vocabulary, values={"context.purpose": "marketing"})
    assert said.en == "the purpose (marketing) does not lie under public health"
    assert said.zh == "用途（营销）不属于“公共卫生”"
    unknown = phrase(condition, vocabulary, values={})
    assert unknown.en == "the purpose (not known) does not lie under public health"
    assert unknown.zh == "用途（未知）不属于“公共卫生”"


def test_both_attributes_of_a_comparison_show_their_values(
    load: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    condition = _when(load, "{resource.level: {above: {attribute: subject.clearance}}}")
    values = {"resource.level": "core", "subject.clearance": "general-3"}
    said = phrase(condition, vocabulary, values=values)
    assert said.en == (
        "the data's level (core) is above the asking department's clearance (general-3)"
    )
    assert said.zh == "数据级别（core 核心）高于请求部门的可见级别（general-3 一般3级）"


def test_every_operator_has_words_for_yes_and_for_no() -> None:
    for op in OPERATORS:
        for holds in (True, False):
            text = PREDICATES[OPPOSITES.get(op, op), holds]
            assert CJK.search(text.zh), text
            assert not CJK.search(text.en)
            assert text.blanks() == frozenset(re.findall(r"\{(\w+)\}", text.en))


def test_every_built_in_attribute_has_a_noun(vocabulary: Vocabulary) -> None:
    from headwater.policies.vocabulary import ATTRIBUTES

    assert set(NOUNS) == set(ATTRIBUTES)


def test_a_hostile_value_cannot_command_or_open_a_blank(
    load: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    condition = _when(load, "{context.purpose: {not: marketing}}")
    said = phrase(condition, vocabulary, values={"context.purpose": "\x1b[2J{x}\u202e"})
    assert not set(said.en + said.zh) & {"\x1b", "\u202e", "{", "}"}


def _when(load: Callable[..., Any], condition: str) -> Any:
    policies, problems = load(
        f"rules:\n  - {{id: r, deny: no, when: {condition}}}\n".replace("deny: no", "deny: 'no'")
    )
    assert problems == []
    return policies.rules["p/r"].when
