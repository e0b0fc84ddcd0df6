"""``headwater policy decide``."""

from __future__ import annotations

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
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language
    from headwater.policies.choose import Choice

MAX_INPUT = 64 * 1024 * 1024


@click.command("decide")
@click.option(
    "--input",
    "source",
    type=click.File("rb"),
    default="-",
    help="The facts, as JSON; default: standard input. 事实文件。",
)
@as_of_option
@engine_option
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
def command(
    *,
    source: IO[bytes],
    as_of: datetime.date,
    engine: Choice | None,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Decide one facts document, or an array of them.

    A facts document holds the attributes of the vocabulary: {"action": "share", "subject": {…},
    "resource": {…}, "context": {…}}. The exit code is 0 when every question was answered,
    whatever the answer.

    判定一个或一组事实文档。
    """
    from headwater.app.decide import decide
    from headwater.app.loading import load
    from headwater.cli.environment import opa_executable
    from headwater.cli.render.decision import decisions_json, decisions_text

    data = source.read(MAX_INPUT + 1)
    if len(data) > MAX_INPUT:
        raise InputError.of("file-too-large", limit=MAX_INPUT)
    answer = decide(load(start), data, as_of=as_of, engine=engine, executable=opa_executable())
    click.echo(decisions_json(answer) if format_ == "json" else decisions_text(answer, language))
