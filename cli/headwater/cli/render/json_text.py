"""JSON as written by every command: the same bytes each time, and harmless on a terminal."""

from __future__ import annotations

import json

from headwater.catalog.visible import HIDDEN


def json_text(document: object) -> str:
    """Return ``document`` as indented JSON.

    Characters that could command or deceive a terminal are written as JSON escapes: a reader
    of the JSON still gets them back.
    """
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return "\n".join(
        HIDDEN.sub(lambda match: json.dumps(match[0])[1:-1], line) for line in text.split("\n")
    )
