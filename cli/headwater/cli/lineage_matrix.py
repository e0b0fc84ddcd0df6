"""``headwater lineage matrix``."""

from __future__ import annotations

from typing import Any

import click

from headwater.cli.lineage_options import answering, filters_of, give
from headwater.cli.render.formats import PICTURES


@click.command("matrix")
@answering(PICTURES, cuts=False)
def command(**options: Any) -> None:
    """Count what goes from each department to each, by label.

    Pairs are one job apart, and all columns count: there is no --hops and no --column. Counts
    are no lineage: they cannot be written as openlineage.

    统计各部门之间的数据流向，按级别列出。
    """
    from headwater.app.trace import matrix, workspace_at
    from headwater.cli.render.lineage_matrix import MatrixView

    filters = filters_of(options)
    workspace = workspace_at(options.pop("start"))
    give(MatrixView(matrix(workspace, filters)), **options)
