"""Which rules are about flows that are only implied, and so mean what they say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.policies.formula import AllOf, Formula, Test, formula_of

if TYPE_CHECKING:
    from headwater.policies.model import PolicySet

EVIDENCE = "context.evidence"
IMPLIED = "implied"


def rules_about_implied(policies: PolicySet) -> frozenset[str]:
    """Return the ids of the rules that can be true of nothing but implied flows.

    Whoever wrote them knew what an implied flow is. Every other rule speaks of flows as such; what
    it says of one that is only implied is a suspicion.
    """
    found: dict[str, bool] = {}
    for policy, rule in policies.access_rules():
        about = _asks(formula_of(rule, policy.dates))
        found[rule.id] = found.get(rule.id, True) and about
    return frozenset(name for name, about in found.items() if about)


def _asks(formula: Formula) -> bool:
    """Say whether ``formula`` can be true only where the evidence is implied."""
    if isinstance(formula, Test):
        asked = formula.attribute == EVIDENCE and formula.op in ("eq", "in")
        return asked and set(formula.values) == {IMPLIED}
    parts = [_asks(part) for part in formula.parts]
    return any(parts) if isinstance(formula, AllOf) else bool(parts) and all(parts)
