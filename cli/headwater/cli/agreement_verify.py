"""``headwater agreement verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.exits import CLEAN, FOUND
from headwater.cli.options import as_of_option, format_option, language_option, workspace_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("verify")
@click.argument("agreement")
@as_of_option
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
@click.pass_context
def command(
    context: click.Context,
    *,
    agreement: str,
    as_of: datetime.date,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Say whose signatures stand beside AGREEMENT (its id or file) on the day.

    Exit 0 where both sides have signed the text as it is now, 1 where not.

    验证协议的签名：双方均已签署当前文本时以 0 退出，否则以 1 退出。
    """
    from headwater.app.agreement_sign import verify
    from headwater.app.trace import workspace_at
    from headwater.cli.render.agreement_list import verified_text

    found = verify(workspace_at(start), agreement, as_of)
    click.echo(verified_text(found, format_, language))
    context.exit(CLEAN if found.signatures.complete else FOUND)
