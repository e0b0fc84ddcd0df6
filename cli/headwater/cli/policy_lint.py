"""``headwater policy lint``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.catalog.findings import Severity
from headwater.cli.exits import FOUND
from headwater.cli.options import as_of_option, format_option, language_option, workspace_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("lint")
@click.option(
    "--fail-on",
    type=click.Choice(["warning", "note"]),
    help="Exit with 1 where a finding weighs so much or more. 达到此级别时退出码为 1。",
)
@as_of_option
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    fail_on: str | None,
    as_of: datetime.date,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Say what in the policies is wrong, or likely to surprise.

    What is wrong stops every command: all problems are listed with their positions, and the exit
    code is 2. What is only likely to surprise is a warning or a note.

    检查策略中的错误与可疑之处。
    """
    from headwater.app.loading import load
    from headwater.app.policy_lint import lint_policies
    from headwater.cli.render.lint import lint_json, lint_text

    found = lint_policies(load(start), as_of=as_of)
    click.echo(lint_json(found) if format_ == "json" else lint_text(found, language))
    if fail_on and found.reaches(Severity(fail_on)):
        ctx.exit(FOUND)
