"""``headwater labels show``."""

from __future__ import annotations

from typing import Any

import click

from headwater.cli.lineage_options import answering, give
from headwater.cli.render.formats import ROWS


@click.command("show")
@click.argument("reference", metavar="DATASET[#COLUMN]")
@click.option(
    "--max-sources",
    "most",
    type=click.IntRange(min=1),
    help="At most so many sources of each label, nearest first. 每个标签的最多来源数。",
)
@answering(ROWS, cuts=False, choices=False)
def command(reference: str, most: int | None, **options: Any) -> None:
    """Show every label of DATASET, or of one column, with all its sources and their paths.

    A dataset's level is the highest of its columns.

    显示数据集或字段的每个标签及其全部来源与路径；数据集的级别为其字段的最高级别。
    """
    from headwater.app.label_answers import show_labels
    from headwater.app.trace import workspace_at
    from headwater.cli.render.labels import LabelsView

    workspace = workspace_at(options.pop("start"))
    give(LabelsView(show_labels(workspace, reference, most)), **options)
