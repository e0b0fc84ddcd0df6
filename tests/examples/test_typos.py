"""Every key of every example, misspelt, doubled and given a value of the wrong type, in turn.

Each must be refused, on the line where the mistake is. Nothing of the loader is replaced save
that a file which did not change is parsed once.
"""

from __future__ import annotations

import functools
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from headwater.app.loading import load
from headwater.app.policy_test import suites_of
from headwater.catalog import workspace as workspace_module
from headwater.catalog.errors import HeadwaterError
from headwater.catalog.nodes import Entry, Mapping, Node, Scalar, Sequence
from headwater.catalog.yaml_source import parse_yaml
from headwater.checks.compile import compile_dataset
from headwater.checks.model import CheckResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.position import Position

ROOT = Path(__file__).parents[2]
EXAMPLES = ("city", "flights")
SKIPPED = shutil.ignore_patterns("data", "lineage", ".headwater", "*.py", "*.json", "__pycache__")
OWN_NAMES = {"subjects", "resources", "contexts"}
"""Below these an author makes names up: one that is misspelt is missed where it is used."""


@dataclass(frozen=True)
class Mistake:
    """What to write instead of a line, and the lines where the report may stand."""

    what: str
    line: int
    text: str
    lines: frozenset[int] | None


def files_of(example: str) -> list[str]:
    folder = ROOT / "examples" / example
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*.yaml")
        if ".headwater" not in path.parts
    )


def entries(node: Node, under: str = "") -> Iterator[tuple[str, Entry]]:
    """Yield every key below a node, with the key above it."""
    if isinstance(node, Sequence):
        for item in node:
            yield from entries(item, under)
    elif isinstance(node, Mapping):
        for entry in node:
            yield under, entry
            yield from entries(entry.value, entry.key)


def misspelt(key: str) -> str:
    """Return the key with two letters changed places, or one doubled."""
    for at in range(len(key) - 2, 0, -1):
        if key[at] != key[at + 1] and key[at].isalpha() and key[at + 1].isalpha():
            return key[:at] + key[at + 1] + key[at] + key[at + 2 :]
    return key + key[-1]


def mistakes(source: str, file: str) -> Iterator[Mistake]:
    lines = source.splitlines(keepends=True)
    for under, entry in entries(parse_yaml(source.encode(), file)):
        line, column = entry.position.line, entry.position.column - 1
        text = lines[line - 1]
        before, after = text[:column], text[column:]
        written = entry.key if after.startswith(entry.key) else after[: len(entry.key) + 2]
        rest = after[len(written) :]
        wrong = after.replace(entry.key, misspelt(entry.key), 1)
        if under not in OWN_NAMES:
            yield Mistake("misspelt", line, before + wrong, frozenset({line}))
        elif f"{under.removesuffix('s')}: {entry.key}," in source:
            yield Mistake("misspelt", line, before + wrong, None)
        inside = before.count("{") > before.count("}")
        twice = f"{written}: null, {after}" if inside else f"{written}: null\n{' ' * column}{after}"
        yield Mistake("doubled", line, before + twice, frozenset({line, line + (not inside)}))
        yield from mistyped(entry, before + written, rest)


def mistyped(entry: Entry, head: str, rest: str) -> Iterator[Mistake]:
    """Yield the entry with a value of another type: a list for one value, one value for many."""
    line = entry.position.line
    at = entry.value.position.column - 1 - len(head)
    if entry.value.position.line != line:
        # The value stands on the lines below: a value beside them is an error of YAML itself.
        below = range(line, entry.value.position.line + 1)
        yield Mistake("mistyped", line, f"{head}: 7\n", frozenset(below))
        return
    end = end_of(entry.value, rest, at)
    new = "[{surprise: 1}]" if isinstance(entry.value, Scalar) else "7.5"
    yield Mistake("mistyped", line, head + rest[:at] + new + rest[end:], frozenset({line}))


def end_of(value: Node, rest: str, at: int) -> int:
    """Return where on its line a value ends."""
    if isinstance(value, Scalar):
        quoted = rest[at] in "'\""
        return at + len(value.text) + 2 * quoted if value.text in rest else len(rest.rstrip("\n"))
    depth = 0
    for place, letter in enumerate(rest[at:], at):
        depth += (letter in "{[") - (letter in "}]")
        if not depth:
            return place + 1
    return len(rest.rstrip("\n"))


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("typos") / request.param
    shutil.copytree(ROOT / "examples" / request.param, folder, ignore=SKIPPED)
    (folder / "lineage").mkdir()
    return folder


def refused_at(folder: Path) -> list[Position | None]:
    """Return where the workspace is refused, or a rule of a contract cannot be judged."""
    try:
        loaded = load(folder)
        suites_of(loaded, folder, pack=False)
    except HeadwaterError as error:
        return [found.position for found in error.problems]
    workspace = loaded.workspace
    rules = (
        rule
        for dataset in workspace.datasets.values()
        for rule in compile_dataset(workspace, workspace.contracts[dataset.contract], dataset)
    )
    results = (rule for rule in rules if isinstance(rule, CheckResult))
    return [result.check.position for result in results if result.status == "not-evaluated"]


@pytest.mark.slow
def test_every_mistake_is_caught_on_its_line(
    example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = functools.lru_cache(maxsize=None)(lambda data, file: parse_yaml(data, file))
    monkeypatch.setattr(
        workspace_module, "read_yaml", lambda path, file: parsed(path.read_bytes(), file)
    )
    assert refused_at(example) == []
    missed = []
    made = 0
    for file in files_of(example.name):
        path = example / file
        source = path.read_text(encoding="utf-8")
        for mistake in mistakes(source, file):
            lines = source.splitlines(keepends=True)
            lines[mistake.line - 1] = mistake.text
            path.write_text("".join(lines), encoding="utf-8")
            made += 1
            found = refused_at(example)
            at = {place.line for place in found if place and place.file == file}
            if not at or (mistake.lines is not None and not at & mistake.lines):
                missed.append(
                    (mistake.what, file, mistake.line, mistake.text.strip()[:90], sorted(at))
                )
        path.write_text(source, encoding="utf-8")
    assert made > 2_000
    assert not missed
