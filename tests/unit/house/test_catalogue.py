"""The catalogues, both ways: what is used is in them, and what is in them is used."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from headwater.catalog.problem_texts import CATALOGUE
from headwater.catalog.retention_rules import RETENTION_RULES
from headwater.catalog.rules import BUILT_IN
from headwater.catalog.text import Text

ROOT = Path(__file__).parents[3]
ROOTS = ("catalog", "policies", "lineage", "checks", "cli")
MODULES = [path for root in ROOTS for path in (ROOT / root).rglob("*.py")]
CJK = re.compile("[\u4e00-\u9fff]")


def strings(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


USED = set().union(
    *(strings(path) for path in MODULES if not path.name.startswith("problem_texts"))
)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_problem_of_the_catalogue_is_raised_somewhere(code: str) -> None:
    assert code in USED


def test_a_problem_that_is_raised_is_in_the_catalogue() -> None:
    raised = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (code := _code(node)):
                raised.add(code)
    assert raised
    assert raised <= set(CATALOGUE)


def _code(call: ast.Call) -> str | None:
    """Return the literal code of ``problem("…")``, ``problems.add("…")``, ``SomeError.of("…")``."""
    called = ast.unparse(call.func)
    at = 1 if called.endswith("_at") else 0
    if not re.search(r"(^|\.)problem$|[pP]roblems\.add$|Error\.of$|^_at$", called):
        return None
    first = call.args[at] if len(call.args) > at else None
    return first.value if isinstance(first, ast.Constant) else None  # type: ignore[return-value]


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_problem_has_the_same_facts_in_both_languages(code: str) -> None:
    for text in CATALOGUE[code]:
        if text is not None:
            assert_same_facts(text)


RULES = BUILT_IN | RETENTION_RULES


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_has_the_same_facts_in_both_languages(rule: str) -> None:
    assert_same_facts(RULES[rule].message)
    assert_same_facts(RULES[rule].remedy)


def assert_same_facts(text: Text) -> None:
    assert CJK.search(text.zh)
    assert not CJK.search(text.en)
    blanks = re.compile(r"\{[\w.]+\}")
    assert set(blanks.findall(text.en)) == set(blanks.findall(text.zh))
    assert not re.search("[\u4e00-\u9fff] ?[,;:?!]", text.zh), "full-width punctuation in Chinese"
