"""Loads what decides: the built-in pack and a workspace's own policies."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from headwater.catalog.nodes import Mapping
from headwater.catalog.problems import closest
from headwater.catalog.rules import IMPLIED_ONLY
from headwater.catalog.text import Text
from headwater.catalog.yaml_source import read_yaml
from headwater.policies.conditions import ConditionReader
from headwater.policies.documents import PolicyReader
from headwater.policies.exceptions import read_exceptions
from headwater.policies.law_packs import law_packs
from headwater.policies.model import AccessPolicy, PolicySet, RetentionPolicy
from headwater.policies.names import PACK, check_names
from headwater.policies.vocabulary import Vocabulary
from headwater.policies.workspace_rego import read_modules

if TYPE_CHECKING:
    from headwater.catalog.forms import Problems
    from headwater.catalog.model import Workspace

NEVER = datetime.date.min
_Policy = TypeVar("_Policy", AccessPolicy, RetentionPolicy)


def load_policies(workspace: Workspace, *, problems: Problems) -> PolicySet:
    """Return the pack ``sharing``, less the rules switched off, and the workspace's policies.

    What is wrong goes to ``problems``; raise them before using what is returned.
    """
    vocabulary = Vocabulary.of(workspace, problems)
    conditions = ConditionReader(vocabulary, problems)
    reader = PolicyReader(conditions)
    documents: dict[str, list[Mapping]] = {}
    for node in workspace.policy_documents:
        documents.setdefault(node.text("kind") or "", []).append(node)
    own = [reader.access(node) for node in documents.get("access-policy", ())]
    retention = [reader.retention(node) for node in documents.get("retention-policy", ())]
    retention += law_packs(workspace, conditions, pack_folder())
    check_names([*own, *retention], problems)
    access = [_pack(workspace, conditions), *own]
    return PolicySet(
        read_exceptions(documents.get("exception", ()), reader, _sorted(access)),
        _sorted(retention),
        read_modules(workspace, problems),
        vocabulary.own,
    )


def _sorted(policies: list[_Policy]) -> tuple[_Policy, ...]:
    return tuple(sorted(policies, key=lambda policy: (policy.id, policy.dates.start or NEVER)))


def _pack(workspace: Workspace, conditions: ConditionReader) -> AccessPolicy:
    node = read_yaml(pack_folder() / f"{PACK}.yaml", f"headwater/policies/packs/{PACK}.yaml")
    assert isinstance(node, Mapping)  # noqa: S101 - we ship it
    pack = PolicyReader(conditions, built_in=True).access(node)
    known = [*(rule.id for rule in pack.rules), IMPLIED_ONLY]
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


def pack_folder() -> Path:
    """Return where the packs are: beside this module when installed, else in the checkout."""
    here = Path(__file__).resolve()
    installed = here.parent / "packs"
    return installed if installed.is_dir() else here.parents[2] / "packs"
