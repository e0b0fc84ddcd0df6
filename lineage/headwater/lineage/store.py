"""The seam of the lineage store: an append-only log of events and the index folded from it.

To write another store: keep every event once by its digest, in the order recorded; keep in which
files each stands now; and answer :meth:`LineageStore.snapshot` with the fold
(:func:`headwater.lineage.fold.fold_run`) of those events alone that stand in a file or were
recorded directly. Then the same files always give the same graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from headwater.lineage.model import Event, Snapshot


class LineageStore(Protocol):
    """Keeps events and what they come to. Every method may raise ``StoreError``."""

    def files(self) -> Mapping[str, str]:
        """Return the files recorded, each with the digest of its bytes."""
        ...

    def record_file(self, file: str, file_digest: str, events: Iterable[Event]) -> bool:
        """Take ``events`` as all that ``file`` holds now; say whether anything was new.

        All of it or nothing of it is recorded.
        """
        ...

    def record_emitted(self, events: Iterable[Event]) -> None:
        """Record events that stand in no file."""
        ...

    def forget_files(self, except_for: Collection[str]) -> None:
        """Drop what only files other than ``except_for`` said from the index, not from the log."""
        ...

    def has_event_of_run(self, run_id: str) -> bool:
        """Say whether an event of the run counts now."""
        ...

    def snapshot(self) -> Snapshot:
        """Return the index as it is."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


def open_store(path: Path, *, wait: float = 5.0) -> LineageStore:
    """Return the store in the file at ``path``, made if there is none.

    Args:
        path: The file.
        wait: How many seconds to wait for another process that writes.

    Raises:
        StoreCorruptError: The file is something else, or of another version.
        StoreLockedError: Another process holds it.
        StoreError: It cannot be used.
    """
    from headwater.lineage.store_sqlite import SqliteStore

    return SqliteStore(path, wait=wait)
