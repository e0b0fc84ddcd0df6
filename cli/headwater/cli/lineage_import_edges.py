"""``headwater lineage import edges``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.lineage_import import deliver, import_options

if TYPE_CHECKING:
    from headwater.catalog.text import Language


@click.command("edges")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@import_options
def command(
    *,
    files: tuple[Path, ...],
    start: Path,
    target: Path | None,
    language: Language,
    event_time: str,
) -> None:
    """Read hand-written edge lists: YAML of `kind: lineage`.

    读取手写的边列表。
    """
    from headwater.app.import_lineage import import_edges

    del start
    deliver(import_edges(files, event_time), target, language)
