"""``headwater policy conflicts``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.exits import CLEAN, FOUND
from headwater.cli.options import as_of_option, format_option, language_option, workspace_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language


@click.command("conflicts")
@click.option(
    "--overlaps",
    "most_overlaps",
    type=click.IntRange(0, 100_000),
    default=20,
    help="How many overlaps of allow and deny to show; all are counted. 显示多少处重叠。",
)
@as_of_option
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
@click.pass_context
def command(
    context: click.Context,
    *,
    most_overlaps: int,
    as_of: datetime.date,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Find rules that are never true, redundant or shadowed, and where allow and deny meet.

    Each comes with facts that show it, put to the evaluator. Overlaps are in order, since deny
    wins: they are notes. The exit code is 1 where a rule is never true, redundant or shadowed.

    查找永不成立、多余或被遮蔽的规则，以及允许与拒绝的重叠。
    """
    from headwater.app.loading import load
    from headwater.app.policy_conflicts import find
    from headwater.cli.render.conflicts import conflicts_json, conflicts_text

    found = find(load(start), as_of=as_of, most_overlaps=most_overlaps)
    click.echo(conflicts_json(found) if format_ == "json" else conflicts_text(found, language))
    context.exit(CLEAN if found.clean else FOUND)
