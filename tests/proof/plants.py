"""The plants: for each rule one way to break it, and ways to seem to and not to."""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING

from .planted import AFTER, BEFORE, DAY, LEVELS, Expected, Planted

if TYPE_CHECKING:
    from collections.abc import Callable

    from .planted import Table


def _direct(it: Planted, **more: object) -> tuple[Table, Table, list[str]]:
    provider, consumer = it.pair()
    source = it.table(provider, **more)  # type: ignore[arg-type]
    return source, it.entry(consumer), it.some(source)


def _off(it: Planted, rule: str) -> str:
    """Return the rule that is reported where ``rule`` is switched off: that nothing allows it."""
    return "sharing/not-allowed" if rule in it.off else rule


def no_agreement(it: Planted) -> None:
    source, target, columns = _direct(it)
    it.flow(source, target, columns)
    it.expect(_off(it, "sharing/no-agreement"), source, target, columns)


def agreement_the_other_way_round(it: Planted) -> None:
    source, target, columns = _direct(it)
    back = it.table(target.owner)
    it.agree(back, source.owner)
    it.flow(source, target, columns)
    it.expect(_off(it, "sharing/no-agreement"), source, target, columns)


def covered(it: Planted) -> None:
    source, target, columns = _direct(it)
    it.agree(source, target.owner, it.chance.choice([("*",), tuple(columns), ("id", "c*")]))
    it.flow(source, target, columns, purpose=it.chance.choice(["care", "home-care"]))


def not_in_force(it: Planted) -> None:
    source, target, columns = _direct(it)
    terms: dict[str, object] = it.chance.choice(
        [
            {"valid": {"from": "2026-01-01", "until": BEFORE.isoformat()}},
            {"valid": {"from": AFTER.isoformat()}},
            {"state": "draft"},
            {"state": "terminated"},
            {"state": "superseded"},
        ]
    )
    it.agree(source, target.owner, ("*",), **terms)
    it.flow(source, target, columns)
    it.expect("sharing/agreement-not-in-force", source, target, columns)


def in_force_to_the_day(it: Planted) -> None:
    source, target, columns = _direct(it)
    day = DAY.isoformat()
    it.agree(
        source,
        target.owner,
        valid=it.chance.choice([{"from": day}, {"from": "2026-01-01", "until": day}]),
    )
    it.agree(source, target.owner, valid={"from": "2025-01-01", "until": "2025-12-31"})
    it.flow(source, target, columns)


def not_granted(it: Planted) -> None:
    source, target, columns = _direct(it)
    kept = it.chance.choice(columns)
    it.agree(source, target.owner, [name for name in source.levels if name != kept])
    it.flow(source, target, columns, kind=it.chance.choice(["DIRECT", "INDIRECT"]))
    it.expect("sharing/column-not-granted", source, target, [kept])
    if '"INDIRECT"' in it.events[-1]:
        it.expect("own/look", source, target, columns, "warning")


def granted_by_two(it: Planted) -> None:
    source, target, columns = _direct(it)
    for name in source.levels:
        it.agree(source, target.owner, [name])
    it.flow(source, target, columns)


def columns_unknown(it: Planted) -> None:
    source, target, _ = _direct(it)
    it.agree(source, target.owner, ["id"])
    it.flow(source, target, None)
    it.expect("sharing/columns-unknown", source, target, [], "warning")


def implied_and_all_granted(it: Planted) -> None:
    source, target, _ = _direct(it)
    it.agree(source, target.owner)
    it.flow(source, target, None)


def implied_only(it: Planted) -> None:
    source, target, _ = _direct(it)
    if it.chance.random() < 0.5:
        it.agree(source, target.owner, valid={"from": "2026-01-01", "until": BEFORE.isoformat()})
    it.flow(source, target, None)
    it.expect("sharing/implied-only", source, target, [], "warning")


def purpose_drift(it: Planted) -> None:
    source, target, columns = _direct(it)
    it.agree(source, target.owner, purposes=["home-care"])
    it.flow(source, target, columns, purpose=it.chance.choice(["care", "tax"]))
    it.expect("sharing/purpose-drift", source, target, columns)


