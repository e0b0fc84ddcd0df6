"""Writes files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from headwater.catalog.errors import InputError


def write_whole(target: Path, data: bytes) -> None:
    """Write ``data`` to ``target``; a reader sees the old file or the new one, never a part.

    Raises:
        InputError: ``target`` cannot be written.
    """
    try:
        _replace(target, data)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError.of("cannot-write", path=str(target), reason=reason) from error


def _replace(target: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
