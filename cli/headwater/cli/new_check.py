"""``headwater new check``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from headwater.cli.asking import Asked
from headwater.cli.new_options import tell
from headwater.cli.options import language_option, workspace_option

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.catalog.text import Language

METRICS = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")
OPERATORS = (
    *("mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan"),
    *("mustBeLessOrEqualTo", "mustBeBetween", "mustNotBeBetween"),
)


class _Limit(click.ParamType[str]):
    """A number, or two with a comma between them, as YAML writes them."""

    name = "number"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the limit, or fail with what is wrong."""
        parts = [part.strip() for part in str(value).strip("[]").split(",")]
        if not all(part.lstrip("-").replace(".", "", 1).isdecimal() for part in parts):
            return self.fail(f"`{value}` is not a number, or two: 0, or 1,10", param, ctx)
        return parts[0] if len(parts) == 1 else f"[{', '.join(parts)}]"


@click.command("check")
@click.argument("contract")
@click.option("--column", help="Of this column; default: of the whole dataset. 字段。")
@click.option("--object", help="Of this object of the contract. 对象。")
@click.option(
    "--metric", cls=Asked, type=click.Choice(METRICS), help="What is counted. 度量（ODCS）。"
)
@click.option(
    "--must",
    "operator",
    type=click.Choice(OPERATORS),
    default="mustBe",
    show_default=True,
    help="How it is compared. 比较方式。",
)
@click.option("--value", cls=Asked, type=_Limit(), help="With what: 0, or 1,10. 比较值。")
@workspace_option
@language_option
def command(*, start: Path, language: Language, **said: Any) -> None:
    """Put a quality rule into the data contract CONTRACT; comments stay.

    Example: headwater new check resident --column name --metric nullValues --value 0

    向数据合同添加检查。
    """
    from headwater.app.new_contract import NewCheck, add_check
    from headwater.app.trace import workspace_at

    workspace = workspace_at(start)
    tell(workspace, add_check(workspace, NewCheck(**said)), language)
