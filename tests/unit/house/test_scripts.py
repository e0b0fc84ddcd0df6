"""``scripts/opa`` takes what is named, what is on PATH, or says what to do."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "opa"


def fake(folder: Path, version: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "opa"
    path.write_text(f"#!/bin/sh\necho 'Version: {version}'\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def run(tmp_path: Path, path: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": path, "HEADWATER_CACHE": str(tmp_path / "cache"), **settings}
    return subprocess.run([SCRIPT], env=env, capture_output=True, text=True, check=False)


BASE = "/usr/bin:/bin"


@pytest.mark.parametrize("version", ["1.21.3", "1.22.0", "2.0.0"])
def test_a_new_enough_opa_on_path_is_taken(tmp_path: Path, version: str) -> None:
    opa = fake(tmp_path / "bin", version)
    done = run(tmp_path, f"{opa.parent}:{BASE}")
    assert (done.returncode, done.stdout) == (0, f"{opa}\n")


@pytest.mark.parametrize("version", ["1.21.2", "0.70.0", ""])
def test_a_named_opa_that_will_not_do_is_refused_with_a_hint(tmp_path: Path, version: str) -> None:
    opa = fake(tmp_path / "bin", version)
    done = run(tmp_path, BASE, HEADWATER_OPA=str(opa))
    assert (done.returncode, done.stdout) == (1, "")
    assert "hint:" in done.stderr


def test_without_an_opa_and_without_go_it_says_what_to_do(tmp_path: Path) -> None:
    if Path("/usr/bin/go").exists():
        pytest.skip("there is a Go in /usr/bin")
    old = fake(tmp_path / "bin", "1.0.0")
    done = run(tmp_path, f"{old.parent}:{BASE}")
    assert (done.returncode, done.stdout) == (1, "")
    assert "HEADWATER_OPA" in done.stderr


def test_a_cached_build_is_used_without_building(tmp_path: Path) -> None:
    version = (SCRIPT.parent / "opa.version").read_text(encoding="utf-8").strip()
    folder = tmp_path / "cache" / f"opa-{version}"
    folder.mkdir(parents=True)
    opa = fake(folder, version.removeprefix("v"))
    done = run(tmp_path, BASE)
    assert (done.returncode, done.stdout) == (0, f"{opa}\n")
