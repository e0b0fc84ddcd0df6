"""The embedded engine joined with what OPA says of a workspace's own Rego."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from headwater.policies import Vocabulary
from headwater.policies.joined import JoinedEngine
from headwater.policies.native import NativeEngine
from headwater.policies.verification import Plan, verify
from headwater.policies.workspace_rego import RegoModule

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Sequence

    from headwater.policies import Decision, Facts

RULES = """\
rules:
  - id: read
    allow: true
    when: {action: {eq: read}}
    obligations: [{delete_after: P1D}]
  - {id: core, deny: never, when: {resource.level: {eq: core}}}
"""
OWN = "custom/shop/all"


class Opa(NativeEngine):
    """Stands for an OPA whose module refuses every reading, and joins it as ``join`` does."""

    def __init__(self, policies: Any, join: Callable[[Decision], Decision]) -> None:
        super().__init__(replace(policies, modules=()))
        self._join = join

    def decide(self, facts: Sequence[Facts]) -> tuple[Decision, ...]:
        found = super().decide(facts)
        return tuple(
            self._join(each) if asked.values["action"] == "read" else each
            for each, asked in zip(found, facts, strict=True)
        )


def rightly(found: Decision) -> Decision:
    refusing = () if found.allow else found.rules
    return replace(found, allow=False, rules=tuple(sorted({*refusing, OWN})), obligations=())


WRONG: dict[str, Callable[[Decision], Decision]] = {
    "it still allows": lambda found: replace(rightly(found), allow=found.allow),
    "it forgets the other denials": lambda found: replace(rightly(found), rules=(OWN,)),
    "it still obliges": lambda found: replace(rightly(found), obligations=found.obligations),
    "it forgets what is unknown": lambda found: replace(rightly(found), unknown=()),
}


@pytest.fixture
def policies(load: Callable[..., Any]) -> Any:
    module = RegoModule("shop", "policies/shop.rego", "package custom.headwater.shop\n")
    return replace(load(RULES).policies, modules=(module,))


def compared(policies: Any, vocabulary: Vocabulary, opa: Opa, day: datetime.date) -> bool:
    ours = JoinedEngine(policies, opa)
    found = verify(policies, vocabulary, (ours, opa), [], Plan(day, 50))
    assert ours.refused > 0
    return found.equal


def test_refusals_that_override_are_equal(policies: Any, vocabulary: Vocabulary) -> None:
    import datetime

    day = datetime.date(2026, 11, 1)
    assert compared(policies, vocabulary, Opa(policies, rightly), day)


@pytest.mark.parametrize("how", sorted(WRONG))
def test_a_wrong_join_is_found(how: str, policies: Any, vocabulary: Vocabulary) -> None:
    import datetime

    day = datetime.date(2026, 11, 1)
    assert not compared(policies, vocabulary, Opa(policies, WRONG[how]), day)
