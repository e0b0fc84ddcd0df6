"""The layout of docs/adr/0001: five import roots, one namespace package."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PORTIONS = {
    "catalog": ("catalog",),
    "policies": ("policies",),
    "lineage": ("lineage",),
    "checks": ("checks",),
    "cli": ("app", "cli"),
}


@pytest.mark.parametrize("root", PORTIONS)
def test_a_root_is_a_portion_of_the_namespace(root: str) -> None:
    package = ROOT / root / "headwater"
    assert not (package / "__init__.py").exists()
    for portion in PORTIONS[root]:
        assert (package / portion / "py.typed").is_file()


@pytest.mark.parametrize("root", PORTIONS)
def test_no_generic_name_is_importable(root: str) -> None:
    spec = importlib.util.find_spec(root)
    assert spec is None or spec.origin is None


def test_the_version_is_one() -> None:
    assert importlib.metadata.version("headwater") == "0.1.0"


HEAVY = {
    "asyncio", "aiohttp", "duckdb", "great_expectations", "jinja2", "msgspec", "networkx", "numpy",
    "opa_client", "open_data_contract_standard", "openlineage", "pandas", "pyarrow", "pydantic",
    "requests", "rich", "sqlite3", "whenever", "yaml",
}  # fmt: skip
TEXTS = "headwater.catalog.problem_texts"
OURS = {
    "headwater", "headwater.catalog", "headwater.catalog.errors", "headwater.catalog.problems",
    "headwater.catalog.text", "headwater.catalog.visible", "headwater.cli",
    "headwater.cli.environment", "headwater.cli.exits", "headwater.cli.guard",
    "headwater.cli.lazy", "headwater.cli.main",
}  # fmt: skip


def test_help_imports_nothing_heavy_and_of_ours_only_this() -> None:
    code = (
        "import sys\n"
        "from headwater.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as stop:\n    assert stop.code == 0\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    ours = {name for name in loaded if name.partition(".")[0] == "headwater"}
    assert {name for name in ours if not name.startswith(TEXTS)} <= OURS
