"""``headwater agreement new``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from headwater.catalog.kinds import ENDINGS, GROUNDS, MODES
from headwater.catalog.model import LEVELS
from headwater.cli.asking import Asked
from headwater.cli.environment import today
from headwater.cli.options import Day, language_option, workspace_option

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.text import Language

_MANY = ("columns", "purposes", "masked", "location", "onward")


@click.command("new")
@click.argument("id", metavar="ID")
@click.option("--provider", cls=Asked, help="Whose data. 提供方。")
@click.option("--consumer", cls=Asked, help="Who uses it. 使用方。")
@click.option("--contract", cls=Asked, help="The data contract. 数据合同。")
@click.option(
    "--column", "columns", cls=Asked, multiple=True, help="A column or glob; repeat it. 字段。"
)
@click.option(
    "--purpose", "purposes", cls=Asked, multiple=True, help="A purpose; repeat it. 用途。"
)
@click.option(
    "--ground",
    type=click.Choice(GROUNDS),
    default="statutory-duty",
    show_default=True,
    help="The legal ground (PIPL 13). 法律依据。",
)
@click.option("--mandate", help="The law or decision that it rests on. 授权依据。")
@click.option("--title", help="A title. 标题。")
@click.option("--mode", type=click.Choice(MODES), help="Default: provide. 方式。")
@click.option("--from", "start_day", type=Day(), default=today, help="Default: today. 起始日。")
@click.option("--until", type=Day(), help="The last day. 截止日。")
@click.option("--max-level", type=click.Choice(LEVELS), help="The highest level. 最高级别。")
@click.option("--masked", multiple=True, help="A column given masked only; repeat it. 须脱敏。")
@click.option("--min-k", type=int, help="The smallest group of people. 最小人群规模。")
@click.option("--location", multiple=True, help="A region code; repeat it. 地域。")
@click.option("--onward", multiple=True, help="May be passed on to; repeat it. 可转交给。")
@click.option("--at-most", help="How long it is kept: P1Y. 最长保存。")
@click.option("--then", type=click.Choice(ENDINGS), help="What happens then. 届时。")
@click.option("--assessment", help="The impact assessment's reference. 影响评估。")
@click.option("--supersedes", help="The agreement that it replaces. 取代。")
@click.option("-o", "--output", "file", help="Default: agreements/ID.yaml. 输出文件。")
@workspace_option
@language_option
def command(
    *, start: Path, start_day: Any, file: str | None, language: Language, **said: Any
) -> None:
    """Write a new agreement that the workspace can read; it overwrites nothing.

    All that it names must be there: departments, contract, columns, purposes. It is in force
    from its first day, or, where signatures are required, once both sides have signed it.

    起草一份协议，不覆盖已有文件。
    """
    from headwater.app.agreement_new import Scaffold, write_agreement
    from headwater.app.trace import workspace_at

    many: dict[str, Any] = {name: tuple(said.pop(name)) for name in _MANY}
    scaffold = Scaffold(start=start_day, **many, **said)
    workspace = workspace_at(start)
    target = write_agreement(workspace, scaffold, file)
    words = {"en": "wrote {}", "zh": "已写入 {}"}
    name = target.relative_to(workspace.root).as_posix()
    click.echo(words[language].format(name), err=True)
