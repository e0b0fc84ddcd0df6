"""``headwater agreement diff``."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from headwater.cli.exits import CLEAN, FOUND
from headwater.cli.options import format_option, language_option, workspace_option

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("diff")
@click.argument("old")
@click.argument("new")
@workspace_option
@format_option(("text", "json", "markdown"))
@language_option
@click.pass_context
def command(
    context: click.Context, *, old: str, new: str, start: Path, format_: str, language: Language
) -> None:
    """Say what the agreement NEW grants that OLD did not, and what it withdraws.

    Each is a file, an id, or REVISION:ID, an agreement as it was at a git revision. Columns are
    counted out by the contracts, so that a glob which reaches further shows.

    Exit 0 where they grant the same, 1 where they differ.

    比较两份协议：新增授权、收回授权与其他变更。
    """
    from headwater.app.agreement_diff import compare
    from headwater.cli.render.agreement_diff import comparison_text

    found = compare(old, new, start=start, git=shutil.which("git"))
    click.echo(comparison_text(found, format_, language))
    context.exit(FOUND if found.changes else CLEAN)
