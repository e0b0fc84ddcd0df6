"""``headwater policy``: the group; each command stands in a module of its own."""

from __future__ import annotations

import click

from headwater.cli.lazy import LazyGroup

ROWS = {
    "build": ("headwater.cli.policy_build", "Write the bundle that any OPA can load. 构建策略包。"),
    "inspect": ("headwater.cli.policy_inspect", "Say what a bundle is. 检查策略包。"),
    "list": ("headwater.cli.policy_list", "List policies and rules. 列出策略与规则。"),
    "lint": ("headwater.cli.policy_lint", "Look for what may surprise. 检查策略写法。"),
    "filter": ("headwater.cli.policy_filter", "Write row filters in SQL. 生成行过滤 SQL。"),
    "diff": ("headwater.cli.policy_diff", "Compare two sets of policies. 比较两个版本的策略。"),
    "explain": ("headwater.cli.policy_explain", "Explain decisions. 解释判定。"),
    "conflicts": ("headwater.cli.policy_conflicts", "Find rules that clash. 查找冲突的规则。"),
    "decide": ("headwater.cli.policy_decide", "Decide facts documents. 判定事实文档。"),
    "test": ("headwater.cli.policy_test", "Run the policy tests. 运行策略测试。"),
    "mutate": ("headwater.cli.policy_mutate", "Say what the tests miss. 变异测试。"),
    "verify": ("headwater.cli.policy_verify", "Prove the engines equal. 验证引擎一致。"),
}


@click.command("policy", cls=LazyGroup, rows=ROWS)
def command() -> None:
    """Say, prove and change what is allowed.

    编写、证明与修改策略。
    """
