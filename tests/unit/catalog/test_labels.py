"""Where labels are declared: contracts, elements, rules by name, categories of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.catalog.elements import BUILT_IN
from headwater.catalog.forms import Problems
from headwater.catalog.labels import EVERYTHING, Scheme
from headwater.catalog.levels import LEVELS, SENSITIVE
from headwater.catalog.model import Workspace
from headwater.catalog.problems import Problem
from headwater.catalog.workspace import load_workspace

FILES = {
    "headwater.yaml": """\
kind: workspace
id: w
categories: [fleet, {id: plate, under: personal}, {id: plate-hash, under: plate}]
labels:
  rules:
    - {namespace: "db:*", name: "log.*", column: "ip*", level: general-2, categories: [plate]}
""",
    "departments.yaml": """\
kind: departments
departments: [{id: a, name: A, level: city, region: "330100", clearance: core}]
""",
    "elements.yaml": """\
kind: elements
elements:
  - {id: citizen-id, name: {en: number, zh: 号码}, level: general-3, categories: [plate]}
""",
    "c.odcs.yaml": """\
apiVersion: v3.1.0
kind: DataContract
id: c
version: 1.0.0
status: active
tenant: a
servers: [{server: s, type: local, path: x.csv, format: csv}]
schema:
  - name: t
    properties:
      - {name: plain, logicalType: string}
      - {name: own, logicalType: string, classification: general-2, tags: [health, urgent]}
      - name: custom
        logicalType: string
        customProperties: [{property: level, value: important}, {property: categories, value: [fleet]}]
      - name: by_property
        logicalType: string
        classification: general-4
        customProperties: [{property: element, value: citizen-id}]
      - name: by_definition
        logicalType: string
        authoritativeDefinitions: [{type: element, url: citizen-id}, {type: other, url: "https://x"}]
""",
}


def loaded(root: Path, **changes: tuple[str, str]) -> tuple[Workspace | None, list[Problem]]:
    for name, text in FILES.items():
        before, after = changes.get(name.split(".", maxsplit=1)[0], ("", ""))
        assert before in text
        (root / name).write_text(text.replace(before, after, 1) if before else text)
    problems = Problems()
    return load_workspace(root, problems), list(problems)


def test_a_column_has_the_labels_of_all_that_is_said_of_it(tmp_path: Path) -> None:
    workspace, problems = loaded(tmp_path)
    assert workspace is not None
    assert problems == []
    columns = next(iter(workspace.datasets.values())).columns
    assert {c.name: (c.level, c.categories) for c in columns} == {
        "plain": (None, ()),
        "own": ("general-2", ("health", "personal")),
        "custom": ("important", ("fleet",)),
        "by_property": ("general-4", ("personal", "plate")),
        "by_definition": ("general-3", ("personal", "plate")),
    }


def test_a_rule_by_name_brings_what_its_categories_lie_under(tmp_path: Path) -> None:
    workspace, _ = loaded(tmp_path)
    assert workspace is not None
    (rule,) = workspace.labelling.settings.rules
    assert (rule.level, rule.categories) == ("general-2", ("personal", "plate"))
    assert workspace.labelling.settings.indirect is True


WRONG = {
    "a level that is none": ("c", "classification: general-2", "classification: general-9"),
    "a custom level that is none": ("c", "value: important", "value: importnt"),
    "a custom level that is a number": ("c", "value: important", "value: 3"),
    "a custom category that nobody knows": ("c", "value: [fleet]", "value: [fleeet]"),
    "an element that nobody knows": ("c", "value: citizen-id", "value: citizn-id"),
    "a definition that nobody knows": ("c", "url: citizen-id", "url: nothing-near"),
    "an element's category that nobody knows": ("elements", "[plate]", "[plat]"),
    "an element's level that is none": ("elements", "general-3", "general-7"),
    "an element twice": (
        "elements",
        "elements:\n",
        "elements:\n  - {id: citizen-id, name: again}\n",
    ),
    "a category under one that nobody knows": ("headwater", "under: personal", "under: persona"),
    "categories in a circle": ("headwater", "under: personal", "under: plate-hash"),
    "a built-in category put elsewhere": ("headwater", "[fleet,", "[{id: health, under: fleet},"),
    "a rule that gives nothing": (
        "headwater",
        ", level: general-2, categories: [plate]",
        "",
    ),
    "a rule with an unknown key": ("headwater", "column:", "colum:"),
}


@pytest.mark.parametrize("what", sorted(WRONG))
def test_what_is_wrong_is_told_with_its_place(what: str, tmp_path: Path) -> None:
    file, before, after = WRONG[what]
    _, problems = loaded(tmp_path, **{file: (before, after)})
    assert problems
    assert problems[0].position is not None
    assert problems[0].position.file.startswith(file)
    assert problems[0].position.line > 1


def test_a_near_name_is_suggested(tmp_path: Path) -> None:
    _, problems = loaded(tmp_path, c=("value: [fleet]", "value: [fleeet]"))
    assert problems[0].hint is not None
    assert "`fleet`" in problems[0].hint.en


@pytest.mark.parametrize("name", SENSITIVE)
def test_each_sensitive_kind_is_personal(name: str) -> None:
    assert BUILT_IN.implied([name]) == tuple(sorted({name, "personal"}))
    assert name in BUILT_IN.below(["personal"])


def test_joining_levels_gives_the_higher_and_keeping_gives_no_more() -> None:
    scheme = Scheme(("health", "personal"))
    for low in LEVELS:
        for high in LEVELS[LEVELS.index(low) :]:
            joined = scheme.bits(low, []) | scheme.bits(high, ["health"])
            assert scheme.level(joined) == high
            assert scheme.level(joined & scheme.kept(low, ["health"])) == low
            assert scheme.categories(joined & scheme.kept(low, ["health"])) == ()
            assert joined & EVERYTHING == joined


def test_nothing_known_is_not_no_label() -> None:
    scheme = Scheme(("health",))
    described = scheme.bits(None, [])
    assert described
    assert not scheme.says(described)
    assert scheme.level(0) is None
    assert scheme.above(described, 0) == 0
