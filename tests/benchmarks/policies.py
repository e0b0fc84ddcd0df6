"""How fast policies decide, explain, replay and are analysed: one run, one table.

Rates are of one core (processor time). `python tests/benchmarks/policies.py [FLOWS]`.
"""

from __future__ import annotations

import datetime
import gc
import sys
import time
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import generated  # type: ignore[import-not-found]

from headwater.policies import explain, normalise
from headwater.policies.conflicts import find_conflicts
from headwater.policies.native import NativeEngine
from headwater.policies.replay import replay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headwater.policies import Decision, Facts, PolicySet

DAY = datetime.date(2026, 11, 1)
RULES = 30
QUESTIONS = 100_000
SHARED = 20_000
"""Different flows among many, where they repeat each other as recorded ones do."""


class Row(NamedTuple):
    """One measurement, and what it is to be at least (or, of seconds, at most); 0: anything."""

    what: str
    found: float
    unit: str
    aim: float

    def line(self) -> str:
        """Return the row of the table."""
        if not self.aim:
            return f"{self.what:<58}{self.found:>12,.2f} {self.unit:<3}{'-':>10}{'-':>9}"
        ratio = self.found / self.aim if self.unit == "/s" else self.aim / self.found
        mark = "" if ratio >= 1 else "  MISSED"
        return f"{self.what:<58}{self.found:>12,.2f} {self.unit:<3}{self.aim:>10,.0f}{ratio:>8.1f}x{mark}"


def say(line: str) -> None:
    """Print a line."""
    print(line)  # noqa: T201 - a benchmark talks


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of ``work``, best of three."""
    found = []
    for _ in range(3):
        gc.collect()
        gc.freeze()  # the questions themselves are not to be counted again and again
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return min(found)


def deciding(policies: PolicySet, facts: Sequence[Facts]) -> list[Row]:
    """Measure decisions: worked out one by one, from tables that begin empty, and with words."""

    def one_by_one() -> None:
        engine = NativeEngine(policies)
        for each in facts[:10_000]:
            engine._decision(each.values)

    def single() -> None:
        engine = NativeEngine(policies)
        for each in facts:
            engine.decide((each,))

    decided: list[Decision] = []

    def batch() -> None:
        decided[:] = NativeEngine(policies).decide(facts)

    def explained() -> None:
        answers = NativeEngine(policies).decide(facts)
        for answer, each in zip(answers, facts, strict=True):
            explain(answer, each, policies, generated.VOCABULARY)

    warm = NativeEngine(policies)
    warm.decide(facts)
    rows = [
        Row("decide, every condition worked out", 10_000 / seconds(one_by_one), "/s", 0),
        Row("decide with rule ids, one at a time", len(facts) / seconds(single), "/s", 200_000),
        Row("decide with rule ids, a batch", len(facts) / seconds(batch), "/s", 200_000),
        Row(
            "decide with rule ids, a warm engine",
            len(facts) / seconds(lambda: warm.decide(facts)),
            "/s",
            200_000,
        ),
        Row("decide and explain in both languages", len(facts) / seconds(explained), "/s", 40_000),
    ]
    named = sum(len(each.rules) + len(each.warnings) for each in decided) / len(decided)
    allowed = sum(each.allow for each in decided) / len(decided)
    say(f"{len(facts):,} different questions, {named:.1f} rules named each, {allowed:.0%} allowed")
    return rows


def replaying(policies: PolicySet, flows: int) -> list[Row]:
    """Measure a replay over two revisions: flows that repeat each other, and all different."""
    (policy,) = policies.access
    other = generated.policies(3, seed=9).access[0].rules
    changed = replace(policies, access=(replace(policy, rules=(*policy.rules[3:], *other)),))
    random = Random(2)  # noqa: S311 - a benchmark
    distinct = [generated.document(random) for _ in range(flows)]
    shared = [distinct[random.randrange(SHARED)] for _ in range(flows)]
    rows = []
    for what, documents in (("repeating", shared), ("all different", distinct)):
        gc.collect()
        gc.freeze()
        begin = time.process_time()
        found = replay(documents, policies, changed, generated.VOCABULARY, DAY)
        spent = time.process_time() - begin
        say(
            f"{found.questions:,} flows, {what}: {found.kinds:,} kinds, changed "
            f"{sum(found.counts.values()):,} in {len(found.changes)} ways"
        )
        rows.append(Row(f"replay of {flows:,} flows, {what}, two revisions", spent, "s", 3))
    return rows


def analysing() -> list[Row]:
    """Measure the analysis of conflicts."""
    rows = []
    for rules, aim in ((100, 1), (300, 1), (1000, 1)):
        policies = generated.policies(rules)
        spent = seconds(lambda: find_conflicts(policies, generated.VOCABULARY, DAY))  # noqa: B023
        rows.append(Row(f"conflicts among {rules:,} rules, with witnesses", spent, "s", aim))
    return rows


def main() -> None:
    """Print the table."""
    flows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    policies = generated.policies(RULES)
    random = Random(1)  # noqa: S311 - a benchmark
    facts = [
        normalise(generated.document(random), generated.VOCABULARY, DAY) for _ in range(QUESTIONS)
    ]
    rows = [*deciding(policies, facts), *analysing()]
    del facts
    rows += replaying(policies, flows)
    say(f"{'what':<58}{'found':>12} {'':<3}{'aim':>10}{'ratio':>9}")
    for row in rows:
        say(row.line())


if __name__ == "__main__":
    main()
