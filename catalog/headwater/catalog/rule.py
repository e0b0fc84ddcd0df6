"""A rule id and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headwater.catalog.findings import Severity
    from headwater.catalog.text import Text


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule id and what it says.

    Attributes:
        judged: ``False`` where the finding means *could not judge*: the run then ends in exit 2.
    """

    id: str
    severity: Severity
    message: Text
    remedy: Text
    basis: tuple[str, ...] = ()
    judged: bool = True
