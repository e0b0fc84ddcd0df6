"""A workspace's own Rego: for experts, under its own root, able only to refuse.

A module stands in ``package custom.headwater.NAME`` and offers a set ``deny`` of rule ids
``custom/NAME/ID``. Headwater's decision refuses where any such set has a member, and where one is
no set. OPA alone can evaluate it. Files ``*_test.rego`` are for ``opa test`` and decide nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.position import Position

if TYPE_CHECKING:
    from headwater.catalog.forms import Problems
    from headwater.catalog.model import Workspace

PACKAGE = "custom.headwater"
PREFIX = "custom/"
"""How the ids of such rules begin."""

NOT_A_SET = "not-a-set"
"""The id under which a module refuses whose ``deny`` is no set."""

TEST_FILE = "_test.rego"
_TEST_NAME = "_test"
_HEADER = re.compile(r"package[ \t]+(?P<name>[^#\r\n]*?)[ \t]*(?:#.*)?")
_OURS = re.compile(r"custom\.headwater\.(?P<name>[a-z_][a-z0-9_]{0,63})")
_ID = re.compile(r"custom/[a-z_][a-z0-9_]{0,63}/[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


@dataclass(frozen=True, slots=True)
class RegoModule:
    """One file of Rego: its package's last name, where it stands, and its text."""

    name: str
    file: str
    text: str

    @property
    def hash(self) -> str:
        """The identity of what it says."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_modules(workspace: Workspace, problems: Problems) -> tuple[RegoModule, ...]:
    """Return the workspace's modules that decide, sorted; what has no place goes to ``problems``.

    The package line is all that is read here: the rest is for OPA to judge.
    """
    found: list[RegoModule] = []
    for file, text in workspace.rego_modules:
        line, name = package_of(text)
        match = _OURS.fullmatch(name)
        tests = file.endswith(TEST_FILE)
        if match is None or match["name"].endswith(_TEST_NAME) != tests:
            problems.add("rego-package", Position(file, line), package=name or "-")
        elif not tests:
            found.append(RegoModule(match["name"], file, text))
    return tuple(sorted(found, key=lambda module: (module.name, module.hash, module.file)))


def package_of(text: str) -> tuple[int, str]:
    """Return the line and the name of the package; Rego has it before all but comments."""
    for number, line in enumerate(text.split("\n"), 1):
        said = line.strip(" \t\r")
        if said and not said.startswith("#"):
            match = _HEADER.fullmatch(said)
            return number, match["name"] if match else ""
    return 1, ""


def custom_paths(modules: tuple[RegoModule, ...]) -> dict[str, RegoModule]:
    """Return the modules by their paths in the bundle: numbers that we give, never file names."""
    return {
        f"{PACKAGE.replace('.', '/')}/m_{number:04d}.rego": module
        for number, module in enumerate(modules, 1)
    }


def custom_names(modules: tuple[RegoModule, ...]) -> tuple[str, ...]:
    """Return the names of the packages, sorted, once each."""
    return tuple(sorted({module.name for module in modules}))


def is_custom_id(rule: str) -> bool:
    """Say whether ``rule`` is an id that only a workspace's own Rego gives."""
    return _ID.fullmatch(rule) is not None


def custom_position(rule: str, modules: tuple[RegoModule, ...]) -> Position:
    """Return where a person reads the rule: where its module names it, else where it begins."""
    name = rule.split("/")[1]
    files = [module for module in modules if module.name == name]
    for module in files:
        for number, line in enumerate(module.text.split("\n"), 1):
            if f'"{rule}"' in line:
                return Position(module.file, number, line.index(f'"{rule}"') + 1)
    return Position(files[0].file)


def is_custom(rule: str, names: tuple[str, ...]) -> bool:
    """Say whether ``rule`` is an id that a module of one of these packages may give.

    Example:
        >>> is_custom("custom/shop/night", ("shop",)), is_custom("custom/other/x", ("shop",))
        (True, False)
    """
    return _ID.fullmatch(rule) is not None and rule.split("/")[1] in names
