"""``headwater data profile``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.options import format_option, language_option, workspace_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("profile")
@click.argument("dataset", metavar="REF")
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
def command(dataset: str, *, start: Path, format_: str, language: Language) -> None:
    """Show figures of the columns of the dataset REF: empty, different, how long.

    The least and greatest number are shown only of columns of level general-1 without categories.

    显示数据集各字段的概况，不显示数据值。
    """
    from headwater.app.data_checks import profile_data
    from headwater.app.loading import load
    from headwater.cli.render.data_profile import profile_document, profile_text
    from headwater.cli.render.json_text import json_text

    found, profile = profile_data(load(start).workspace, dataset)
    if format_ == "json":
        click.echo(json_text(profile_document(found, profile)))
    else:
        click.echo(profile_text(profile, language))
