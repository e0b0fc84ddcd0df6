"""``headwater lineage import dbt``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.lineage_import import deliver, import_options, workspace_at

if TYPE_CHECKING:
    from headwater.catalog.text import Language


@click.command("dbt")
@click.argument("manifest", type=click.Path(path_type=Path))
@click.option(
    "--catalog", type=click.Path(path_type=Path), help="target/catalog.json, for columns. 字段。"
)
@click.option(
    "--namespace", required=True, help="Of the database, as in postgres://db:5432. 命名空间。"
)
@click.option("--job-namespace", default="dbt", help="Of the jobs; default: dbt. 作业命名空间。")
@click.option("--purpose", help="Of models that say none of their own. 默认用途。")
@click.option(
    "--lenient",
    is_flag=True,
    help="Take a model that is not understood as a whole. 无法理解的模型按整体处理。",
)
@import_options
def command(
    *,
    manifest: Path,
    catalog: Path | None,
    lenient: bool,
    start: Path,
    target: Path | None,
    language: Language,
    **given: str,
) -> None:
    """Read dbt's MANIFEST, target/manifest.json, as `dbt compile` writes it.

    A model's purpose is `meta.purpose`, or a tag `purpose:…`.

    读取 dbt 的 manifest.json。
    """
    from headwater.app.import_lineage import import_dbt
    from headwater.app.lineage_sources import described_columns
    from headwater.lineage.dbt_source import DbtProject

    project = DbtProject(
        namespace=given["namespace"],
        job_namespace=given["job_namespace"],
        purpose=given["purpose"],
        lenient=lenient,
        described=described_columns(workspace_at(start)),
    )
    deliver(import_dbt(manifest, catalog, project, given["event_time"]), target, language)
