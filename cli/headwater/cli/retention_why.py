"""``headwater retention why-not-delete``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.render import ANSWER_FORMATS
from headwater.cli.retention_options import day_of, question_options, surveyor

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language
    from headwater.policies.choose import Choice


@click.command("why-not-delete")
@click.argument("dataset")
@question_options(ANSWER_FORMATS)
def command(
    *,
    dataset: str,
    as_of: datetime.date | None,
    engine: Choice | None,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Say what keeps the records of DATASET from being deleted now.

    说明数据集的记录为何现在不能删除。
    """
    from headwater.app.retention_explain import why_not_delete
    from headwater.cli.render.json_text import json_text
    from headwater.cli.render.retention_explain import WhyView

    with surveyor(start, engine) as surveying:
        name = surveying.dataset_named(dataset)
        survey = surveying.on(day_of(as_of, surveying))
    view = WhyView(survey, name, why_not_delete(survey, name))
    click.echo(json_text(view.document()) if format_ == "json" else view.text(language))
