"""What the questions about lineage share: their options, and how an answer is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from headwater.catalog.errors import InputError
from headwater.cli.options import Day, format_option, language_option, workspace_option
from headwater.lineage.filters import Filters
from headwater.lineage.model import EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from headwater.catalog.text import Language
    from headwater.cli.render.view import View

_Command = TypeVar("_Command", bound="Callable[..., Any]")

_CHOICES = (
    click.option(
        "--as-of",
        type=Day(),
        default=None,
        help="What was known at the end of this day (UTC); default: everything. 截至日期。",
    ),
    click.option(
        "--direct-only", is_flag=True, help="Only where the value itself is carried. 仅直接影响。"
    ),
    click.option("--unmasked-only", is_flag=True, help="Only where nothing masks. 仅未脱敏。"),
    click.option(
        "--evidence",
        type=click.Choice(EVIDENCE),
        default=None,
        help="No weaker evidence than this; default: any. 证据下限。",
    ),
)
hops_option = click.option(
    "--hops", type=click.IntRange(min=1), help="At most so many steps away. 最多步数。"
)
_CUTS = (
    hops_option,
    click.option(
        "--max-nodes", type=click.IntRange(min=1), help="At most so many nodes. 最多节点数。"
    ),
)
_COMPLETE = click.option(
    "--require-complete",
    is_flag=True,
    help="Exit 2, without an answer, if the answer is not complete. 不完整时以 2 退出。",
)
column_option = click.option(
    "--column", default=None, help="The column, as if #COLUMN stood after REF. 字段。"
)


def answering(
    formats: Iterable[str], *, cuts: bool = True, choices: bool = True, day: bool = True
) -> Callable[[_Command], _Command]:
    """Return a decorator that adds the options of a question.

    Args:
        formats: In what the answer can be written.
        cuts: Whether an answer may be cut by distance and number.
        choices: Whether one may choose what edges count.
        day: Whether one may choose as of when; not where the question itself names days.
    """

    def add(command: _Command) -> _Command:
        options = [
            *(_CHOICES[0 if day else 1 :] if choices else ()),
            *(_CUTS if cuts else ()),
            _COMPLETE,
            workspace_option,
            format_option(formats),
            language_option,
        ]
        for option in reversed(options):
            command = option(command)
        return command

    return add


def filters_of(options: dict[str, Any]) -> Filters:
    """Return the filters that the options say, and take these out of ``options``."""
    names = ("as_of", "direct_only", "unmasked_only", "evidence", "hops", "max_nodes")
    return Filters(**{name: options.pop(name) for name in names if name in options})


def with_column(reference: str, column: str | None) -> str:
    """Return the reference of a column, if one is asked about."""
    return reference if column is None else f"{reference}#{column}"


def give(view: View, *, format_: str, language: Language, require_complete: bool) -> None:
    """Write an answer; a text for people has its seal on stderr.

    Raises:
        InputError: The answer is not complete and has to be.
    """
    from headwater.cli.render.formats import write

    found = view.document()
    limits = found["limits"]
    if require_complete and limits:
        raise InputError.of("answer-incomplete", limits=limits)
    click.echo(write(view, format_, language))
    if format_ in ("text", "table"):
        click.echo(_seal(found), err=True)


def _seal(found: dict[str, object]) -> str:
    log = found["log"]
    sequence = log["sequence"] if isinstance(log, dict) else 0
    day = found["as_of"] or "everything recorded"
    return f"as of {day}; log sequence {sequence}; {found['digest']}"
