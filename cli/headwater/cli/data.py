"""``headwater data``: the group; each command stands in a module of its own."""

from __future__ import annotations

import click

from headwater.cli.lazy import LazyGroup

ROWS = {
    "check": ("headwater.cli.data_check", "Check data against its contracts. 检查数据。"),
    "explain": ("headwater.cli.data_explain", "What is asked of a dataset, and where. 检查说明。"),
    "profile": ("headwater.cli.data_profile", "Figures of a dataset's columns. 字段概况。"),
    "plan": ("headwater.cli.data_plan", "The queries that checking takes. 检查所需的查询。"),
}


@click.command("data", cls=LazyGroup, rows=ROWS)
def command() -> None:
    """Check data against what its contracts say.

    按合同检查数据。
    """
