"""The store as a state machine: any order, repetition, reopening or crash gives the same graph.

The model is a set of files and a set of emitted events. Whatever was done to the store, it must
hold what a new store holds that is given the same files and events once, in another order.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from headwater.lineage import load_graph, open_store
from headwater.lineage.reader import read_leniently

if TYPE_CHECKING:
    from headwater.lineage import LineageStore
    from headwater.lineage.model import Event

NAMES = st.sampled_from("abc")
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
"""Where syncing to disk costs nothing; whether it works is another test's question."""


def _dataset(name: str, **facets: Any) -> dict[str, Any]:
    return {"namespace": "db", "name": name, "facets": facets}


def _source(name: str) -> dict[str, str]:
    return {"namespace": "db", "name": name, "field": "n"}


FACETS = st.one_of(
    st.just({}),
    NAMES.map(lambda of: {"columnLineage": {"fields": {"x": {"inputFields": [_source(of)]}}}}),
    st.just({"columnLineage": {"_deleted": True}}),
    st.just({"schema": {"fields": [{"name": "s", "fields": [{"name": "p"}]}]}}),
    NAMES.map(
        lambda of: {"symlinks": {"identifiers": [{"namespace": "s3", "name": of, "type": "TABLE"}]}}
    ),
    NAMES.map(
        lambda of: {
            "lifecycleStateChange": {
                "lifecycleStateChange": "RENAME",
                "previousIdentifier": {"namespace": "db", "name": of},
            }
        }
    ),
    st.just({"lifecycleStateChange": {"lifecycleStateChange": "DROP"}}),
    st.just({"ownership": {"owners": [{"name": "team"}]}}),
    NAMES.map(lambda of: {"lineage": {"inputs": [_source(of) | {"type": "DATASET"}]}}),
    st.just({"lineage": {"inputs": 5}}),  # understood by nobody
)
JOB_FACETS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.builds(
        lambda job, of: {
            "lineage": {
                "entries": [
                    {"type": "JOB", "inputs": [_source(of) | {"type": "DATASET"}]},
                    {
                        "type": "DATASET",
                        "namespace": "db",
                        "name": "out",
                        "inputs": [{"type": "JOB", "namespace": "etl", "name": job}],
                    },
                ]
            }
        },
        NAMES,
        NAMES,
    ),
)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """One event of few runs, jobs, datasets and minutes, so that much of it meets."""
    run = draw(NAMES)
    parent = {"run": {"runId": draw(NAMES)}, "job": {"namespace": "etl", "name": draw(NAMES)}}
    found = {
        "eventTime": f"2026-10-01T00:0{draw(st.integers(0, 3))}:00Z",
        "eventType": draw(st.sampled_from(["START", "COMPLETE", "FAIL"])),
        "run": {"runId": run, "facets": draw(st.sampled_from([{}, {"parent": parent}]))},
        "job": {"namespace": "etl", "name": draw(NAMES), "facets": draw(JOB_FACETS)},
        "inputs": [_dataset(name) for name in draw(st.lists(NAMES, max_size=2))],
        "outputs": [_dataset(draw(st.sampled_from(["out", "a"])), **draw(FACETS))],
    }
    if draw(st.booleans()):
        del found["run"]
    return found


EMPTY = Path(tempfile.mkdtemp(prefix="headwater-", dir=MEMORY)) / "empty.db"
"""A store that holds nothing: copied, for to make one takes longer than most of what follows."""
open_store(EMPTY).close()
atexit.register(shutil.rmtree, EMPTY.parent)


def _fresh(path: Path) -> LineageStore:
    shutil.copy(EMPTY, path)
    return open_store(path)


FILES = st.sampled_from(["e.ndjson", "f.ndjson", "g.ndjson"])


