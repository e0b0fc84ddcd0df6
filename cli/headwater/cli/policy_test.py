"""``headwater policy test``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from headwater.cli.exits import CLEAN, FOUND
from headwater.cli.options import format_option, language_option

if TYPE_CHECKING:
    from headwater.app.policy_test import Tested
    from headwater.catalog.text import Language


@click.command("test")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--engine",
    type=click.Choice(["native", "opa"]),
    default="native",
    help="opa: run every case on OPA as well. 判定引擎。",
)
@click.option(
    "--pack", is_flag=True, help="Run the built-in pack's tests too. 包含内置策略的测试。"
)
@click.option(
    "--require-coverage",
    "required",
    type=click.FloatRange(0, 100),
    default=None,
    metavar="PERCENT",
    help="Fail where less is shown. 要求的覆盖率。",
)
@click.option(
    "--emit-rego",
    "emit",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Write the cases as *_test.rego into this folder. 输出 Rego 测试。",
)
@format_option(("text", "json", "junit"))
@language_option
@click.pass_context
def command(
    ctx: click.Context,
    path: Path,
    *,
    engine: Literal["native", "opa"],
    pack: bool,
    required: float | None,
    emit: Path | None,
    format_: str,
    language: Language,
) -> None:
    """Run the policy tests of the workspace, or those in the folder or file PATH.

    A file of kind policy-test names subjects, resources and contexts, and says what is expected
    of their combinations; with `matrix: true` every combination that is not listed must be
    refused. Coverage says which rules were true and false, and which conditions decided.

    运行策略测试。
    """
    from headwater.app.loading import load
    from headwater.app.policy_test import emit_rego, run_suites, suites_of
    from headwater.cli.environment import opa_executable

    loaded = load(path)
    suites = suites_of(loaded, path, pack=pack)
    if emit is not None:
        emit_rego(loaded, suites, emit)
    executable = opa_executable() if engine == "opa" else None
    tested = run_suites(suites, engine=engine, executable=executable, required=required)
    click.echo(_rendered(tested, format_, language))
    ctx.exit(CLEAN if tested.passed else FOUND)


def _rendered(tested: Tested, format_: str, language: Language) -> str:
    if format_ == "junit":
        from headwater.cli.render.junit import policy_tests_junit

        return policy_tests_junit(tested, language)
    from headwater.cli.render.policy_tests import policy_tests_json, policy_tests_text

    return policy_tests_json(tested) if format_ == "json" else policy_tests_text(tested, language)
