"""A store, and events to record in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from headwater.lineage import LineageStore, open_store
from headwater.lineage.reader import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.lineage.model import Event


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".headwater" / "lineage.db"


@pytest.fixture
def store(path: Path) -> Iterator[LineageStore]:
    opened = open_store(path)
    yield opened
    opened.close()


def events(file: str, *runs: str, source: str = "a", minute: int = 1) -> tuple[Event, ...]:
    lines = [
        {
            "eventTime": f"2026-10-01T00:{minute:02}:00Z",
            "run": {"runId": run},
            "job": {"namespace": "etl", "name": "load"},
            "inputs": [{"namespace": "db", "name": source}],
            "outputs": [{"namespace": "db", "name": "b"}],
        }
        for run in runs
    ]
    return read_bytes("\n".join(json.dumps(line) for line in lines).encode(), file)