class StoreMachine(RuleBasedStateMachine):
    """A store, and what it should hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="headwater-", dir=MEMORY))
        self.store: LineageStore = _fresh(self.folder / "lineage.db")
        self.files: dict[str, tuple[Event, ...]] = {}
        self.emitted: list[Event] = []
        self.logged: set[str] = set()
        self.copies = 0

    def _path(self) -> Path:
        return self.folder / f"lineage{self.copies or ''}.db"

    @rule(file=FILES, found=st.lists(events(), max_size=4))
    def record(self, file: str, found: list[dict[str, Any]]) -> None:
        """A file appears or changes."""
        data = "\n".join(map(json.dumps, found)).encode()
        read = read_leniently(data, file)
        self.store.record_file(file, _digest(data), read.events, notes=read.notes)
        self.files[file] = read.events
        self.logged.update(event.digest for event in read.events)

    @rule(found=st.lists(events(), max_size=2))
    def emit(self, found: list[dict[str, Any]]) -> None:
        """A pipeline emits."""
        read = read_leniently("\n".join(map(json.dumps, found)).encode(), "emitted.ndjson")
        self.store.record_emitted(read.events)
        self.store.record_emitted(reversed(read.events))
        self.emitted.extend(read.events)
        self.logged.update(event.digest for event in read.events)

    @rule(kept=st.sets(FILES))
    def forget(self, kept: set[str]) -> None:
        """Files vanish."""
        self.store.forget_files(kept)
        self.files = {file: found for file, found in self.files.items() if file in kept}

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def fail_midway(self, data: st.DataObject) -> None:
        """A recording fails after some events: nothing of it is there."""
        file = data.draw(st.sampled_from(sorted(self.files)))
        other = data.draw(events())
        read = read_leniently(json.dumps(other).encode(), file).events

        def failing() -> Any:
            yield from read
            raise RuntimeError("the disk is gone")

        with pytest.raises(RuntimeError):
            self.store.record_file(file, "other", failing())

    @rule()
    def reopen(self) -> None:
        """The process ends and another begins."""
        self.store.close()
        self.store = open_store(self._path())

    @rule()
    def crash(self) -> None:
        """The process is killed: only what is on disk survives, with the log of the last writes."""
        before = self._path()
        self.copies += 1
        for suffix in ("", "-wal"):
            if Path(f"{before}{suffix}").exists():
                shutil.copy(f"{before}{suffix}", f"{self._path()}{suffix}")
        self.store.close()
        self.store = open_store(self._path())

    @rule()
    def reindex(self) -> None:
        """The index is rebuilt, and was right."""
        found = self.store.reindex()
        assert found.before == found.after

    @rule(found=st.lists(events(), max_size=2), rebuild=st.booleans())
    def write_elsewhere(self, found: list[dict[str, Any]], rebuild: bool) -> None:
        """Another process records, or numbers everything anew, while this one is open."""
        read = read_leniently("\n".join(map(json.dumps, found)).encode(), "emitted.ndjson")
        other = open_store(self._path())
        other.record_emitted(read.events)
        if rebuild:
            other.reindex()
        other.close()
        self.emitted.extend(read.events)
        self.logged.update(event.digest for event in read.events)

    @rule(chance=st.randoms(use_true_random=False))
    def compare(self, chance: Any) -> None:
        """Another store, given the same in another order, holds the same."""
        path = self.folder / "other.db"
        other = _fresh(path)
        parts: list[tuple[str, tuple[Event, ...]]] = [*self.files.items()]
        parts += [("", (event,)) for event in self.emitted]
        chance.shuffle(parts)
        for file, found in parts:
            shuffled = chance.sample(found, len(found))
            if file:
                other.record_file(file, _digest(b""), shuffled)
            else:
                other.record_emitted(shuffled)
        assert other.digest() == self.store.digest()
        assert other.index_digest() == self.store.index_digest()
        one, two = load_graph(other), load_graph(self.store)
        assert one.edges == two.edges
        assert one.nodes == two.nodes
        assert one.settled.names == two.settled.names
        other.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)

    @invariant()
    def the_log_has_lost_nothing(self) -> None:
        """Every event ever acknowledged is in the log."""
        assert self.store.sequence() == len(self.logged)

    def teardown(self) -> None:
        """Compare once more, and clean up."""
        self.compare(chance=_Unshuffled())
        self.store.close()
        shutil.rmtree(self.folder)


class _Unshuffled:
    """Leaves everything as it is."""

    def shuffle(self, _: Any) -> None:
        """Leave it."""

    def sample(self, found: Any, _: int) -> Any:
        """Return it."""
        return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class _Short(StoreMachine):
    pass


class _Long(StoreMachine):
    pass


_Short.TestCase.settings = settings(max_examples=200, stateful_step_count=8, deadline=None)
_Long.TestCase.settings = settings(max_examples=2000, stateful_step_count=12, deadline=None)

TestShort = _Short.TestCase
TestLong = pytest.mark.slow(_Long.TestCase)
