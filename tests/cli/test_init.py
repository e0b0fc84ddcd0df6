"""`headwater init`: a workspace that passes at once, and that editors know."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest

from headwater.catalog.nodes import plain
from headwater.catalog.yaml_source import parse_yaml

COMMAND = [sys.executable, "-m", "headwater.cli.main"]
PLANTED = {"empty": 0, "city": 1, "flights": 1}
MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module", params=PLANTED)
def begun(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("begun") / str(request.param)
    done = run(folder.parent, "init", folder.name, "--example", request.param, "--lang", "en")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert f"next: headwater check {folder.name}" in done.stderr
    return folder


def test_what_was_begun_is_judged_at_once(begun: Path) -> None:
    done = run(begun, "check", "--engine", "native", "--as-of", "2026-11-01")
    assert (done.returncode, done.stderr) == (PLANTED[begun.name], "")


def test_every_file_of_ours_names_its_schema_and_fits_it(begun: Path) -> None:
    named = 0
    for path in begun.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        document = plain(parse_yaml(text.encode(), path.name))
        assert isinstance(document, dict)
        if document["kind"] == "DataContract":
            assert not MODELINE.match(text)
            continue
        found = MODELINE.match(text)
        assert found, path
        schema = json.loads((path.parent / found[1]).read_text(encoding="utf-8"))
        assert schema["title"] == f"headwater: {document['kind']}"
        jsonschema_rs.validator_for(schema).validate(document)
        named += 1
    assert named > 3


def test_the_settings_of_the_editor_name_schemas_that_are_there(begun: Path) -> None:
    settings = json.loads((begun / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    assert settings["yaml.schemas"]
    assert all((begun / name).is_file() for name in settings["yaml.schemas"])
    assert ".headwater/" in (begun / ".gitignore").read_text(encoding="utf-8")


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    done = run(tmp_path, "init", ".", "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not an empty folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled_from_inside(tmp_path: Path) -> None:
    done = run(tmp_path, "init", ".", "--lang", "zh")
    assert done.returncode == 0
    assert "下一步" in done.stderr
    assert run(tmp_path, "check", "--engine", "native").returncode == 0
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}.*"))


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = run(tmp_path, "init", "file/below")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_without_the_packages_of_its_data_an_example_is_not_begun(tmp_path: Path) -> None:
    code = (
        "import importlib.util, sys\n"
        "real = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda n, *a: None if n == 'faker' else real(n, *a)\n"
        "from headwater.cli.main import main\nmain(['init', 'city', '--example', 'city', '--lang', 'en'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'headwater[examples]'" in done.stderr
    assert list(tmp_path.iterdir()) == []
