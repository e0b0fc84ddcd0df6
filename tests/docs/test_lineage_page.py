"""What docs/concepts/lineage.md shows is what the commands print, and its files are valid."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.catalog.forms import Form, Problems
from headwater.catalog.lineage_sources import read_sources
from headwater.catalog.nodes import Mapping
from headwater.catalog.yaml_source import parse_yaml
from headwater.cli.lineage import ROWS
from headwater.lineage.edge_list import read_dated_edges

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/concepts/lineage.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
YAML = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place where both examples are as prepared, and no store has been made yet."""
    place = tmp_path_factory.mktemp("checkout")
    for example in ("city", "flights"):
        folder = ROOT / "examples" / example
        subprocess.run([sys.executable, folder / "prepare.py"], check=True, capture_output=True)
        unused = shutil.ignore_patterns(".headwater")
        shutil.copytree(folder, place / "examples" / example, ignore=unused)
    return place


@pytest.mark.parametrize("block", BLOCKS)
def test_a_console_block_shows_what_the_command_prints(block: str, checkout: Path) -> None:
    command, _, shown = block.partition("\n")
    done = subprocess.run(
        [sys.executable, "-m", "headwater.cli.main", *shlex.split(command)[2:]],
        cwd=checkout,
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown
    refused = "--require-complete" in command
    assert done.returncode == (2 if refused else 0)
    assert (done.stderr if refused else done.stdout) == shown


def test_every_question_is_on_the_page() -> None:
    for name in ROWS:
        assert re.search(rf"`(headwater lineage )?{name}\b", PAGE) or name == "reindex"


def test_the_settings_shown_are_read(tmp_path: Path) -> None:
    for name in ("manifest.json", "catalog.json"):
        (tmp_path / "target").mkdir(exist_ok=True)
        (tmp_path / "target" / name).write_text("{}")
    problems = Problems()
    form = Form(parse_yaml(YAML[0].encode(), "page"), problems, "page", "lineage")
    found = read_sources(tmp_path, form, problems)
    assert not problems
    assert (found.lenient, len(found.sql), len(found.dbt)) == (True, 1, 1)


def test_the_edge_list_shown_is_one() -> None:
    reading, since = read_dated_edges(YAML[1].encode(), "page", dated=True)
    assert len(reading.declared) == 1
    assert since is not None


def test_the_transport_shown_has_settings_that_it_takes() -> None:
    from headwater.lineage.transport import HeadwaterConfig

    node = parse_yaml(YAML[2].encode(), "page")
    assert isinstance(node, Mapping)
    inner = node.get("transport")
    assert isinstance(inner, Mapping)
    assert inner.text("type") == "headwater.lineage.transport.HeadwaterTransport"
    assert HeadwaterConfig.from_dict({"path": inner.text("path"), "wait": 30}).wait == 30
