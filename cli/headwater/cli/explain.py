"""``headwater explain``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.options import format_option, language_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    from headwater.catalog.text import Language


@click.command("explain")
@click.argument("code", required=False)
@click.option(
    "--workspace",
    "start",
    type=click.Path(path_type=Path),
    default=None,
    help="Know the rules of this workspace; default: the one here. 使用该工作区的规则。",
)
@format_option(ANSWER_FORMATS)
@language_option
def command(*, code: str | None, start: Path | None, format_: str, language: Language) -> None:
    """Explain a rule id or an error code: what it means, why, and what to do.

    Without CODE, list every code.

    解释规则编号或错误代码。
    """
    from headwater.app.pages import codes, page
    from headwater.catalog.files import MARKER
    from headwater.catalog.visible import visible
    from headwater.cli.render.json_text import json_text

    if code is None:
        found = codes()
        document = {"schema": "headwater/codes/1", "codes": list(found)}
        click.echo(json_text(document) if format_ == "json" else "\n".join(found))
        return
    here = Path(MARKER).is_file()
    entry = page(code, start or (Path() if here else None))
    text = {"en": entry.text.en, "zh": entry.text.zh}
    if format_ == "json":
        document = {"schema": "headwater/page/1", "code": entry.code, "kind": entry.kind, **text}
        click.echo(json_text(document))
        return
    click.echo("\n".join(visible(line) for line in text[language].splitlines()))
