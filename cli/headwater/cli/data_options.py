"""Options that the commands about data share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_Command = TypeVar("_Command", bound="Callable[..., Any]")


def only_option(command: _Command) -> _Command:
    """Add ``--only``."""
    return click.option(
        "--only",
        multiple=True,
        metavar="TAG",
        help="Only checks with this tag, dimension or key; may be given again. 仅限这些检查。",
    )(command)


def dataset_option(command: _Command) -> _Command:
    """Add ``--dataset``."""
    return click.option(
        "--dataset", default=None, metavar="REF", help="Only this dataset. 仅限该数据集。"
    )(command)
