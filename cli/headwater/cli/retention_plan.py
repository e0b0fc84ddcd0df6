"""``headwater retention plan``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.catalog.errors import InputError
from headwater.cli.exits import EXIT
from headwater.cli.retention_options import day_of, question_options, surveyor

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language
    from headwater.policies.choose import Choice

FORMATS = ("text", "table", "json", "ndjson", "csv", "sql", "ics")


@click.command("plan")
@question_options(FORMATS)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    as_of: datetime.date | None,
    engine: Choice | None,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Say what is due: which records, every copy first, who must be told, by which rule.

    With --format sql it writes statements for a person to read and run; they end with a
    ROLLBACK, and need a day that is named. With --format ics it writes a calendar.

    列出到期数据、处置顺序与须告知的部门。
    """
    from headwater.app.report import outcome_of
    from headwater.app.retention_findings import RULES
    from headwater.app.retention_plan import plan
    from headwater.cli.render.retention_plan import plan_text

    if format_ == "sql" and as_of is None:
        raise InputError.of("sql-needs-a-day")
    with surveyor(start, engine) as surveying:
        found = plan(surveying.on(day_of(as_of, surveying)))
    click.echo(plan_text(found, format_, language))
    ctx.exit(EXIT[outcome_of(found.findings, RULES)])
