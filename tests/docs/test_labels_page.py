"""What docs/concepts/labels.md shows is what the commands print, and its YAML is read."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.catalog.elements import BUILT_IN, Dictionary, read_elements
from headwater.catalog.forms import Problems
from headwater.catalog.nodes import Mapping
from headwater.catalog.stop_points import KINDS, read_stop_points
from headwater.catalog.yaml_source import parse_yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/concepts/labels.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def _city() -> None:
    pytest.importorskip("faker")
    subprocess.run([sys.executable, ROOT / "examples/city/prepare.py"], check=True)


@pytest.mark.usefixtures("_city")
@pytest.mark.parametrize("block", BLOCKS)
def test_a_console_block_shows_what_the_command_prints(block: str) -> None:
    command, _, shown = block.partition("\n")
    words = [*shlex.split(command.removeprefix("$ headwater ")), "--lang", "en"]
    done = subprocess.run(
        [sys.executable, "-m", "headwater.cli.main", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, shown), done.stderr


def test_there_are_blocks_to_run() -> None:
    assert len(BLOCKS) == 2


def test_the_yaml_shown_is_read_without_problems() -> None:
    problems = Problems()
    known = Dictionary((*BUILT_IN.categories, "identity-number"), BUILT_IN.under)
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL):
        node = parse_yaml(block.encode(), "page")
        assert isinstance(node, Mapping)
        read = read_elements if node.text("kind") == "elements" else read_stop_points
        assert read(node, known, problems)
    assert not list(problems)


def test_every_kind_of_stop_point_is_named() -> None:
    assert all(f"`{kind}`" in PAGE for kind in KINDS)
