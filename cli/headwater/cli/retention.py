"""``headwater retention``: the group; each command stands in a module of its own."""

from __future__ import annotations

import click

from headwater.cli.lazy import LazyGroup

ROWS = {
    "explain": ("headwater.cli.retention_explain", "Why a dataset is kept so long. 解释保存期限。"),
    "plan": ("headwater.cli.retention_plan", "What is due, copies first. 到期处置计划。"),
    "simulate": ("headwater.cli.retention_simulate", "What will be due. 模拟未来到期。"),
    "why-not-delete": ("headwater.cli.retention_why", "What keeps a dataset. 为何不能删除。"),
}


@click.command("retention", cls=LazyGroup, rows=ROWS)
def command() -> None:
    """Say how long data may and must be kept, and what is due.

    Headwater deletes nothing: it says what is to be done, and by what rule.

    保存期限与到期处置。
    """
