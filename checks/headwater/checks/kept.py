"""Kept results: GX's JSON by what it was computed from, so that equal runs need no second one."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from headwater.catalog.text import Text
    from headwater.checks.model import Check

FORM = "headwater/checks/1"
"""Changes when what is kept, or how it is computed, does."""

Results = dict[str, dict[str, object]]
"""By check key, GX's verdict: ``success`` and counts, or a ``reason`` why there is none."""


def unjudged(reason: Text) -> dict[str, object]:
    """Return the result of a check that could not be evaluated."""
    return {"reason": {"en": reason.en, "zh": reason.zh}}


def key_of(checks: Sequence[Check], digests: Iterable[str], version: str) -> str:
    """Return the key of a run: its data, its checks, the engine's version."""
    suite = [[c.key, c.expectation, c.severity, c.view, sorted(c.kwargs.items())] for c in checks]
    text = json.dumps([FORM, version, list(digests), suite], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def load(folder: Path, key: str, checks: Sequence[Check]) -> Results | None:
    """Return the results kept under ``key``, or ``None`` where there are none, whole and sound."""
    try:
        document = json.loads((folder / f"{key}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(document, dict) or document.get("schema") != FORM:
        return None
    results = document.get("results")
    if not isinstance(results, dict) or set(results) != {check.key for check in checks}:
        return None
    return results if all(isinstance(each, dict) for each in results.values()) else None


def keep(folder: Path, key: str, dataset: Mapping[str, object], results: Results) -> None:
    """Keep ``results`` under ``key``, whole or not at all; where that fails, nothing is lost."""
    with suppress(OSError):
        _write(folder, key, dataset, results)


def _write(folder: Path, key: str, dataset: Mapping[str, object], results: Results) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    document = {"schema": FORM, "dataset": dict(dataset), "results": results}
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".kept.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(folder / f"{key}.json")
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
