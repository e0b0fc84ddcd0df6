"""The registry of formats: one row for each way to write a report."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from headwater.app.report import Report
from headwater.catalog.text import Language

Renderer = Callable[[Report, Language], str]

REPORT_FORMATS: dict[str, str] = {
    "text": "headwater.cli.render.text",
    "json": "headwater.cli.render.document",
    "sarif": "headwater.cli.render.sarif",
}
"""Format → the module whose ``render(report, language)`` writes it; imported when asked for."""

ANSWER_FORMATS = ("text", "json")
"""What every command that answers can write."""


def renderer(name: str) -> Renderer:
    """Return the renderer of a format of :data:`REPORT_FORMATS`."""
    found: Renderer = import_module(REPORT_FORMATS[name]).render
    return found
