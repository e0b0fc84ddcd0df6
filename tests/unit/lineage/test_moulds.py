"""What repeats earlier events is read and kept as if nothing had been known of it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headwater.catalog.errors import DocumentError, StoreCorruptError
from headwater.lineage import load_graph, open_store, reader
from headwater.lineage.moulds import Moulds, cut, filled
from headwater.lineage.reader import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.lineage.model import Event

PLAIN = st.text("abcXYZ019_.:+-", min_size=1, max_size=9)
HOSTILE = st.one_of(
    PLAIN,
    st.text(max_size=6),
    st.sampled_from(
        ['"runId":"x"', '\\"runId\\": "', 'x", "runId": "y', '"eventTime"', "\\", "", "\x00", "\n"]
    ),
)
TIME = st.sampled_from(
    ["2026-10-01T00:00:00Z", "2026-10-02T01:02:03.5+08:00", "2026-13-01T00:00:00Z", "now", "1"]
)


def document(run: str, time: str = "2026-10-01T00:00:00Z", **more: Any) -> dict[str, Any]:
    return {
        "eventTime": time,
        "eventType": "COMPLETE",
        "run": {"runId": run, "facets": {}},
        "job": {"namespace": "etl", "name": "load"},
        "inputs": [{"namespace": "db", "name": "a"}],
        "outputs": [{"namespace": "db", "name": "b"}],
        **more,
    }


def line(found: dict[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogatepass")


@pytest.fixture
def moulds(monkeypatch: pytest.MonkeyPatch) -> Moulds:
    found = Moulds()
    monkeypatch.setattr(reader, "_MOULDS", found)
    return found


def read(data: bytes) -> Any:
    try:
        (event,) = read_bytes(data, "e.ndjson")
    except DocumentError as error:
        return [str(problem) for problem in error.problems]
    return (event.digest, event.body, event.raw, event.event_time, event.moment, event.run)


@st.composite
def texts(draw: st.DrawFn) -> tuple[bytes, bytes, bytes]:
    """Three texts of one form, with words of any kind in places of any kind."""
    more = draw(
        st.dictionaries(
            st.sampled_from(["runId", "eventTime", "x", 'a"runId', "parent"]),
            st.one_of(HOSTILE, st.just({"runId": "r", "z": ["runId"]})),
            max_size=2,
        )
    )
    where = draw(st.sampled_from(["top", "run", "job", "output"]))

    def made() -> bytes:
        found = document(draw(HOSTILE), draw(TIME))
        inner = {"top": found, "run": found["run"]["facets"]}.get(where)
        if inner is None:
            inner = found["job"] if where == "job" else found["outputs"][0]
        inner.update({"extra": {**more, "runId": draw(HOSTILE)}})
        return line(found)

    return made(), made(), made()


@settings(max_examples=400, deadline=None)
@given(texts(), PLAIN, PLAIN)
@example((line(document("a")), line(document("b")), line(document("c", "now"))), "r", "s")
def test_a_text_reads_the_same_whatever_was_read_before(
    three: tuple[bytes, bytes, bytes], one: str, two: str
) -> None:
    before = [line(document(one)), line(document(two)), line(document(one, "2026-01-01T00:00Z"))]
    found = Moulds()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_MOULDS", found)
        known = [read(text) for text in (*before, *three, *three, *three)]
        patch.setattr(found, "cast", lambda _: None)
        fresh = [read(text) for text in (*before, *three, *three, *three)]
    assert known == fresh


def events(*runs: str, **more: Any) -> tuple[Event, ...]:
    return read_bytes(b"\n".join(line(document(run, **more)) for run in runs), "e.ndjson")


@pytest.mark.usefixtures("moulds")
def test_the_third_of_its_kind_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    first = events("r1", "r2")
    monkeypatch.setattr(reader, "_event", None)
    (third,) = events("r3")
    assert [event.cast is not None for event in (*first, third)] == [False, False, True]
    assert third.raw == third.cast.raw() == line(document("r3")) if third.cast else False


@pytest.mark.usefixtures("moulds")
@pytest.mark.parametrize(
    ("place", "facet"),
    [("job", {"runId": "inside"}), ("run", {"runId": "ü"}), ("run", {"runId": 5})],
    ids=["a word in the job", "a word that is not plain", "a word that is no text"],
)
def test_what_cannot_have_a_mould_is_read_with_care_each_time(
    place: str, facet: dict[str, Any]
) -> None:
    found = document("r")
    found[place]["facets"] = {"x": facet}
    assert [read_bytes(line(found), "e.ndjson")[0].cast for _ in range(4)] == [None] * 4


@pytest.mark.usefixtures("moulds")
def test_the_log_keeps_every_byte_of_what_repeats(tmp_path: Path) -> None:
    path = tmp_path / "lineage.db"
    store = open_store(path)
    runs = [f"r{number}" for number in range(6)]
    store.record_emitted(events(*runs[:4]))
    store.close()
    store = open_store(path)  # the numbers of moulds are found again
    store.record_emitted(events(*runs[4:]))
    found = store.reindex()
    assert found.before == found.after
    assert load_graph(store).edges[0].runs == tuple(runs)
    store.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM mould").fetchone() == (1,)
        rows = db.execute(
            "SELECT raw, parts FROM event LEFT JOIN mould ON mould.id = mould ORDER BY seq"
        ).fetchall()
    kept = [
        filled(tuple(parts.split(b"\n")), tuple(raw.split(b"\n"))) if parts else raw
        for raw, parts in rows
    ]
    assert kept == [line(document(run)) for run in runs]
    assert [parts is None for _, parts in rows] == [True, True, False, False, False, False]


@pytest.mark.usefixtures("moulds")
@pytest.mark.parametrize("spoil", ["DELETE FROM mould", "UPDATE event SET raw = x'78'"])
def test_words_that_do_not_fit_their_mould_are_corruption(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "lineage.db"
    store = open_store(path)
    store.record_emitted(events("r1", "r2", "r3"))
    store.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(spoil)
    store = open_store(path)
    with pytest.raises(StoreCorruptError):
        store.reindex()
    store.close()


def test_so_many_moulds_are_remembered_and_no_more(
    moulds: Moulds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headwater.lineage.moulds.REMEMBERED", 2)
    for name in "abcd":
        for run in ("r1", "r2"):
            events(run, producer=name)
    remembered = [bool(moulds.cast(line(document("r3", producer=name)))) for name in "abcd"]
    assert remembered == [False, False, True, True]


def test_a_text_is_cut_at_its_time_and_its_run_ids() -> None:
    text = line(document("r1"))
    found = cut(text)
    assert found is not None
    assert found[1] == (b"2026-10-01T00:00:00Z", b"r1")
    assert filled(*found) == text
    assert cut(b"{}") is None
    assert cut(line(document('r"1'))) is None
