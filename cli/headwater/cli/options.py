"""Options that several commands share."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from headwater.catalog.text import LANGUAGES
from headwater.cli.environment import preferred_language, today

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


_Command = TypeVar("_Command", bound="Callable[..., Any]")


class Day(click.ParamType[datetime.date]):
    """A date of the calendar, YYYY-MM-DD."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime.date:
        """Return the date, or fail with what is wrong."""
        if isinstance(value, datetime.date):
            return value
        text = str(value)
        try:
            return datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=datetime.UTC).date()
        except ValueError:
            return self.fail(f"`{text}` is not a date: write YYYY-MM-DD", param, ctx)


def language_option(command: _Command) -> _Command:
    """Add ``--lang``."""
    return click.option(
        "--lang",
        "language",
        type=click.Choice(LANGUAGES),
        default=preferred_language,
        help="Language of messages; default: the locale's. 消息语言。",
    )(command)


def format_option(names: Iterable[str]) -> Callable[[_Command], _Command]:
    """Return a decorator that adds ``--format`` with these names, the first by default."""
    known = list(names)

    def add(command: _Command) -> _Command:
        return click.option(
            "--format",
            "format_",
            type=click.Choice(known),
            default=known[0],
            help="How to write the answer. 输出格式。",
        )(command)

    return add


def as_of_option(command: _Command) -> _Command:
    """Add ``--as-of``."""
    return click.option(
        "--as-of",
        type=Day(),
        default=today,
        help="Judge as on this day, YYYY-MM-DD; default: today. 判定日期。",
    )(command)


def engine_option(command: _Command) -> _Command:
    """Add ``--engine``."""
    return click.option(
        "--engine",
        type=click.Choice(["auto", "opa", "native"]),
        default=None,
        help="Who decides; default: what headwater.yaml says. 判定引擎。",
    )(command)


def checks_engine_option(
    name: str, engines: Iterable[str] = ("scan", "gx-pandas")
) -> Callable[[_Command], _Command]:
    """Return a decorator that adds the option that says what measures data."""
    return click.option(
        name,
        "checks_engine",
        type=click.Choice(list(engines)),
        default="scan",
        show_default=True,
        help="What measures data: one DuckDB scan, or stock Great Expectations. 数据检查引擎。",
    )


def workspace_option(command: _Command) -> _Command:
    """Add ``--workspace``."""
    return click.option(
        "--workspace",
        "start",
        type=click.Path(path_type=Path),
        default=Path(),
        help="A folder of the workspace; default: here. 工作区路径。",
    )(command)
