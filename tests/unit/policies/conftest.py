"""A city of three departments, and short ways to policies and facts in it."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from headwater.catalog.forms import Problems
from headwater.catalog.nodes import Mapping
from headwater.catalog.workspace import load_workspace
from headwater.catalog.yaml_source import parse_yaml
from headwater.policies import Decision, Facts, PolicySet, Vocabulary, load_policies, normalise
from headwater.policies.native import NativeEngine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headwater.catalog.model import Workspace
    from headwater.catalog.problems import Problem

DAY = datetime.date(2026, 11, 1)

_FILES = {
    "headwater.yaml": "kind: workspace\nid: town\ncategories: [census]\n",
    "departments.yaml": """\
kind: departments
departments:
  - {id: city, name: {en: City, zh: 市}, level: city, region: "330100", clearance: core}
  - {id: health, under: city, name: {en: Health, zh: 卫健委}, level: city, region: "330100",
     clearance: general-4}
  - {id: police, under: city, name: {en: Police, zh: 公安局}, level: city, region: "330100",
     clearance: general-4}
  - {id: tax, name: {en: Tax, zh: 税务局}, level: city, region: "330100", clearance: general-3}
""",
    "purposes.yaml": """\
kind: purposes
purposes:
  - {id: public-health, name: {en: public health, zh: 公共卫生}}
  - {id: immunisation, under: public-health, name: {en: immunisation, zh: 免疫规划}}
  - {id: marketing, name: {en: marketing, zh: 营销}}
""",
}

HEAD = """\
kind: access-policy
id: p
title: {en: A policy, zh: 策略}
owner: health
basis: [PIPL-28]
effective: {from: 2026-01-01}
"""


class Loaded(NamedTuple):
    """What came of loading."""

    policies: PolicySet
    problems: list[Problem]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root: Path = tmp_path_factory.mktemp("town")
    for name, text in _FILES.items():
        (root / name).write_text(text, encoding="utf-8")
    problems = Problems()
    found = load_workspace(root, problems)
    assert found is not None, list(problems)
    assert not problems, list(problems)
    return found


@pytest.fixture(scope="session")
def vocabulary(workspace: Workspace) -> Vocabulary:
    return Vocabulary.of(workspace)


@pytest.fixture(scope="session")
def load(workspace: Workspace) -> Callable[..., Loaded]:
    """Load documents, ``HEAD`` before those that are only rules; ``off`` switches rules off."""

    def loaded(*texts: str, off: tuple[str, ...] = ()) -> Loaded:
        documents = []
        for number, text in enumerate(texts, 1):
            whole = text if text.startswith("kind:") else HEAD + text
            node = parse_yaml(whole.encode(), f"policies/{number}.yaml")
            assert isinstance(node, Mapping)
            documents.append(node)
        problems = Problems()
        changed = replace(workspace, policy_documents=tuple(documents), disabled_rules=off)
        policies = load_policies(changed, problems=problems)
        return Loaded(policies, sorted(problems, key=lambda found: found.order()))

    return loaded


@pytest.fixture(scope="session")
def facts(vocabulary: Vocabulary) -> Callable[..., Facts]:
    """Facts from attributes by name: ``facts({"resource.level": "core"})``."""

    def normalised(given: dict[str, Any], as_of: datetime.date = DAY) -> Facts:
        document: dict[str, Any] = {}
        for name, value in given.items():
            group, dot, inner = name.partition(".")
            if dot:
                document.setdefault(group, {})[inner] = value
            else:
                document[group] = value
        return normalise(document, vocabulary, as_of)

    return normalised


@pytest.fixture(scope="session")
def decide(load: Callable[..., Loaded], facts: Callable[..., Facts]) -> Callable[..., Decision]:
    """Decide by the rules of one policy text, natively."""

    def decided(text: str, given: dict[str, Any], as_of: datetime.date = DAY) -> Decision:
        policies, problems = load(text)
        assert problems == []
        (decision,) = NativeEngine(policies).decide([facts(given, as_of)])
        return decision

    return decided
