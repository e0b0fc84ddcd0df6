"""``headwater lineage import sql``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.lineage_import import dataset_named, deliver, import_options, workspace_at

if TYPE_CHECKING:
    from headwater.catalog.model import Workspace
    from headwater.catalog.text import Language
    from headwater.lineage.sql_source import SqlJob


@click.command("sql")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dialect", default="", help="As in postgres, duckdb, snowflake. SQL 方言。")
@click.option(
    "--namespace", required=True, help="Of the tables, as in postgres://db:5432. 命名空间。"
)
@click.option("--database", help="Of tables that are named without it. 默认数据库。")
@click.option("--schema", help="Of tables that are named without it. 默认模式。")
@click.option("--job", "job_name", required=True, metavar="NAMESPACE/NAME", help="作业。")
@click.option("--purpose", help="What the job is for. 用途。")
@click.option(
    "--name", "result", metavar="TABLE", help="What a bare SELECT makes. 查询结果的名称。"
)
@click.option(
    "--table",
    "tables",
    multiple=True,
    metavar="TABLE=DATASET",
    help="A table that is another dataset: of a contract, or namespace/name. 表对应的数据集。",
)
@import_options
def command(
    *, files: tuple[Path, ...], start: Path, target: Path | None, language: Language, **given: str
) -> None:
    """Read what SQL FILES do to columns; nothing is executed.

    The files are read in order, as one script. Contracts of the workspace tell the columns
    behind `*`.

    读取 SQL 文件中的字段血缘；不执行任何语句。
    """
    from headwater.app.import_lineage import import_sql

    job = _job(workspace_at(start), given)
    deliver(import_sql(files, job, given["event_time"]), target, language)


def _job(workspace: Workspace | None, given: dict[str, str]) -> SqlJob:
    from headwater.app.lineage_sources import described_columns
    from headwater.catalog.ids import JobId
    from headwater.lineage.edge_list import split_name
    from headwater.lineage.sql_source import SqlJob

    job = split_name(given["job_name"])
    if job is None:
        raise click.BadParameter("write NAMESPACE/NAME", param_hint="'--job'")
    tables = {}
    for row in given["tables"]:
        table, equals, dataset = row.partition("=")
        if not equals or not table:
            raise click.BadParameter("write TABLE=DATASET", param_hint="'--table'")
        tables[table] = dataset_named(dataset, workspace)
    return SqlJob(
        job=JobId(job.namespace, job.name),
        dialect=given["dialect"],
        namespace=given["namespace"],
        database=given["database"],
        schema=given["schema"],
        name=given["result"],
        purpose=given["purpose"],
        tables=tables,
        described=described_columns(workspace),
    )
