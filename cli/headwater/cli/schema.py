"""``headwater schema``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.catalog.errors import InputError
from headwater.catalog.problems import closest
from headwater.cli.options import language_option

if TYPE_CHECKING:
    from headwater.catalog.text import Language


@click.command("schema")
@click.argument("kind", required=False)
@click.option(
    "--all",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the schema of every kind into this folder. 输出全部模式到此目录。",
)
@click.option(
    "--workspace",
    "start",
    type=click.Path(path_type=Path),
    default=None,
    help="Know the attributes and names of this workspace. 使用该工作区的属性与名称。",
)
@language_option
def command(
    *, kind: str | None, folder: Path | None, start: Path | None, language: Language
) -> None:
    """Print the JSON Schema of files of a kind, for editors; without a kind, the kinds.

    The schemas are of draft 2020-12. With --workspace they know a workspace's own attributes,
    departments, purposes and categories.

    输出某类文件的 JSON Schema。
    """
    from headwater.app.schema import kinds, schema, write_schemas
    from headwater.cli.render.json_text import json_text

    if kind is not None and folder is not None:
        raise click.UsageError("KIND and --all do not go together")
    if folder is not None:
        words = {"en": "wrote {} schemas to {}", "zh": "已将 {} 个模式写入 {}"}
        found = write_schemas(folder, json_text, start)
        click.echo(words[language].format(len(found), folder), err=True)
    elif kind is None:
        click.echo("\n".join(kinds()))
    elif kind in kinds():
        click.echo(json_text(schema(kind, start)))
    else:
        near = closest(kind, kinds())
        raise InputError.of("no-schema", kind=kind, known=kinds(), suggestion=near)
