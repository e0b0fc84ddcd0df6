"""Options that ask on a terminal, and only there."""

from __future__ import annotations

import sys
from typing import Any

import click


class Asked(click.Option):
    """An option that must be given: asked for on a terminal, an error elsewhere.

    What is asked goes to stderr; of an option that may be repeated the values are separated by
    commas.
    """

    def __init__(self, *names: Any, **settings: Any) -> None:
        super().__init__(*names, **{"prompt": True, "required": True, **settings})

    def prompt_for_value(self, ctx: click.Context) -> Any:
        """Ask for the value.

        Raises:
            click.MissingParameter: This is not a terminal.
        """
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise click.MissingParameter(ctx=ctx, param=self)
        text = self.prompt or self.name
        if not self.multiple:
            return click.prompt(
                str(text), type=self.type, err=True, value_proc=lambda v: self.process_value(ctx, v)
            )
        return click.prompt(
            f"{text} (a, b, ...)", err=True, value_proc=lambda v: self.process_value(ctx, _parts(v))
        )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
