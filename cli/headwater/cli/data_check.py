"""``headwater data check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.data_options import dataset_option, only_option
from headwater.cli.exits import EXIT
from headwater.cli.options import checks_engine_option, format_option, language_option

if TYPE_CHECKING:
    from headwater.catalog.text import Language
    from headwater.checks import ChecksEngine


@click.command("check")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@checks_engine_option("--engine")
@only_option
@dataset_option
@format_option(["text", "json", "sarif"])
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    path: Path,
    *,
    checks_engine: ChecksEngine,
    only: tuple[str, ...],
    dataset: str | None,
    format_: str,
    language: Language,
) -> None:
    """Check the data of the workspace at PATH against its contracts.

    Every rule of every contract gets a verdict of Great Expectations, or a reason why it has
    none. No value of the data is shown. Exit code 0: all hold. 1: one does not. 2: one could not
    be judged.

    按合同检查工作区的数据，不显示任何数据值。
    """
    from headwater.app.data_checks import check_data
    from headwater.app.loading import load
    from headwater.cli.render.data_checks import render

    report = check_data(load(path).workspace, engine=checks_engine, only=only, dataset=dataset)
    click.echo(render(report, format_, language))
    ctx.exit(EXIT[report.outcome])
