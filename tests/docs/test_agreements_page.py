"""What docs/concepts/agreements.md shows is what the commands print, and its YAML is read."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.app.reconciliation import KINDS, RULES
from headwater.catalog.agreements import read_agreement
from headwater.catalog.forms import Problems
from headwater.catalog.kinds import AGREEMENT, ROW_OPERATORS
from headwater.catalog.nodes import Mapping
from headwater.catalog.shapes import inner, keys
from headwater.catalog.yaml_source import parse_yaml
from headwater.cli.agreement import ROWS
from headwater.cli.render.reconciliation import WORDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/concepts/agreements.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
YAML = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", CONSOLE)
def test_a_console_block_shows_what_the_command_prints(block: str) -> None:
    command, _, shown = block.partition("\n")
    words = shlex.split(command.removeprefix("$ "))
    assert words[:2] == ["headwater", "agreement"]
    done = subprocess.run(
        [sys.executable, "-m", "headwater.cli.main", *words[1:]],
        cwd=ROOT,
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == shown


@pytest.mark.parametrize("block", YAML)
def test_the_yaml_shown_is_yaml(block: str) -> None:
    assert isinstance(parse_yaml(block.encode(), "page"), Mapping)


def test_the_agreement_shown_is_one_and_uses_every_key() -> None:
    node = parse_yaml(YAML[0].encode(), "page")
    assert isinstance(node, Mapping)
    problems = Problems()
    read_agreement(node, problems)
    assert list(problems) == []
    assert {entry.key for entry in node} == set(keys(AGREEMENT)) - {"state"}
    conditions = node.get("conditions")
    assert isinstance(conditions, Mapping)
    assert {entry.key for entry in conditions} == set(keys(inner(AGREEMENT, "conditions")))


def test_the_page_names_every_command_operator_and_difference() -> None:
    assert set(ROWS) <= set(re.findall(r"`(?:headwater agreement )?([a-z]+)[ `]", PAGE)) | set(
        re.findall(r"agreement ([a-z]+)", PAGE)
    )
    assert all(f"`{name}`" in PAGE for name in ROW_OPERATORS)
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    for kind in KINDS:
        (row,) = (row for row in rows if row.startswith(f"| {WORDS[kind].en} |"))
        assert row.endswith(f"| `{RULES[kind]}` |" if kind in RULES else "| – |")
