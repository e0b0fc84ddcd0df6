"""``headwater policy list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.options import as_of_option, format_option, language_option, workspace_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("list")
@as_of_option
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
def command(*, as_of: datetime.date, start: Path, format_: str, language: Language) -> None:
    """List every policy and rule: effect, owner, basis, dates, where it is written.

    Says which are in force on the day. The JSON also says in words when each rule holds.

    列出全部策略与规则。
    """
    from headwater.app.loading import load
    from headwater.app.policy_list import list_policies
    from headwater.cli.render.listing import listing_json, listing_text

    found = list_policies(load(start), as_of=as_of)
    click.echo(listing_json(found) if format_ == "json" else listing_text(found, language))
