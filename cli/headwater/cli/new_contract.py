"""``headwater new contract``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from headwater.cli.asking import Asked
from headwater.cli.new_options import tell
from headwater.cli.options import language_option, workspace_option

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("contract")
@click.argument("id", metavar="ID")
@click.option("--owner", cls=Asked, help="The department that holds the data. 持有部门。")
@click.option("--title", help="What it is, in a line. 标题。")
@click.option("--namespace", help="OpenLineage's namespace of the dataset. 数据集的命名空间。")
@click.option("--dataset", help="OpenLineage's name of it; default: ID. 数据集名称。")
@click.option("--column", "columns", multiple=True, help="NAME or NAME:TYPE; repeat it. 字段。")
@click.option("--data", help="The file of the workspace that holds it. 数据文件。")
@click.option("-o", "--output", "file", help="Default: contracts/ID.odcs.yaml. 输出文件。")
@workspace_option
@language_option
def command(
    id: str,  # noqa: A002 - the argument's name
    *,
    start: Path,
    file: str | None,
    language: Language,
    **said: Any,
) -> None:
    """Write a new data contract (ODCS) of one dataset; it overwrites nothing.

    The columns and their types come from the data, where none are named. Say of each column how
    sensitive it is: the file tells how.

    新建数据合同。
    """
    from headwater.app.new_contract import NewContract, write_contract
    from headwater.app.trace import workspace_at

    workspace = workspace_at(start)
    contract = NewContract(id=id, **said)
    tell(workspace, write_contract(workspace, contract, file), language)
