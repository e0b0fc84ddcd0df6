"""``headwater policy build``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.options import language_option, workspace_option

if TYPE_CHECKING:
    from headwater.catalog.text import Language


@click.command("build")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write. 输出文件。",
)
@workspace_option
@language_option
def command(*, target: Path, start: Path, language: Language) -> None:
    """Write the policies as an OPA bundle: the same bytes each time.

    Ask it data.headwater.decision. Facts that nobody normalised are refused.

    把策略写成 OPA 包。
    """
    from headwater.app.decide import build
    from headwater.app.loading import load

    revision = build(load(start).policies, target)
    words = {"en": "wrote {} ({})", "zh": "已写入 {}（{}）"}
    click.echo(words[language].format(target, revision), err=True)
