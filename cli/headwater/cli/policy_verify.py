"""``headwater policy verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from headwater.cli.exits import CLEAN, FOUND
from headwater.cli.options import as_of_option, format_option, language_option, workspace_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from headwater.catalog.text import Language

MOST = 10_000_000


@click.command("verify")
@click.option(
    "--count",
    type=click.IntRange(0, MOST),
    default=10_000,
    help="How many random inputs; default: 10000. 随机输入的数量。",
)
@click.option("--seed", type=int, default=0, help="Draws other random inputs. 随机种子。")
@click.option(
    "--engine",
    type=click.Choice(["opa"]),
    default="opa",
    help="What the embedded engine is compared with. 对比的引擎。",
)
@as_of_option
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    count: int,
    seed: int,
    engine: Literal["opa"],
    as_of: datetime.date,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Compare the embedded engine with OPA, on whole answers.

    Asks both what lies at the bounds of every rule, what the recorded flows ask, and random
    inputs. The first difference is reduced to the least input that shows it.

    验证内置引擎与 OPA 的回答一致。
    """
    from headwater.app.loading import load
    from headwater.app.policy_verify import verify_engines
    from headwater.cli.environment import opa_executable
    from headwater.cli.render.verification import verification_json, verification_text

    verified = verify_engines(
        load(start), as_of=as_of, count=count, seed=seed, engine=engine, executable=opa_executable()
    )
    json_wanted = format_ == "json"
    click.echo(
        verification_json(verified) if json_wanted else verification_text(verified, language)
    )
    ctx.exit(CLEAN if verified.found.equal else FOUND)
