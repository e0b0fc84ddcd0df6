"""``headwater lineage reindex``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.exits import CLEAN, FOUND
from headwater.cli.options import format_option, language_option, workspace_option

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("reindex")
@workspace_option
@format_option(["text", "json"])
@language_option
@click.pass_context
def command(ctx: click.Context, *, start: Path, format_: str, language: Language) -> None:
    """Build the lineage index again from the event log.

    Exits 1 if the index was not what the log comes to; it is now.

    依据事件日志重建血缘索引。
    """
    from headwater.app.reindex import reindex
    from headwater.app.trace import workspace_at
    from headwater.cli.render.reindex import reindex_json, reindex_text

    found = reindex(workspace_at(start))
    click.echo(reindex_json(found) if format_ == "json" else reindex_text(found, language))
    ctx.exit(CLEAN if found.before == found.after else FOUND)
