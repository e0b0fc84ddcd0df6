"""The workspace's lineage store, brought up to date with its event files."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from headwater.app.lineage_sources import declaring_files
from headwater.catalog.files import STORE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.catalog.model import Workspace
    from headwater.catalog.problems import Problem
    from headwater.lineage import LineageStore


RECEIVED: ContextVar[str | None] = ContextVar("received", default=None)
"""When events that are read now are received: for the log, set by who may read the clock."""


def folder_of(workspace: Workspace) -> Path:
    """Return the folder of the store and the caches, made if need be."""
    folder = workspace.root / STORE
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder


@contextmanager
def synced_store(workspace: Workspace) -> Iterator[LineageStore]:
    """Yield the store, holding what the event files say now.

    The workspace's contracts and departments tell datasets of several names apart.

    Raises:
        DocumentError: Event files are wrong; nothing of a wrong file is taken.
        StoreError: The store cannot be used.
    """
    from headwater.lineage import Keeping, open_store, sync

    described = frozenset(dataset.id for dataset in workspace.datasets.values())
    keeping = Keeping(described, workspace.department_of)
    path = folder_of(workspace) / "lineage.db"
    store = open_store(path, keeping=keeping, received=RECEIVED.get())
    try:
        problems: list[Problem] = []
        sync(
            store,
            workspace.root,
            workspace.lineage.events,
            lenient=workspace.lineage.lenient,
            declaring=declaring_files(workspace, problems),
            problems=problems,
        )
        yield store
    finally:
        store.close()
