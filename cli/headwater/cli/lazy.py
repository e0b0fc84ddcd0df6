"""Groups whose commands are imported when they are asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands live in modules that are imported on use.

    ``rows`` maps a command's name to its module and its one line of help.
    """

    def __init__(self, *, rows: dict[str, tuple[str, str]], **settings: Any) -> None:
        super().__init__(**settings)
        self._rows = rows

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names, sorted."""
        return sorted({*self._rows, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, importing its module."""
        if cmd_name not in self._rows:
            return super().get_command(ctx, cmd_name)
        found: click.Command = import_module(self._rows[cmd_name][0]).command
        return found

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands' help without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, row[1]) for name, row in sorted(self._rows.items())])
