"""What ``docs/concepts/retention.md`` shows is what the commands print, and its YAML is valid."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.catalog.nodes import Mapping
from headwater.catalog.retention_rules import RETENTION_RULES
from headwater.catalog.yaml_source import parse_yaml
from headwater.cli.retention import ROWS
from headwater.policies.shapes import EVENTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/concepts/retention.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def city() -> None:
    pytest.importorskip("faker")
    subprocess.run([sys.executable, ROOT / "examples/city/prepare.py"], check=True)


@pytest.mark.usefixtures("city")
@pytest.mark.parametrize("block", BLOCKS)
def test_a_console_block_shows_what_the_command_prints(block: str) -> None:
    command, _, shown = block.partition("\n")
    words = shlex.split(command.removeprefix("$ "))
    assert words[0] == "headwater"
    done = subprocess.run(
        [sys.executable, "-m", "headwater.cli.main", *words[1:]],
        cwd=ROOT,
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown
    assert done.stdout == shown


def test_every_command_every_event_and_every_rule_is_named() -> None:
    assert len(BLOCKS) == 5
    assert {name for name in ROWS if f"retention {name}" in PAGE} == set(ROWS)
    assert {name for name in EVENTS if f"`{name}`" in PAGE} == set(EVENTS)
    linked = set(re.findall(r"\.\./rules/(retention/[\w-]+)\.md", PAGE))
    assert linked <= set(RETENTION_RULES)


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_the_yaml_shown_is_yaml(block: str) -> None:
    assert isinstance(parse_yaml(block.encode(), "page"), Mapping)
