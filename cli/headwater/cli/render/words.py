"""Words that several renderers share."""

from __future__ import annotations

from headwater.catalog.text import Text

EVIDENCE = {
    "observed": Text("observed", "已观测"),
    "declared": Text("declared", "已声明"),
    "implied": Text(
        "implied only: inputs and outputs of a job without column lineage",
        "仅为推断：作业只列出输入输出，没有字段级血缘",
    ),
}
