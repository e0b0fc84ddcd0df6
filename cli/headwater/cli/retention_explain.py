"""``headwater retention explain``."""

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


@click.command("explain")
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
    """Say how long DATASET is kept, by which rules and laws, and whence they came.

    解释数据集的保存期限、依据与沿袭路径。
    """
    from headwater.app.retention_explain import explain
    from headwater.cli.render.json_text import json_text
    from headwater.cli.render.retention_explain import ExplainView

    with surveyor(start, engine) as surveying:
        name = surveying.dataset_named(dataset)
        view = ExplainView(explain(surveying.on(day_of(as_of, surveying)), name))
    click.echo(json_text(view.document()) if format_ == "json" else view.text(language))
