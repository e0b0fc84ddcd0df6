"""A bearer token is read from a file that nobody else may read, whatever stands in its place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from headwater.catalog.errors import InputError
from headwater.policies.token_file import MAX_TOKEN, read_token

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "abc.DEF_123-~+/="  # noqa: S105 - invented


def put(path: Path, data: bytes = TOKEN.encode(), mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def reason(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_token(path)
    (found,) = caught.value.problems
    assert found.code == "opa-file"
    for text in (found.message.en, found.message.zh):
        assert TOKEN not in text
    return found.message.en


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o440, 0o640, 0o660])
def test_its_owner_and_group_may_read_it(mode: int, tmp_path: Path) -> None:
    assert read_token(put(tmp_path / "t", f"{TOKEN}\r\n".encode(), mode)) == TOKEN


@pytest.mark.skipif(os.name != "posix", reason="modes mean nothing here")
@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o666, 0o777])
def test_a_file_that_others_may_read_or_write_is_refused(mode: int, tmp_path: Path) -> None:
    assert "chmod o-rw" in reason(put(tmp_path / "t", mode=mode))


def test_a_link_is_followed_and_the_file_behind_it_is_judged(tmp_path: Path) -> None:
    (tmp_path / "token").symlink_to(put(tmp_path / "2026-11-01"))
    assert read_token(tmp_path / "token") == TOKEN
    (tmp_path / "2026-11-01").chmod(0o644)
    assert "chmod o-rw" in reason(tmp_path / "token")
    (tmp_path / "2026-11-01").unlink()
    assert "No such file" in reason(tmp_path / "token")
    (tmp_path / "round").symlink_to("round")
    reason(tmp_path / "round")


def test_what_is_no_file_is_refused_and_nothing_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "not a file" in reason(tmp_path / "pipe")
    (tmp_path / "folder").mkdir(0o700)
    reason(tmp_path / "folder")


@pytest.mark.parametrize("data", [b"", b" \n", b"two tokens", b"a\nb", b"\xff", b"\xef\xbb\xbfabc"])
def test_what_is_no_token_is_refused(data: bytes, tmp_path: Path) -> None:
    assert "holds no token" in reason(put(tmp_path / "t", data))


def test_its_length_is_limited_before_it_is_read_whole(tmp_path: Path) -> None:
    assert len(read_token(put(tmp_path / "t", b"a" * MAX_TOKEN + b"\n"))) == MAX_TOKEN
    long = tmp_path / "long"
    with long.open("wb") as file:
        file.truncate(2**40)
    long.chmod(0o600)
    assert "too long" in reason(long)
