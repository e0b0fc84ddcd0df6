"""``headwater data explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.data_options import only_option
from headwater.cli.options import format_option, language_option, workspace_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("explain")
@click.argument("dataset", metavar="REF")
@only_option
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
def command(
    dataset: str, *, only: tuple[str, ...], start: Path, format_: str, language: Language
) -> None:
    """Say what the contract of the dataset REF asks of its data, where, and how it is measured.

    说明合同对数据集的要求、出处与检查方式。
    """
    from headwater.app.data_checks import plan_data
    from headwater.app.loading import load
    from headwater.cli.render.data_plan import explain_document, explain_text
    from headwater.cli.render.json_text import json_text

    found = plan_data(load(start).workspace, only=only, dataset=dataset)
    as_json = format_ == "json"
    click.echo(json_text(explain_document(found)) if as_json else explain_text(found, language))
