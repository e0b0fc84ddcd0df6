"""Loads what decides: the built-in pack and a workspace's own policies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from headwater.catalog.nodes import Mapping
from headwater.catalog.problems import closest, problem
from headwater.catalog.rules import BUILT_IN
from headwater.catalog.text import Text
from headwater.catalog.yaml_source import read_yaml
from headwater.policies.conditions import ConditionReader
from headwater.policies.documents import PolicyReader
from headwater.policies.model import AccessPolicy, PolicySet, RetentionPolicy
from headwater.policies.vocabulary import Vocabulary

if TYPE_CHECKING:
    from headwater.catalog.forms import Problems
    from headwater.catalog.model import Workspace

PACK = "sharing"
RESERVED = (PACK, "headwater")
"""Policy ids that are headwater's own."""

_Policy = TypeVar("_Policy", AccessPolicy, RetentionPolicy)


def load_policies(workspace: Workspace, *, problems: Problems) -> PolicySet:
    """Return the pack ``sharing``, less the rules switched off, and the workspace's policies.

    What is wrong goes to ``problems``; raise them before using what is returned.
    """
    conditions = ConditionReader(Vocabulary.of(workspace), problems)
    reader = PolicyReader(conditions)
    access, retention = [_pack(workspace, conditions)], []
    for node in workspace.policy_documents:
        if node.text("kind") == "retention-policy":
            retention.append(reader.retention(node))
        else:
            access.append(reader.access(node))
    _check_names([*access[1:], *retention], problems)
    return PolicySet(_sorted(access), _sorted(retention))


def _sorted(policies: list[_Policy]) -> tuple[_Policy, ...]:
    return tuple(sorted(policies, key=lambda policy: policy.id))


def _pack(workspace: Workspace, conditions: ConditionReader) -> AccessPolicy:
    node = read_yaml(_folder() / f"{PACK}.yaml", f"headwater/policies/packs/{PACK}.yaml")
    assert isinstance(node, Mapping)  # noqa: S101 - we ship it
    pack = PolicyReader(conditions, built_in=True).access(node)
    known = [rule.id for rule in pack.rules]
    for name in workspace.disabled_rules:
        if name not in known:
            conditions.problems.add(
                "unknown-reference",
                workspace.position,
                what=Text("rule", "规则"),
                id=name,
                suggestion=closest(name, known),
            )
    off = set(workspace.disabled_rules)
    return replace(pack, rules=tuple(rule for rule in pack.rules if rule.id not in off))


def _folder() -> Path:
    """Return where the packs are: beside this module when installed, else in the checkout."""
    here = Path(__file__).resolve()
    installed = here.parent / "packs"
    return installed if installed.is_dir() else here.parents[2] / "packs"


def _check_names(policies: list[AccessPolicy | RetentionPolicy], problems: Problems) -> None:
    first: dict[str, AccessPolicy | RetentionPolicy] = {}
    for policy in policies:
        if policy.id in RESERVED:
            problems.extend([problem("reserved-policy", policy.position, id=policy.id)])
        for rule in policy.rules:
            if rule.id in BUILT_IN:
                problems.extend([problem("reserved-policy", rule.position, id=rule.id)])
        other = first.setdefault(policy.id, policy)
        if other is not policy:
            problems.add(
                "duplicate-id",
                policy.position,
                what=Text("policy", "策略"),
                id=policy.id,
                first=str(other.position),
            )
