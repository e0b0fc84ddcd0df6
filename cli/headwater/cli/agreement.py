"""``headwater agreement``: the group; each command stands in a module of its own."""

from __future__ import annotations

import click

from headwater.cli.lazy import LazyGroup

ROWS = {
    "list": ("headwater.cli.agreement_list", "List agreements and their state. 列出协议及状态。"),
    "show": ("headwater.cli.agreement_show", "Show one and who uses it. 显示协议及其使用。"),
    "new": ("headwater.cli.agreement_new", "Write a new one. 起草协议。"),
    "sign": ("headwater.cli.agreement_sign", "Sign one for a department. 代表部门签名。"),
    "verify": ("headwater.cli.agreement_verify", "Say whose signatures stand. 验证签名。"),
    "diff": ("headwater.cli.agreement_diff", "Say what one grants anew. 比较两份协议。"),
    "reconcile": (
        "headwater.cli.agreement_reconcile",
        "Compare agreements with lineage. 核对协议与实际流动。",
    ),
}


@click.command("agreement", cls=LazyGroup, rows=ROWS)
def command() -> None:
    """Write, sign and test agreements between departments.

    起草、签署与核对部门间的共享协议。
    """
