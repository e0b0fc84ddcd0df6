"""Try a change of a workspace's files before it is made: only what can be read is written."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from headwater.app.loading import load
from headwater.app.writing import write_whole
from headwater.catalog.errors import DocumentError, InputError
from headwater.catalog.files import workspace_files

if TYPE_CHECKING:
    from headwater.app.loading import Loaded
    from headwater.catalog.model import Workspace

_READ = (".yaml", ".yml", ".rego", ".json", ".pem")


def write_new(workspace: Workspace, name: str, text: str) -> Path:
    """Write a new file and return it; what is there is never overwritten.

    Raises:
        DocumentError: The workspace could not be read with it.
        InputError: The file exists, lies outside the workspace, or cannot be written.
    """
    target = new_file(workspace, name)
    tried(workspace, name, text)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, text.encode())
    return target


def tried(workspace: Workspace, name: str, text: str) -> Loaded:
    """Return the workspace as it would be if the file ``name`` held ``text``.

    Raises:
        DocumentError: It could not be read.
    """
    with tempfile.TemporaryDirectory(prefix="headwater-") as folder:
        copy = Path(folder)
        for file in workspace_files(workspace.root, _READ, ()):
            _put(copy / file, (workspace.root / file).read_bytes())
        _put(copy / name, text.encode())
        return load(copy)


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def new_file(workspace: Workspace, name: str) -> Path:
    """Return where a new YAML file of the workspace will be.

    Raises:
        InputError: It would lie outside the workspace, is no YAML file, or is there already.
    """
    path = PurePosixPath(name)
    target = workspace.root / path
    outside = path.is_absolute() or ".." in path.parts or "\\" in name
    if outside or not target.resolve().is_relative_to(workspace.root.resolve()):
        raise InputError.of("file-outside", path=name)
    if path.suffix not in (".yaml", ".yml"):
        raise InputError.of("not-yaml-name", path=name)
    if target.exists() or target.is_symlink():
        raise DocumentError.of("file-exists", path=name)
    return target
