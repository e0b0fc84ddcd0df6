"""What the conditions of agreements ask of one use of data, as facts for the policies.

A use stands under one agreement, and all conditions of that one count: where several give the
data for the purpose, the one whose conditions the use meets best. What no condition speaks of is
absent from the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.model import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from headwater.catalog.model import Agreement, Workspace

NO_CEILING = len(LEVELS)


@dataclass(frozen=True, slots=True)
class Use:
    """What is done with the data, as far as conditions ask about it.

    Attributes:
        purpose: What for; ``None`` where nobody knows.
        level: The data's level; ``None`` where nobody graded it.
        masked: Whether every path is masked.
        region: Where the consumer is.
        columns: The columns taken; of a whole dataset all of them.
        k: The least number of people that any combination of values stands for, if proved.
    """

    purpose: str | None
    level: str | None
    masked: bool
    region: str
    columns: tuple[str, ...]
    k: int | None = None


def fitting(
    workspace: Workspace, granting: Sequence[Agreement], purpose: str | None
) -> tuple[Agreement, ...]:
    """Return the agreements that also name the purpose; all of them where none does."""
    above = set(workspace.purpose_and_above(purpose)) if purpose else set()
    return tuple(a for a in granting if above & set(a.purposes)) or tuple(granting)


def governing(agreements: Iterable[Agreement], use: Use) -> Agreement | None:
    """Return the agreement whose conditions ``use`` breaks least; of equals the widest."""

    def order(agreement: Agreement) -> tuple[int, bool, int, str]:
        level = agreement.max_level
        ceiling = LEVELS.index(level) if level else NO_CEILING
        return (breaches(agreement, use), bool(agreement.terms.rows), -ceiling, agreement.id)

    return min(agreements, key=order, default=None)


def breaches(agreement: Agreement, use: Use) -> int:
    """Return how many conditions ``use`` does not meet, or is not known to meet."""
    terms, level = agreement.terms, agreement.max_level
    too_high = level is not None and (
        use.level is None or LEVELS.index(use.level) > LEVELS.index(level)
    )
    unmasked = masking_required(agreement, use) and not use.masked
    small = terms.min_k is not None and (use.k is None or use.k < terms.min_k)
    return sum((too_high, unmasked, small, not within(terms.location, use.region)))


def masking_required(agreement: Agreement, use: Use) -> bool:
    """Say whether something that is taken is given masked only."""
    return any(glob.matches(name) for glob in agreement.terms.masked for name in use.columns)


def within(location: Sequence[str], region: str) -> bool:
    """Say whether ``region`` lies in one of the regions of ``location``; none means anywhere.

    Example:
        >>> within(["330100"], "330106"), within(["330100"], "330200"), within([], "330200")
        (True, False, True)
    """
    return not location or any(region.startswith(_covered(code)) for code in location)


def _covered(code: str) -> str:
    """Return the digits that a region's code shares with all below it (GB/T 2260: pairs)."""
    while code.endswith("00"):
        code = code[:-2]
    return code


def asked_of(agreements: Sequence[Agreement], use: Use) -> dict[str, object]:
    """Return what ``agreements``, all at once, ask of ``use``: facts of the context."""
    found: dict[str, object] = {}
    if any(agreement.terms.masked for agreement in agreements):
        found["masking_required"] = any(masking_required(each, use) for each in agreements)
    least = [each.terms.min_k for each in agreements if each.terms.min_k is not None]
    if least:
        found["min_k"] = max(least)
        if use.k is not None:
            found["k"] = use.k
    if any(agreement.terms.location for agreement in agreements):
        found["location_agreed"] = all(within(a.terms.location, use.region) for a in agreements)
    if any(agreement.terms.rows for agreement in agreements):
        found["rows_limited"] = True
    return found
