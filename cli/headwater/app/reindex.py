"""Use case: build the index of the lineage store again from its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app.store import synced_store

if TYPE_CHECKING:
    from headwater.catalog.model import Workspace
    from headwater.lineage import Reindexed


def reindex(workspace: Workspace) -> Reindexed:
    """Return what rebuilding the index came to; the index was wrong where it differs.

    Raises:
        DocumentError: Event files are wrong.
        StoreError: The store cannot be used.
    """
    with synced_store(workspace) as store:
        return store.reindex()
