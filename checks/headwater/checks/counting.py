"""Counts of rows for ODCS library metrics, and the standard's eight operators."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "mustBe": operator.eq,
    "mustNotBe": operator.ne,
    "mustBeGreaterThan": operator.gt,
    "mustBeGreaterOrEqualTo": operator.ge,
    "mustBeLessThan": operator.lt,
    "mustBeLessOrEqualTo": operator.le,
}


def holds(observed: float, name: str, limit: Sequence[float]) -> bool:
    """Say whether ``observed`` satisfies the operator ``name``; both ends of *between* belong.

    Example:
        >>> holds(3, "mustBeBetween", [1, 3]), holds(3, "mustNotBeBetween", [1, 3])
        (True, False)
    """
    if name == "mustBeBetween":
        return limit[0] <= observed <= limit[1]
    if name == "mustNotBeBetween":
        return not limit[0] <= observed <= limit[1]
    return _COMPARE[name](observed, limit[0])


def count(
    column: pd.Series, measure: str, listed: Sequence[str] | None, pattern: str | None
) -> int:
    """Return how many rows of ``column``, which holds text, are what ``measure`` counts.

    ``nullValues``: empty. ``missingValues``: empty, or one of ``listed``. ``invalidValues``: not
    empty, and not in ``listed`` or without the form ``pattern``. ``duplicateValues``: not empty,
    and equal to an earlier row.
    """
    empty = column.isna()
    if measure == "nullValues":
        return int(empty.sum())
    values = column[~empty].astype(str)
    if measure == "missingValues":
        return int(empty.sum() + values.isin(listed or []).sum())
    if measure == "duplicateValues":
        return int(values.duplicated().sum())
    invalid = values.isna() if listed is None else ~values.isin(listed)
    if pattern is not None:
        invalid |= ~values.str.contains(pattern)  # as Great Expectations matches
    return int(invalid.sum())
