"""``headwater lineage impact``."""

from __future__ import annotations

from typing import Any

import click

from headwater.cli.lineage_options import answering, column_option, filters_of, give, with_column
from headwater.cli.render.formats import LINEAGE


@click.command("impact")
@click.argument("ref")
@column_option
@answering(LINEAGE)
def command(ref: str, column: str | None, **options: Any) -> None:
    """Show what a change to REF would break, by department and owner.

    显示 REF 的变更会影响什么，按部门与负责人列出。
    """
    from headwater.app.trace import impact, workspace_at
    from headwater.cli.render.lineage_impact import ImpactView

    filters = filters_of(options)
    workspace = workspace_at(options.pop("start"))
    answer = impact(workspace, with_column(ref, column), filters)
    give(ImpactView(answer, workspace.department_of), **options)
