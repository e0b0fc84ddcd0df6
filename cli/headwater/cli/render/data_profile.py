"""Profiles of datasets, as text and as ``headwater/data-profile/1``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible

if TYPE_CHECKING:
    from headwater.catalog.model import Dataset
    from headwater.catalog.text import Language
    from headwater.checks import ColumnProfile, Profile

_TOTAL = Text("{file}: rows {rows}, columns {columns}", "{file}：行 {rows}，字段 {columns}")
_COLUMN = Text(
    "`{name}` ({kind}): empty {empty}, different {distinct}",
    "`{name}`（{kind}）：空值 {empty}，不同取值 {distinct}",
)
_LENGTH = Text("length {low} to {high}", "长度 {low} 至 {high}")
_RANGE = Text("from {low} to {high}", "自 {low} 至 {high}")
_KINDS = {
    "text": Text("text", "文本"),
    "whole": Text("whole numbers", "整数"),
    "real": Text("numbers", "数字"),
    "moment": Text("dates and times", "日期时间"),
    "truth": Text("yes or no", "是否"),
    "other": Text("something else", "其他"),
}


def profile_document(dataset: Dataset, profile: Profile) -> dict[str, object]:
    """Return ``headwater/data-profile/1``."""
    return {
        "schema": "headwater/data-profile/1",
        **dataset.id.document(),
        "file": profile.file,
        "rows": profile.rows,
        "columns": [
            {name: value for name, value in asdict(column).items() if value is not None}
            for column in profile.columns
        ],
    }


def profile_text(profile: Profile, language: Language) -> str:
    """Return one line a column, and the totals as the last line."""
    lines = [visible(_line(column, language)) for column in profile.columns]
    values = {"file": profile.file, "rows": profile.rows, "columns": len(profile.columns)}
    return "\n".join([*lines, visible(_TOTAL.fill(values).in_(language))])


def _line(column: ColumnProfile, language: Language) -> str:
    values = {
        "name": column.name,
        "kind": _KINDS[column.kind],
        "empty": column.empty,
        "distinct": column.distinct,
    }
    said = [_COLUMN.fill(values)]
    if column.longest is not None:
        said.append(_LENGTH.fill({"low": column.shortest, "high": column.longest}))
    if column.greatest is not None:
        said.append(_RANGE.fill({"low": column.least, "high": column.greatest}))
    comma = {"en": ", ", "zh": "，"}[language]
    return comma.join(text.in_(language) for text in said)
