"""The seam between policies and what evaluates them, and what an evaluation answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from headwater.policies.facts import Facts


@dataclass(frozen=True, slots=True)
class Decision:
    """An engine's answer to one question.

    Attributes:
        allow: True only where a rule allows and no rule denies or might deny.
        rules: The rules that deny or might deny; where there are none, those that allow; sorted.
        unknown: The attributes whose absence left a denying rule unknown, sorted.
        unknown_rules: The denying and warning rules that are unknown, with their attributes.
        warnings: Warning rules, and denying ones of policies that only advise, that are true or
            unknown; sorted.
        obligations: What must be done, where allowed; without repeats.
        exceptions: The exceptions that kept a denying or warning rule from being true or unknown.
    """

    allow: bool
    rules: tuple[str, ...]
    unknown: tuple[str, ...]
    unknown_rules: Mapping[str, tuple[str, ...]]
    warnings: tuple[str, ...]
    obligations: tuple[Mapping[str, object], ...]
    exceptions: tuple[str, ...] = ()

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "allow": self.allow,
            "rules": list(self.rules),
            "unknown": list(self.unknown),
            "unknown_rules": {rule: list(names) for rule, names in self.unknown_rules.items()},
            "warnings": list(self.warnings),
            "obligations": [dict(obligation) for obligation in self.obligations],
            "exceptions": list(self.exceptions),
        }


@dataclass(frozen=True, slots=True)
class Terms:
    """Which retention rules hold for one dataset.

    Attributes:
        terms: The ids of those that hold, sorted.
        unknown: Those that might hold, with the attributes whose absence leaves them open.
    """

    terms: tuple[str, ...]
    unknown: Mapping[str, tuple[str, ...]]

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "terms": list(self.terms),
            "unknown": {rule: list(names) for rule, names in self.unknown.items()},
        }


class Engine(Protocol):
    """Anything that can decide questions about facts by one set of policies.

    An implementation answers every question or raises; it never leaves one out, and whatever it
    cannot judge is an error, never an allow. Answers come in the order of the questions.
    """

    @property
    def name(self) -> str:
        """What kind of engine it is: ``native`` or ``opa``."""
        ...

    @property
    def version(self) -> str:
        """Its version, as it says so itself."""
        ...

    def decide(self, facts: Sequence[Facts]) -> tuple[Decision, ...]:
        """Answer access questions.

        Raises:
            EngineUnavailableError: The engine cannot be reached.
            EngineTimeoutError: It did not answer before the deadline.
            UndefinedDecisionError: It answered without a decision.
            EngineAnswerError: Its answer is not what a decision looks like.
        """
        ...

    def terms(self, facts: Sequence[Facts]) -> tuple[Terms, ...]:
        """Answer which retention rules hold; raises as :meth:`decide` does."""
        ...

    def close(self) -> None:
        """Let go of whatever the engine holds."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
