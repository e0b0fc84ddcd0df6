"""``headwater subject``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.render.formats import ROWS
from headwater.cli.retention_options import day_of, question_options, surveyor

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language
    from headwater.policies.choose import Choice


@click.command("subject")
@click.argument("key")
@question_options(ROWS)
def command(
    *,
    key: str,
    as_of: datetime.date | None,
    engine: Choice | None,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Say where data about the people can be whom KEY (DATASET#COLUMN) identifies.

    Follows the identifier through lineage and joins, and lists every dataset with the terms,
    holds and agreements that it is kept under. Reads and prints no record.

    列出可能含有同一主体数据的全部数据集；不读取任何个人数据。
    """
    from headwater.app.subject import subject
    from headwater.cli.render.formats import write
    from headwater.cli.render.subject import SubjectView

    with surveyor(start, engine, counting=False) as surveying:
        found = subject(surveying, key, day_of(as_of, surveying))
    click.echo(write(SubjectView(found), format_, language))
