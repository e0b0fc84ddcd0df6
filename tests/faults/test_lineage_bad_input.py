"""Bad event files from the command line: said clearly, nothing lost, and the store still opens."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "headwater.cli.main"]
MARKER = """\
kind: workspace
id: bad
namespaces: [{namespace: "*", department: health}]
lineage: {events: "lineage/*", reading: MODE}
"""
DEPARTMENTS = """\
kind: departments
departments: [{id: health, name: Health, level: city, region: "330100", clearance: core}]
"""


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "eventTime": "2026-10-01T01:05:00Z",
        "run": {"runId": f"r{number}"},
        "job": {"namespace": "etl", "name": f"job-{number}"},
        "inputs": [{"namespace": "db", "name": "start"}],
        "outputs": [{"namespace": "db", "name": f"made-{number}"}],
        **more,
    }


def line(*events: Any) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)


def deep(levels: int) -> Any:
    found: Any = {}
    for _ in range(levels):
        found = {"a": found}
    return found


GOOD = line(event(1))
BAD: dict[str, tuple[bytes, str]] = {
    "truncated": (line(event(2))[:-9], "this is not JSON"),
    "deep": (line(event(2, x=deep(70))), "nested deeper than 64"),
    "deeper than any parser goes": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested deeper"),
    "huge": (line(event(2, x="y" * 2**20)), "larger than 1048576 bytes"),
    "NaN": (line(event(2)).replace(b'"etl"', b"NaN"), "NaN is no JSON value"),
    "infinite": (line(event(2)).replace(b'"etl"', b"1e999"), "a number out of range"),
    "duplicate keys": (b'{"eventTime": 1, ' + line(event(2))[1:], "`eventTime` stands twice"),
    "lone surrogate": (line(event(2, x="\ud800")), "half of a surrogate pair"),
    "UTF-16": (line(event(2)).decode().encode("utf-16"), "UTF-8"),
    "GBK": (json.dumps(event(2, x="户籍"), ensure_ascii=False).encode("gbk"), "UTF-8"),
    "NUL in a name": (line(event(2)).replace(b"made-2", b"ma\\u0000de"), "matching regex"),
    "gzip bomb": (gzip.compress(b" " * 50_000_000), "UTF-8"),
    "not an object": (b"[1, 2]\n", "it is not an object"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "d.yaml").write_text(DEPARTMENTS, encoding="utf-8")
    (tmp_path / "lineage").mkdir()
    (tmp_path / "lineage/a.ndjson").write_bytes(GOOD)
    mode(tmp_path, "strict")
    return tmp_path


def mode(root: Path, name: str) -> None:
    (root / "headwater.yaml").write_text(MARKER.replace("MODE", name), encoding="utf-8")


def headwater(root: Path, *words: str, **given: Any) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    return subprocess.run(
        [*COMMAND, *words], cwd=root, env=env, capture_output=True, text=True, check=False, **given
    )


def made(root: Path) -> set[str]:
    done = headwater(root, "lineage", "downstream", "start", "--format", "json")
    assert done.returncode == 0, done.stderr
    return {node["name"] for node in json.loads(done.stdout)["nodes"]}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_noted_and_harms_nothing(root: Path, name: str) -> None:
    data, said = BAD[name]
    (root / "lineage/b.ndjson").write_bytes(data)
    strict = headwater(root, "lineage", "downstream", "start")
    assert (strict.returncode, strict.stdout) == (2, "")
    assert "lineage/b.ndjson:1:" in strict.stderr
    assert said in strict.stderr
    assert "Traceback" not in strict.stderr
    mode(root, "lenient")
    assert made(root) >= {"made-1"}
    report = headwater(root, "check", ".", "--format", "json")
    assert report.returncode == 2  # nothing to judge here
    doctor = headwater(root, "lineage", "doctor", "--as-of", "2026-10-02", "--format", "json")
    notes = [s for s in json.loads(doctor.stdout)["symptoms"] if s["complaint"] == "not-understood"]
    assert notes
    assert all(note["location"]["file"] == "lineage/b.ndjson" for note in notes)
    (root / "lineage/b.ndjson").unlink()
    mode(root, "strict")
    assert made(root) == {"made-1"}


@pytest.mark.parametrize("name", ["truncated", "deep", "NaN"])
def test_a_broken_line_takes_no_other_with_it_in_lenient_reading(root: Path, name: str) -> None:
    broken = BAD[name][0].strip() + b"\n"
    (root / "lineage/b.ndjson").write_bytes(line(event(3)) + broken + line(event(4)))
    mode(root, "lenient")
    assert made(root) >= {"made-1", "made-3", "made-4"}


def test_a_link_out_of_the_workspace_is_refused(root: Path, tmp_path_factory: Any) -> None:
    outside = tmp_path_factory.mktemp("outside") / "e.ndjson"
    outside.write_bytes(line(event(9)))
    (root / "lineage/z.ndjson").symlink_to(outside)
    for reading in ("strict", "lenient"):
        mode(root, reading)
        done = headwater(root, "lineage", "downstream", "start")
        assert done.returncode == 2
        assert "lineage/z.ndjson" in done.stderr
        assert str(outside) not in done.stderr
    (root / "lineage/z.ndjson").unlink()
    (root / "lineage/z.ndjson").symlink_to(root / "lineage/a.ndjson")
    assert made(root) == {"made-1"}


def test_a_pipe_does_not_block(root: Path) -> None:
    os.mkfifo(root / "lineage/p.ndjson")
    done = headwater(root, "lineage", "downstream", "start", timeout=60)
    assert done.returncode == 2
    assert "not a regular file" in done.stderr


def test_a_full_disk_loses_nothing_and_the_store_still_opens(root: Path) -> None:
    assert made(root) == {"made-1"}
    big = b"".join(line(event(n, x="y" * 5000)) for n in range(100, 400))
    (root / "lineage/b.ndjson").write_bytes(big)
    limit = 200_000

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    full = headwater(root, "lineage", "downstream", "start", preexec_fn=small)
    assert (full.returncode, full.stdout) == (2, "")
    assert "Traceback" not in full.stderr
    assert full.stderr.startswith("error: ")
    (root / "lineage/b.ndjson").rename(root / "b.kept")
    assert made(root) == {"made-1"}
    (root / "b.kept").rename(root / "lineage/b.ndjson")
    assert len(made(root)) == 301


def test_two_writers_lose_nothing(root: Path) -> None:
    for number in range(2, 12):
        (root / f"lineage/{number}.ndjson").write_bytes(line(event(number)))
    words = [*COMMAND, "lineage", "downstream", "start", "--format", "json"]
    both = [
        subprocess.Popen(words, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    outs = [writer.communicate()[0] for writer in both]
    assert [writer.returncode for writer in both] == [0, 0]
    assert outs[0] == outs[1]
    assert len(made(root)) == 11
