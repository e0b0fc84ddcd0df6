"""``headwater lineage path``."""

from __future__ import annotations

from typing import Any

import click

from headwater.cli.lineage_options import answering, filters_of, give
from headwater.cli.render.formats import LINEAGE


@click.command("path")
@click.argument("start_ref", metavar="A")
@click.argument("goal_ref", metavar="B")
@answering(LINEAGE)
def command(start_ref: str, goal_ref: str, **options: Any) -> None:
    """Show how data gets from A to B: a shortest path, how many, and where to stop it.

    A dataset asked about together with a column stands for any of its columns.

    显示数据如何从 A 到 B：最短路径、路径数、必经之处与最小割。
    """
    from headwater.app.trace import paths, workspace_at
    from headwater.cli.render.lineage_path import PathView

    filters = filters_of(options)
    workspace = workspace_at(options.pop("start"))
    answer = paths(workspace, start_ref, goal_ref, filters)
    give(PathView(answer, workspace.department_of), **options)
