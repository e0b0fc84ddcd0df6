"""Every exception that headwater raises on purpose.

* HeadwaterError        carries one or more problems, each with a code and, if known, a position
  + InputError          the caller's file, argument or environment is wrong
    - DocumentError     documents do not parse or validate: all their problems, gathered
    - UnknownNameError  no such dataset, department, policy …
  + EngineError         an engine gave no usable answer
    - EngineUnavailableError
    - EngineTimeoutError
    - UndefinedDecisionError
    - EngineAnswerError
  + CheckError          the data-check engine itself failed
  + StoreError          the lineage store
    - StoreLockedError
    - StoreCorruptError
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.problems import Problem, problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.catalog.position import Position


class HeadwaterError(Exception):
    """Base of every deliberate failure: *I could not judge*.

    Attributes:
        problems: At least one problem, sorted by position.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=Problem.order))
        super().__init__("; ".join(found.message.en for found in self.problems))

    @classmethod
    def of(cls, code: str, position: Position | None = None, **values: object) -> HeadwaterError:
        """Return an error of this class with one problem from the catalogue."""
        return cls([problem(code, position, **values)])


class InputError(HeadwaterError):
    """The caller's file, argument or environment is wrong."""


class DocumentError(InputError):
    """Documents do not parse or validate; every problem of the run is gathered."""


class UnknownNameError(InputError):
    """A name that nothing answers to, or that several things answer to."""


class EngineError(HeadwaterError):
    """An engine did not give a usable answer."""


class EngineUnavailableError(EngineError):
    """The engine cannot be reached or is not installed."""


class EngineTimeoutError(EngineError):
    """The engine did not answer before the deadline."""


class UndefinedDecisionError(EngineError):
    """The engine answered, but no rule defined a decision."""


class EngineAnswerError(EngineError):
    """The engine answered something that is not a decision."""


class CheckError(HeadwaterError):
    """The engine of the data checks failed as a whole."""


class StoreError(HeadwaterError):
    """The lineage store failed."""


class StoreLockedError(StoreError):
    """Another process holds the store."""


class StoreCorruptError(StoreError):
    """The store's file is not what we wrote."""