def own_rule(it: Planted) -> None:
    source, target, columns = _direct(it)
    it.agree(source, target.owner, purposes=["marketing"])
    it.flow(source, target, columns, purpose="marketing")
    it.expect("own/no-marketing", source, target, columns)


def indirect(it: Planted) -> None:
    source, target, columns = _direct(it)
    it.agree(source, target.owner)
    it.flow(source, target, columns, kind="INDIRECT")
    it.expect("own/look", source, target, columns, "warning")


def purpose_unknown(it: Planted) -> None:
    source, target, columns = _direct(it)
    it.agree(source, target.owner)
    it.flow(source, target, columns, purpose=None)
    it.expect("sharing/purpose-unknown", source, target, columns)
    it.expect("own/no-marketing", source, target, columns)  # for all that is known, it may be so


def too_high(it: Planted) -> None:
    source, target, columns = _direct(it)
    above = LEVELS[LEVELS.index(it.clearance[target.owner]) + 1]
    high = it.chance.choice(columns)
    source.levels[high] = above
    it.agree(source, target.owner)
    it.flow(source, target, columns)
    it.expect("sharing/level-above-clearance", source, target, [high])


def level_unknown(it: Planted) -> None:
    source, target, columns = _direct(it)
    open_ = it.chance.choice(columns)
    source.levels[open_] = None
    it.agree(source, target.owner)
    it.flow(source, target, columns)
    it.expect("sharing/level-above-clearance", source, target, [open_])


def as_high_as_may_be(it: Planted) -> None:
    source, target, columns = _direct(it)
    source.levels[columns[0]] = it.clearance[target.owner]
    it.agree(source, target.owner, conditions={"max_level": it.clearance[target.owner]})
    it.flow(source, target, columns)


def above_the_ceiling(it: Planted) -> None:
    source, target, columns = _direct(it)
    high = it.chance.choice(columns)
    source.levels[high] = "general-3"
    it.agree(source, target.owner, conditions={"max_level": "general-2"})
    it.flow(source, target, columns)
    it.expect("sharing/level-above-agreement", source, target, [high])


def a_high_column_that_stays(it: Planted) -> None:
    source, target, _ = _direct(it)
    source.levels["c0"] = "core"
    it.agree(source, target.owner)
    it.flow(source, target, ["id", "c1"])


def checks_failing(it: Planted) -> None:
    source, target, columns = _direct(it, unique=True)
    it.agree(source, target.owner)
    it.flow(source, target, columns)
    it.expect("checks/failed", source, None, ["id"])
    it.expect("sharing/checks-failing", source, target, columns)


def checks_missing(it: Planted) -> None:
    source, target, columns = _direct(it, stated=False)
    it.agree(source, target.owner)
    it.flow(source, target, columns)
    it.expect("sharing/checks-missing", source, target, columns)


def no_contract(it: Planted) -> None:
    provider, consumer = it.pair()
    source, target = it.table(provider, contract=False), it.entry(consumer)
    it.flow(source, target, ["id"])
    it.expect("catalog/no-contract", source, None, [], "warning")
    it.expect("sharing/checks-missing", source, target, ["id"])
    it.expect("sharing/level-above-clearance", source, target, ["id"])
    if "sharing/no-agreement" not in it.off:
        it.expect("sharing/no-agreement", source, target, ["id"])


def nobodys(it: Planted) -> None:
    """Data goes through a dataset that no department answers for: a direct flow all the same."""
    source, target, columns = _direct(it)
    between = it.entry("nobody")
    it.agree(source, target.owner)
    it.flow(source, between, columns)
    it.flow(between, target, columns)
    it.expect("catalog/no-department", between, None, [], "warning")


