"""This room's problems: each is raised, and says the same in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import headwater.policies
from headwater.policies.problem_texts import TEXTS
from headwater.policies.refusals import refusal

FOLDER = Path(str(headwater.policies.__file__)).parent
SOURCE = "".join(
    path.read_text(encoding="utf-8")
    for path in FOLDER.glob("*.py")
    if path.name != "problem_texts.py"
)


@pytest.mark.parametrize("code", TEXTS)
def test_each_problem_is_raised_and_has_the_same_facts_in_both_languages(code: str) -> None:
    assert f'"{code}"' in SOURCE
    for text in TEXTS[code]:
        if text is None:
            continue
        assert set(re.findall(r"\{\w+\}", text.en)) == set(re.findall(r"\{\w+\}", text.zh))
        assert re.search("[一-鿿]", text.zh)
        assert not re.search("[一-鿿] ?[,;:?!]", text.zh)


def test_a_refusal_asks_what_was_meant_before_it_says_what_to_do() -> None:
    found = refusal("unknown-attribute", name="a", known=["b"], suggestion="b")
    assert found.hint is not None
    assert found.hint.en == "did you mean `b`? known here: b"
    assert found.hint.zh == "是否应为 `b`？此处可用：b"
