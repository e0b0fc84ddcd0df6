"""What the page of the gate shows is what the commands print, whole findings in both languages."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from headwater.catalog.change_rules import CHANGES
from headwater.catalog.nodes import Mapping
from headwater.catalog.yaml_source import parse_yaml
from headwater.cli.main import group

ROOT = Path(__file__).parents[2]
GATE = (ROOT / "docs/concepts/gate.md").read_text(encoding="utf-8")
WAIVERS = (ROOT / "docs/concepts/waivers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n\$ headwater (.*?)\n(.*?)^```", GATE, re.MULTILINE | re.DOTALL)


@cache
def printed(command: str) -> str:
    for example in ("city", "flights"):
        if f"examples/{example} " in command:
            subprocess.run([sys.executable, ROOT / f"examples/{example}/prepare.py"], check=True)
    words = [
        str(ROOT / word) if word.startswith("examples/") else word for word in shlex.split(command)
    ]
    return CliRunner().invoke(group, words).stdout


@pytest.mark.parametrize(("command", "shown"), BLOCKS)
def test_what_is_shown_is_a_part_of_what_is_printed(command: str, shown: str) -> None:
    pytest.importorskip("faker")
    assert shown in f"{printed(command)}\n"


def test_each_example_is_explained_in_both_languages() -> None:
    explained = [command for command, _ in BLOCKS if "--explain" in command]
    for example in ("city", "flights", "city-bare", "city-waived"):
        for language in ("en", "zh"):
            assert any(
                f"examples/{example} " in each and each.endswith(f"--lang {language}")
                for each in explained
            ), (example, language)


def test_the_table_holds_every_kind_of_change() -> None:
    rows = re.findall(r"^\| `([\w/-]+)` \| ([\w, -]+) \|$", GATE, re.MULTILINE)
    assert dict(rows) == {name: ", ".join(rule.breaks) or "-" for name, rule in CHANGES.items()}


def test_the_yaml_of_the_waivers_page_is_a_file_of_waivers() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", WAIVERS, re.DOTALL)
    node = parse_yaml(block.encode(), "page")
    assert isinstance(node, Mapping)
    assert node.text("kind") == "waivers"
