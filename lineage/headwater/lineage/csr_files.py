"""How the graph in files is written: whole or not at all, and never changed afterwards."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from headwater.catalog.ids import DatasetId
from headwater.lineage.csr import FORMAT, META, NOTHING, OWNERS, folder_of_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from headwater.catalog.ids import JobId
    from headwater.lineage.graph import LogState

Arrays = dict[str, Any]


def write_arrays(
    arrays: Arrays,
    owners: Mapping[DatasetId | JobId, tuple[str, ...]],
    log: LogState,
    *,
    base: Path,
    state: dict[str, object],
    plain: bool = False,
) -> None:
    """Write a graph's arrays into the folder of ``state``; those of other states go.

    One process writes at a time, so that what another left unfinished can go too.

    Args:
        arrays: Every array by its file's name.
        owners: Who owns what.
        log: How much of the log they hold.
        base: The folder's path but for what the state adds to its name.
        state: What they were made from: who opens them asks for the same.
        plain: Whether no run says anything of other runs' edges.
    """
    folder = folder_of_state(base, state)
    new = base.with_name(f"{base.name}.new")
    base.parent.mkdir(parents=True, exist_ok=True)
    with _alone(base):
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        try:
            _write(arrays, owners, new, {"state": state, "log": asdict(log), "plain": plain})
            shutil.rmtree(folder, ignore_errors=True)
            new.rename(folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        for other in base.parent.glob(f"{base.name}-*"):
            if other != folder and not _is_later(other, state):
                shutil.rmtree(other, ignore_errors=True)  # whoever reads it has it mapped


@contextmanager
def _alone(base: Path) -> Iterator[None]:
    """Wait for the other processes that write; the system ends the wait if one dies."""
    import fcntl

    with base.with_name(f"{base.name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_later(folder: Path, state: dict[str, object]) -> bool:
    """Say whether a folder is of a later generation of what ``state`` is of."""
    found = state_of(folder)
    if found is None or found.get("key") != state.get("key"):
        return False
    number, own = found.get("generation"), state.get("generation")
    return isinstance(number, int) and isinstance(own, int) and number > own


def state_of(folder: Path) -> dict[str, object] | None:
    """Return the state that the graph in a folder is of, or ``None`` if it cannot be read."""
    try:
        meta = json.loads((folder / META).read_text(encoding="utf-8"))
        state = meta["state"] if meta["format"] == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return state if isinstance(state, dict) else None


def _write(
    arrays: Arrays,
    owners: Mapping[DatasetId | JobId, tuple[str, ...]],
    folder: Path,
    said: dict[str, object],
) -> None:
    import numpy as np

    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    rows = [
        [dataset.namespace, dataset.name, ", ".join(names)]
        for dataset, names in owners.items()
        if isinstance(dataset, DatasetId)
    ]
    (folder / OWNERS).write_text(json.dumps(rows), encoding="utf-8")
    meta = {
        "format": FORMAT,
        **said,
        "kinds": np.unique(arrays["out_flags"]).tolist(),
        "sizes": {path.name: path.stat().st_size for path in sorted(folder.iterdir())},
    }
    with (folder / META).open("w", encoding="utf-8") as out:
        out.write(json.dumps(meta))
        out.flush()
        os.fsync(out.fileno())


class Texts:
    """Texts, each kept once, numbered as they come."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._groups: dict[tuple[str, ...], int] = {}

    def number(self, text: str | None) -> int:
        """Return the number of a text, or of nothing."""
        if text is None:
            return NOTHING
        return self.numbers.setdefault(text, len(self.numbers))

    def all_of(self, texts: tuple[str, ...]) -> int:
        """Return the number of several texts together."""
        found = self._groups.get(texts)
        if found is None:
            found = self._groups[texts] = self.number(json.dumps(texts))
        return found


def as_bytes(text: str) -> bytes:
    """Return a text's bytes; every text has some."""
    return text.encode("utf-8", "surrogatepass")


def blob(name: str, texts: Iterable[str], *, before: bytes = b"") -> Arrays:
    """Return texts as one run of bytes, and where each begins (after ``before``)."""
    import numpy as np

    parts = [as_bytes(text) for text in texts]
    starts = np.zeros(len(parts) + 1, np.int64)
    lengths = np.fromiter((len(part) + len(before) for part in parts), np.int64, len(parts))
    np.cumsum(lengths, out=starts[1:])
    whole = b"".join(before + part for part in parts) + before
    return {
        f"{name}_bytes": np.frombuffer(whole, np.uint8),
        f"{name}_start": starts + len(before),
    }


def name_arrays(
    datasets: list[DatasetId], first: list[int], others: Mapping[DatasetId, DatasetId]
) -> Arrays:
    """Return the arrays of datasets and of their other names.

    Args:
        datasets: All of them, sorted.
        first: The node of each, and the number of nodes.
        others: The name to use for each other name.
    """
    import numpy as np

    pairs = sorted(others.items())
    entries = [*datasets, *(other for other, _ in pairs)]
    places = {dataset: number for number, dataset in enumerate(datasets)} if pairs else {}
    uses = [*range(len(datasets)), *(places.get(used, NOTHING) for _, used in pairs)]
    return {
        **blob("dataset", [str(entry) for entry in entries], before=b"\xff"),
        "dataset_split": np.array([len(as_bytes(e.namespace)) for e in entries], np.int32),
        "dataset_used": np.array(uses, np.int32),
        "dataset_node": np.array(first, np.int32),
        "node_dataset": np.repeat(np.arange(len(datasets), dtype=np.int32), np.diff(first)),
    }
