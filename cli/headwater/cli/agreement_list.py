"""``headwater agreement list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.options import as_of_option, format_option, language_option, workspace_option
from headwater.cli.render.grid import GRID_FORMATS

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language

soon_option = click.option(
    "--expiring-within",
    "soon",
    type=click.IntRange(0, 36_500),
    default=30,
    show_default=True,
    help="How many days before its end an agreement counts as expiring. 即将到期的天数。",
)


@click.command("list")
@soon_option
@as_of_option
@workspace_option
@format_option(GRID_FORMATS)
@language_option
def command(
    *, soon: int, as_of: datetime.date, start: Path, format_: str, language: Language
) -> None:
    """List every agreement with its state on the day, and how long it still runs.

    列出全部协议、当日状态与剩余天数。
    """
    from headwater.app.agreement_list import list_agreements
    from headwater.app.trace import workspace_at
    from headwater.cli.render.agreement_list import list_text

    found = list_agreements(workspace_at(start), as_of, soon)
    click.echo(list_text(found, format_, language))
