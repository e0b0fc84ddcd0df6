"""``headwater check``: the gate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.exits import EXIT
from headwater.cli.options import (
    as_of_option,
    checks_engine_option,
    engine_option,
    format_option,
    language_option,
)
from headwater.cli.render import REPORT_FORMATS, renderer

if TYPE_CHECKING:
    import datetime

    from headwater.catalog.text import Language
    from headwater.checks import ChecksEngine
    from headwater.policies.choose import Choice


@click.command("check")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@as_of_option
@engine_option
@checks_engine_option("--checks-engine")
@format_option(REPORT_FORMATS)
@click.option(
    "--explain",
    "explained",
    is_flag=True,
    help="Show in text by what path, and the smallest change that would pass. 显示路径与最小改动。",
)
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    path: Path,
    *,
    as_of: datetime.date,
    engine: Choice | None,
    checks_engine: ChecksEngine,
    format_: str,
    explained: bool,
    language: Language,
) -> None:
    """Judge every cross-department flow of the workspace at PATH.

    Reads the workspace's files and its event files, runs the data checks, decides every flow
    and every retention term, and reports what a person must look at.

    判定工作区中的每一条跨部门数据流动、数据检查与保存期限。
    """
    from headwater.app.gate import gate
    from headwater.app.loading import load
    from headwater.app.pause import collection_paused
    from headwater.cli.environment import opa_executable

    loaded = load(path)
    with collection_paused():
        report = gate(
            loaded,
            as_of=as_of,
            engine=engine,
            executable=opa_executable(),
            explained=explained or format_ != "text",
            checks_engine=checks_engine,
        )
    click.echo(renderer(format_)(report, language))
    ctx.exit(EXIT[report.outcome])
