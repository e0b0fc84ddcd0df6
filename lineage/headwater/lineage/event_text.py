"""The text of event files: bytes to JSON values that know where they begin.

A ``.json`` file holds one document: a value, or an array of them. Any other file holds one value
a line.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from headwater.catalog.position import Position
from headwater.catalog.problems import Problem, problem
from headwater.catalog.problems import problem as common_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_EVENT = 2**20
MAX_DEPTH = 64

_SPACE = b" \t\r"
_BLANK = re.compile(r"[ \t\r\n]*")
_BOM = b"\xef\xbb\xbf"


class WrongEventError(Exception):
    """One problem of one event; ``line`` and ``column`` count from where the event begins."""

    def __init__(self, code: str, *, line: int = 1, column: int = 1, **values: object) -> None:
        super().__init__(code)
        self._code = code
        self._line = line
        self._column = column
        self._values = values

    def problem(self, begin: Position) -> Problem:
        """Return the problem of an event that begins at ``begin``."""
        at = Position(begin.file, begin.line + self._line - 1, self._column)
        if self._code == "encoding":
            return common_problem(self._code, at)
        return problem(self._code, at, **self._values)


Value = tuple[Position, bytes, object]
"""Where a JSON value begins, its own bytes, and what it is."""


def values(
    data: bytes, file: str, recognise: Callable[[bytes], object | None]
) -> Iterator[Value | Problem]:
    """Yield each JSON value of an event file, or what is wrong with it.

    What ``recognise`` makes of a line stands for its value; of ``None`` the line is parsed.
    """
    data = data.removeprefix(_BOM)
    document = PurePosixPath(file).suffix.lower() == ".json"
    return _document(data, file) if document else _lines(data, file, recognise)


def _lines(
    data: bytes, file: str, recognise: Callable[[bytes], object | None]
) -> Iterator[Value | Problem]:
    # Only a line feed ends a line: JSON text may hold the other line breaks of Unicode.
    start, number = 0, 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        line, start, number = data[start:end], end + 1, number + 1
        if line.strip():
            at = Position(file, number)
            try:
                raw = line.strip(_SPACE)
                found = recognise(raw) if len(line) <= MAX_EVENT else None
                yield at, raw, _line(line) if found is None else found
            except WrongEventError as wrong:
                yield wrong.problem(at)


def _line(line: bytes) -> object:
    if len(line) > MAX_EVENT:
        raise WrongEventError("event-too-large", limit=MAX_EVENT)
    return _carefully(line) if (value := _quickly(line)) is None else value


def _quickly(line: bytes) -> object | None:
    """Return the value if msgspec reads it and loses nothing, else ``None``.

    msgspec takes the last of several equal keys. None stands twice where the value, written
    compactly, is the compact text.
    """
    try:
        value: object = msgspec.json.decode(line)
        text, compact = line.strip(), msgspec.json.encode(value)
        same = compact == text or compact == msgspec.json.format(text, indent=-1)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    return value if same else None


def _carefully(line: bytes) -> object:
    text = _decoded(line)
    value, end = _decode(text, _blank(text, 0))
    _end(text, end)
    return value


def _document(data: bytes, file: str) -> Iterator[Value | Problem]:
    line, counted = 1, 0
    try:
        text = _decoded(data)
        for begin, end, value in _spans(text):
            line, counted = line + text.count("\n", counted, begin), begin
            at = Position(file, line)
            raw = text[begin:end].encode() if end - begin <= MAX_EVENT else b""
            large = not raw or len(raw) > MAX_EVENT
            yield problem("event-too-large", at, limit=MAX_EVENT) if large else (at, raw, value)
    except WrongEventError as wrong:
        yield wrong.problem(Position(file))


def _spans(text: str) -> Iterator[tuple[int, int, object]]:
    """Yield the offsets and values of a document: of the array's elements if it is one."""
    index = _blank(text, 0)
    if not text.startswith("[", index):
        value, end = _decode(text, index)
        _end(text, end)
        yield index, end, value
        return
    index = _blank(text, index + 1)
    closed = text.startswith("]", index)
    while not closed:
        value, end = _decode(text, index)
        yield index, end, value
        index = _blank(text, end)
        closed = text.startswith("]", index)
        if not closed:
            if not text.startswith(",", index):
                raise _syntax(text, index, "expecting ',' or ']'")
            index = _blank(text, index + 1)
    _end(text, index + 1)


def _end(text: str, index: int) -> None:
    rest = _blank(text, index)
    if rest < len(text):
        raise _syntax(text, rest, "more text after the value")


def _blank(text: str, index: int) -> int:
    found = _BLANK.match(text, index)
    return found.end() if found else index


def _syntax(text: str, offset: int, reason: str) -> WrongEventError:
    column = offset - text.rfind("\n", 0, offset)
    return _wrong(text, offset, "event-syntax", column=column, reason=reason)


def _wrong(text: str, offset: int, code: str, **given: Any) -> WrongEventError:
    return WrongEventError(code, line=text.count("\n", 0, offset) + 1, **given)


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        raise WrongEventError("encoding", line=before.count(b"\n") + 1, column=column) from error


class _DuplicateKeyError(ValueError):
    """A key that stands twice: readers would disagree on what the event says."""


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _DuplicateKeyError(next(key for key in keys if keys.count(key) > 1))
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _finite(text: str) -> float:
    found = float(text)
    if math.isinf(found):
        raise ValueError("a number out of range")
    return found


_JSON = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_finite)


def _decode(text: str, index: int) -> tuple[object, int]:
    try:
        return _JSON.raw_decode(text, index)
    except RecursionError as error:
        raise _wrong(text, index, "event-deep", limit=MAX_DEPTH) from error
    except _DuplicateKeyError as error:
        raise _wrong(text, index, "event-duplicate-key", key=str(error)) from error
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        raise _syntax(text, error.pos, reason) from error
    except ValueError as error:
        raise _syntax(text, index, str(error)) from error
