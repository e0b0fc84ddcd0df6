"""``headwater policy``: decide, build."""

from __future__ import annotations

from pathlib import Path
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

    from headwater.catalog.text import Language
    from headwater.policies.choose import Choice

MAX_INPUT = 64 * 1024 * 1024


@click.group("policy")
def command() -> None:
    """Decide single requests, and build the bundle that any OPA can load.

    判定单个请求，构建 OPA 策略包。
    """


@command.command("decide")
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
def decide(
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
    from headwater.app.decide import decide as decide_
    from headwater.app.loading import load
    from headwater.cli.environment import opa_executable
    from headwater.cli.render.decision import decisions_json, decisions_text

    data = source.read(MAX_INPUT + 1)
    if len(data) > MAX_INPUT:
        raise InputError.of("file-too-large", limit=MAX_INPUT)
    answer = decide_(load(start), data, as_of=as_of, engine=engine, executable=opa_executable())
    click.echo(decisions_json(answer) if format_ == "json" else decisions_text(answer, language))


@command.command("build")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write. 输出文件。",
)
@workspace_option
@language_option
def build(*, target: Path, start: Path, language: Language) -> None:
    """Write the policies as an OPA bundle: the same bytes each time.

    Ask it data.headwater.decision. Facts that nobody normalised are refused.

    把策略写成 OPA 包。
    """
    from headwater.app.decide import build as build_
    from headwater.app.loading import load

    revision = build_(load(start).policies, target)
    words = {"en": "wrote {} ({})", "zh": "已写入 {}（{}）"}
    click.echo(words[language].format(target, revision), err=True)
