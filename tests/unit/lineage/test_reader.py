"""Event files: what is read, and what is refused where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.catalog.errors import DocumentError
from headwater.catalog.problem_texts_lineage import LINEAGE as TEXTS
from headwater.catalog.text import Text
from headwater.lineage import event_text, reader
from headwater.lineage.reader import read_bytes, read_file, read_leniently
from headwater.lineage.times import moment, shown

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.problems import Problem


def event(**changes: Any) -> dict[str, Any]:
    """A complete event with parts replaced."""
    return {
        "eventTime": "2026-10-01T01:05:00Z",
        "eventType": "COMPLETE",
        "run": {"runId": "r1", "facets": {}},
        "job": {"namespace": "etl", "name": "load", "facets": {}},
        "inputs": [{"namespace": "db", "name": "a"}],
        "outputs": [{"namespace": "db", "name": "b"}],
    } | changes


def output(**facets: Any) -> dict[str, Any]:
    return event(outputs=[{"namespace": "db", "name": "b", "facets": facets}])


def line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"


def problem(data: bytes, file: str = "e.ndjson") -> list[tuple[str, int, int]]:
    with pytest.raises(DocumentError) as caught:
        read_bytes(data, file)
    return [
        (found.code, found.position.line, found.position.column)
        for found in caught.value.problems
        if found.position
    ]


def test_lines_are_events_and_blank_lines_are_skipped() -> None:
    found = read_bytes(
        b"\n" + line(event()) + b"  \r\n" + line(event(run={"runId": "r2"})), "e.ndjson"
    )
    assert [(each.run, each.position.line) for each in found] == [("run:r1", 2), ("run:r2", 4)]


def test_a_json_file_holds_one_event_on_many_lines_or_an_array() -> None:
    pretty = "\n" + json.dumps(event(), indent=1)
    assert [each.position.line for each in read_bytes(pretty.encode(), "e.json")] == [2]
    many = json.dumps([event(), event(run={"runId": "r2"})], indent=0).encode()
    lines = [each.position.line for each in read_bytes(many, "e.json")]
    assert lines[0] == 2
    assert many.splitlines()[lines[1] - 1] == b"{"
    assert read_bytes(b"[]", "e.json") == ()


def test_the_digest_does_not_depend_on_layout_or_key_order() -> None:
    turned = dict(reversed(event().items()))
    assert read_bytes(line(event()), "a.ndjson")[0].digest == (
        read_bytes(json.dumps(turned, indent=4).encode(), "b.json")[0].digest
    )


def test_nothing_of_an_event_is_lost() -> None:
    given = event(unheard={"of": [1, 2.5, None, "户籍"]})
    assert json.loads(read_bytes(line(given), "e.ndjson")[0].body) == given


def test_all_three_event_types_are_read() -> None:
    job_event = {key: value for key, value in event().items() if key != "run"}
    dataset_event = {
        "eventTime": "2026-10-01T01:05:00Z",
        "dataset": {"namespace": "d", "name": "v"},
    }
    found = read_bytes(line(job_event) + line(dataset_event), "e.ndjson")
    assert [each.run for each in found] == ['job:["etl", "load"]', 'dataset:["d", "v"]']


def test_a_byte_order_mark_is_no_part_of_the_first_event() -> None:
    assert len(read_bytes(b"\xef\xbb\xbf" + line(event()), "e.ndjson")) == 1


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (b"{", "event-syntax"),
        (b'{"a": NaN}', "event-syntax"),
        (b'{"a": 1e999}', "event-syntax"),
        (b'{"a": "\\ud800"}', "event-syntax"),
        (b'{"a": ' + b"9" * 5000 + b"}", "event-syntax"),
        (line(event()).strip() + b" {}", "event-syntax"),
        (b'{"run": {}, "run": {}}', "event-duplicate-key"),
        (b'{"a": "\xff"}', "encoding"),
        (b"\xff\xfe{\x00}\x00", "encoding"),
        (b"[1]", "event-shape"),
        (b"[" * 100_000, "event-deep"),
        (line(event(deep=json.loads("[" * 70 + "]" * 70))), "event-deep"),
        (line(event(large="x" * event_text.MAX_EVENT)), "event-too-large"),
        (line(event(eventTime=None)), "event-shape"),
        (line(event(eventTime=5)), "event-shape"),
        (line(event(eventTime="2026-10-01T01:05:00")), "event-time"),
        (line(event(eventTime="yesterday")), "event-time"),
        (line(event(eventTime="2026-02-30T01:05:00Z")), "event-time"),
        (line(event(job={"namespace": "etl"})), "event-shape"),
        (line(event(job={"name": "load"})), "event-shape"),
        (line(event(job={"namespace": "", "name": "load"})), "event-shape"),
        (line(event(job={"namespace": "etl", "name": "a\0b"})), "event-shape"),
        (line(event(run={"runId": ""})), "event-shape"),
        (line(event(run={})), "event-shape"),
        (line(event(job=None)), "event-kind"),
        (line(event(job=None, run=None)), "event-kind"),
        (line(event(run=None, dataset={"namespace": "d", "name": "v"})), "event-kind"),
        (line(event(dataset={"namespace": "d", "name": "v"})), "event-kind"),
        (line(event(job=None, dataset={"namespace": "d", "name": "v"})), "event-kind"),
        (line(event(inputs={})), "event-shape"),
        (line(event(inputs=[{"namespace": "d", "name": 5}])), "event-shape"),
        (line(event(job={"namespace": "e", "name": "l", "facets": []})), "event-shape"),
        (line(event(run={"runId": "r", "facets": {"x": 1}})), "event-facet"),
        (line(event(run={"runId": "r", "facets": {"x": None}})), "event-facet"),
        (line(output(columnLineage={})), "event-facet"),
        (line(output(columnLineage={"fields": []})), "event-facet"),
        (line(output(columnLineage={"fields": {"c": {}}})), "event-facet"),
        (line(output(columnLineage={"fields": {"": {"inputFields": []}}})), "event-facet"),
        (
            line(output(columnLineage={"fields": {"c": {"inputFields": [{"name": "a"}]}}})),
            "event-facet",
        ),
        (line(output(schema={"fields": [{"type": "int"}]})), "event-facet"),
        (line(output(lineage={"inputs": {}})), "event-facet"),
        (line(output(lineage={"inputs": [{"type": "TABLE"}]})), "event-facet"),
        (line(output(lineage={"inputs": [{"type": "JOB", "name": "half"}]})), "event-facet"),
        (line(output(symlinks={"identifiers": [{"name": "half"}]})), "event-facet"),
        (line(output(lifecycleStateChange={})), "event-facet"),
        (line(event(run={"runId": "r", "facets": {"parent": {"run": {}}}})), "event-facet"),
        (
            line(event(job={"namespace": "e", "name": "l", "facets": {"tags": {"tags": {}}}})),
            "event-facet",
        ),
        (
            line(
                event(
                    job={
                        "namespace": "e",
                        "name": "l",
                        "facets": {"tags": {"tags": [{"key": "purpose", "value": 5}]}},
                    }
                )
            ),
            "event-facet",
        ),
    ],
)
def test_a_broken_event_is_refused_at_its_line(broken: bytes, code: str) -> None:
    data = line(event()) + broken.strip() + b"\n"
    assert [(found, at) for found, at, _ in problem(data)] == [(code, 2)]


@pytest.mark.parametrize("over", [False, True])
def test_depth_is_counted_to_the_level(over: bool) -> None:
    levels = event_text.MAX_DEPTH - 1 + over  # the event itself is one
    data = line(event(deep=json.loads("[" * levels + "]" * levels)))
    assert (problem(data) == [("event-deep", 1, 1)]) if over else len(read_bytes(data, "e.ndjson"))


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=20,
    ),
    st.sampled_from([None, (",", ":")]),
    st.booleans(),
)
def test_any_layout_of_an_event_is_the_same_event(value: Any, between: Any, plain: bool) -> None:
    """Whether it is read quickly or carefully makes no difference."""
    given = event(more=value)
    data = json.dumps(given, separators=between, ensure_ascii=plain).encode("utf-8", "replace")
    document = json.dumps(given, indent=1).encode()
    try:
        (one,) = read_bytes(data, "e.ndjson")
        (two,) = read_bytes(document, "e.json")
    except DocumentError as error:
        assert {found.code for found in error.problems} <= {"event-syntax"}
        return
    assert json.loads(one.body) == given
    assert (one.digest, one.body, one.moment) == (two.digest, two.body, two.moment)


def test_all_problems_of_a_file_are_reported_with_line_and_column() -> None:
    data = b'{"a": \n' + line(event()) + b'{"a": "\xff"}\n' + line(event(run={}))
    assert problem(data) == [("event-syntax", 1, 7), ("encoding", 3, 8), ("event-shape", 4, 1)]


def test_problems_of_a_document_are_placed_in_it() -> None:
    many = json.dumps([event(), event(run={})], indent=1).encode()
    (found,) = problem(many, "e.json")
    assert found[0] == "event-shape"
    assert many.splitlines()[found[1] - 1] == b" {"
    assert problem(b'{\n "a": tru\n}', "e.json") == [("event-syntax", 2, 7)]
    assert problem(b"[{},\n]", "e.json")[-1] == ("event-syntax", 2, 1)
    assert problem(b"[1 2]", "e.json")[-1] == ("event-syntax", 1, 4)
    assert problem(b"", "e.json") == [("event-syntax", 1, 1)]
    assert problem(line(event()) + line(event()), "e.json") == [("event-syntax", 2, 1)]


def test_endless_problems_are_counted_not_listed() -> None:
    found = problem(b"{\n" * 1000)
    assert len(found) == reader.MAX_PROBLEMS + 1
    assert found[-1][0] == "event-problems"


def test_a_file_too_large_or_unreadable_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "e.ndjson"
    path.write_bytes(line(event()))
    assert len(read_file(path, "e.ndjson")) == 1
    monkeypatch.setattr(reader, "MAX_FILE", 10)
    with pytest.raises(DocumentError) as caught:
        read_file(path, "e.ndjson")
    assert caught.value.problems[0].code == "file-too-large"
    with pytest.raises(DocumentError) as caught:
        read_file(tmp_path, "e.ndjson")
    assert caught.value.problems[0].code == "file-unreadable"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-01T01:05:00Z", "2026-10-01T01:05:00Z"),
        ("2026-10-01T01:05:00.120Z", "2026-10-01T01:05:00.12Z"),
        ("2026-10-01T01:05:00.123456789+00:00", "2026-10-01T01:05:00.123456789Z"),
        ("2026-10-01T01:05:00+08:00", "2026-09-30T17:05:00Z"),
        ("2026-10-01T01:05-0330", "2026-10-01T04:35:00Z"),
        ("2026-10-01T01:05:00", None),
        ("2026-10-01", None),
        ("2026-10-01T25:05:00Z", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("2026-10-01T01:05:00+99:00", None),
        ("\uff12026-10-01T01:05:00Z", None),
        ("2026-10-01T01:05:00Z\n", None),
    ],
)
def test_times_need_a_zone_and_become_utc(text: str, expected: str | None) -> None:
    found = moment(text)
    assert (shown(found) if found else None) == expected


def test_moments_sort_by_time() -> None:
    times = ["2026-10-01T01:05:00Z", "2026-10-01T01:05:00.000000001Z", "2026-10-01T01:05:01Z"]
    assert sorted(times, key=lambda time: moment(time) or "") == times


def real_files(corpus: Path) -> list[Path]:
    """Every file of real events; `spec` holds single facets, the manifest is no event."""
    found = (corpus / "openlineage").rglob("*.json")
    return sorted(
        path for path in found if "spec" not in path.parts and path.name != "MANIFEST.json"
    )


def test_every_real_event_is_read_or_refused_with_a_reason(corpus: Path) -> None:
    """Refused are templates with placeholders, and events without a run id, name or zone."""
    read = 0
    refused: list[Problem] = []
    for path in real_files(corpus):
        try:
            read += len(read_file(path, path.name))
        except DocumentError as error:
            refused.extend(error.problems)
    assert all(found.position for found in refused)
    assert {found.code for found in refused} == {"event-shape", "event-time", "event-facet"}
    assert (read, len(refused)) == (465, 208)


TEMPLATES_WITHOUT_A_JOB = {
    "applicationLevelCompleteJob.json",
    "applicationLevelStartJob.json",
    "expected_kafka_topic_pattern.json",
    "pysparkDeltaSaveAsTableComplete.json",
    "pysparkMetricsEnd.json",
    "pysparkWordCountWithCliArgsCompleteEvent.json",
    "pysparkWordCountWithCliArgsRunningEvent.json",
    "pysparkWordCountWithCliArgsStartEvent.json",
}
"""Expected-event templates that name no job: there is nothing that could be said of them."""


def test_every_real_event_is_read_leniently_but_templates_without_a_job(corpus: Path) -> None:
    read = 0
    unread: set[str] = set()
    for path in real_files(corpus):
        found = read_leniently(path.read_bytes(), path.name)
        read += len(found.events)
        given = json.loads(path.read_bytes()) if path.suffix == ".json" else None
        count = len(given) if isinstance(given, list) else 1
        if len(found.events) != count:
            unread.add(path.name)
        # Each event's own bytes are kept, whatever was understood of it.
        kept = [json.loads(each.raw) for each in found.events]
        assert all(each in (given if isinstance(given, list) else [given]) for each in kept)
        assert all(
            each.partial is (json.loads(each.body) != json.loads(each.raw)) for each in found.events
        )
    assert unread == TEMPLATES_WITHOUT_A_JOB
    assert read == 668


def test_lenient_reading_takes_whole_events_as_they_are() -> None:
    found = read_leniently(line(event()), "e.ndjson")
    assert found.notes == ()
    assert found.events == read_bytes(line(event()), "e.ndjson")


@pytest.mark.parametrize(
    ("changes", "code", "lost"),
    [
        ({"eventTime": "2026-10-01T01:05:00"}, "event-time", "eventTime"),
        ({"eventTime": "(( any ))"}, "event-time", "eventTime"),
        ({"eventType": 5}, "event-shape", "eventType"),
        ({"run": {"facets": {}}}, "event-shape", "run"),
        ({"run": 7}, "event-shape", "run"),
        ({"inputs": {}}, "event-shape", "inputs"),
        ({"inputs": [{"name": "a"}]}, "event-shape", "inputs"),
        ({"outputs": [{"namespace": "d", "name": "b", "facets": []}]}, "event-shape", "outputs"),
        ({"run": {"runId": "r1", "facets": {"x": 1}}}, "event-facet", "run"),
        ({"dataset": {"namespace": "d", "name": "v"}}, "event-kind", "dataset"),
        (output(columnLineage={"fields": []}), "event-facet", "outputs"),
        (output(lineage={"inputs": 5}), "event-facet", "outputs"),
    ],
)
def test_lenient_reading_leaves_out_a_part_and_notes_it(
    changes: dict[str, Any], code: str, lost: str
) -> None:
    given = event(**changes)
    found = read_leniently(b"\n" + line(given), "e.ndjson")
    assert [(note.code, note.position.line) for note in found.notes if note.position] == [(code, 2)]
    (read,) = found.events
    assert read.partial
    assert json.loads(read.raw) == given
    body = json.loads(read.body)
    assert {key for key in given if body.get(key) != given[key]} == {lost}


def test_runs_without_an_id_stay_apart() -> None:
    data = line(event(run={})) + line(event(run={}, eventType="START"))
    first, second = read_leniently(data, "e.ndjson").events
    assert first.run != second.run


@pytest.mark.parametrize("broken", [b"{", b"[1]", b"7", b'{"a": NaN}', b'{"job": {}}', b"{}"])
def test_lenient_reading_notes_what_is_no_event(broken: bytes) -> None:
    found = read_leniently(
        line(event()) + broken + b"\n" + line(event(run={"runId": "r2"})), "e.nd"
    )
    assert [each.run for each in found.events] == ["run:r1", "run:r2"]
    assert [note.position.line for note in found.notes if note.position] == [2]


def test_the_own_bytes_of_each_event_are_kept() -> None:
    pretty = json.dumps(event(large=1e3), indent=2).replace("1000.0", "1.0e+03").encode()
    (one,) = read_bytes(b" " + pretty + b"\n", "e.json")
    assert one.raw == pretty
    (two,) = read_bytes(b"[ " + pretty + b" ]", "e.json")
    assert two.raw == pretty
    (three,) = read_bytes(b"\xef\xbb\xbf  " + line(event()).strip() + b"\t\r\n", "e.ndjson")
    assert three.raw == line(event()).strip()
    assert one.digest == two.digest


def test_every_text_says_the_same_in_both_languages() -> None:
    for code, (message, hint) in TEXTS.items():
        for text in (message, *([hint] if hint else [])):
            blanks = text.blanks()
            assert blanks == Text(text.en, text.en).blanks() == Text(text.zh, text.zh).blanks(), (
                code
            )
