"""The formats of answers about lineage: one row for each; any view is written in any of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headwater.catalog.text import Language
    from headwater.cli.render.view import View

_ROWS = "headwater.cli.render.rows"
_PICTURES = "headwater.cli.render.pictures"
_WORDS = "headwater.cli.render.formats"

WRITERS = {
    "text": (_WORDS, "text"),
    "table": (_ROWS, "table"),
    "json": (_WORDS, "json_document"),
    "ndjson": (_ROWS, "ndjson"),
    "csv": (_ROWS, "csv_text"),
    "mermaid": (_PICTURES, "mermaid"),
    "dot": (_PICTURES, "dot"),
    "graphml": (_PICTURES, "graphml"),
    "openlineage": (_WORDS, "openlineage"),
}
"""Format → the module and function that writes it; imported when asked for."""

ROWS = ("text", "table", "json", "ndjson", "csv")
PICTURES = (*ROWS, "mermaid", "dot", "graphml")
LINEAGE = tuple(WRITERS)


def write(view: View, format_: str, language: Language) -> str:
    """Return a view in a format."""
    module, function = WRITERS[format_]
    written: str = getattr(import_module(module), function)(view, language)
    return written


def text(view: View, language: Language) -> str:
    """Return what a person reads."""
    return view.text(language)


def json_document(view: View, _language: Language) -> str:
    """Return the JSON form."""
    from headwater.cli.render.json_text import json_text

    return json_text(view.document())


def openlineage(view: View, _language: Language) -> str:
    """Return the lineage as OpenLineage events, one a line, which headwater reads again."""
    from headwater.lineage.export import export_events

    edges, found = view.edges(), view.document()
    if edges is None:
        raise AssertionError("the command offers no events of this answer")
    carried = ("schema", "complete", "limits", "as_of", "log", "filters", "digest")
    about = {name: found[name] for name in carried}
    about["as_of"] = found["as_of"] or "everything recorded"  # OpenLineage leaves out nulls
    return "\n".join(export_events(edges, about))
