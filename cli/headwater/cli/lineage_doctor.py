"""``headwater lineage doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from headwater.cli.lineage_options import answering, give
from headwater.cli.options import as_of_option
from headwater.cli.render.formats import ROWS

if TYPE_CHECKING:
    import datetime


@click.command("doctor")
@as_of_option
@click.option(
    "--stale-after",
    type=click.IntRange(min=1),
    default=90,
    show_default=True,
    help="A step not seen for more days is stale. 超过多少天未出现即为陈旧。",
)
@answering(ROWS, cuts=False, choices=False)
def command(as_of: datetime.date, stale_after: int, **options: Any) -> None:
    """Show what looks wrong: two names, stale or only implied steps, nobody's datasets.

    All that is recorded is examined: nothing can be left out by kind, masking or evidence, and
    there is no --hops. Symptoms are no graph: there are rows, and no picture.

    显示血缘中的可疑之处：重名、陈旧、仅推断、无主的数据集等。
    """
    from headwater.app.trace import diagnosis, workspace_at
    from headwater.cli.render.lineage_doctor import DiagnosisView

    workspace = workspace_at(options.pop("start"))
    give(DiagnosisView(diagnosis(workspace, as_of, stale_after)), **options)
