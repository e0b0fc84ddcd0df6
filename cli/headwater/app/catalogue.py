"""Every rule id of a run: the built-in ones and those of its policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.findings import Severity
from headwater.catalog.retention_rules import RETENTION_RULES
from headwater.catalog.rules import BUILT_IN, Rule
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.policies import PolicySet
    from headwater.policies.model import AccessPolicy
    from headwater.policies.model import Rule as AccessRule

NO_REMEDY = Text(
    "talk to {owner}, who answers for this policy",
    "请与负责此策略的 {owner} 联系",
)


def rules_of(policies: PolicySet, reported: Iterable[str] = ()) -> dict[str, Rule]:
    """Return the catalogue: rule id → what it says and how much it weighs.

    Args:
        policies: What decides.
        reported: Ids that were found; those of the workspace's own Rego are known no other way.
    """
    found = BUILT_IN | RETENTION_RULES
    for policy, rule in policies.access_rules():
        if rule.effect != "allow":
            found[rule.id] = Rule(
                id=rule.id,
                severity=severity_of(policy, rule),
                message=rule.message or policy.title,
                remedy=rule.remedy or NO_REMEDY.fill({"owner": policy.owner}),
                basis=rule.basis,
            )
    for name in sorted(set(reported) - found.keys()):
        own = policies.rules[name]
        message = own.message or NO_REMEDY
        found[name] = Rule(name, Severity.ERROR, message, own.remedy or message)
    return found


def severity_of(policy: AccessPolicy, rule: AccessRule) -> Severity:
    """Return how much a rule weighs: what warns, or only advises, fails no run."""
    enforced = rule.effect == "deny" and policy.mode == "enforce"
    return Severity.ERROR if enforced else Severity.WARNING
