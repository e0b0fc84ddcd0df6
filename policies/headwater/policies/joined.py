"""The embedded engine with the refusals of a workspace's own Rego, which OPA alone evaluates.

``policy verify`` compares it with that OPA: what the modules themselves decide has no second
opinion, but that their refusals are joined by deny-overrides, and that nothing else of an answer
changes, is compared whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

from headwater.policies.native import NativeEngine
from headwater.policies.workspace_rego import custom_names, is_custom

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from headwater.policies.engine import Decision, Engine, Terms
    from headwater.policies.facts import Facts
    from headwater.policies.model import PolicySet


class JoinedEngine:
    """Decides as the embedded engine does, joined with the rules that ``opa`` says of its own.

    Attributes:
        refused: In how many answers so far the modules had refused.
    """

    def __init__(self, policies: PolicySet, opa: Engine) -> None:
        self._native = NativeEngine(replace(policies, modules=()))
        self._opa = opa
        self._names = custom_names(policies.modules)
        self.name = self._native.name
        self.version = self._native.version
        self.refused = 0

    def decide(self, facts: Sequence[Facts]) -> tuple[Decision, ...]:
        """Answer access questions; raises as OPA does."""
        pairs = zip(self._native.decide(facts), self._opa.decide(facts), strict=True)
        return tuple(self._joined(native, other) for native, other in pairs)

    def _joined(self, native: Decision, other: Decision) -> Decision:
        own = {rule for rule in other.rules if is_custom(rule, self._names)}
        if not own:
            return native
        self.refused += 1
        refusing = () if native.allow else native.rules
        rules = tuple(sorted({*refusing, *own}))
        return replace(native, allow=False, rules=rules, obligations=())

    def terms(self, facts: Sequence[Facts]) -> tuple[Terms, ...]:
        """Answer which retention rules hold: Rego of the workspace has no say in it."""
        return self._native.terms(facts)

    def close(self) -> None:
        """Nothing is held; the OPA belongs to whoever started it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
