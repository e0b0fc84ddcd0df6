"""The seam of the lineage store: an append-only log of events and the index folded from it.

To write another store: keep every event once by its digest, in the order recorded; keep in which
files each stands now; and answer :meth:`LineageStore.snapshot` with the fold
(:func:`headwater.lineage.fold.fold_run`) of those events alone that stand in a file or were
recorded directly. Then the same files always give the same graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from headwater.lineage.identity import EVERYTHING_ALIKE, Keeping

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from headwater.catalog.problems import Problem
    from headwater.lineage.model import Event, IndexState, Reindexed, Snapshot
    from headwater.lineage.newer import Newer
    from headwater.lineage.raw_index import RawIndex


class LineageStore(Protocol):
    """Keeps events and what they come to. Every method may raise ``StoreError``.

    Attributes:
        keeping: What tells datasets apart that events call one.
    """

    keeping: Keeping

    def files(self) -> Mapping[str, str]:
        """Return the files recorded, each with the digest of its bytes."""
        ...

    def record_file(
        self,
        file: str,
        file_digest: str,
        events: Iterable[Event],
        *,
        notes: Iterable[Problem] = (),
        received: str | None = None,
    ) -> bool:
        """Take ``events`` as all that ``file`` holds now; say whether anything was new.

        All of it or nothing of it is recorded, and durably so when this returns. ``received``
        is when, for the log; no answer depends on it.
        """
        ...

    def record_emitted(self, events: Iterable[Event], *, received: str | None = None) -> None:
        """Record events that stand in no file; they are durable when this returns."""
        ...

    def forget_files(self, except_for: Collection[str]) -> None:
        """Drop what only files other than ``except_for`` said from the index, not from the log."""
        ...

    def notes(self) -> tuple[Problem, ...]:
        """Return what lenient reading did not understand of the files that count now."""
        ...

    def sequence(self) -> int:
        """Return the number of the log's last event; 0 if it has none."""
        ...

    def generation(self) -> int:
        """Return a number that grows whenever the index may have changed."""
        ...

    def state(self) -> IndexState:
        """Return the generation, and what tells it from that of any other store."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Let everything asked within be of one moment, whoever writes meanwhile."""
        ...

    def newer(self, since: IndexState) -> Newer | None:
        """Return what an older state of the index lacks; ``None`` if that cannot be said in brief.

        It can where no run says anything of other runs' edges, and nothing is gone but edges.
        """
        ...

    def digest(self) -> str:
        """Return the SHA-256 of the digests of all events that count now, sorted.

        The same digest is the same graph, in whatever store.
        """
        ...

    def index_digest(self) -> str:
        """Return the SHA-256 of the index."""
        ...

    def reindex(self) -> Reindexed:
        """Build the index again from the log, all of it or nothing."""
        ...

    def has_event_of_run(self, run_id: str) -> bool:
        """Say whether an event of the run counts now."""
        ...

    def raw(self) -> AbstractContextManager[RawIndex]:
        """Yield the index as rows, all of one moment: what is asked within is of that moment."""
        ...

    def snapshot(self) -> Snapshot:
        """Return the index as it is."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


def open_store(
    path: Path,
    *,
    wait: float = 5.0,
    keeping: Keeping = EVERYTHING_ALIKE,
    received: str | None = None,
) -> LineageStore:
    """Return the store in the file at ``path``, made if there is none.

    Args:
        path: The file.
        wait: How many seconds to wait for another process that writes.
        keeping: What tells datasets apart that events call one.
        received: When events are received of which nothing else is said.

    Raises:
        StoreCorruptError: The file is something else, or of another version.
        StoreLockedError: Another process holds it.
        StoreError: It cannot be used.
    """
    from headwater.lineage.store_sqlite import SqliteStore

    return SqliteStore(path, wait=wait, keeping=keeping, received=received)
