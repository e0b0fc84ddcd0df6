"""The vocabulary of one workspace: its attributes, and the names that their values may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater.policies.attributes import (
    ATTRIBUTES,
    GROUPS,
    LARGEST,
    ORDERED,
    RANKED,
    REGION,
    SETS,
    TREES,
    Attribute,
    Kind,
)
from headwater.policies.own_attributes import periods_of, read_attributes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.catalog.forms import Problems
    from headwater.catalog.model import Workspace
    from headwater.catalog.text import Text

__all__ = [
    "ATTRIBUTES",
    "GROUPS",
    "LARGEST",
    "ORDERED",
    "RANKED",
    "REGION",
    "SETS",
    "TREES",
    "Attribute",
    "Kind",
    "Vocabulary",
]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The attributes, with the departments, purposes and categories of one workspace.

    ``departments`` and ``purposes`` give for every id the chain from itself to its root.
    ``names`` gives what people call a department or a purpose, by kind and id. ``attributes`` are
    those that every workspace has, then its own. ``periods`` are those that its policies measure
    dates by: facts carry the day that each of them reaches back to.
    """

    departments: Mapping[str, tuple[str, ...]]
    purposes: Mapping[str, tuple[str, ...]]
    categories: tuple[str, ...]
    names: Mapping[tuple[Kind, str], Text]
    attributes: Mapping[str, Attribute] = field(default_factory=lambda: ATTRIBUTES)
    periods: tuple[str, ...] = ()

    @classmethod
    def of(cls, workspace: Workspace, problems: Problems | None = None) -> Vocabulary:
        """Return the vocabulary of ``workspace``; what is wrong goes to ``problems``."""
        names = {(Kind.DEPARTMENT, d.id): d.name for d in workspace.departments.values()}
        names |= {(Kind.PURPOSE, p.id): p.name for p in workspace.purposes.values()}
        own = read_attributes(workspace.policy_documents, problems)
        return cls(
            {name: workspace.department_and_above(name) for name in workspace.departments},
            {name: workspace.purpose_and_above(name) for name in workspace.purposes},
            workspace.categories,
            names,
            ATTRIBUTES | {attribute.name: attribute for attribute in own},
            periods_of(workspace.policy_documents),
        )

    @property
    def own(self) -> tuple[Attribute, ...]:
        """The attributes that the workspace itself declares, by name."""
        found = (each for name, each in self.attributes.items() if name not in ATTRIBUTES)
        return tuple(sorted(found, key=lambda attribute: attribute.name))

    def known(self, attribute: Attribute) -> tuple[str, ...] | None:
        """Return the names that values of ``attribute`` may take; ``None`` where any will do."""
        match attribute.kind:
            case Kind.DEPARTMENT | Kind.DEPARTMENTS:
                return tuple(self.departments)
            case Kind.PURPOSE:
                return tuple(self.purposes)
            case Kind.CATEGORIES:
                return self.categories
            case Kind.CHOICE | Kind.LEVEL | Kind.ADMINISTRATIVE:
                return attribute.choices
            case Kind.SET:
                return attribute.choices or None
            case _:
                return None

    def chain(self, kind: Kind, name: str) -> tuple[str, ...]:
        """Return ``name`` and all it lies under; itself alone where it is not declared."""
        tree = self.departments if kind is Kind.DEPARTMENT else self.purposes
        return tree.get(name, (name,))
