"""The file beside an agreement that holds its signatures: ``NAME.yaml``, ``NAME.dsse.json``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headwater.catalog.model import Agreement

ENDING = ".dsse.json"
MAX_BYTES = 8 * 1024 * 1024
"""An agreement has at most 4 MiB, in base64 a third more; with a few signatures it fits."""

UNREADABLE = b""
"""What stands for a file that is there and cannot be read: no envelope, and so no signature."""


def signature_file(agreement: Agreement) -> str:
    """Return the name of the file of signatures, relative to the workspace."""
    return PurePosixPath(agreement.position.file).with_suffix("").as_posix() + ENDING


def with_signatures(root: Path, agreement: Agreement) -> Agreement:
    """Return the agreement with the signatures that lie beside it, if any."""
    path = root / signature_file(agreement)
    return replace(agreement, paper=replace(agreement.paper, envelope=_read(path)))


def _read(path: Path) -> bytes | None:
    """Return what the file holds, of a larger one too much to be an envelope."""
    if path.is_symlink():
        return UNREADABLE
    try:
        if not path.is_file():
            return UNREADABLE if path.exists() else None
        with path.open("rb") as source:
            return source.read(MAX_BYTES + 1)
    except OSError:
        return UNREADABLE
