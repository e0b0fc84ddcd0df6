"""`headwater explain`, and the line that an error is about."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.app.pages import codes, page
from headwater.catalog.problem_texts import CATALOGUE
from headwater.catalog.rules import BUILT_IN

COMMAND = [sys.executable, "-m", "headwater.cli.main"]
CITY = Path(__file__).parents[2] / "examples" / "city"
PURPOSES = """\
kind: purposes
purposes:
  - {id: care, name: {en: Care, zh: 户籍}, undr: help}
  - {id: help, name: Help}
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("code", codes())
def test_every_code_has_a_page_in_both_languages(code: str) -> None:
    found = page(code)
    assert found.kind == ("error" if code in CATALOGUE else "rule")
    for text in (found.text.en, found.text.zh):
        assert text.startswith(f"# {code}\n")
        assert len(text.splitlines()) > 3
    assert found.text.en != found.text.zh


def test_the_codes_are_all_rules_and_all_errors() -> None:
    assert {*BUILT_IN, *CATALOGUE} <= set(codes())


def test_a_rule_of_the_workspace_has_a_page_there(tmp_path: Path) -> None:
    done = run(CITY, "explain", "health-data/purpose", "--lang", "en")
    assert done.returncode == 0
    assert "PIPL-28" in done.stdout
    assert "policies/health-data.yaml:" in done.stdout
    elsewhere = run(tmp_path, "explain", "health-data/purpose")
    assert (elsewhere.returncode, elsewhere.stdout) == (2, "")


@pytest.mark.parametrize("code", ["sharing/no-agrement", "bad-dat"])
def test_a_misspelt_code_gets_the_nearest(tmp_path: Path, code: str) -> None:
    done = run(tmp_path, "explain", code, "--format", "json")
    (error,) = json.loads(done.stdout)["errors"]
    assert (done.returncode, error["code"]) == (2, "no-such-code")
    assert "did you mean" in error["hint"]["en"]


@pytest.mark.parametrize("code", ["../../README", "/etc/passwd", "", "a\x1b[31m", "sharing/../x"])
def test_a_code_is_no_path(tmp_path: Path, code: str) -> None:
    done = run(tmp_path, "explain", code)
    assert done.returncode == 2
    assert "\x1b" not in done.stdout + done.stderr


def test_an_error_shows_its_line_and_a_caret_under_the_place(tmp_path: Path) -> None:
    (tmp_path / "headwater.yaml").write_text("kind: workspace\nid: town\n", encoding="utf-8")
    (tmp_path / "purposes.yaml").write_text(PURPOSES, encoding="utf-8")
    done = run(tmp_path, "check", "--lang", "en")
    assert done.returncode == 2
    # The two ideographs before the place are two columns wide each.
    assert done.stderr == (
        "purposes.yaml:3:42: unknown key `undr` [unknown-key]\n"
        "      - {id: care, name: {en: Care, zh: 户籍}, undr: help}\n"
        f"    {' ' * 43}^\n"
        "  hint: did you mean `under`? known here: dpv, id, name, under\n"
    )


def test_a_long_line_is_shown_from_near_the_place(tmp_path: Path) -> None:
    (tmp_path / "headwater.yaml").write_text("kind: workspace\nid: town\n", encoding="utf-8")
    line = "- {id: a, name: " + "x" * 500 + ", undr: b}"
    text = f"kind: purposes\npurposes:\n  {line}\n"
    (tmp_path / "purposes.yaml").write_text(text, encoding="utf-8")
    shown = run(tmp_path, "check", "--lang", "en").stderr.splitlines()
    assert shown[1].startswith("    …xxx")
    assert shown[1][shown[2].index("^") :].startswith("undr: b}")
