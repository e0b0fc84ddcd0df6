"""``headwater labels diff``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from headwater.cli.lineage_options import give
from headwater.cli.options import format_option, language_option
from headwater.cli.render.formats import ROWS

if TYPE_CHECKING:
    from headwater.catalog.text import Language


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@format_option(ROWS)
@language_option
def command(old: Path, new: Path, *, format_: str, language: Language) -> None:
    """Show the columns whose labels differ between the workspaces OLD and NEW.

    显示两个工作区之间标签有变化的字段。
    """
    from headwater.app.label_answers import compare_labels
    from headwater.app.trace import workspace_at
    from headwater.cli.render.label_changes import LabelChangesView

    found = compare_labels(workspace_at(old), workspace_at(new))
    view = LabelChangesView(found)
    give(view, format_=format_, language=language, require_complete=False)
