"""Regular expressions in RE2 find what Python finds; where they may find less, they say so."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.checks.duck import literal, opened
from headwater.checks.guard import ends_in_time, may_explode
from headwater.checks.scan.patterns import translate

ATOMS = st.sampled_from(
    ["a", "b", "1", "海", "é", ".", r"\d", r"\w", r"\s", "[ab]", "[^a]", "[a-z0-9]", "[一-龥]", r"\.", "-", " ",
     r"\n", "[^海]", r"[\d_]", r"\\", r"[\]\-]", "_"]
)  # fmt: skip
REPEATS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,3}", "{0,}", "+?", "*?"])
PIECES = st.builds("{}{}".format, ATOMS, REPEATS)
BODIES = st.recursive(
    st.lists(PIECES, min_size=1, max_size=3).map("".join),
    lambda inner: st.one_of(
        st.builds("({}){}".format, inner, REPEATS),
        st.builds("(?:{}|{})".format, inner, inner),
    ),
    max_leaves=3,
)
PATTERNS = st.builds("{}{}{}".format, st.sampled_from(["", "^", r"\A"]), BODIES,
                     st.sampled_from(["", "$", r"\Z"]))  # fmt: skip
TEXTS = st.lists(
    st.text(st.sampled_from(list("ab1_ .-\n海é٣①\u2028\x1c\\]")), max_size=5),
    min_size=1,
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(PATTERNS, TEXTS)
def test_re2_finds_what_python_finds(pattern: str, texts: list[str]) -> None:
    found = translate(pattern)
    if found is None:
        return
    asked = ", ".join(f"regexp_matches({literal(t)}, {literal(found.pattern)})" for t in texts)
    with opened() as database:
        by_re2 = database.rows(f"SELECT {asked}")[0]
    by_python = [re.search(pattern, text) is not None for text in texts]
    for re2, python, text in zip(by_re2, by_python, texts, strict=True):
        if found.exact or text.isascii():
            assert re2 == python, (pattern, found.pattern, text)
        else:
            assert python or not re2, (pattern, found.pattern, text)


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)b", "(?<!a)b", r"(a)\1", r"\bA", r"\D", r"[^\d]", "(?i)a", "(?m)^a", "a{1001}", "(?P<n>a)(?P=n)",
     "(?x) a", "(?s).", "(?a:\\d)", "(?>a+)b", "a++b", "\ud800", "(" * 500 + ")" * 500, "("],
)  # fmt: skip
def test_what_the_two_understand_differently_is_left_to_python(pattern: str) -> None:
    assert translate(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    ["^(a+)+$", "(a|aa)+$", "(a*)*", r"^(\w+\s?)*$", "a*a*$", ".*.*=", r"(a)\1", "(([a-z])+.)+", "(a{1,30}){1,30}"],
)  # fmt: skip
def test_a_pattern_that_may_explode_is_tried_first(pattern: str) -> None:
    assert may_explode(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"^\d{18}$", "^[1-9][0-9]{16}[0-9X]$", "^SVC-[0-9]{4}$", "a|b|c", "^.{1,20}$", r"^\w+$"],
)
def test_a_plain_pattern_is_not(pattern: str) -> None:
    assert not may_explode(pattern)


def test_a_search_without_end_is_stopped() -> None:
    assert ends_in_time(["^(a+)+$"], ["aaaa", "b"], 20)
    assert not ends_in_time(["^(a+)+$"], ["a" * 60 + "!"], 0.5)
