"""``headwater lineage flows``."""

from __future__ import annotations

from typing import Any

import click

from headwater.cli.lineage_options import answering, filters_of, give, hops_option
from headwater.cli.render.formats import PICTURES


@click.command("flows")
@click.option("--from", "provider", help="Only from this department. 仅此提供方。")
@click.option("--to", "consumer", help="Only to this department. 仅此使用方。")
@click.option("--purpose", help="Only for this purpose, or one under it. 仅此用途及其下级。")
@click.option("--column", help="Only of this column. 仅此字段。")
@hops_option
@answering(PICTURES, cuts=False)
def command(**options: Any) -> None:
    """List the flows between departments.

    --hops counts jobs. A flow may be made of many steps: it cannot be written as openlineage.

    列出部门之间的数据流动。
    """
    from headwater.app.trace import Wanted, flow_rows, workspace_at
    from headwater.cli.render.lineage_flows import FlowsView

    filters = filters_of(options)
    names = ("provider", "consumer", "purpose", "column")
    wanted = Wanted(**{name: options.pop(name) for name in names})
    workspace = workspace_at(options.pop("start"))
    found = flow_rows(workspace, wanted, filters)
    give(FlowsView(found, workspace.department_of), **options)
