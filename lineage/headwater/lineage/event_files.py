"""The event files of a workspace, and the store brought up to date with them."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.catalog.errors import DocumentError
from headwater.catalog.files import MARKER
from headwater.catalog.position import Position
from headwater.catalog.problems import problem
from headwater.catalog.problems import problem as common_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from headwater.catalog.problems import Problem
    from headwater.lineage.declared_files import DeclaringFile
    from headwater.lineage.store import LineageStore


def sync(
    store: LineageStore,
    root: Path,
    patterns: Sequence[str],
    *,
    lenient: bool = False,
    declaring: Sequence[DeclaringFile] = (),
    problems: Sequence[Problem] = (),
) -> tuple[str, ...]:
    """Make ``store`` hold what the event files say now; return the files that had changed.

    Args:
        store: Records each changed file in one transaction.
        root: The workspace.
        patterns: Which files: ``*`` is any run within one name, ``**`` any folders, ``?`` one sign.
        lenient: Read what can be read of broken events; the store keeps notes of the rest.
        declaring: Files of other kinds that declare lineage too.
        problems: What was wrong with the search for these.

    Raises:
        DocumentError: Files are wrong, or a pattern matches none; the others are recorded.
        StoreError: The store cannot be used.
    """
    wrong = list(problems)
    files = find_event_files(root, patterns, wrong)
    records: dict[str, Callable[[str | None], bool]] = {
        **{file: partial(_record, store, root, file, lenient=lenient) for file in files},
        **{each.file: partial(_record_declared, store, root, each) for each in declaring},
    }
    store.forget_files(except_for=records.keys())
    known = store.files()
    changed = tuple(_each(records, known, wrong))
    if wrong:
        raise DocumentError(wrong)
    return changed


def _each(
    records: Mapping[str, Callable[[str | None], bool]],
    known: Mapping[str, str],
    problems: list[Problem],
) -> Iterator[str]:
    """Record every file, whatever is wrong with another; yield those that had changed."""
    for file, record in records.items():
        try:
            if record(known.get(file)):
                yield file
        except DocumentError as error:
            problems.extend(error.problems)


def _record(
    store: LineageStore,
    root: Path,
    file: str,
    known: str | None,
    *,
    lenient: bool,
) -> bool:
    import hashlib

    from headwater.lineage.reader import Reading, load_bytes, read_bytes, read_leniently

    data = load_bytes(root / file, file)
    # The mode is part of what was read: another mode reads the same bytes anew.
    digest = hashlib.sha256(data).hexdigest() + (":lenient" if lenient else "")
    if digest == known:
        return False
    found = read_leniently(data, file) if lenient else Reading(read_bytes(data, file))
    return store.record_file(file, digest, found.events, notes=found.notes)


def _record_declared(
    store: LineageStore, root: Path, declaring: DeclaringFile, known: str | None
) -> bool:
    """Record what a file declares, if it, or what it is read with, has changed."""
    from headwater.lineage.declared_files import declared_events, digest_of
    from headwater.lineage.reader import load_bytes

    for file in declaring.files:
        wrong = _unreadable(root, file)
        if wrong:
            raise DocumentError([wrong])
    data = [(file, load_bytes(root / file, file)) for file in declaring.files]
    digest = digest_of(declaring, data)
    if digest == known:
        return False
    events, notes = declared_events(declaring, data)
    return store.record_file(declaring.file, digest, events, notes=notes)


def find_event_files(
    root: Path, patterns: Sequence[str], problems: list[Problem]
) -> tuple[str, ...]:
    """Return the files below ``root`` that any pattern matches, sorted, with slashes.

    Hidden folders and workspaces within the workspace are left out. What would be left out in
    silence (links, pipes, patterns that match nothing) becomes a problem.
    """
    wanted = {pattern: re.compile(_regex(pattern)) for pattern in patterns}
    unmet = dict.fromkeys(patterns)
    found: list[str] = []
    for file in _walk(root, patterns, problems):
        met = [pattern for pattern, regex in wanted.items() if regex.fullmatch(file)]
        if met:
            for pattern in met:
                unmet.pop(pattern, None)
            wrong = _unreadable(root, file)
            if wrong:
                problems.append(wrong)
            else:
                found.append(file)
    problems.extend(
        problem("no-event-files", Position(MARKER), pattern=pattern) for pattern in unmet
    )
    return tuple(sorted(found))


def _walk(root: Path, patterns: Sequence[str], problems: list[Problem]) -> Iterator[str]:
    for folder, folders, files in os.walk(root, followlinks=False):
        at = Path(folder)
        below: list[str] = []
        for name in sorted(folders):
            path = at / name
            if path.is_symlink():
                relative = path.relative_to(root).as_posix()
                if any(_may_lie_below(pattern, relative) for pattern in patterns):
                    problems.append(problem("event-folder-link", path=relative))
            elif not name.startswith(".") and not (path / MARKER).is_file():
                below.append(name)
        folders[:] = below
        for name in files:
            yield (at / name).relative_to(root).as_posix()


def _unreadable(root: Path, file: str) -> Problem | None:
    path = root / file
    at = Position(file)
    if not path.resolve().is_relative_to(root.resolve()):
        return common_problem("file-outside", at, path=file)
    if not path.is_file():  # a pipe or a device would block the reader for ever
        return common_problem("file-unreadable", at, path=file, reason="not a regular file")
    try:
        file.encode()
    except UnicodeEncodeError:
        return common_problem("file-unreadable", at, path=file, reason="its name is not UTF-8")
    return None


def _regex(pattern: str) -> str:
    parts = re.split(r"(\*\*/|\*+|\?)", pattern.removeprefix("./"))
    return "".join(
        _PARTS.get(part, "[^/]*" if part.startswith("*") else re.escape(part)) for part in parts
    )


_PARTS = {"**/": "(?:[^/]+/)*", "**": ".*", "?": "[^/]"}


def _may_lie_below(pattern: str, folder: str) -> bool:
    """Say whether ``pattern`` could match a file below ``folder``."""
    steps = pattern.removeprefix("./").split("/")[:-1]
    names = folder.split("/")
    for step, name in zip(steps, names, strict=False):
        if "**" in step:
            return True
        if not re.fullmatch(_regex(step), name):
            return False
    return len(steps) >= len(names) or pattern.endswith("**")
