"""The command ``headwater``: commands are imported when they are asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from headwater.cli.environment import now
from headwater.cli.guard import guarded
from headwater.cli.lazy import LazyGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

_HELP = "Policy-as-code and lineage for data that crosses departments. 溯源而治。"


ROWS = {
    "agreement": (
        "headwater.cli.agreement",
        "Write, sign and test agreements. 起草、签署与核对协议。",
    ),
    "check": (
        "headwater.cli.check",
        "Judge every cross-department flow. 判定每一条跨部门数据流动。",
    ),
    "data": (
        "headwater.cli.data",
        "Check data against its contracts. 按合同检查数据。",
    ),
    "diff": (
        "headwater.cli.diff",
        "Say what a change of the files changes. 说明改动的影响。",
    ),
    "explain": (
        "headwater.cli.explain",
        "Explain a rule id or an error code. 解释规则编号或错误代码。",
    ),
    "init": (
        "headwater.cli.init",
        "Begin a workspace. 新建工作区。",
    ),
    "labels": (
        "headwater.cli.labels",
        "Ask which labels data holds, and why. 查询数据的标签及其来源。",
    ),
    "lineage": (
        "headwater.cli.lineage",
        "Ask where data comes from and goes. 查询数据的来处与去处。",
    ),
    "new": (
        "headwater.cli.new",
        "Write new files of a workspace. 新建文件。",
    ),
    "policy": (
        "headwater.cli.policy",
        "Decide single requests, build the OPA bundle. 判定请求，构建策略包。",
    ),
    "retention": (
        "headwater.cli.retention",
        "Say what is due, and what keeps data. 到期与保存。",
    ),
    "schema": (
        "headwater.cli.schema",
        "Print the JSON Schema of a kind of file. 输出文件的 JSON Schema。",
    ),
    "subject": (
        "headwater.cli.subject",
        "List where data about the same people can be. 查找同一主体的数据。",
    ),
}


@click.command(
    cls=LazyGroup,
    rows=ROWS,
    help=_HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 judged and clean, 1 something found, 2 could not judge.",
)
@click.version_option(package_name="headwater", message="headwater %(version)s")
@click.option("--debug", is_flag=True, help="Show where an internal error happened.")
@click.pass_context
def group(ctx: click.Context, *, debug: bool) -> None:
    """Hold the options that every command shares."""
    from headwater.app.store import RECEIVED

    ctx.obj = {"debug": debug}
    RECEIVED.set(now())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 clean, 1 found, 2 could not judge."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(guarded(group, words))


if __name__ == "__main__":
    main()
