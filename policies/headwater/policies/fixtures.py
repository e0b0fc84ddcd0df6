"""Policy tests: what the steward expects of named inputs, and what the policies say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.policies.model import canonical

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping, Sequence

    from headwater.catalog.position import Position
    from headwater.policies.engine import Decision, Engine, Terms
    from headwater.policies.facts import Facts

LISTS = ("rules", "unknown", "warnings", "obligations", "exceptions", "terms")
"""Expectations that are whole lists: nothing may be missing, and nothing more."""

EXPECTATIONS = ("allow", *LISTS)


@dataclass(frozen=True, slots=True)
class Case:
    """One input and what is expected of it.

    Attributes:
        name: What is combined, in the words of the file.
        facts: The question.
        expected: By the names of :data:`EXPECTATIONS`; what is left out may be anything. Lists
            are sorted, obligations are canonical JSON.
        positions: Where each expectation stands.
        position: Where the case stands; of one that nobody listed, where the matrix was asked for.
        listed: False of a combination that is refused because nobody listed it.
    """

    name: str
    facts: Facts
    expected: Mapping[str, object]
    positions: Mapping[str, Position]
    position: Position
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Fixture:
    """One file of policy tests.

    ``policies`` are the ids of those whose coverage the file answers for; empty: any.
    """

    id: str
    policies: tuple[str, ...]
    now: datetime.date
    cases: tuple[Case, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One expectation that did not come true."""

    name: str
    expected: object
    found: object
    position: Position


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one engine said of one case."""

    case: Case
    decision: Decision
    mismatches: tuple[Mismatch, ...]

    @property
    def passed(self) -> bool:
        """Whether everything expected came true."""
        return not self.mismatches


def run_cases(cases: Sequence[Case], engine: Engine) -> tuple[Outcome, ...]:
    """Return what ``engine`` says of each case, in their order.

    Raises:
        EngineError: The engine gave no usable answer.
    """
    decisions = engine.decide([case.facts for case in cases])
    about = [n for n, case in enumerate(cases) if "terms" in case.expected]
    terms = dict(zip(about, engine.terms([cases[n].facts for n in about]), strict=True))
    return tuple(
        Outcome(case, decision, _mismatches(case, decision, terms.get(number)))
        for number, (case, decision) in enumerate(zip(cases, decisions, strict=True))
    )


def _mismatches(case: Case, decision: Decision, terms: Terms | None) -> tuple[Mismatch, ...]:
    found = answer_of(decision, terms)
    return tuple(
        Mismatch(name, value, found[name], case.positions.get(name, case.position))
        for name, value in case.expected.items()
        if found[name] != value
    )


def answer_of(decision: Decision, terms: Terms | None) -> dict[str, object]:
    """Return an engine's answer as expectations name it."""
    return {
        "allow": decision.allow,
        "rules": decision.rules,
        "unknown": decision.unknown,
        "warnings": decision.warnings,
        "obligations": tuple(sorted(canonical(dict(each)) for each in decision.obligations)),
        "exceptions": decision.exceptions,
        "terms": terms.terms if terms else (),
    }


def cases_of(fixtures: Iterable[Fixture]) -> list[Case]:
    """Return the cases of all files."""
    return [case for fixture in fixtures for case in fixture.cases]
