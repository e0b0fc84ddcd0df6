"""``headwater lineage why``."""

from __future__ import annotations

from typing import Any

import click

from headwater.cli.lineage_options import answering, filters_of, give, with_column
from headwater.cli.render.formats import LINEAGE


@click.command("why")
@click.argument("start_ref", metavar="A")
@click.argument("goal_ref", metavar="B")
@click.option("--column", help="The column of A, as if #COLUMN stood after A. A 的字段。")
@answering(LINEAGE)
def command(start_ref: str, goal_ref: str, column: str | None, **options: Any) -> None:
    """Say in sentences how data of A came to B: jobs, runs, times and places.

    A column of B is written B#COLUMN. The picture and the events are of the shortest path alone.

    用句子说明 A 的数据如何到达 B：作业、运行、时间与出处。
    """
    from headwater.app.trace import paths, workspace_at
    from headwater.cli.render.lineage_path import WhyView

    filters = filters_of(options)
    workspace = workspace_at(options.pop("start"))
    answer = paths(workspace, with_column(start_ref, column), goal_ref, filters)
    give(WhyView(answer, workspace.department_of), **options)
