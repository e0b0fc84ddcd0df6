"""What a pull request changes, as Markdown for a comment: bounded, and nothing in it comes alive.

Every name stands in a code span, where Markdown means nothing by it: no link, no mention, no HTML.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.diff import BREAKS, IMPLIED, TURNS, UNKNOWN, WHOLE, total

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headwater.app.workspace_diff import FlowTurn, WorkspaceDiff
    from headwater.catalog.change_rules import Changed
    from headwater.catalog.text import Language

MOST_CHARACTERS = 60_000
"""A comment on GitHub holds 65,536."""

LONGEST_NAME = 200
_TITLE = Text("### What this changes", "### 本次改动")
_BREAKING = Text("Breaking", "破坏性改动")
_OTHER = Text("Other changes", "其他改动")
_HEADS = {
    "change": Text(
        "| rule | breaks | what | where |\n| --- | --- | --- | --- |",
        "| 规则 | 影响 | 内容 | 位置 |\n| --- | --- | --- | --- |",
    ),
    "flow": Text(
        "| from | to | columns | purposes | rules |\n| --- | --- | --- | --- | --- |",
        "| 来源 | 去向 | 字段 | 用途 | 规则 |\n| --- | --- | --- | --- | --- |",
    ),
}
_MORE = Text("… and {number} more", "…… 另有 {number} 项")
_NOTHING = Text("Nothing changes.", "没有改动。")


def diff_markdown(found: WorkspaceDiff, language: Language, *, most: int) -> str:
    """Return the comment.

    Args:
        found: What has changed.
        language: Of headings and messages.
        most: How many rows a table has at most; there are fewer where the comment grows too long.
    """
    while True:
        written = _written(found, language, most)
        if len(written) <= MOST_CHARACTERS or most == 0:
            return written
        most //= 2


def _written(found: WorkspaceDiff, language: Language, most: int) -> str:
    breaking = found.breaking()
    other = [each for each in found.changes if not each.rule.breaks]
    sections = [
        *(_table(TURNS[turn], "flow", found.turned(turn), language, most) for turn in TURNS),
        _table(_BREAKING, "change", breaking, language, most),
        _table(_OTHER, "change", other, language, most),
    ]
    parts = [_TITLE.in_(language), *(each for each in sections if each)]
    if len(parts) == 1:
        parts.append(_NOTHING.in_(language))
    return "\n\n".join([*parts, total(found).in_(language)])


def _table(
    title: Text,
    kind: str,
    rows: Sequence[Changed] | Sequence[FlowTurn],
    language: Language,
    most: int,
) -> str:
    if not rows:
        return ""
    write: Callable[..., list[str]] = _change_cells if kind == "change" else _flow_cells
    lines = [f"#### {title.in_(language)} ({len(rows)})", "", _HEADS[kind].in_(language)]
    lines += [f"| {' | '.join(write(row, language))} |" for row in rows[:most]]
    if len(rows) > most:
        lines += ["", _MORE.fill({"number": len(rows) - most}).in_(language)]
    return "\n".join(lines)


def _change_cells(change: Changed, language: Language) -> list[str]:
    spans = {name: _spans(value) for name, value in change.values.items()}
    text = change.rule.text.in_(language)
    said = re.sub(r"\{(\w+)\}", lambda match: spans.get(match[1], ""), text)
    broken = [BREAKS[each].in_(language) for each in change.rule.breaks]
    return [code(change.rule.id), "<br>".join(broken), said, code(str(change.position))]


def _flow_cells(flow: FlowTurn, language: Language) -> list[str]:
    columns = _spans(list(flow.columns)) if flow.columns else WHOLE.in_(language)
    mark = IMPLIED.in_(language) if flow.implied else ""
    return [
        f"{code(flow.provider)}: {code(flow.source.name)}",
        f"{code(flow.consumer)}: {code(flow.target.name)}",
        columns + mark,
        _spans(list(flow.purposes)) if flow.purposes else UNKNOWN.in_(language),
        _spans(list(flow.rules)),
    ]


def _spans(value: object) -> str:
    if isinstance(value, list):
        shown = ", ".join(code(str(each)) for each in value[:20])
        return f"{shown} …" if len(value) > 20 else shown
    return code(str(value)) if value != "" else ""


def code(name: str) -> str:
    r"""Return a name as a code span in a cell of a table, whatever it holds.

    Example:
        >>> code("a|b")
        '`a\\|b`'
        >>> code("a`b")
        '`` a`b ``'
    """
    shown = visible(name)
    if len(shown) > LONGEST_NAME:
        shown = f"{shown[:LONGEST_NAME]}…"
    shown = shown.replace("|", "\\|")
    runs = [len(run) for run in re.findall("`+", shown)]
    if not runs and shown.strip():
        return f"`{shown}`"
    fence = "`" * (max(runs, default=0) + 1)
    return f"{fence} {shown} {fence}"
