"""``headwater lineage import``: the group; each source stands in a module of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from headwater.cli.environment import now
from headwater.cli.lazy import LazyGroup
from headwater.cli.options import language_option, workspace_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.app.import_lineage import Imported
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Workspace
    from headwater.catalog.text import Language

_Command = TypeVar("_Command", bound="Callable[..., Any]")

ROWS = {
    "dbt": ("headwater.cli.lineage_import_dbt", "What dbt's manifest declares. 导入 dbt 产物。"),
    "edges": ("headwater.cli.lineage_import_edges", "A hand-written list. 导入手写的边列表。"),
    "sql": ("headwater.cli.lineage_import_sql", "What SQL files declare. 导入 SQL 文件。"),
}


@click.command("import", cls=LazyGroup, rows=ROWS)
def command() -> None:
    """Write lineage from elsewhere as OpenLineage events.

    The events count once headwater.yaml names their file under `lineage`.

    把其他来源的血缘写成 OpenLineage 事件。
    """


def import_options(command: _Command) -> _Command:
    """Add what every source takes."""
    for option in (
        language_option,
        workspace_option,
        click.option(
            "--event-time",
            default=now,
            metavar="TIME",
            help="When this was declared, as in 2026-10-01T01:05:00Z; default: now. 事件时间。",
        ),
        click.option(
            "-o",
            "--output",
            "target",
            type=click.Path(dir_okay=False, path_type=Path),
            help="The .ndjson file to write; default: standard output. 输出文件。",
        ),
    ):
        command = option(command)
    return command


def workspace_at(start: Path) -> Workspace | None:
    """Return the workspace that ``start`` lies in; ``None`` if nobody named one and there is none.

    Raises:
        InputError: There is none at the place that was named.
        DocumentError: Its files are wrong.
    """
    from headwater.app.loading import load
    from headwater.catalog.errors import InputError
    from headwater.catalog.files import find_root

    try:
        find_root(start)
    except InputError:
        if start == Path():
            return None
        raise
    return load(start).workspace


def dataset_named(text: str, workspace: Workspace | None) -> DatasetId:
    """Return the dataset that a person names: one of the contracts', or any namespace/name.

    Raises:
        UnknownNameError: It is neither, or could be several.
    """
    from headwater.catalog.errors import UnknownNameError
    from headwater.lineage.edge_list import split_name

    known = sorted(workspace.datasets) if workspace else []
    found = [dataset for dataset in known if dataset.answers_to(text)]
    exact = [dataset for dataset in found if str(dataset) == text] or found
    if len(exact) > 1:
        names = [f"`{dataset}`" for dataset in exact[:10]]
        raise UnknownNameError.of("ambiguous-dataset", name=text, known=names)
    split = exact[0] if exact else split_name(text)
    if split is None:
        raise UnknownNameError.of("unknown-dataset", name=text, suggestion=None)
    return split


def deliver(imported: Imported, target: Path | None, language: Language) -> None:
    """Write the events, and say on stderr what was taken only in part."""
    from headwater.app.import_lineage import write_events
    from headwater.cli.render.problem_text import problem_text

    if imported.notes:
        click.echo(problem_text(imported.notes, language), err=True)
    if target is None:
        click.echo(imported.text, nl=False)
        return
    write_events(imported, target)
    words = {"en": "wrote {} (datasets: {})", "zh": "已写入 {}（数据集：{}）"}
    click.echo(words[language].format(target, imported.datasets), err=True)
