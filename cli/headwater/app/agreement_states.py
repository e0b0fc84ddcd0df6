"""The state of every agreement of a workspace on one day, computed and never written down."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from headwater.app.signatures import judge_signatures

if TYPE_CHECKING:
    import datetime

    from headwater.catalog.model import Agreement, Workspace


def state_by_dates(agreement: Agreement, as_of: datetime.date) -> str:
    """Return the agreement's state on a day: what its file says, else what its dates say."""
    if agreement.state:
        return agreement.state
    if as_of < agreement.start:
        return "pending"
    if agreement.until and as_of > agreement.until:
        return "expired"
    return "active"


class States:
    """The states of agreements as they follow from files, dates, signatures and successors.

    What a file says comes first. Where the workspace requires signatures, an agreement that not
    both sides have signed as it now reads is a draft. One that a later agreement supersedes is
    superseded from the day on which that one is in force, whatever becomes of it afterwards.
    """

    def __init__(self, workspace: Workspace, as_of: datetime.date) -> None:
        self._workspace = workspace
        self._as_of = as_of
        self._found: dict[str, str] = {}

    def of(self, agreement: Agreement) -> str:
        """Return the agreement's state."""
        found = self._found.get(agreement.id)
        if found is None:
            found = self._found[agreement.id] = self._state(agreement)
        return found

    def _state(self, agreement: Agreement) -> str:
        if agreement.state:
            return agreement.state
        if not self.signed(agreement):
            return "draft"
        if self.successor(agreement):
            return "superseded"
        return state_by_dates(agreement, self._as_of)

    def signed(self, agreement: Agreement) -> bool:
        """Say whether the agreement has the signatures that the workspace requires, if any."""
        if not self._workspace.require_signatures:
            return True
        return judge_signatures(self._workspace, agreement, self._as_of).complete

    def successor(self, agreement: Agreement) -> Agreement | None:
        """Return the agreement that has taken its place, if one has."""
        for other in self._successors.get(agreement.id, ()):
            begun = self._as_of >= other.start
            if begun and other.state != "draft" and self.signed(other):
                return other
        return None

    @cached_property
    def _successors(self) -> dict[str, list[Agreement]]:
        found: dict[str, list[Agreement]] = {}
        for agreement in self._workspace.agreements:
            if agreement.terms.supersedes:
                found.setdefault(agreement.terms.supersedes, []).append(agreement)
        return found

    def days_left(self, agreement: Agreement) -> int | None:
        """Return how many days an active agreement still runs, today included; ``None``: no end."""
        if self.of(agreement) != "active" or agreement.until is None:
            return None
        return (agreement.until - self._as_of).days + 1
