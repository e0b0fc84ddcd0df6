"""The path that a finding shows and the smallest change that would pass, for a person to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.findings import Finding
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.text import Language
    from headwater.catalog.witness import Fix, Hop

_PATH = Text("path:", "路径：")
_HOP = Text(
    "{source} -> {target} ({facts})",
    "{source} -> {target}（{facts}）",
)
_JOB = Text("job `{job}`", "作业 `{job}`")
_FOR = Text("for {purpose}", "用途 {purpose}")
_INDIRECT = Text("indirect", "间接")
_MASKED = Text("masked", "已脱敏")
_EVIDENCE = {
    "observed": Text("observed", "已观测"),
    "declared": Text("declared", "已声明"),
    "implied": Text("implied only", "仅为推断"),
}
_FIX = Text(
    "smallest change that would pass (proved by judging again):",
    "可使其通过的最小改动（已重新判定证实）：",
)
_FIRST = Text("what has to be done first:", "首先须做的：")
_NONE = Text(
    "no change of agreements, contracts or jobs was found that would pass; stop the flow",
    "未找到可使其通过的协议、合同或作业改动；请停止该流动",
)
_UNSOUGHT = Text(
    "the smallest change was not looked for: there are too many findings",
    "发现过多，未查找最小改动",
)
_DRAFT = Text("a draft to start from:", "可供起草的文本：")


def witness_lines(finding: Finding, language: Language) -> Iterator[str]:
    """Yield the path, an edge a line, then what would have to change."""
    if finding.path:
        yield _PATH.in_(language)
        for hop in finding.path:
            yield f"  {_hop(hop).in_(language)}"
    if finding.fix:
        yield from _fix_lines(finding.fix, language)


def _hop(hop: Hop) -> Text:
    facts = [_JOB.fill({"job": hop.job.name})]
    if hop.purpose:
        facts.append(_FOR.fill({"purpose": hop.purpose}))
    facts.append(_EVIDENCE[hop.evidence])
    if hop.kind == "indirect":
        facts.append(_INDIRECT)
    if hop.masked:
        facts.append(_MASKED)
    return _HOP.fill({"source": _end(hop.source), "target": _end(hop.target), "facts": facts})


def _end(node: ColumnId | DatasetId) -> str:
    return f"{node.dataset.name}#{node.column}" if isinstance(node, ColumnId) else node.name


def _fix_lines(fix: Fix, language: Language) -> Iterator[str]:
    if not fix.sought:
        yield _UNSOUGHT.in_(language)
    elif not fix.changes:
        yield _NONE.in_(language)
    else:
        yield (_FIX if fix.proved else _FIRST).in_(language)
        for number, change in enumerate(fix.changes, 1):
            yield f"  {number}. {change.text.in_(language)}"
            if change.draft:
                yield f"     {_DRAFT.in_(language)}"
                yield from (f"       {line}" for line in change.draft.splitlines())
