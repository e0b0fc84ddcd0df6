"""Which ids policies may have: none of headwater's own, and one policy an id on any day."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from headwater.catalog.problems import problem
from headwater.catalog.rules import BUILT_IN
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from headwater.catalog.forms import Problems
    from headwater.policies.model import AccessPolicy, Dates, RetentionPolicy

    _Policy = AccessPolicy | RetentionPolicy

PACK = "sharing"
RESERVED = (PACK, "headwater", "custom")
"""Policy ids that are headwater's own."""


def check_names(policies: list[_Policy], problems: Problems) -> None:
    """Add a problem for every id that is taken.

    Policies of one kind may share an id where no day is in both their dates: the later one is
    then the next version of the earlier.
    """
    seen: dict[str, list[_Policy]] = {}
    for policy in policies:
        if policy.id in RESERVED:
            problems.extend([problem("reserved-policy", policy.position, id=policy.id)])
        for rule in policy.rules:
            if rule.id in BUILT_IN:
                problems.extend([problem("reserved-policy", rule.position, id=rule.id)])
        earlier = seen.setdefault(policy.id, [])
        _check_versions(policy, earlier, problems)
        earlier.append(policy)


def _check_versions(policy: _Policy, earlier: list[_Policy], problems: Problems) -> None:
    for other in earlier:
        if type(other) is not type(policy):
            problems.add(
                "duplicate-id",
                policy.position,
                what=Text("policy", "策略"),
                id=policy.id,
                first=str(other.position),
            )
        elif _overlap(policy.dates, other.dates):
            first = str(other.position)
            problems.add("overlapping-dates", policy.position, id=policy.id, first=first)
        else:
            continue
        return


def _overlap(one: Dates, other: Dates) -> bool:
    last = datetime.date.max
    starts = [dates.start or datetime.date.min for dates in (one, other)]
    return max(starts) <= min(one.until or last, other.until or last)
