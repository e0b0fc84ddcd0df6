"""Use case: what the rules of a workspace do to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime

    from headwater.app.loading import Loaded
    from headwater.policies import Conflicts


@dataclass(frozen=True, slots=True)
class Contradictions:
    """What was found, among which policies.

    Attributes:
        as_of: The day that witnesses are of, where any will do.
        policy_revision: The identity of what was looked at.
        conflicts: What was found.
        unread: The Rego modules of the workspace, which are not looked at.
    """

    as_of: datetime.date
    policy_revision: str
    conflicts: Conflicts
    unread: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether no rule is never true, redundant or shadowed; overlaps are in order."""
        return not any(found.clash.is_fault for found in self.conflicts.found)


def find(loaded: Loaded, *, as_of: datetime.date, most_overlaps: int) -> Contradictions:
    """Return the conflicts among the policies of a workspace; at most so many overlaps."""
    from headwater.policies import Vocabulary, find_conflicts

    policies = loaded.policies
    found = find_conflicts(
        policies, Vocabulary.of(loaded.workspace), as_of, most_overlaps=most_overlaps
    )
    unread = tuple(module.name for module in policies.modules)
    return Contradictions(as_of, policies.revision, found, unread)
