"""What the commands that write new files share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from headwater.cli.asking import Asked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headwater.app.new_policy import NewRule
    from headwater.catalog.model import Workspace
    from headwater.catalog.text import Language

_Command = TypeVar("_Command", bound="Callable[..., Any]")
EFFECTS = ("deny", "warn", "allow")
_SAID = {"en": "wrote {}", "zh": "已写入 {}"}

_RULE = (
    click.option(
        "--effect", cls=Asked, type=click.Choice(EFFECTS), help="What the rule does. 规则效果。"
    ),
    click.option("--message", help="What a person reads; default: the rule's id. 提示。"),
    click.option(
        "--when",
        multiple=True,
        help="ATTRIBUTE OPERATOR VALUE, or not ...; repeat it: all must hold. 条件。",
    ),
    click.option("--remedy", help="What a person should do. 处理办法。"),
)


def rule_options(command: _Command) -> _Command:
    """Add the options of a rule."""
    for option in reversed(_RULE):
        command = option(command)
    return command


def rule_of(name: str, said: dict[str, Any]) -> NewRule:
    """Return the rule that the options say, and take these out of ``said``."""
    from headwater.app.new_policy import NewRule

    return NewRule(
        name, said.pop("effect"), said.pop("message"), said.pop("when"), said.pop("remedy")
    )


def tell(workspace: Workspace, target: Path, language: Language) -> None:
    """Say on stderr which file was written."""
    name = target.relative_to(workspace.root).as_posix()
    click.echo(_SAID[language].format(name), err=True)
