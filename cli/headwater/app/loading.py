"""Loads a workspace with its policies: every problem of every file in one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.files import find_root
from headwater.catalog.forms import Problems
from headwater.catalog.workspace import load_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.model import Workspace
    from headwater.policies import PolicySet


@dataclass(frozen=True, slots=True)
class Loaded:
    """A workspace and what decides in it."""

    workspace: Workspace
    policies: PolicySet


def load(start: Path) -> Loaded:
    """Return the workspace that ``start`` lies in, with its policies.

    Raises:
        InputError: There is no workspace.
        DocumentError: Files are wrong.
    """
    from headwater.policies import load_policies

    problems = Problems()
    workspace = load_workspace(find_root(start), problems)
    if workspace is None:
        problems.raise_any()
        raise AssertionError("a workspace that cannot be read has problems")
    policies = load_policies(workspace, problems=problems)
    problems.raise_any()
    return Loaded(workspace, policies)
