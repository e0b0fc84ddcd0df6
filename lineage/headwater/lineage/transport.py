"""A transport of openlineage-python that writes straight into a workspace's store.

In ``openlineage.yml``, or in the same form to ``OpenLineageClient(config=…)``::

    transport:
      type: headwater.lineage.transport.HeadwaterTransport
      path: /srv/sharing        # the workspace, or a file ending in .db
      wait: 30                  # seconds to wait for another process that writes

``emit`` returns once the event is on disk. An event that cannot be recorded raises; none is ever
dropped. This module is imported by openlineage-python alone: it is the edge of another process,
so it reads the clock itself, for when the log received an event. No answer depends on that.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from openlineage.client.serde import Serde
from openlineage.client.transport import Config, Transport

from headwater.catalog.errors import InputError
from headwater.catalog.files import STORE, find_root
from headwater.lineage.reader import read_bytes
from headwater.lineage.store import open_store

WAIT = 30.0


class HeadwaterConfig(Config):  # type: ignore[misc]
    """Where to write, and how long to wait for other writers."""

    def __init__(self, path: str, wait: float = WAIT) -> None:
        self.path = path
        self.wait = wait

    @classmethod
    def from_dict(cls, params: dict[str, Any]) -> HeadwaterConfig:
        """Return the configuration in ``params``.

        Raises:
            InputError: ``path`` is missing, or a value is none that can be used.
        """
        path = params.get("path")
        if not isinstance(path, str) or not path:
            raise InputError.of("transport-setting", key="path")
        wait = params.get("wait", WAIT)
        try:
            seconds = float(wait)
        except (TypeError, ValueError):
            seconds = -1.0
        if not 0 <= seconds <= 3600:
            raise InputError.of("transport-setting", key="wait")
        return cls(path, seconds)


class HeadwaterTransport(Transport):  # type: ignore[misc]
    """Records every event in the store, durably, before it returns."""

    kind = "headwater"
    config_class = HeadwaterConfig

    def __init__(self, config: HeadwaterConfig) -> None:
        self._file = store_file(Path(config.path))
        self._wait = config.wait

    def emit(self, event: Any) -> None:
        """Record ``event``; it is on disk when this returns.

        The store is opened for each event: a connection kept open would not survive a fork, nor
        serve another thread.

        Raises:
            DocumentError: It is not an event that is read.
            StoreLockedError: Another process has been writing for too long.
            StoreError: The store cannot be used.
        """
        events = read_bytes(Serde.to_json(event).encode(), "emitted.json")
        store = open_store(self._file, wait=self._wait)
        try:
            store.record_emitted(events, received=_now())
        finally:
            store.close()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat().replace("+00:00", "Z")


def store_file(path: Path) -> Path:
    """Return the file of the store at ``path``: itself, or that of the workspace it lies in.

    Raises:
        InputError: It is neither a file ending in ``.db`` nor in a workspace.
    """
    if path.suffix == ".db":
        return path
    folder = find_root(path) / STORE
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder / "lineage.db"
