"""Packs of law that a workspace takes with ``packs``: terms that some article demands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.nodes import Mapping
from headwater.catalog.problems import closest
from headwater.catalog.yaml_source import read_yaml
from headwater.policies.documents import PolicyReader

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.model import Workspace
    from headwater.policies.conditions import ConditionReader
    from headwater.policies.model import RetentionPolicy

LAW_PACKS = ("retention-law",)
"""The packs there are; each is a file ``packs/NAME.yaml`` in the language of policies."""


def law_packs(
    workspace: Workspace, conditions: ConditionReader, folder: Path
) -> list[RetentionPolicy]:
    """Return the retention policies of the packs that the workspace names."""
    reader = PolicyReader(conditions, built_in=True)
    found = []
    for name in dict.fromkeys(workspace.packs):
        if name not in LAW_PACKS:
            near = closest(name, LAW_PACKS)
            conditions.problems.add(
                "unknown-pack", workspace.position, name=name, known=LAW_PACKS, suggestion=near
            )
            continue
        node = read_yaml(folder / f"{name}.yaml", f"headwater/policies/packs/{name}.yaml")
        assert isinstance(node, Mapping)  # noqa: S101 - we ship it
        found.append(reader.retention(node))
    return found
