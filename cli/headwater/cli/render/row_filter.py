"""Row filters, as text and as ``headwater/filter/1``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.json_text import json_text
from headwater.cli.render.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.policy_filter import Filtered
    from headwater.catalog.text import Language
    from headwater.policies.row_filter import ColumnFilter, Statement

_SHOWN = {
    "always": Text("shown", "可读"),
    "rows": Text("shown where the row may be read", "按行可读"),
    "never": Text("not shown", "不可读"),
}
_MASKED = Text("{shown}, masked: {mask}", "{shown}，脱敏：{mask}")
_BY = Text("by {rules}", "依据 {rules}")
_NOBODY = Text("nothing allows it", "没有规则允许")
_WHERE = Text("rows:", "行：")
_QUERY = Text("query:", "查询：")
_VIEW = Text("view:", "视图：")
_COLUMNS = Text("columns:", "字段：")
_PARAMETERS = Text("parameters: {values}", "参数：{values}")
_ROWS = Text(
    "by `{rule}`, only rows where {condition}", "依据 `{rule}`，只含满足以下条件的行：{condition}"
)
_DUTY = Text("to be done: {duties}", "须履行：{duties}")


def filter_json(filtered: Filtered) -> str:
    """Return ``headwater/filter/1``."""
    from headwater.policies.obligations import written

    found = filtered.found
    return json_text(
        {
            "schema": "headwater/filter/1",
            "as_of": filtered.as_of.isoformat(),
            "policy_revision": filtered.revision,
            "dialect": found.dialect,
            "dataset": filtered.dataset.id.document(),
            "facts": filtered.facts,
            "columns_map": dict(filtered.mapped),
            "where": found.where.document(),
            "query": found.query.document(),
            "view": [statement.document() for statement in found.view],
            "columns": [
                {
                    "name": column.name,
                    "shown": column.shown,
                    "mask": column.mask,
                    "allowed_by": list(column.allowing),
                    "refused_by": list(column.refusing),
                }
                for column in found.columns
            ],
            "obligations": [json.loads(duty) for duty in found.obligations],
            "filter_rows": [
                {"rule": rule, "rows": written(condition)} for rule, condition in found.filters
            ],
        }
    )


def filter_text(filtered: Filtered, language: Language) -> str:
    """Return the columns, the row filter, the query and the view."""
    return "\n".join(visible(line) for line in _lines(filtered, language))


def _lines(filtered: Filtered, language: Language) -> Iterator[str]:
    found = filtered.found
    if found.columns:
        yield _COLUMNS.in_(language)
        rows = [[column.name, *_column(column, language)] for column in found.columns]
        yield from (f"  {line}" for line in table(rows))
    yield from _filters(filtered, language)
    for title, statements in (
        (_WHERE, (found.where,)),
        (_QUERY, (found.query,)),
        (_VIEW, found.view),
    ):
        yield title.in_(language)
        for statement in statements:
            yield from _statement(statement, language)
    if found.obligations:
        yield _DUTY.fill({"duties": list(found.obligations)}).in_(language)


def _filters(filtered: Filtered, language: Language) -> Iterator[str]:
    """Return the obligations that leave rows out, in words."""
    from headwater.policies.obligation_words import filter_text

    for rule, condition in filtered.found.filters:
        said = filter_text(condition, filtered.vocabulary)
        yield _ROWS.fill({"rule": rule, "condition": said}).in_(language)


def _column(column: ColumnFilter, language: Language) -> list[str]:
    shown = _SHOWN[column.shown]
    if column.mask:
        shown = _MASKED.fill({"shown": shown, "mask": column.mask})
    rules = column.refusing if column.shown == "never" else column.allowing
    by = _BY.fill({"rules": [f"`{rule}`" for rule in rules]}) if rules else _NOBODY
    return [shown.in_(language), by.in_(language)]


def _statement(statement: Statement, language: Language) -> Iterator[str]:
    yield f"  {statement.sql}"
    if statement.parameters:
        values = json.dumps(list(statement.parameters), ensure_ascii=False)
        # Text.fill would show brackets of JSON otherwise
        yield f"    {_PARAMETERS.in_(language).replace('{values}', values)}"
