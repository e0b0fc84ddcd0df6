"""``headwater agreement sign``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.options import as_of_option, format_option, language_option, workspace_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    import datetime

    from headwater.catalog.text import Language


@click.command("sign")
@click.argument("agreement")
@click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The department's private key: Ed25519, PEM. 部门私钥。",
)
@click.option("--department", required=True, help="Who signs: one of the two. 签名部门。")
@as_of_option
@workspace_option
@format_option(ANSWER_FORMATS)
@language_option
def command(
    *,
    agreement: str,
    key: Path,
    department: str,
    as_of: datetime.date,
    start: Path,
    format_: str,
    language: Language,
) -> None:
    """Sign AGREEMENT (its id or file) for a department.

    Writes AGREEMENT.dsse.json beside it: a DSSE envelope with an Ed25519 signature of what the
    agreement says, whatever its comments and blanks. The public key must stand under the
    department's `keys` in departments.yaml. Signatures of an earlier text are dropped.

    代表部门签署协议，签名写入旁边的 .dsse.json 文件。
    """
    from headwater.app.agreement_sign import sign
    from headwater.app.trace import workspace_at
    from headwater.cli.render.agreement_list import verified_text

    found = sign(workspace_at(start), agreement, key=key, department=department, as_of=as_of)
    click.echo(verified_text(found, format_, language))
