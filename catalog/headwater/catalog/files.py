"""Which files belong to a workspace, and where it begins."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.catalog.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headwater.catalog.globs import Glob

MARKER = "headwater.yaml"
STORE = ".headwater"


def find_root(start: Path) -> Path:
    """Return the folder of the nearest ``headwater.yaml``, from ``start`` upwards.

    Raises:
        InputError: There is none.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / MARKER).is_file():
            return folder
    raise InputError.of("no-workspace", path=str(start))


def workspace_files(root: Path, endings: tuple[str, ...], ignore: Iterable[Glob]) -> Iterator[str]:
    """Yield the files with one of ``endings``, sorted, relative to ``root`` with slashes.

    Hidden folders and files, symbolic links, folders that are workspaces of their own, and what
    ``ignore`` matches are left out.
    """
    ignored = tuple(ignore)
    found: list[str] = []
    for folder, folders, files in os.walk(root, followlinks=False):
        at = Path(folder)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not _apart(at / name)
        )
        for name in files:
            path = at / name
            if name.endswith(endings) and not name.startswith(".") and not path.is_symlink():
                found.append(path.relative_to(root).as_posix())
    yield from sorted(file for file in found if not any(glob.matches(file) for glob in ignored))


def _apart(folder: Path) -> bool:
    return folder.is_symlink() or (folder / MARKER).is_file()
