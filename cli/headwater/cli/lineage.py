"""``headwater lineage``: upstream, downstream, flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from headwater.cli.options import format_option, language_option, workspace_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.text import Language
    from headwater.lineage.graph import Direction


@click.group("lineage")
def command() -> None:
    """Ask where data comes from and where it goes.

    查询数据的来处与去处。
    """


def _trace(
    direction: Direction, reference: str, start: Path, format_: str, language: Language
) -> None:
    from headwater.app.loading import load
    from headwater.app.trace import trace
    from headwater.cli.render.answer import answer_json, answer_text

    workspace = load(start).workspace
    answer = trace(workspace, reference, direction)
    write = answer_json if format_ == "json" else answer_text
    click.echo(write(answer, workspace.department_of, language))


@command.command("upstream")
@click.argument("ref")
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
def upstream(ref: str, *, start: Path, format_: str, language: Language) -> None:
    """Show everything that REF is made from.

    REF is namespace/name of a dataset, or any unique ending of it, with #column for one column.

    显示 REF 的全部上游。
    """
    _trace("upstream", ref, start, format_, language)


@command.command("downstream")
@click.argument("ref")
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
def downstream(ref: str, *, start: Path, format_: str, language: Language) -> None:
    """Show everything that is made from REF.

    REF is namespace/name of a dataset, or any unique ending of it, with #column for one column.

    显示 REF 的全部下游。
    """
    _trace("downstream", ref, start, format_, language)


@command.command("flows")
@click.option(
    "--hops", type=click.IntRange(min=1), help="At most so many jobs apart. 最多跨越的作业数。"
)
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
def flows(*, hops: int | None, start: Path, format_: str, language: Language) -> None:
    """List the flows between departments.

    列出部门之间的数据流动。
    """
    from headwater.app.loading import load
    from headwater.app.trace import flow_rows
    from headwater.cli.render.answer import flows_json, flows_text

    rows = flow_rows(load(start).workspace, hops)
    click.echo(flows_json(rows, hops) if format_ == "json" else flows_text(rows, hops, language))
