"""``headwater new rule``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from headwater.cli.new_options import rule_of, rule_options, tell
from headwater.cli.options import language_option, workspace_option

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("rule")
@click.argument("policy")
@click.argument("id", metavar="ID")
@rule_options
@workspace_option
@language_option
def command(
    policy: str,
    id: str,  # noqa: A002 - the argument's name
    *,
    start: Path,
    language: Language,
    **said: Any,
) -> None:
    """Put the rule ID at the end of the access policy POLICY; comments stay.

    向访问策略添加规则。
    """
    from headwater.app.new_policy import add_rule
    from headwater.app.trace import workspace_at

    workspace = workspace_at(start)
    tell(workspace, add_rule(workspace, policy, rule_of(id, said)), language)
