"""``headwater policy diff``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.exits import CLEAN, FOUND
from headwater.cli.options import as_of_option, format_option, language_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    import datetime

    from headwater.catalog.text import Language

MOST = 1_000_000


@click.command("diff")
@click.argument("old")
@click.argument("new", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--max-newly-allowed",
    "allowed",
    type=click.IntRange(0, MOST),
    default=None,
    help="Exit 1 if more questions of recorded flows are newly allowed. 新增允许的上限。",
)
@click.option(
    "--max-openings",
    "openings",
    type=click.IntRange(0, MOST),
    default=None,
    help="Exit 1 if more is newly allowed where nothing flows yet. 尚无流动处新增允许的上限。",
)
@click.option(
    "--most",
    type=click.IntRange(0, 10_000),
    default=100,
    help="How many differences to look for where nothing flows yet. 最多查找多少处差异。",
)
@as_of_option
@format_option(ANSWER_FORMATS)
@language_option
@click.pass_context
def command(
    context: click.Context,
    *,
    old: str,
    new: Path,
    allowed: int | None,
    openings: int | None,
    most: int,
    as_of: datetime.date,
    format_: str,
    language: Language,
) -> None:
    """Say what the policies of NEW do that those of OLD did not.

    OLD is a folder of another workspace, or a git revision of this one: main, HEAD~1, v1.2. NEW
    is a folder of a workspace; by default it is here. Both sets of policies are asked about every
    recorded flow of NEW; where they differ and nothing flows yet is shown by facts that both have
    been asked about. The exit code is 0 unless a limit is given and exceeded.

    比较两个版本的策略：哪些流动新增允许、新增拒绝，或义务有变。
    """
    from headwater.app.loading import load
    from headwater.app.policy_diff import compare
    from headwater.app.revisions import load_at
    from headwater.cli.environment import opa_executable
    from headwater.cli.render.comparison import comparison_text
    from headwater.cli.render.comparison_json import comparison_json

    now = load(new)
    then = load_at(old, new, git=shutil.which("git"))
    found = compare(then, now, as_of=as_of, executable=opa_executable(), most=most)
    click.echo(comparison_json(found) if format_ == "json" else comparison_text(found, language))
    exceeded = found.exceeds(allowed=allowed, openings=openings)
    context.exit(FOUND if exceeded else CLEAN)
