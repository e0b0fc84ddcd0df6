"""What the READMEs show is what the commands print."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.catalog.nodes import Mapping
from headwater.catalog.yaml_source import parse_yaml
from headwater.cli.main import ROWS

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
PARAMETERS = [
    (name, block)
    for name in READMES
    for block in BLOCK.findall((ROOT / name).read_text(encoding="utf-8"))
]


def test_there_are_blocks_to_run() -> None:
    assert {name for name, _ in PARAMETERS} == set(READMES)


@pytest.mark.parametrize(("name", "block"), PARAMETERS)
def test_a_console_block_shows_what_the_command_prints(name: str, block: str) -> None:
    command, _, shown = block.partition("\n")
    words = shlex.split(command.removeprefix("$ "))
    assert words[0] == "headwater"
    if "examples/flights" in words:
        subprocess.run([sys.executable, ROOT / "examples/flights/prepare.py"], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "headwater.cli.main", *words[1:]],
        cwd=ROOT,
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown
    if name == "README.md":
        assert done.stdout == shown
    else:
        assert done.stdout.startswith(shown)


@pytest.mark.parametrize("name", READMES)
def test_the_policy_shown_is_valid_yaml(name: str) -> None:
    text = YAML.findall((ROOT / name).read_text(encoding="utf-8"))[0]
    node = parse_yaml(text.encode(), name)
    assert isinstance(node, Mapping)
    assert node.text("kind") == "access-policy"


def test_both_readmes_name_the_same_commands() -> None:
    rows = [
        sorted(re.findall(r"^\| `(.*?)` \|", (ROOT / name).read_text(encoding="utf-8"), re.M))
        for name in READMES
    ]
    assert rows[0] == rows[1]
    assert {row.split()[1] for row in rows[0]} == set(ROWS)
