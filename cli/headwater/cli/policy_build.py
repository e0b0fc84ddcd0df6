"""``headwater policy build``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.options import language_option, workspace_option

if TYPE_CHECKING:
    from headwater.catalog.text import Language


@click.command("build")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write. 输出文件。",
)
@click.option(
    "--sign",
    "key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A private key (PEM) to sign it with. 签名私钥。",
)
@click.option(
    "--key-id",
    default="headwater",
    show_default=True,
    help="The id by which OPA knows the key. 密钥标识。",
)
@click.option(
    "--sequence",
    type=click.IntRange(min=1, max=2**53),
    help="Its number among all bundles, ever growing. 策略包序号。",
)
@click.option("--with-tests", "tests", is_flag=True, help="Add generated tests. 附带生成的测试。")
@workspace_option
@language_option
def command(
    *,
    target: Path,
    key: Path | None,
    key_id: str,
    sequence: int | None,
    tests: bool,
    start: Path,
    language: Language,
) -> None:
    """Write the policies as an OPA bundle: the same bytes each time.

    Ask it data.headwater.decision. Facts that nobody normalised are refused.

    把策略写成 OPA 包。
    """
    from headwater.app.bundle import build
    from headwater.app.loading import load
    from headwater.cli.environment import opa_executable
    from headwater.policies import Vocabulary

    loaded = load(start)
    policies = loaded.policies
    revision = build(
        policies,
        target,
        sequence=sequence,
        tested=Vocabulary.of(loaded.workspace) if tests else None,
        key=key,
        key_id=key_id,
        executable=opa_executable() if policies.modules else None,
    )
    words = {"en": "wrote {} ({})", "zh": "已写入 {}（{}）"}
    click.echo(words[language].format(target, revision), err=True)
