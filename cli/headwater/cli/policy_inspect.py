"""``headwater policy inspect``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.options import format_option, language_option
from headwater.cli.render import ANSWER_FORMATS

if TYPE_CHECKING:
    from headwater.catalog.text import Language


@click.command("inspect")
@click.argument("source", metavar="BUNDLE", type=click.Path(path_type=Path))
@click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The public key (PEM) that must have signed it. 验证公钥。",
)
@click.option(
    "--key-id",
    default="headwater",
    show_default=True,
    help="The id by which it was signed. 密钥标识。",
)
@click.option(
    "--newer-than",
    metavar="SEQUENCE|BUNDLE",
    help="Refuse it unless its sequence is greater. 序号必须更大。",
)
@format_option(ANSWER_FORMATS)
@language_option
def command(
    *,
    source: Path,
    key: Path | None,
    key_id: str,
    newer_than: str | None,
    format_: str,
    language: Language,
) -> None:
    """Say what a bundle is, and refuse one that is not whole, not signed so, or not newer.

    Nothing of it is unpacked or run. Exit code 0: it may be used; 2: it must not.

    检查策略包：不完整、签名不符或不够新的一律拒绝。
    """
    from headwater.app.bundle import inspect
    from headwater.cli.render.bundle import bundle_json, bundle_text

    found = inspect(source, key=key, key_id=key_id, newer_than=newer_than)
    click.echo(bundle_json(found) if format_ == "json" else bundle_text(found, language))
