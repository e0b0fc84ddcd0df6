"""``headwater lineage upstream``."""

from __future__ import annotations

from typing import Any

import click

from headwater.cli.lineage_options import answering, column_option
from headwater.cli.lineage_trace import trace_and_give
from headwater.cli.render.formats import LINEAGE


@click.command("upstream")
@click.argument("ref")
@column_option
@answering(LINEAGE)
def command(ref: str, **options: Any) -> None:
    """Show everything that REF is made from.

    REF is namespace/name of a dataset, or any unique ending of it, with #column for one column.

    显示 REF 的全部上游。
    """
    trace_and_give("upstream", ref, options)
