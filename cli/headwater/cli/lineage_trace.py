"""What ``lineage upstream`` and ``lineage downstream`` share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from headwater.cli.lineage_options import filters_of, give, with_column

if TYPE_CHECKING:
    from headwater.lineage.graph import Direction


def trace_and_give(direction: Direction, ref: str, options: dict[str, Any]) -> None:
    """Ask and answer."""
    from headwater.app.trace import trace, workspace_at
    from headwater.cli.render.answer import AnswerView

    filters = filters_of(options)
    workspace = workspace_at(options.pop("start"))
    reference = with_column(ref, options.pop("column"))
    answer = trace(workspace, reference, direction, filters)
    give(AnswerView(answer, cache(workspace.department_of)), **options)
