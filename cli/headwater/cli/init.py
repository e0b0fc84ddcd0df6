"""``headwater init``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.options import language_option

if TYPE_CHECKING:
    from headwater.catalog.text import Language

_EXAMPLES = ("empty", "city", "flights")
_SAID = {
    "en": "wrote {} files to {}\nnext: headwater check {}",
    "zh": "已将 {} 个文件写入 {}\n下一步：headwater check {}",
}
_PLANTED = {
    "en": "      (this example has planted breaches: it finds them, exit code 1)",
    "zh": "      （此示例埋有违规，检查会发现它们，退出码为 1）",
}


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--example",
    type=click.Choice(_EXAMPLES),
    default="empty",
    show_default=True,
    help="Begin with the smallest workspace, or with an example. 起始内容。",
)
@language_option
def command(*, folder: Path, example: str, language: Language) -> None:
    """Begin a workspace in FOLDER, which must be absent or empty.

    Every file says what it is for; editors get the schemas. The smallest workspace (`empty`) has
    two departments, one agreement and one flow, and `headwater check` passes on it at once.

    在 FOLDER 中新建工作区。
    """
    from headwater.app.starting import begin
    from headwater.catalog.visible import visible
    from headwater.cli.render.json_text import json_text

    begun = begin(folder, example, json_text)
    name = visible(str(folder))
    click.echo(_SAID[language].format(len(begun.files), name, name), err=True)
    if example != "empty":
        click.echo(_PLANTED[language], err=True)
