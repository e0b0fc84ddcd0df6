"""``headwater data plan``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.data_options import dataset_option, only_option
from headwater.cli.options import format_option, language_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    from headwater.catalog.text import Language


@click.command("plan")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@only_option
@dataset_option
@format_option(ANSWER_FORMATS)
@language_option
def command(
    path: Path, *, only: tuple[str, ...], dataset: str | None, format_: str, language: Language
) -> None:
    """Show the queries that checking the data of the workspace at PATH takes.

    显示检查数据所需的查询与扫描次数。
    """
    from headwater.app.data_checks import plan_data
    from headwater.app.loading import load
    from headwater.cli.render.data_plan import plan_document, plan_text
    from headwater.cli.render.json_text import json_text

    found = plan_data(load(path).workspace, only=only, dataset=dataset)
    as_json = format_ == "json"
    click.echo(json_text(plan_document(found)) if as_json else plan_text(found, language))
