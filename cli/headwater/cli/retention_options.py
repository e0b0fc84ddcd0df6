"""What the commands about retention share: the day, the engine, and how a survey is begun."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from headwater.catalog.errors import InputError
from headwater.cli.environment import opa_executable, today
from headwater.cli.options import (
    Day,
    engine_option,
    format_option,
    language_option,
    workspace_option,
)

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from headwater.app.retention_survey import Surveyor
    from headwater.policies.choose import Choice

_Command = TypeVar("_Command", bound="Callable[..., Any]")

day_option = click.option(
    "--as-of",
    type=Day(),
    default=None,
    help="Judge as on this day, YYYY-MM-DD; default: today. 判定日期。",
)


def question_options(formats: Iterable[str]) -> Callable[[_Command], _Command]:
    """Return a decorator that adds what every question about terms takes."""

    def add(command: _Command) -> _Command:
        for option in (language_option, format_option(formats), workspace_option, engine_option):
            command = option(command)
        return day_option(command)

    return add


@contextmanager
def surveyor(start: Path, engine: Choice | None, *, counting: bool = True) -> Iterator[Surveyor]:
    """Yield what judges the workspace at ``start``; with or without reading records."""
    from headwater.app.collecting import collecting_later
    from headwater.app.loading import load
    from headwater.app.retention_survey import surveying

    loaded, executable = load(start), opa_executable()
    asked = surveying(loaded, engine=engine, executable=executable, counting=counting)
    with collecting_later(), asked as found:
        yield found


def day_of(chosen: datetime.date | None, surveying: Surveyor) -> datetime.date:
    """Return the day to judge on: the one named, else today.

    A clock set back would keep data past their term: the log knows of a later day.

    Raises:
        InputError: It is earlier by the clock than the log's last event.
    """
    if chosen is not None:
        return chosen
    clock, last = today(), surveying.moves.last_day()
    if last is not None and clock < last:
        raise InputError.of("day-before-log", today=clock, last=last)
    return clock
