"""``headwater new policy``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from headwater.cli.asking import Asked
from headwater.cli.environment import today
from headwater.cli.new_options import rule_of, rule_options, tell
from headwater.cli.options import Day, language_option, workspace_option

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("policy")
@click.argument("id", metavar="ID")
@click.option("--title", cls=Asked, help="What it is about, in a line. 标题。")
@click.option("--owner", cls=Asked, help="The department that answers for it. 负责部门。")
@click.option("--rule", cls=Asked, help="The id of its first rule. 首条规则的编号。")
@rule_options
@click.option("--basis", multiple=True, help="The law it rests on; repeat it. 依据。")
@click.option("--from", "start_day", type=Day(), default=today, help="Default: today. 起始日。")
@click.option("--advise", is_flag=True, help="It advises, and fails no run. 仅建议。")
@click.option("-o", "--output", "file", help="Default: policies/ID.yaml. 输出文件。")
@workspace_option
@language_option
def command(
    id: str,  # noqa: A002 - the argument's name
    *,
    rule: str,
    start: Path,
    start_day: datetime.date,
    file: str | None,
    language: Language,
    **said: Any,
) -> None:
    """Write a new access policy with its first rule; it overwrites nothing.

    Example: headwater new policy health --title 'Health data' --owner health --rule purpose
    --effect deny --when 'resource.categories has health'
    --when 'not context.purpose under public-health'

    新建访问策略。
    """
    from headwater.app.new_policy import NewPolicy, write_policy
    from headwater.app.trace import workspace_at

    first = rule_of(rule, said)
    policy = NewPolicy(
        id=id,
        title=said["title"],
        owner=said["owner"],
        start=start_day,
        rule=first,
        basis=said["basis"],
        advise=said["advise"],
    )
    workspace = workspace_at(start)
    tell(workspace, write_policy(workspace, policy, file), language)
