from __future__ import annotations

import doctest
import importlib
import json
import pkgutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

import headwater.catalog
from headwater.catalog.text import Text
from headwater.catalog.visible import HIDDEN, visible
from headwater.cli.render.json_text import json_text


@given(st.text())
def test_nothing_hidden_is_left_in_a_visible_name(name: str) -> None:
    assert not HIDDEN.search(visible(name))


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"])))
def test_ordinary_text_stays_as_it_is(name: str) -> None:
    if not HIDDEN.search(name):
        assert visible(name) == name


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_json_is_harmless_and_round_trips(name: str) -> None:
    text = json_text({"name": name})
    assert json.loads(text) == {"name": name}
    assert not HIDDEN.search(text.replace("\n", ""))


def test_a_blank_without_a_value_shows_a_question_mark_and_never_a_brace() -> None:
    assert Text("{a} {b.c}", "{a}").fill({"a": "x{y}"}) == Text("x(y) ?", "x(y)")


def test_a_text_inside_a_text_is_shown_in_each_language() -> None:
    inner = Text("a list", "列表")
    assert Text("it is {x}", "是{x}").fill({"x": inner}) == Text("it is a list", "是列表")


@pytest.mark.parametrize(
    "module", [found.name for found in pkgutil.iter_modules(headwater.catalog.__path__)]
)
def test_examples_in_docstrings_hold(module: str) -> None:
    loaded = importlib.import_module(f"headwater.catalog.{module}")
    assert doctest.testmod(loaded).failed == 0
