"""Answers as rows: a table for people, CSV for spreadsheets, NDJSON for programs."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import HIDDEN, visible

if TYPE_CHECKING:
    from headwater.catalog.text import Language
    from headwater.cli.render.view import Cell, View

_SEAL = ("complete", "limits", "as_of", "log_sequence", "digest")

HEADS = {
    "action": Text("action", "处置"),
    "after": Text("after", "之后"),
    "agreements": Text("agreements", "协议"),
    "affected": Text("affected", "受影响"),
    "basis": Text("basis", "依据"),
    "before": Text("before", "之前"),
    "change": Text("change", "变化"),
    "choke_point": Text("choke point", "必经"),
    "column": Text("column", "字段"),
    "copies": Text("copies", "副本来源"),
    "columns": Text("columns", "字段"),
    "complaint": Text("complaint", "问题"),
    "consumer": Text("consumer", "使用方"),
    "datasets": Text("datasets", "数据集"),
    "day": Text("day", "日期"),
    "department": Text("department", "部门"),
    "evidence": Text("evidence", "证据"),
    "failed": Text("failed", "失败"),
    "file": Text("file", "文件"),
    "first_seen": Text("first seen", "首次出现"),
    "from_column": Text("from column", "来源字段"),
    "from_department": Text("from department", "来源部门"),
    "from_name": Text("from", "来源"),
    "from_namespace": Text("from namespace", "来源命名空间"),
    "holds": Text("holds", "冻结令"),
    "hops": Text("hops", "步数"),
    "how": Text("how", "方式"),
    "implied": Text("implied", "仅推断"),
    "influence": Text("influence", "影响"),
    "job_name": Text("job", "作业"),
    "job_namespace": Text("job namespace", "作业命名空间"),
    "jobs": Text("jobs", "作业"),
    "kind": Text("kind", "类型"),
    "label": Text("label", "级别"),
    "label_kind": Text("kind", "类型"),
    "label_name": Text("label", "标签"),
    "labels_after": Text("labels after", "变化后标签"),
    "labels_before": Text("labels before", "变化前标签"),
    "last_seen": Text("last seen", "最近出现"),
    "line": Text("line", "行"),
    "masked": Text("masked", "已脱敏"),
    "message": Text("message", "说明"),
    "name": Text("name", "名称"),
    "namespace": Text("namespace", "命名空间"),
    "oldest": Text("oldest", "最早"),
    "other_name": Text("other name", "另一名称"),
    "other_namespace": Text("other namespace", "另一命名空间"),
    "owner": Text("owner", "负责人"),
    "path": Text("path", "路径"),
    "provider": Text("provider", "提供方"),
    "purpose": Text("purpose", "用途"),
    "purposes": Text("purposes", "用途"),
    "records": Text("records", "记录数"),
    "rule": Text("rule", "规则"),
    "reachable": Text("reachable", "可到达"),
    "runs": Text("runs", "运行"),
    "sentence": Text("sentence", "说明"),
    "step": Text("step", "步骤"),
    "subtypes": Text("how", "方式"),
    "terms": Text("terms", "期限"),
    "to_column": Text("to column", "去向字段"),
    "to_department": Text("to department", "去向部门"),
    "to_name": Text("to", "去向"),
    "to_namespace": Text("to namespace", "去向命名空间"),
    "until": Text("until", "截止"),
    "unmasked": Text("unmasked", "未脱敏"),
    "via": Text("via", "经由"),
    "written_at": Text("written at", "见"),
}
"""Column names → what a table calls them."""

_YES, _NO = Text("yes", "是"), Text("no", "否")
_COMPLETE = Text("complete", "完整")
_CUT = Text("not complete: {limits}", "不完整：{limits}")
_EMPTY = Text("nothing found", "没有结果")


def table(view: View, language: Language) -> str:
    """Return an aligned table; columns that are empty throughout are left out."""
    sheet = view.sheet()
    kept = [n for n in range(len(sheet.heads)) if any(row[n] is not None for row in sheet.rows)]
    lines = [[HEADS[sheet.heads[n]].in_(language) for n in kept]]
    lines += [[_shown(row[n], language) for n in kept] for row in sheet.rows]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    written = [
        "  ".join(
            cell + " " * (wide - width(cell)) for cell, wide in zip(line, widths, strict=True)
        )
        for line in lines
    ]
    if not sheet.rows:
        written = [_EMPTY.in_(language)]
    return "\n".join([*(line.rstrip() for line in written), _verdict(view, language)])


def _verdict(view: View, language: Language) -> str:
    found = view.document()
    text = _COMPLETE if found["complete"] else _CUT.fill({"limits": found["limits"]})
    return f"（{text.in_(language)}）" if language == "zh" else f"({text.in_(language)})"


def _shown(cell: Cell, language: Language) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return (_YES if cell else _NO).in_(language)
    return visible(cell.in_(language) if isinstance(cell, Text) else str(cell))


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes: Chinese characters take two.

    Example:
        >>> width("ab"), width("户籍")
        (2, 4)
    """
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def csv_text(view: View, language: Language) -> str:
    """Return CSV; every row says whether the answer is complete, and has its digest.

    An answer without rows has one that only says so.
    """
    sheet, found = view.sheet(), view.document()
    log = found["log"]
    seal: tuple[Cell, ...] = (
        bool(found["complete"]),
        "; ".join(map(str, found["limits"])) if isinstance(found["limits"], list) else None,
        str(found["as_of"]) if found["as_of"] else None,
        int(log["sequence"]) if isinstance(log, dict) else None,
        str(found["digest"]),
    )
    rows = list(sheet.rows)
    if not rows:
        rows = [(None,) * len(sheet.heads)]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*sheet.heads, *_SEAL))
    writer.writerows(
        [cell_text(cell.in_(language) if isinstance(cell, Text) else cell) for cell in line]
        for line in ((*row, *seal) for row in rows)
    )
    return out.getvalue().removesuffix("\n")


def cell_text(cell: str | int | bool | None) -> str:
    """Return a cell as a spreadsheet may safely open it.

    A text that would be taken for a formula gets an apostrophe before it.

    Example:
        >>> cell_text("=1+1"), cell_text("-x"), cell_text(-1), cell_text(True)
        ("'=1+1", "'-x", '-1', 'true')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int):
        return str(cell)
    text = visible(cell)
    bare = text.lstrip()
    dangerous = bare[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20")
    return f"'{text}" if dangerous else text


def ndjson(view: View, _language: Language) -> str:
    """Return one JSON document a line: first the answer without its lists, then their items."""
    found = view.document()
    lists = {
        name: value
        for name, value in found.items()
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value)
    }
    head = {name: value for name, value in found.items() if name not in lists}
    lines = [_line({"record": "answer", **head})]
    for name, items in lists.items():
        lines += [_line({"record": name, **item}) for item in items]
    return "\n".join(lines)


def _line(document: dict[str, object]) -> str:
    text = json.dumps(document, ensure_ascii=False)
    return HIDDEN.sub(lambda match: json.dumps(match[0])[1:-1], text)
