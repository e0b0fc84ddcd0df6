"""The pages of docs/concepts name only commands and operators that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headwater.catalog.nodes import Mapping
from headwater.catalog.yaml_source import parse_yaml
from headwater.cli.policy import ROWS
from headwater.policies.operators import OPERATORS

PAGE = (Path(__file__).parents[2] / "docs/concepts/policies.md").read_text(encoding="utf-8")


def test_each_policy_command_named_exists() -> None:
    named = set(re.findall(r"headwater policy (\w+)", PAGE))
    assert named
    assert named <= set(ROWS)


def test_the_operators_named_are_those_there_are() -> None:
    table = PAGE.split("| operators | for |")[1].split("\n\n")[0]
    named = {
        name
        for line in table.splitlines()
        for name in re.findall(r"`(\w+)`", line.split("|")[1] if "|" in line else "")
    }
    assert named == set(OPERATORS)


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_the_yaml_shown_is_yaml(block: str) -> None:
    assert isinstance(parse_yaml(block.encode(), "page"), Mapping)
