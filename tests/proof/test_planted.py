"""Generated workspaces of a thousand datasets: nothing planted is missed, nothing else is found."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest

from headwater.app.gate import gate
from headwater.app.loading import load
from headwater.catalog.findings import (
    DatasetSubject,
    EntrySubject,
    FileSubject,
    Finding,
    FlowSubject,
)

from .planted import DAY, Expected, Planted
from .plants import PLANTS

if TYPE_CHECKING:
    from pathlib import Path

SHORT, SLOW = range(3), range(3, 200)
AREAS = ("sharing", "checks", "catalog", "waivers", "own")
"""What is planted here; the labels and retention terms are proved where they are made."""


def planted(seed: int) -> Planted:
    """Return the workspace of a seed: every plant at least once, in any order, some again."""
    chance = Random(seed)  # noqa: S311 - no secret
    off = ("sharing/no-agreement",) if seed % 4 == 1 else ()
    made = Planted(chance, off=off)
    plants = [*PLANTS, *chance.choices(PLANTS, k=8)]
    chance.shuffle(plants)
    for plant in plants:
        plant(made)
    made.fill()
    return made


def found(root: Path) -> Counter[Expected]:
    report = gate(load(root), as_of=DAY, engine="native", explained=False)
    return Counter(
        _plain(finding) for finding in report.findings if finding.rule.split("/")[0] in AREAS
    )


def _plain(finding: Finding) -> Expected:
    subject = finding.subject
    match subject:
        case FlowSubject():
            ends = (subject.source.name, subject.target.name, subject.columns)
        case DatasetSubject():
            ends = (subject.dataset.name, None, subject.columns)  # type: ignore[assignment]
        case EntrySubject(name=name) | FileSubject(file=name):
            ends = (name, None, ())  # type: ignore[assignment]
    return Expected(finding.rule, *ends, finding.severity.value, finding.waiver is not None)


def judged(seed: int, root: Path) -> tuple[Counter[Expected], Counter[Expected]]:
    """Return what the workspace of a seed should give, and what it gives."""
    made = planted(seed)
    made.write(root)
    return Counter(made.expected), found(root)


@pytest.mark.parametrize("seed", SHORT)
def test_what_is_planted_is_found_and_nothing_else(seed: int, tmp_path: Path) -> None:
    wanted, got = judged(seed, tmp_path / "planted")
    assert wanted
    assert (wanted - got, got - wanted) == (Counter(), Counter())


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("seed", SLOW)
def test_what_is_planted_is_found_and_nothing_else_over_many_seeds(
    seed: int, tmp_path: Path
) -> None:
    wanted, got = judged(seed, tmp_path / "planted")
    assert wanted
    assert (wanted - got, got - wanted) == (Counter(), Counter())


def test_a_thousand_datasets_hold_every_rule_of_these_areas() -> None:
    made = planted(0)
    assert len(made.tables) == 1000
    rules = {each.rule for seed in SHORT for each in planted(seed).expected}
    assert rules >= {
        "sharing/no-agreement", "sharing/agreement-not-in-force", "sharing/column-not-granted",
        "sharing/columns-unknown", "sharing/purpose-drift", "sharing/purpose-unknown",
        "sharing/onward-not-granted", "sharing/level-above-clearance", "sharing/implied-only",
        "sharing/level-above-agreement", "sharing/checks-failing", "sharing/checks-missing",
        "sharing/not-allowed", "checks/failed", "catalog/no-contract", "catalog/no-department",
        "waivers/expired", "waivers/orphan", "waivers/self-approved", "own/no-marketing", "own/look",
    }  # fmt: skip
