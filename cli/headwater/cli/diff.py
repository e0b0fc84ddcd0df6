"""``headwater diff``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.exits import CLEAN, FOUND
from headwater.cli.options import as_of_option, format_option, language_option, workspace_option

if TYPE_CHECKING:
    import datetime

    from headwater.app.workspace_diff import WorkspaceDiff
    from headwater.catalog.text import Language

FAILURES = ("breaking", "refused", "allowed", "any", "never")


@click.command("diff")
@click.argument("base")
@click.argument("head", default=None, required=False)
@click.option(
    "--fail-on",
    "failures",
    type=click.Choice(FAILURES),
    multiple=True,
    default=("breaking", "refused"),
    show_default=True,
    help="Exit 1 on these; may be repeated. 出现这些情况时以 1 退出。",
)
@click.option(
    "--most",
    type=click.IntRange(0, 10_000),
    default=50,
    show_default=True,
    help="Rows of a Markdown table. Markdown 表格的最多行数。",
)
@workspace_option
@as_of_option
@format_option(("text", "json", "markdown"))
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    base: str,
    head: str | None,
    failures: tuple[str, ...],
    most: int,
    start: Path,
    as_of: datetime.date,
    format_: str,
    language: Language,
) -> None:
    """Say what changes from BASE to HEAD: contracts, labels, agreements, and flows.

    Each is a folder of a workspace, or a git revision of the workspace here: main, HEAD~1, v1.2.
    Without HEAD it is the workspace here, as its files stand. Both are asked about the same
    recorded flows: those of HEAD where that is a folder, else those recorded here.

    A change of a contract is breaking for who reads the data (consumer) or who writes it
    (producer). Exit code 1: something is breaking or newly refused, unless --fail-on says
    otherwise.

    比较两个版本的工作区：合同、标签、协议的改动，以及新增拒绝或新增允许的流动。
    """
    from headwater.app.loading import load
    from headwater.app.revisions import load_at
    from headwater.app.workspace_diff import diff
    from headwater.cli.environment import opa_executable

    git = shutil.which("git")
    now = load(start) if head is None else load_at(head, start, git=git)
    here = now if head is None or Path(head).is_dir() else load(start)
    then = load_at(base, start, git=git)
    found = diff(then, now, here=here, as_of=as_of, executable=opa_executable())
    click.echo(_written(found, format_, language, most))
    ctx.exit(FOUND if _fails(found, failures) else CLEAN)


def _written(found: WorkspaceDiff, format_: str, language: Language, most: int) -> str:
    from headwater.cli.render.diff import diff_json, diff_text
    from headwater.cli.render.diff_markdown import diff_markdown

    match format_:
        case "json":
            return diff_json(found)
        case "markdown":
            return diff_markdown(found, language, most=most)
        case _:
            return diff_text(found, language)


def _fails(found: WorkspaceDiff, failures: tuple[str, ...]) -> bool:
    """Say whether the exit code is 1; ``never`` outweighs what else is asked for."""
    if "never" in failures:
        return False
    happened = {
        "breaking": bool(found.breaking()),
        "refused": bool(found.turned("newly-refused")),
        "allowed": bool(found.turned("newly-allowed")),
        "any": bool(found.changes or found.flows),
    }
    return any(happened[each] for each in failures)
