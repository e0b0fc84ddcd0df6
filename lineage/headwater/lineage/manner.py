"""How one thing enters another: directly or not, masked or not, on what evidence, by what step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headwater.lineage.model import Evidence
    from headwater.lineage.shapes import Transformation


@dataclass(frozen=True, slots=True)
class Manner:
    """How one thing enters another."""

    direct: bool
    masked: bool
    evidence: Evidence
    subtypes: tuple[str, ...] = ()
    whole: bool = True

    def joined(self, other: Manner) -> Manner:
        """Return what two mentions of one edge come to.

        Any direct, all masked, and the first evidence count. What the run did is drawn before
        what its inputs declare of themselves.
        """
        return Manner(
            self.direct or other.direct,
            self.masked and other.masked,
            self.evidence,
            tuple(sorted({*self.subtypes, *other.subtypes})),
            self.whole or other.whole,
        )

    def summed(self) -> Manner:
        """Return the manner of the edge between datasets that sums up one of columns."""
        return Manner(self.direct, self.masked, self.evidence, self.subtypes, whole=False)


def manner_of(
    transformations: list[Transformation] | None, evidence: Evidence, *, everywhere: bool
) -> Manner:
    """Return how a source enters.

    A type that the specification does not know counts as direct: the stronger use. What
    influences a whole dataset (``everywhere``) does so indirectly, whatever it says.
    """
    if not transformations:
        return Manner(direct=not everywhere, masked=False, evidence=evidence)
    return Manner(
        direct=not everywhere and any(step.type.upper() != "INDIRECT" for step in transformations),
        masked=all(step.masking is True for step in transformations),
        evidence=evidence,
        subtypes=tuple(sorted({step.subtype.upper() for step in transformations if step.subtype})),
    )
