"""Judges the checks of one dataset, group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.checks.duck import DatabaseError, opened
from headwater.checks.evaluation import columns_for
from headwater.checks.gx import Outline
from headwater.checks.gx.stock import built_of, validate
from headwater.checks.scan.views import relation_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.checks.duck import Database
    from headwater.checks.kept import Results
    from headwater.checks.model import Check, View
    from headwater.checks.table import Table


def judge_stock(table: Table, groups: Mapping[View, Sequence[Check]]) -> Results:
    """Return the verdicts of Great Expectations as it comes, on pandas frames."""
    found: Results = {}
    for view, checks in groups.items():
        shown = table.shown(columns_for(table, checks), view)
        built, refused = built_of(checks)
        found |= refused | (validate(shown, built) if built else {})
    return found


def judge_scanned(table: Table, groups: Mapping[View, Sequence[Check]]) -> Results:
    """Return the verdicts of Great Expectations on what DuckDB measured."""
    path = table.data.path if table.data.format == "parquet" else None
    found: Results = {}
    try:
        with opened(path) as database:
            for view, checks in groups.items():
                found |= _scanned(database, table, view, checks)
    except DatabaseError:
        return found | judge_stock(table, groups)
    return found


def _scanned(database: Database, table: Table, view: View, checks: Sequence[Check]) -> Results:
    from headwater.checks.gx.scan import validate_scanned

    relation = relation_in(database, table, columns_for(table, checks), view)
    built, refused = built_of(checks)
    return refused | (validate_scanned(relation, built) if built else {})


def outline_groups(table: Table, groups: Mapping[View, Sequence[Check]]) -> list[Outline]:
    """Return how the scan engine would measure each group."""
    from headwater.checks.gx.scan import outline

    path = table.data.path if table.data.format == "parquet" else None
    found = []
    with opened(path) as database:
        for view, checks in groups.items():
            relation = relation_in(database, table, columns_for(table, checks), view)
            built, _ = built_of(checks)
            asked, how = outline(relation, built)
            found.append(Outline(table.data.file, view, tuple(asked), how))
    return found
