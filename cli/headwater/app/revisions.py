"""A workspace as it was at a git revision, in a folder for as long as it is looked at."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.app.loading import Loaded, load
from headwater.catalog.errors import DocumentError, HeadwaterError, InputError
from headwater.catalog.files import MARKER, find_root

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 120
MAX_FILES = 100_000
MAX_BYTES = 1024 * 1024 * 1024
FILES = ("*.yaml", "*.yml", "*.rego", "*.dsse.json")
"""What says what is allowed; data and events are not fetched."""


def load_at(name: str, start: Path, *, git: str | None) -> Loaded:
    """Return the workspace in the folder ``name``, or as it was at the git revision ``name``.

    Args:
        name: A folder, else a revision of the repository that ``start`` lies in.
        start: A folder of the workspace as it is now.
        git: The path of a ``git``, if there is one.

    Raises:
        InputError: It is neither, or there was no workspace.
        DocumentError: Its files are wrong; their positions begin with ``name``.
    """
    if Path(name).is_dir():
        return load(Path(name))
    if git is None:
        raise InputError.of("no-git", name=name)
    with _checked_out(name, find_root(start), git) as folder:
        if not (folder / MARKER).is_file():
            raise InputError.of("no-workspace-then", name=name)
        try:
            return load(folder)
        except DocumentError as error:
            raise _placed(error, name) from error


def _placed(error: HeadwaterError, name: str) -> DocumentError:
    """Return the error with the revision before each file, as git writes it."""
    return DocumentError(
        replace(each, position=replace(each.position, file=f"{name}:{each.position.file}"))
        if each.position
        else each
        for each in error.problems
    )


@contextmanager
def _checked_out(name: str, root: Path, git: str) -> Iterator[Path]:
    commit = _asked(
        [git, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}"], name, root
    )
    listed = _asked([git, "ls-tree", "-r", "--name-only", "-z", commit, "--", "."], name, root)
    names = listed.split("\0")
    wanted = [ending for ending in FILES if any(each.endswith(ending[1:]) for each in names)]
    if not wanted:
        raise InputError.of("no-workspace-then", name=name)
    with tempfile.TemporaryDirectory(prefix="headwater-") as place:
        archive, folder = Path(place, "archive.tar"), Path(place, "workspace")
        folder.mkdir()
        _asked(
            [git, "archive", "--format=tar", f"--output={archive}", commit, "--", *wanted],
            name,
            root,
        )
        try:
            with tarfile.open(archive, "r:") as tar:
                tar.extractall(folder, members=_kept(tar, name), filter="data")
        except tarfile.TarError as error:
            raise InputError.of("no-revision", name=name, reason=str(error)) from error
        yield folder


def _kept(tar: tarfile.TarFile, name: str) -> Iterator[tarfile.TarInfo]:
    """Yield the members that say what is allowed; what is too much is refused."""
    count = size = 0
    for member in tar:
        if member.isreg() and member.name.endswith(tuple(each[1:] for each in FILES)):
            count, size = count + 1, size + member.size
            if count > MAX_FILES or size > MAX_BYTES:
                raise InputError.of("no-revision", name=name, reason="it is too large")
            yield member


def _asked(words: list[str], name: str, root: Path) -> str:
    """Return what git says; in English, so that its reasons can be read on."""
    try:
        done = subprocess.run(  # noqa: S603 - git alone, and the revision is no option
            words, cwd=root, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise InputError.of("no-revision", name=name, reason=_first(str(error))) from error
    if done.returncode:
        reason = _first(done.stderr.decode(errors="replace"))
        raise InputError.of("no-revision", name=name, reason=reason or "git says nothing more")
    return done.stdout.decode(errors="replace").strip()


def _first(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else ""
