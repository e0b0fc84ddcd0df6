"""``headwater labels``: the group; each command stands in a module of its own."""

from __future__ import annotations

import click

from headwater.cli.lazy import LazyGroup

ROWS = {
    "diff": ("headwater.cli.labels_diff", "Whose labels a change alters. 标签变化。"),
    "show": ("headwater.cli.labels_show", "What DATASET holds, and why. 标签及其来源。"),
}


@click.command("labels", cls=LazyGroup, rows=ROWS)
def command() -> None:
    """Ask which labels data holds and where they come from.

    查询数据的级别与类别及其来源。
    """
