"""``headwater policy filter``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.options import as_of_option, format_option, language_option, workspace_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("filter")
@click.option(
    "--dialect",
    type=click.Choice(["postgresql", "duckdb", "sqlite", "mysql"]),
    required=True,
    help="Whose SQL to write. SQL 方言。",
)
@click.option(
    "--subject",
    required=True,
    help="Who asks: JSON, or a file of it; at least a department. 请求主体。",
)
@click.option("--dataset", required=True, help="The dataset, or an ending of it. 数据集。")
@click.option(
    "--action",
    type=click.Choice(["read", "share", "export"]),
    default="read",
    help="What is asked; default: read. 操作。",
)
@click.option("--purpose", help="What it is for. 用途。")
@click.option(
    "--columns-map",
    "columns_map",
    multiple=True,
    metavar="ATTRIBUTE=COLUMN",
    help="The column that holds an attribute of each row. 行属性所在字段。",
)
@click.option("--context", help="More facts of the context: JSON, or a file of it. 其他事实。")
@click.option("--table", help="The table; default: as the dataset is called. 表名。")
@as_of_option
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
def command(
    *,
    dialect: str,
    as_of: datetime.date,
    start: Path,
    format_: str,
    language: Language,
    **asked: str | tuple[str, ...] | None,
) -> None:
    """Write which rows and columns of a dataset a subject may read, as SQL.

    Values are bound as parameters, never written into a statement. A row whose mapped column is
    NULL is not known, and is not returned. The exit code is 0 whatever may be read.

    写出主体可读取的行与字段（SQL）。
    """
    from headwater.app.loading import load
    from headwater.app.policy_filter import Request, filter_dataset
    from headwater.cli.render.row_filter import filter_json, filter_text

    request = Request(**asked)  # type: ignore[arg-type]
    found = filter_dataset(load(start), request, dialect=dialect, as_of=as_of)
    click.echo(filter_json(found) if format_ == "json" else filter_text(found, language))
