"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROOTS = ("catalog", "policies", "lineage", "checks", "cli")
MODULES = sorted(path for root in ROOTS for path in (ROOT / root).rglob("*.py"))
LONGEST_MODULE = 400
LONGEST_FUNCTION = 40


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_is_short_and_says_what_it_is(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= LONGEST_MODULE, "split it: one module, one reason to change"
    assert ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_functions_fit_on_a_screen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = {
        node.name: length
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert not long


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_only_the_command_line_reads_the_clock_and_the_environment(path: Path) -> None:
    if "cli/headwater/cli/" in path.as_posix() or path.name == "transport.py":
        return  # the transport is the edge of another process: nobody above it can say when
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {
        f"{ast.unparse(node.value)}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }
    forbidden = {"os.environ", "os.getenv", "datetime.now", "datetime.datetime.now",
                 "date.today", "datetime.date.today", "time.time", "Instant.now"}  # fmt: skip
    assert not found & forbidden
