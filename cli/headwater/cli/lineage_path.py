"""``headwater lineage path``."""

from __future__ import annotations

from typing import Any

import click

from headwater.cli.lineage_options import answering, filters_of, give, with_column
from headwater.cli.render.formats import LINEAGE


@click.command("path")
@click.argument("start_ref", metavar="A")
@click.argument("goal_ref", metavar="B")
@click.option("--column", help="The column of A, as if #COLUMN stood after A. A 的字段。")
@answering(LINEAGE)
def command(start_ref: str, goal_ref: str, column: str | None, **options: Any) -> None:
    """Show how data gets from A to B: a shortest path, how many, and where to stop it.

    A dataset asked about together with a column stands for any of its columns; a column of B
    is written B#COLUMN.

    显示数据如何从 A 到 B：最短路径、路径数、必经之处与最小割。
    """
    from headwater.app.trace import paths, workspace_at
    from headwater.cli.render.lineage_path import PathView

    filters = filters_of(options)
    workspace = workspace_at(options.pop("start"))
    answer = paths(workspace, with_column(start_ref, column), goal_ref, filters)
    give(PathView(answer, workspace.department_of), **options)
