"""The declared exchange hub: datasets that data between departments should pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headwater.catalog.globs import Glob
    from headwater.catalog.ids import DatasetId


@dataclass(frozen=True, slots=True)
class HubRule:
    """Datasets of the exchange that data between departments should pass."""

    namespace: Glob
    name: Glob

    def matches(self, dataset: DatasetId) -> bool:
        """Say whether ``dataset`` is one of the exchange's."""
        return self.namespace.matches(dataset.namespace) and self.name.matches(dataset.name)


@dataclass(frozen=True, slots=True)
class HubFlow:
    """Flows that should pass the exchange, by globs over their departments."""

    provider: Glob
    consumer: Glob


@dataclass(frozen=True, slots=True)
class Exchange:
    """The declared exchange hub: its datasets, and which flows should pass it; none said: all."""

    hubs: tuple[HubRule, ...]
    flows: tuple[HubFlow, ...] = ()

    def holds(self, dataset: DatasetId) -> bool:
        """Say whether ``dataset`` is one of the hub's."""
        return any(rule.matches(dataset) for rule in self.hubs)

    def wants(self, provider: str, consumer: str) -> bool:
        """Say whether what flows between the two should pass the hub."""
        return not self.flows or any(
            flow.provider.matches(provider) and flow.consumer.matches(consumer)
            for flow in self.flows
        )
