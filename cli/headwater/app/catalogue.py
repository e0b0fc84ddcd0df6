"""Every rule id of a run: the built-in ones and those of its policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.findings import Severity
from headwater.catalog.rules import BUILT_IN, Rule
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from headwater.policies import AccessRule, PolicySet

NO_REMEDY = Text(
    "talk to the owner of the policy: {owner}",
    "请与策略负责人联系：{owner}",
)


def rules_of(policies: PolicySet) -> dict[str, Rule]:
    """Return the catalogue: rule id → what it says and how much it weighs."""
    found = dict(BUILT_IN)
    for rule in policies.access_rules:
        if rule.effect != "allow":
            found[rule.id] = Rule(
                id=rule.id,
                severity=severity_of(rule),
                message=rule.message or Text(rule.id, rule.id),
                remedy=rule.remedy or NO_REMEDY.fill({"owner": rule.owner}),
                basis=rule.basis,
            )
    return found


def severity_of(rule: AccessRule) -> Severity:
    """Return how much a rule weighs: what warns, or only advises, fails no run."""
    enforced = rule.effect == "deny" and rule.mode == "enforce"
    return Severity.ERROR if enforced else Severity.WARNING
