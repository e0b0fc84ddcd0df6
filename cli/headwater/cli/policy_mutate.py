"""``headwater policy mutate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.exits import CLEAN, FOUND
from headwater.cli.options import format_option, language_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    from headwater.catalog.text import Language


@click.command("mutate")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--pack", is_flag=True, help="Judge the built-in pack by its own tests too. 包含内置策略。"
)
@click.option(
    "--min-score",
    "required",
    type=click.FloatRange(0, 100),
    default=None,
    metavar="PERCENT",
    help="Fail where fewer are noticed. 要求的得分。",
)
@format_option(ANSWER_FORMATS)
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    path: Path,
    *,
    pack: bool,
    required: float | None,
    format_: str,
    language: Language,
) -> None:
    """Say which small mistakes in the policies no policy test would notice.

    Each mutant is the policies with one mistake: a condition left out or turned round, another
    operator, a bound a step further, another effect, a day more or less. One that no test notices
    is listed with an input that shows it; one for which no such input was found is not counted.

    变异测试：策略中的哪些小错误不会被测试发现。
    """
    from headwater.app.loading import load
    from headwater.app.policy_mutate import mutate_policies
    from headwater.app.policy_test import suites_of
    from headwater.cli.render.mutation import mutation_json, mutation_text

    loaded = load(path)
    mutated = mutate_policies(suites_of(loaded, path, pack=pack), required=required)
    click.echo(mutation_json(mutated) if format_ == "json" else mutation_text(mutated, language))
    ctx.exit(CLEAN if mutated.passed else FOUND)
