"""``headwater policy explain``."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING

import click

from headwater.catalog.errors import InputError
from headwater.cli.options import (
    as_of_option,
    engine_option,
    format_option,
    language_option,
    workspace_option,
)
from headwater.cli.policy_decide import MAX_INPUT
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.app.loading import Loaded
    from headwater.app.policy_explain import Explanation
    from headwater.catalog.text import Language
    from headwater.policies.choose import Choice


@click.command("explain")
@click.option(
    "--input",
    "source",
    type=click.File("rb"),
    default=None,
    help="The facts, as JSON; default: standard input. 事实文件。",
)
@click.option(
    "--flow",
    "flow",
    nargs=2,
    metavar="FROM TO",
    default=None,
    help="Two datasets between which data flows. 数据流动的起点与终点。",
)
@click.option("--column", help="Only this column of FROM. 仅此字段。")
@as_of_option
@engine_option
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
def command(
    *,
    source: IO[bytes] | None,
    flow: tuple[str, str] | None,
    column: str | None,
    as_of: datetime.date,
    engine: Choice | None,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Explain decisions: which conditions refuse, and the smallest change that would allow.

    Asks as `policy decide` does, or with --flow what `check` asks of one flow. Every condition
    that refuses is said with its values; what would have to change is decided again to prove it.
    The exit code is 0 when every question was answered, whatever the answer.

    解释判定：哪些条件导致拒绝，以及最少需要改变什么才会允许。
    """
    from headwater.app.loading import load
    from headwater.cli.render.explanation import explanation_text
    from headwater.cli.render.explanation_json import explanation_json

    if (flow and source) or (column and not flow):
        raise InputError.of("explain-input")
    told = _told(load(start), source, flow, column, as_of, engine)
    click.echo(explanation_json(told) if format_ == "json" else explanation_text(told, language))


def _told(
    loaded: Loaded,
    source: IO[bytes] | None,
    flow: tuple[str, str] | None,
    column: str | None,
    as_of: datetime.date,
    engine: Choice | None,
) -> Explanation:
    from headwater.app.policy_explain import explain_documents, explain_flow
    from headwater.app.policy_flow import FlowNames
    from headwater.cli.environment import opa_executable

    executable = opa_executable()
    if flow:
        names = FlowNames(flow[0], flow[1], column)
        return explain_flow(loaded, names, as_of=as_of, engine=engine, executable=executable)
    file = sys.stdin.buffer if source is None else source
    data = file.read(MAX_INPUT + 1)
    if len(data) > MAX_INPUT:
        raise InputError.of("file-too-large", limit=MAX_INPUT)
    return explain_documents(loaded, data, as_of=as_of, engine=engine, executable=executable)
