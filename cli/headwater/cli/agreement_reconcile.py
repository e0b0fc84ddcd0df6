"""``headwater agreement reconcile``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.exits import CLEAN, FOUND, UNJUDGED
from headwater.cli.options import as_of_option, format_option, language_option, workspace_option
from headwater.cli.render.grid import GRID_FORMATS

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language

_EXIT = {"same": CLEAN, "differs": FOUND, "unjudged": UNJUDGED}


@click.command("reconcile")
@as_of_option
@workspace_option
@format_option(GRID_FORMATS)
@language_option
@click.pass_context
def command(
    context: click.Context,
    *,
    as_of: datetime.date,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Compare what was agreed with what lineage shows.

    Flows without agreement, agreements without flow, columns used and not granted or granted and
    never used, purposes not agreed, flows after an agreement's end, data passed on without leave
    through any number of departments, and flows that bypass the declared exchange.

    Exit 0 where nothing differs, 1 where something does, 2 where nothing is known to differ and
    something cannot be told, or there is nothing to compare.

    核对协议与血缘：无协议的流动、无流动的协议、未授权或从未使用的字段、未约定的用途、到期后的流动、擅自转交、绕过交换平台。
    """
    from headwater.app.agreement_reconcile import reconcile
    from headwater.app.trace import workspace_at
    from headwater.cli.render.reconciliation import reconciliation_text

    found = reconcile(workspace_at(start), as_of)
    click.echo(reconciliation_text(found, format_, language))
    context.exit(_EXIT[found.outcome])
