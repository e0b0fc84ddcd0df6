"""``headwater retention simulate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.catalog.errors import InputError
from headwater.cli.options import (
    Day,
)
from headwater.cli.render.formats import ROWS
from headwater.cli.retention_options import day_of, question_options, surveyor

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language
    from headwater.policies.choose import Choice


@click.command("simulate")
@click.option(
    "--until", type=Day(), required=True, help="Up to this day, YYYY-MM-DD. 模拟至此日期。"
)
@question_options(ROWS)
def command(
    *,
    until: datetime.date,
    as_of: datetime.date | None,
    engine: Choice | None,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Say what becomes due, frozen or unclear up to a day, if nothing new is written.

    模拟至某日之前到期、冻结或无法判定的数据。
    """
    from headwater.app.retention_simulate import simulate
    from headwater.cli.render.formats import write
    from headwater.cli.render.retention_simulation import SimulationView

    with surveyor(start, engine) as surveying:
        day = day_of(as_of, surveying)
        if until < day:
            raise InputError.of("days-reversed", earlier=day, later=until)
        found = simulate(surveying, day, until)
    click.echo(write(SimulationView(found), format_, language))
