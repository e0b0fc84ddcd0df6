"""``headwater new``: the group of its commands."""

from __future__ import annotations

import click

from headwater.cli.lazy import LazyGroup

ROWS = {
    "agreement": ("headwater.cli.agreement_new", "Write a new agreement. 起草协议。"),
    "check": ("headwater.cli.new_check", "Put a data check into a contract. 添加数据检查。"),
    "contract": ("headwater.cli.new_contract", "Write a new data contract. 新建数据合同。"),
    "policy": ("headwater.cli.new_policy", "Write a new access policy. 新建访问策略。"),
    "rule": ("headwater.cli.new_rule", "Put a rule into a policy. 添加规则。"),
}


@click.command("new", cls=LazyGroup, rows=ROWS)
def command() -> None:
    """Write new files, which the workspace can read; nothing is overwritten.

    On a terminal what is missing is asked for, elsewhere it is an error.

    新建文件，不覆盖已有内容。
    """
