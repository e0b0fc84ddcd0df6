"""Every finding of `policy lint` has a page; its example is found, and the better one is clean."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from headwater.app.loading import load
from headwater.app.policy_lint import lint_policies
from headwater.policies.lint_texts import LINT

PAGES = Path(__file__).parents[2] / "docs" / "rules" / "lint"
DAY = datetime.date(2026, 11, 1)
FILES = {
    "headwater.yaml": "kind: workspace\nid: town\nlanguages: [en, zh]\nlineage: []\n",
    "departments.yaml": """\
kind: departments
departments:
  - {id: health, name: {en: Health, zh: 卫健委}, level: city, region: "330100", clearance: core}
  - {id: tax, name: {en: Tax, zh: 税务局}, level: city, region: "330100", clearance: general-3}
""",
    "purposes.yaml": """\
kind: purposes
purposes:
  - {id: marketing, name: {en: marketing, zh: 营销}}
""",
    "contracts/visits.odcs.yaml": """\
apiVersion: v3.1.0
kind: DataContract
id: visits
version: 1.0.0
status: active
tenant: health
servers:
  - {server: a, type: postgres, host: db, port: 5432, database: d, schema: s}
schema:
  - name: visits
    properties:
      - {name: person, logicalType: string, classification: general-2}
      - {name: visited_on, logicalType: date}
""",
}


def examples(page: str, section: str) -> dict[str, str]:
    """Return the files that a section of a page shows, by the path in their first line."""
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    part = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```yaml\n(# (.*?)\n.*?)```", part, re.DOTALL)
    return {path: block for block, path in blocks}


def findings(root: Path, files: dict[str, str]) -> set[str]:
    for name, text in {**FILES, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return {found.rule for found in lint_policies(load(root), as_of=DAY).findings}


def test_findings_and_pages_are_the_same() -> None:
    assert {path.stem for path in PAGES.iterdir()} == set(LINT)


@pytest.mark.parametrize("name", sorted(LINT))
def test_what_a_page_avoids_is_found_and_what_it_prefers_is_not(name: str, tmp_path: Path) -> None:
    avoid, prefer = examples(name, "Avoid"), examples(name, "Prefer")
    assert avoid
    assert avoid.keys() == prefer.keys()
    assert findings(tmp_path / "avoid", avoid) == {f"lint/{name}"}
    assert findings(tmp_path / "prefer", prefer) == set()


@pytest.mark.parametrize("name", sorted(LINT))
def test_a_page_says_how_much_the_finding_weighs_in_both_languages(name: str) -> None:
    severity = LINT[name][0].value
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert f"Severity: {severity}." in text
    assert f"级别：{ {'warning': '警告', 'note': '提示'}[severity] }。" in text
