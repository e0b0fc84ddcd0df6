"""Use case: the JSON Schemas of the files that people write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app.writing import write_whole
from headwater.catalog.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def kinds() -> tuple[str, ...]:
    """Return the kinds of file that have a schema."""
    from headwater.policies import SCHEMA_KINDS

    return SCHEMA_KINDS


def schema(kind: str, start: Path | None = None) -> dict[str, object]:
    """Return the schema of ``kind``; with a workspace it knows its attributes and names.

    Raises:
        InputError: There is no workspace at ``start``, or its files are wrong.
    """
    from headwater.policies import Vocabulary, schema_of

    if start is None:
        return schema_of(kind)
    from headwater.app.loading import load

    return schema_of(kind, Vocabulary.of(load(start).workspace))


def write_schemas(
    folder: Path, render: Callable[[object], str], start: Path | None = None
) -> list[Path]:
    """Write ``KIND.schema.json`` of every kind into ``folder``; return the files.

    Raises:
        InputError: The folder cannot be made or written.
    """
    texts = {kind: render(schema(kind, start)) for kind in kinds()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError.of("cannot-write", path=str(folder), reason=reason) from error
    found = [folder / f"{kind}.schema.json" for kind in texts]
    for target, text in zip(found, texts.values(), strict=True):
        write_whole(target, f"{text}\n".encode())
    return found
