"""``headwater lineage``: the group; each command stands in a module of its own."""

from __future__ import annotations

import click

from headwater.cli.lazy import LazyGroup

ROWS = {
    "diff": ("headwater.cli.lineage_diff", "What changed between two days. 两日之间的变化。"),
    "doctor": ("headwater.cli.lineage_doctor", "What looks wrong. 血缘中的可疑之处。"),
    "downstream": ("headwater.cli.lineage_downstream", "What is made from REF. 下游。"),
    "flows": ("headwater.cli.lineage_flows", "Flows between departments. 跨部门流动。"),
    "impact": ("headwater.cli.lineage_impact", "What a change would break. 变更影响。"),
    "import": ("headwater.cli.lineage_import", "Lineage from SQL, dbt, lists. 导入血缘。"),
    "matrix": ("headwater.cli.lineage_matrix", "Who receives whose data. 部门矩阵。"),
    "path": ("headwater.cli.lineage_path", "How data gets from A to B. 从 A 到 B 的路径。"),
    "reindex": ("headwater.cli.lineage_reindex", "Rebuild the index from the log. 重建索引。"),
    "upstream": ("headwater.cli.lineage_upstream", "What REF is made from. 上游。"),
    "why": ("headwater.cli.lineage_why", "The path from A to B in sentences. 用句子说明路径。"),
}


@click.command("lineage", cls=LazyGroup, rows=ROWS)
def command() -> None:
    """Ask where data comes from and where it goes.

    查询数据的来处与去处。
    """
