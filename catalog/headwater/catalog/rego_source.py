"""Reads a workspace's Rego files as text; what they say is for the policies to judge."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.catalog.errors import DocumentError
from headwater.catalog.position import Position

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 1024 * 1024
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
"""What an editor does not show: a reviewer must see what a policy says."""


def read_rego(path: Path, file: str) -> str:
    """Return the text of ``path``; ``file`` is its name in positions.

    Raises:
        DocumentError: It cannot be read, is too large, is not UTF-8, or hides characters.
    """
    try:
        with path.open("rb") as source:
            data = source.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        at = Position(file)
        raise DocumentError.of("file-unreadable", at, path=file, reason=reason) from error
    if len(data) > MAX_BYTES:
        raise DocumentError.of("file-too-large", Position(file), limit=MAX_BYTES)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError.of("encoding", Position(file, line)) from error
    if hidden := _HIDDEN.search(text):
        line = text.count("\n", 0, hidden.start()) + 1
        column = hidden.start() - text.rfind("\n", 0, hidden.start())
        name = f"U+{ord(hidden[0]):04X}"
        raise DocumentError.of("character", Position(file, line, column), character=name)
    return text
