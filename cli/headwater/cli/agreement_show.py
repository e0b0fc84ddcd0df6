"""``headwater agreement show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.agreement_list import soon_option
from headwater.cli.options import as_of_option, format_option, language_option, workspace_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("show")
@click.argument("agreement")
@soon_option
@as_of_option
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
def command(
    *,
    agreement: str,
    soon: int,
    as_of: datetime.date,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Show all of AGREEMENT (its id or file), its state, and the flows that rest on it.

    显示协议全文、当日状态、签名与依据它的数据流动。
    """
    from headwater.app.agreement_list import show_agreement
    from headwater.app.trace import workspace_at
    from headwater.cli.render.agreement_show import shown_text

    found = show_agreement(workspace_at(start), agreement, as_of, soon)
    click.echo(shown_text(found, format_, language))