def _onward(it: Planted, **terms: object) -> tuple[Table, Table, list[str]]:
    first, second, third = it.three()
    source, between, target = it.table(first), it.table(second), it.entry(third)
    between.levels = dict(source.levels)
    columns = it.some(source)
    it.agree(source, second, ("*",), **terms)
    it.agree(between, third)
    it.flow(source, between, columns)
    it.flow(between, target, columns)
    return source, target, columns


def onward_not_granted(it: Planted) -> None:
    terms: dict[str, object] = it.chance.choice([{}, {"onward": "none"}, {"onward": ["d0"]}])
    source, target, columns = _onward(it, **terms)
    if terms.get("onward") != ["d0"] or target.owner != "d0":
        it.expect("sharing/onward-not-granted", source, target, columns)


def onward_granted(it: Planted) -> None:
    _onward(it, onward=it.chance.choice(["any", it.departments]))


def onward_under_an_agreement_of_their_own(it: Planted) -> None:
    source, target, _ = _onward(it)
    it.agree(source, target.owner, purposes=["care"])


def within_a_department(it: Planted) -> None:
    owner = it.chance.choice(it.departments)
    source, target = it.table(owner), it.table(owner)
    it.flow(source, target, it.some(source))


def _waive(it: Planted, name: str, dataset: str, **terms: str) -> None:
    said = {
        "id": name,
        "match": {"rule": "sharing/*", "dataset": dataset},
        "reason": {"en": "because", "zh": "因故"},
        "owner": "Li",
        "approver": "Wang",
        "from": (DAY - datetime.timedelta(days=30)).isoformat(),
        "until": (DAY + datetime.timedelta(days=30)).isoformat(),
        **terms,
    }
    it.waivers.append(json.dumps(said))


def waived(it: Planted) -> None:
    source, target, columns = _direct(it)
    it.flow(source, target, columns)
    days = it.chance.choice([{}, {"until": DAY.isoformat()}, {"from": DAY.isoformat()}])
    _waive(it, f"w{len(it.waivers)}", it.chance.choice([source.full, target.full]), **days)
    it.expect(_off(it, "sharing/no-agreement"), source, target, columns, waived=True)


def _amiss(it: Planted, rule: str, severity: str, **terms: str) -> None:
    source, target, columns = _direct(it)
    it.flow(source, target, columns)
    name = f"w{len(it.waivers)}"
    _waive(it, name, source.full, **terms)
    it.expect(_off(it, "sharing/no-agreement"), source, target, columns)
    it.expected.append(Expected(rule, name, None, (), severity))


def waiver_over(it: Planted) -> None:
    _amiss(it, "waivers/expired", "warning", until=BEFORE.isoformat())


def waiver_of_ones_own(it: Planted) -> None:
    _amiss(it, "waivers/self-approved", "error", approver="\uff2c\uff29")


def waiver_for_nothing(it: Planted) -> None:
    source, target, columns = _direct(it)
    it.agree(source, target.owner)
    it.flow(source, target, columns)
    name = f"w{len(it.waivers)}"
    _waive(it, name, source.full)
    it.expected.append(Expected("waivers/orphan", name, None, (), "warning"))


def waiver_to_come(it: Planted) -> None:
    source, target, columns = _direct(it)
    it.flow(source, target, columns)
    _waive(it, f"w{len(it.waivers)}", source.full, **{"from": AFTER.isoformat()})
    it.expect(_off(it, "sharing/no-agreement"), source, target, columns)


PLANTS: tuple[Callable[[Planted], None], ...] = (
    no_agreement, agreement_the_other_way_round, covered, not_in_force, in_force_to_the_day,
    not_granted, granted_by_two, columns_unknown, implied_and_all_granted, implied_only,
    purpose_drift, own_rule, indirect, purpose_unknown, too_high, level_unknown, as_high_as_may_be,
    above_the_ceiling, a_high_column_that_stays, checks_failing, checks_missing, no_contract,
    nobodys, onward_not_granted, onward_granted, onward_under_an_agreement_of_their_own,
    within_a_department, waived, waiver_over, waiver_of_ones_own, waiver_for_nothing,
    waiver_to_come,
)  # fmt: skip
