"""Judges the checks of one dataset, group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.checks.duck import DatabaseError
from headwater.checks.evaluation import columns_for
from headwater.checks.guard import SECONDS, TOO_SLOW, ends_in_time, may_explode, patterns_of
from headwater.checks.gx import Outline
from headwater.checks.gx.stock import built_of, validate
from headwater.checks.kept import unjudged
from headwater.checks.scan.patterns import translate
from headwater.checks.scan.views import relation_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from headwater.checks.duck import Database
    from headwater.checks.kept import Results
    from headwater.checks.model import Check, View
    from headwater.checks.table import Table


def judge_stock(table: Table, groups: Mapping[View, Sequence[Check]]) -> Results:
    """Return the verdicts of Great Expectations as it comes, on pandas frames."""
    found: Results = {}
    for view, checks in groups.items():
        slow = _too_slow(table, view, checks, lambda _: True)
        built, refused = built_of([check for check in checks if check.key not in slow])
        found |= slow | refused
        if built:
            found |= validate(table.shown(columns_for(table, checks), view), built)
    return found


def judge_scanned(table: Table, groups: Mapping[View, Sequence[Check]]) -> Results:
    """Return the verdicts of Great Expectations on what DuckDB measured."""
    found: Results = {}
    try:
        with table.data.opened() as database:
            for view, checks in groups.items():
                found |= _scanned(database, table, view, checks)
    except DatabaseError:
        return found | judge_stock(table, groups)
    return found


def _scanned(database: Database, table: Table, view: View, checks: Sequence[Check]) -> Results:
    from headwater.checks.gx.scan import validate_scanned

    slow = _too_slow(table, view, checks, _is_for_python)
    built, refused = built_of([check for check in checks if check.key not in slow])
    if not built:
        return slow | refused
    relation = relation_in(database, table, columns_for(table, checks), view)
    return slow | refused | validate_scanned(relation, built)


def _is_for_python(pattern: str) -> bool:
    """Say whether Python has to run a pattern; RE2 takes no longer than the text is long."""
    found = translate(pattern)
    return found is None or not found.exact


def _too_slow(
    table: Table, view: View, checks: Sequence[Check], by_python: Callable[[str], bool]
) -> Results:
    """Return the checks whose regular expressions take too long on the data."""
    found: Results = {}
    for check in checks:
        patterns = patterns_of(check.kwargs)
        risky = [each for each in patterns if may_explode(each) and by_python(each)]
        column = check.kwargs.get("column")
        if not risky or not isinstance(column, str) or column not in table.names:
            continue
        values = table.shown([column], view)[column].dropna().astype(str).unique()
        if not ends_in_time(risky, map(str, values)):
            found[check.key] = unjudged(TOO_SLOW.fill({"seconds": f"{SECONDS:g}"}))
    return found


def outline_groups(table: Table, groups: Mapping[View, Sequence[Check]]) -> list[Outline]:
    """Return how the scan engine would measure each group."""
    from headwater.checks.gx.scan import outline

    found = []
    with table.data.opened() as database:
        for view, checks in groups.items():
            relation = relation_in(database, table, columns_for(table, checks), view)
            built, _ = built_of(checks)
            asked, how = outline(relation, built)
            found.append(Outline(table.data.file, view, tuple(asked), how))
    return found
