"""The command ``headwater``: commands are imported when they are asked for."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from headwater.cli.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

_HELP = "Policy-as-code and lineage for data that crosses departments. 溯源而治。"


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


ROWS = {
    "check": (
        "headwater.cli.check",
        "Judge every cross-department flow. 判定每一条跨部门数据流动。",
    ),
    "lineage": (
        "headwater.cli.lineage",
        "Ask where data comes from and goes. 查询数据的来处与去处。",
    ),
    "policy": (
        "headwater.cli.policy",
        "Decide single requests, build the OPA bundle. 判定请求，构建策略包。",
    ),
}


@click.command(
    cls=LazyGroup,
    rows=ROWS,
    help=_HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 judged and clean, 1 something found, 2 could not judge.",
)
@click.version_option(package_name="headwater", message="headwater %(version)s")
@click.option("--debug", is_flag=True, help="Show where an internal error happened.")
@click.pass_context
def group(ctx: click.Context, *, debug: bool) -> None:
    """Hold the options that every command shares."""
    ctx.obj = {"debug": debug}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 clean, 1 found, 2 could not judge."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(guarded(group, words))


if __name__ == "__main__":
    main()
