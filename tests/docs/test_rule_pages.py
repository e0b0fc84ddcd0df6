"""Every rule id has a page, and every page a rule id."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.app.loading import load
from headwater.catalog.retention_rules import RETENTION_RULES
from headwater.catalog.rules import BUILT_IN
from headwater.policies.lint_texts import LINT

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "rules"
HEADINGS = (
    "Summary", "Why", "Avoid", "Prefer", "What to do when it fires", "Settings", "See also", "中文",
)  # fmt: skip


def rule_ids() -> set[str]:
    """Return the built-in rules, those of the pack, and what `policy lint` finds.

    An example is a workspace that has the pack.
    """
    policies = load(ROOT / "examples" / "city").policies
    pack = {rule.id for policy, rule in policies.access_rules() if policy.id == "sharing"}
    lint = (f"lint/{name}" for name in LINT)
    return {*BUILT_IN, *RETENTION_RULES, *pack, *lint}


def test_rules_and_pages_are_the_same() -> None:
    pages = {path.relative_to(PAGES).with_suffix("").as_posix() for path in PAGES.rglob("*.md")}
    assert pages == rule_ids()


@pytest.mark.parametrize("rule", sorted(rule_ids()))
def test_a_page_has_its_parts(rule: str) -> None:
    lines = (PAGES / f"{rule}.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# {rule}"
    assert [line[3:] for line in lines if line.startswith("## ")] == list(HEADINGS)
