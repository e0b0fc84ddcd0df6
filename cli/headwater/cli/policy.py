"""``headwater policy``: the group; each command stands in a module of its own."""

from __future__ import annotations

import click

from headwater.cli.lazy import LazyGroup

ROWS = {
    "build": ("headwater.cli.policy_build", "Write the bundle that any OPA can load. 构建策略包。"),
    "decide": ("headwater.cli.policy_decide", "Decide facts documents. 判定事实文档。"),
}


@click.command("policy", cls=LazyGroup, rows=ROWS)
def command() -> None:
    """Say, prove and change what is allowed.

    编写、证明与修改策略。
    """
