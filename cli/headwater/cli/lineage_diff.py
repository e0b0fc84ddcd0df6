"""``headwater lineage diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from headwater.cli.lineage_options import answering, filters_of, give
from headwater.cli.options import Day
from headwater.cli.render.formats import PICTURES

if TYPE_CHECKING:
    import datetime


@click.command("diff")
@click.option("--from", "earlier", type=Day(), required=True, help="The earlier day. 较早日期。")
@click.option("--to", "later", type=Day(), required=True, help="The later day. 较晚日期。")
@click.option("--column", help="Only steps from or to a column of this name. 仅此字段。")
@answering(PICTURES, cuts=False, day=False)
def command(
    earlier: datetime.date, later: datetime.date, column: str | None, **options: Any
) -> None:
    """Show which steps appeared, ceased or changed between the ends of two days (UTC).

    The two days say as of when. A step is compared by itself: there is no --hops. What ceased
    is no lineage any more: it cannot be written as openlineage.

    显示两日之间新增、停止与变化的步骤。
    """
    from headwater.app.trace import comparison, workspace_at
    from headwater.cli.render.lineage_changes import ComparisonView

    filters = filters_of(options)
    workspace = workspace_at(options.pop("start"))
    answer = comparison(workspace, earlier, later, filters, column=column)
    give(ComparisonView(answer, workspace.department_of), **options)
