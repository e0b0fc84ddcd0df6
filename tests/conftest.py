"""Fixtures that many tests share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only the long tier runs; pytest says how many tests that were."""
    if os.environ.get("HEADWATER_TIER") == "long":
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in set(long)]


@pytest.fixture(scope="session")
def opa_executable() -> str:
    """The path of a real OPA; without one the test is skipped with that reason, never in CI."""
    found = os.environ.get("HEADWATER_OPA") or shutil.which("opa")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("CI must have a real OPA: scripts/opa builds one")
    pytest.skip("no OPA: set HEADWATER_OPA, or run `make test`, which finds or builds one")


@pytest.fixture(scope="session")
def mini() -> Path:
    """The acceptance workspace; skipped with a reason where it is not beside the project."""
    folder = SHARED / "acceptance" / "mini"
    if not folder.is_dir():
        pytest.skip("no ../shared/acceptance/mini beside the project")
    return folder


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real events and contracts; skipped with a reason where they are not beside the project."""
    folder = SHARED / "corpus"
    if not folder.is_dir():
        pytest.skip("no ../shared/corpus beside the project")
    return folder
